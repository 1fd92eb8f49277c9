# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Brings a launchd job to a declared state: observe, plan, act, verify."""

from __future__ import annotations

import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, job, launchd, observe


def described(loaded, target, disabled):
    """Return a job as the plain mapping that the module returns."""
    held = loaded._asdict() if loaded is not None else {}
    keys = ("state", "pid", "runs", "last_exit", "throttle_interval", "exit_timeout", "path", "program", "pended")
    return dict(
        {key: held.get(key) for key in keys}, loaded=loaded is not None, disabled=bool(disabled), domain=target.domain
    )


def _refuse_without_rights(target, account, planned):
    euid = os.geteuid()
    if planned.steps and euid != 0 and (target.scope == "daemon" or euid != account.uid):
        raise Failure(
            "denied",
            "the job %s has to be changed, which takes root, and this task runs as uid %d." % (target.service, euid),
            "host",
            "run the task with become: true.",
            target=target.service,
        )


def _definition_to_be(state, declared, target, on_disk):
    """Return the definition launchd shall have in the end.

    :raises Failure: C(definition_missing), C(plist_unreadable) when nothing is declared and nothing usable is there.
    """
    if declared is not None or not job.POLICIES[state].loaded:
        return declared
    if on_disk.definition is None:
        raise Failure(
            "definition_missing" if on_disk.kind == "absent" else "plist_unreadable",
            "there is no definition to use: %s %s."
            % (
                target.plist,
                "does not exist"
                if on_disk.kind == "absent"
                else "is no readable property list (%s)" % (on_disk.error or on_disk.kind),
            ),
            "service",
            "set program_arguments, so that the definition is installed.",
            path=target.plist,
        )
    return on_disk.definition


def _refuse_unstartable(definition):
    """Refuse to load what launchd would accept with 0 and then fail to spawn, over and over, with 78."""
    program = definition.get("Program") or (definition.get("ProgramArguments") or [""])[0]
    directory = definition.get("WorkingDirectory", "/")
    if not os.access(program, os.X_OK) or os.path.isdir(program):
        raise Failure(
            "program_missing",
            "the program %s does not exist or cannot be run." % program,
            "service",
            "install it first (openclaw_release), or correct program_arguments.",
            path=program,
        )
    if not os.path.isdir(directory):
        raise Failure(
            "working_directory_missing",
            "the working directory %s does not exist." % directory,
            "service",
            "create it first (openclaw_config creates the state directory), or correct working_directory.",
            path=directory,
        )


def _put_back(actor, target, observed, planned, failure):
    """Load the previous definition again when launchd refused the new one: a job must not be lost to a bad declaration.

    What came of it goes into the failure, which stays the one that is raised.
    """
    if not actor.has_booted_out:
        return
    actor.definition = observed.on_disk.definition
    try:
        if actor.look() is not None:
            return
        if actor.definition is None:
            failure.details["put_back"] = False
            failure.message += " The job is not loaded any more, and its previous definition lay in no file."
            return
        if any(step.kind == "write" for step in planned.steps):
            actor.carry_out(job.Step("write", (target.plist,)))
        actor.carry_out(job.Step("launchctl", ("bootstrap", target.domain, target.plist)))
    except Failure as another:
        failure.details["put_back"] = False
        failure.message += " The previous definition could not be loaded again either: %s" % another.message
    else:
        failure.details["put_back"] = True
        failure.message += " The previous definition has been loaded again."


def _act(actor, state, observed, planned):
    """Carry a plan out and prove it.

    :return: the job as launchd holds it afterwards, or C(None).
    """
    policy, loaded = job.POLICIES[state], observed.loaded
    if policy.loaded and planned.actions:
        _refuse_unstartable(actor.definition)
    for step in planned.steps:
        actor.carry_out(step)
    if policy.loaded and planned.actions:
        loaded = actor.verify_definition()
    if policy.running and (planned.actions or loaded.pid is None):
        loaded = actor.verify_running(is_fresh=any(words[0] == "bootstrap" for words in planned.calls))
    return actor.look() if planned.actions else loaded


def converge(launchctl, target, account, state, declared, patience, check_mode, clock=time):
    """Bring a job to C(state).

    :param launchctl: :class:`launchctl.Launchctl`.
    :param target: :class:`target.Target`.
    :param account: object with name, uid, gid, home.
    :param state: key of :data:`job.POLICIES`.
    :param declared: dictionary of the property list, or C(None) to keep what is installed.
    :param patience: :class:`act.Patience`.
    :param check_mode: only observe and plan.
    :return: result mapping.
    :raises Failure: see the module's documentation.
    """
    policy = job.POLICIES[state]
    log_path = declared.get("StandardOutPath") if declared is not None and policy.installed is not False else None
    if policy.loaded:
        observe.refuse_second_home(launchctl, target)
    actor = act.Actor(launchctl, target, account, declared, patience, clock)
    observed = observe.observe(launchctl, target, log_path, account)
    if observed.loaded is not None and observed.loaded.draining:
        actor.await_end_of_drain(observed.loaded)
        observed = observe.observe(launchctl, target, log_path, account)
    actor.definition = _definition_to_be(state, declared, target, observed.on_disk)
    if policy.loaded and not observed.domain_exists:
        raise act.gui_domain_absent(target)
    planned = job.plan(state, declared, target, observed)
    _refuse_without_rights(target, account, planned)

    loaded, disabled = observed.loaded, observed.disabled
    if not check_mode:
        try:
            loaded = _act(actor, state, observed, planned)
        except Failure as failure:
            _put_back(actor, target, observed, planned, failure)
            raise
        if planned.actions:
            disabled = launchd.is_disabled(launchctl, target)
    return {
        "changed": bool(planned.steps or launchctl.actions),
        "actions": planned.actions if check_mode else launchctl.actions,
        "restarted": planned.restarts,
        "reload_reasons": planned.reload_reasons,
        "plist": target.plist,
        "job": described(loaded, target, disabled),
        "diff": job.diff(state, declared, target, observed, planned, account.name),
    }
