# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Brings a Gateway's systemd unit to a declared state: observe, plan, act, verify."""

from __future__ import annotations

import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service.job import POLICIES
from ansible_collections.clawops.openclaw.plugins.module_utils._units import (
    act,
    definition,
    grammar,
    job,
    observe,
    show,
)


def described(loaded, home, observed):
    """Return a job as the plain mapping that the module returns, in the words it has for launchd's."""
    says = loaded.says
    stop, pause = show.seconds(says.get("TimeoutStopUSec", "")), show.seconds(says.get("StartLimitIntervalUSec", ""))
    is_known = loaded.load == "loaded"
    return {
        "loaded": is_known,
        "disabled": not observe.links(home.directory, home.name),
        "domain": home.manager,
        "state": loaded.sub if is_known else None,
        "pid": loaded.pid,
        "runs": loaded.restarts + 1 if loaded.pid is not None or loaded.last_exit is not None else 0,
        "last_exit": loaded.last_exit,
        "throttle_interval": int(pause) // definition.BURST if is_known and pause is not None else None,
        "exit_timeout": int(stop) if is_known and stop is not None else None,
        "path": loaded.path,
        "program": show.program(says.get("ExecStart", "")),
        "pended": loaded.result if loaded.result == "start-limit-hit" else None,
    }


def _refuse_without_rights(home, planned):
    euid, account = os.geteuid(), home.account
    asks_system = [words for words in planned.calls if words[1] != "--user"]
    if planned.steps and euid != 0 and (euid != account.uid or asks_system):
        raise Failure(
            "denied",
            "the unit %s of %s has to be changed%s, which takes root, and this task runs as uid %d."
            % (home.name, account.name, " (%s)" % " ".join(asks_system[0]) if asks_system else "", euid),
            "host",
            "run the task with become: true.",
            target=home.name,
        )


def _refuse_missing(state, declared, home, on_disk):
    """Refuse where nothing is declared and nothing usable is there."""
    if declared is not None or not POLICIES[state].loaded or on_disk.kind == "file":
        return
    lacking = {
        "absent": ("definition_missing", "does not exist"),
        "masked": ("unit_masked", "is masked: a link to /dev/null"),
    }
    code, what = lacking.get(on_disk.kind, ("plist_unreadable", "is no unit file (%s)" % on_disk.kind))
    raise Failure(
        code,
        "there is no definition to use: %s %s." % (home.unit, what),
        "service",
        "set program_arguments, so that the definition is installed.",
        path=home.unit,
    )


def _refuse_foreign_drop_ins(declared, home, observed):
    """Refuse drop-ins that are not the account's own to remove, where they say something else than the declaration."""
    wanted = grammar.parse(definition.render(declared))
    own = [directory + os.sep for directory in home.drop_in_directories]
    for path in observed.loaded.drop_ins:
        if any(path.startswith(directory) for directory in own):
            continue
        said = observe.read_unit(path).said or {}
        keys = sorted(key.partition(".")[2] for key, values in said.items() if key in wanted and values != wanted[key])
        if keys:
            raise Failure(
                "loaded_definition_differs",
                "the drop-in %s changes %s of %s, and is not the account's own." % (path, ", ".join(keys), home.name),
                "service",
                "remove it, or what it says of that: sudo rm %s" % path,
                path=path,
                keys=keys,
            )


def _refuse_unstartable(said):
    """Refuse to start what systemd would fail to start, over and over.

    :param said: as of :func:`grammar.parse`. Where a specifier stands, systemd alone knows.
    """
    words = grammar.words((said.get("Service.ExecStart") or [""])[-1])
    program = grammar.literal(words[0].lstrip("@-:+!")) if words else None
    if program is not None and (not os.access(program, os.X_OK) or os.path.isdir(program)):
        raise Failure(
            "program_missing",
            "the program %s does not exist or cannot be run." % program,
            "service",
            "install it first (openclaw_release), or correct program_arguments.",
            path=program,
        )
    directory = grammar.literal((said.get("Service.WorkingDirectory") or ["/"])[-1])
    if directory is not None and directory.startswith("/") and not os.path.isdir(directory):
        raise Failure(
            "working_directory_missing",
            "the working directory %s does not exist." % directory,
            "service",
            "create it first (openclaw_config creates the state directory), or correct working_directory.",
            path=directory,
        )


def _put_back(actor, observed, failure):
    """Start a Gateway that ran before again as it was: it must not be lost to a bad declaration.

    What came of it goes into the failure, which stays the one that is raised.
    """
    if not actor.has_written or not observed.loaded.is_up or observed.on_disk.text is None:
        return
    try:
        actor.put_back(observed)
    except Failure as another:
        failure.details["put_back"] = False
        failure.message += " The previous definition could not be started again either: %s" % another.message
    else:
        failure.details["put_back"] = True
        failure.message += " The previous definition has been put back and runs."


def _act(actor, state, declared, observed, planned):
    """Carry a plan out and prove it; return the unit as systemd holds it afterwards."""
    policy = POLICIES[state]
    if policy.loaded and planned.calls:
        said = grammar.parse(actor.text) if declared is not None else observed.on_disk.said
        _refuse_unstartable(said)
    before = observed.loaded.pid if planned.restarts else None
    for step in planned.steps:
        if step.words[2:3] in (("start",), ("restart",)) and step.words[1:2] == ("--user",):
            actor.verify_definition()
        actor.carry_out(step)
    if policy.loaded and planned.steps:
        actor.verify_definition()
    is_fresh = any(words[2:3] in (("start",), ("restart",)) for words in planned.calls if words[1] == "--user")
    if is_fresh or (policy.running and observed.loaded.pid is None):
        return actor.verify_running(before, is_fresh)
    if not planned.steps:
        return observed.loaded
    after = actor.systemd.ask(actor.home.name, show.PROPERTIES)
    return show.UNKNOWN if after is None else after


def converge(systemd, home, state, declared, state_dir, patience, check_mode, clock=time):
    """Bring a unit to C(state).

    :param systemd: :class:`systemctl.Systemd`.
    :param home: :class:`place.Place`.
    :param state: key of :data:`POLICIES`.
    :param declared: as of :func:`definition.definition`, or C(None) to keep what is installed.
    :param state_dir: OpenClaw state directory of the Gateway.
    :param patience: :class:`_service.act.Patience`.
    :param check_mode: only observe and plan.
    :return: result mapping, as :func:`_service.service.converge` has it.
    :raises Failure: see the module's documentation.
    """
    policy = POLICIES[state]
    log_path = None
    if declared is not None and policy.loaded:
        log_path = declared["StandardOutput"].partition(":")[2]
    if policy.loaded:
        observe.refuse_second_home(systemd, home, state_dir)
    observed = observe.observe(systemd, home, log_path)
    _refuse_missing(state, declared, home, observed.on_disk)
    if policy.loaded and home.scope == "agent" and not observed.has_manager:
        raise act.user_manager_absent(home)
    if policy.loaded and declared is not None:
        declared = job.generation(declared, home, observed)
        _refuse_foreign_drop_ins(declared, home, observed)
    planned = job.plan(state, declared, home, observed)
    _refuse_without_rights(home, planned)

    loaded = observed.loaded
    if not check_mode:
        actor = act.Actor(systemd, home, declared, patience, clock)
        try:
            loaded = _act(actor, state, declared, observed, planned)
        except Failure as failure:
            _put_back(actor, observed, failure)
            raise
    return {
        "changed": bool(planned.steps or systemd.actions),
        "actions": planned.actions if check_mode else systemd.actions,
        "restarted": planned.restarts,
        "reload_reasons": planned.reload_reasons,
        "plist": home.unit,
        "job": described(loaded, home, observed),
        "diff": job.diff(state, declared, home, observed, planned),
    }
