# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The job model of :mod:`_service.job` for systemd: from what was found to the steps to what is declared. Pure."""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._service import files
from ansible_collections.clawops.openclaw.plugins.module_utils._service.job import POLICIES, Step
from ansible_collections.clawops.openclaw.plugins.module_utils._units import definition, grammar, show

#: Kinds of steps after which systemd has to read its units again.
_OF_UNITS = ("write", "remove", "link")


class Plan(NamedTuple):
    """What is to be done, and why.

    :param steps: list of :class:`Step` in order: C(call) with the words of a command, or C(directory file owner write
        remove link) with a path; empty when everything is as declared.
    :param reload_reasons: keys for which systemd has to read the unit anew, or the process is another one's.
    :param restarts: whether a process is replaced.
    """

    steps: list
    reload_reasons: list
    restarts: bool

    @property
    def calls(self):
        """Return the calls of the plan, each as a tuple of words."""
        return [step.words for step in self.steps if step.kind == "call"]

    @property
    def actions(self):
        """Return the calls of the plan as lines of text."""
        return [" ".join(words) for words in self.calls]


def _user(*words):
    return Step("call", ("systemctl", "--user", *words))


def file_is_wrong(declared, home, on_disk):
    """Say whether the unit file is another one than the declared, by meaning."""
    if on_disk.kind != "file" or on_disk.said != grammar.parse(definition.render(declared)):
        return True
    return on_disk.owner[0] != home.account.uid or on_disk.mode != files.PLIST_MODE


def reasons(declared, home, observed):
    """Say in what the manager, or the process, is not as it shall be.

    :return: (keys that systemd learns by reading the unit, keys that only a new process learns), both sorted.
    """
    loaded = observed.loaded
    keys = set(show.differences(declared, loaded)) if declared is not None and loaded.load == "loaded" else set()
    if loaded.path not in (None, home.unit):
        keys.add("FragmentPath")
    if declared is not None and observed.drop_ins:
        keys.add("DropInPaths")
    process = set()
    if loaded.pid is not None or loaded.is_waiting:
        process = keys.intersection((*definition.OF_PROCESS, "FragmentPath"))
        wanted = definition.stamp(declared) if declared is not None else definition.stamp_in(observed.on_disk.said)
        if wanted is not None and observed.stamp not in (None, wanted):
            process.add("process")
    return sorted(keys), sorted(process)


def generation(declared, home, observed):
    """Return the declared definition in the generation that it has, or that it takes to tell its process from others.

    :param declared: as of :func:`definition.definition`.
    """
    present = definition.stamped(declared, definition.stamp_in(observed.on_disk.said))
    # The stamp is right and the process is not: whatever it was started with, it must not pass for one of ours when
    # this run ends before it has started another.
    is_mistaken = reasons(present, home, observed)[1] and observed.stamp == definition.stamp(present)
    return definition.succeeding(present) if is_mistaken else present


def _lack_steps(policy, declared, home, observed):
    if policy.installed is False or (declared is None and not policy.loaded):
        return []
    # A job that is only to be stopped needs no log, and no place for a link.
    lacks = [lack for lack in observed.lacks if policy.loaded or home.unit.startswith(lack.path + os.sep)]
    return [Step(lack.kind, (lack.path,)) for lack in lacks]


def _file_steps(policy, declared, home, observed):
    steps = _lack_steps(policy, declared, home, observed)
    if declared is not None and policy.installed is not False:
        if file_is_wrong(declared, home, observed.on_disk):
            steps.append(Step("write", (home.unit,)))
        steps += [Step("remove", (path,)) for path in observed.drop_ins]
    return steps


def _link_steps(policy, home, observed):
    if policy.loaded:
        return [] if home.link in observed.links else [Step("link", (home.link,))]
    return [Step("remove", (path,)) for path in observed.links]


def _manager_steps(policy, home, observed):
    """Return the steps to a manager, where somebody may have one made."""
    if not policy.loaded or home.scope != "daemon":
        return []
    if not observed.lingers:
        return [Step("call", ("loginctl", "enable-linger", home.account.name))]
    return [] if observed.has_manager else [Step("call", ("systemctl", "start", home.manager))]


def _run_steps(policy, loaded, process, home):
    # What failed before may have used up the starts that systemd grants.
    anew = [_user("reset-failed", home.name)] if loaded.active == "failed" or loaded.is_waiting else []
    if loaded.is_engaged and (policy.cycled or process):
        return [*anew, _user("restart", home.name)]
    if policy.running and not loaded.is_engaged:
        return [*anew, _user("start", home.name)]
    return []


def plan(state, declared, home, observed):
    """Plan the way from what was found to what is declared.

    :param state: key of :data:`POLICIES`.
    :param declared: as of :func:`definition.definition`, or C(None) to keep the unit that is there.
    :param home: :class:`place.Place`.
    :param observed: :class:`observe.Observed`.
    :return: :class:`Plan`.
    """
    policy, loaded = POLICIES[state], observed.loaded
    keys, process = reasons(declared, home, observed) if policy.loaded else ([], [])
    steps = _manager_steps(policy, home, observed)
    around = _file_steps(policy, declared, home, observed) + _link_steps(policy, home, observed)
    halt = [_user("stop", home.name)] if loaded.is_engaged and not policy.loaded else []
    gone = []
    if policy.installed is False:
        gone = [Step("remove", (path,)) for path in observed.drop_ins]
        gone += [Step("remove", (home.unit,))] if observed.on_disk.kind != "absent" else []
    steps += around + halt + gone
    has_manager = observed.has_manager or bool(_manager_steps(policy, home, observed))
    is_unread = loaded.is_stale or bool(keys) or (policy.loaded and loaded.load != "loaded")
    if has_manager and (is_unread or any(step.kind in _OF_UNITS for step in around + gone)):
        steps.append(_user("daemon-reload"))
    if policy.installed is False and (loaded.active == "failed" or halt):
        # systemd remembers a unit that failed, be it in the end, when it is no longer there.
        steps.append(_user("reset-failed", home.name))
    if policy.loaded:
        steps += _run_steps(policy, loaded, process, home)
    restarts = loaded.pid is not None and any(step.words[2:3] == ("restart",) for step in steps if step.kind == "call")
    told = sorted(set(keys).union(process, ["NeedDaemonReload"] if policy.loaded and loaded.is_stale else []))
    return Plan(steps, told, restarts)


def _yes(value):
    return "yes" if value else "no"


def _lines(*pairs):
    return "".join("%s: %s\n" % pair for pair in pairs)


def job_diff(state, home, observed, planned):
    """Return (before, after) of the unit in its manager as lines of text; foreseeable, so the same in check mode."""
    policy, loaded = POLICIES[state], observed.loaded
    verbs = [words[2] for words in planned.calls if words[1] == "--user"]
    is_known = loaded.load != "not-found"
    before = [("loaded", _yes(is_known)), ("starts with its manager", _yes(observed.links))]
    after = [("loaded", _yes(policy.installed is not False and (policy.loaded or is_known))),
             ("starts with its manager", _yes(policy.loaded))]  # fmt: skip
    if policy.loaded and home.scope == "daemon":
        before.append(("lingering", _yes(observed.lingers)))
        after.append(("lingering", "yes"))
    if planned.reload_reasons:
        before.append(("differs in", ", ".join(planned.reload_reasons)))
    if "restart" in verbs or "start" in verbs:
        before.append(("process", "none" if loaded.pid is None else "running"))
        after.append(("process", "started" if loaded.pid is None else "replaced"))
    elif "stop" in verbs:
        before.append(("process", "none" if loaded.pid is None else "running"))
        after.append(("process", "none"))
    return (_lines(*before), _lines(*after)) if planned.steps else ("", "")


_LACK_WORDS = {
    "directory": ("absent", "directory 0700 of %s"),
    "file": ("absent", "file 0600 of %s"),
    "owner": ("owned by another account", "owned by %s"),
}


def files_diff(home, observed, planned):
    """Return (before, after) of the files around the unit, not of their contents, as lines of text."""
    before, after = [], []
    for step in planned.steps:
        if step.kind in _LACK_WORDS:
            found, made = _LACK_WORDS[step.kind]
            before.append((step.words[0], found))
            after.append((step.words[0], made % home.account.name))
        elif step.kind == "link":
            before.append((step.words[0], "absent"))
            after.append((step.words[0], "link to " + home.unit))
        elif step.kind in ("write", "remove"):
            before.append((step.words[0], _attributes(step.words[0], home, observed)))
            written = "file %04o of uid %d" % (files.PLIST_MODE, home.account.uid)
            after.append((step.words[0], written if step.kind == "write" else "absent"))
    return _lines(*before), _lines(*after)


def _attributes(path, home, observed):
    if path != home.unit:
        return "link" if path in observed.links else "drop-in"
    on_disk = observed.on_disk
    return on_disk.kind if on_disk.owner is None else "file %04o of uid %d" % (on_disk.mode, on_disk.owner[0])


def diff(state, declared, home, observed, planned):
    """Return what a plan changes as a list of Ansible diffs (unit, drop-ins, job, files), secrets masked."""
    written = [step.words[0] for step in planned.steps if step.kind == "write"]
    removed = [step.words[0] for step in planned.steps if step.kind == "remove"]
    found = observed.on_disk.said
    unit = grammar.parse(definition.render(declared)) if written else None if home.unit in removed else found
    halves = [(home.unit, (definition.described(found), definition.described(unit)))]
    for path, text in observed.drop_ins.items():
        if path in removed:
            halves.append((path, (definition.described(grammar.parse(text)), "")))
    halves.append((home.name, job_diff(state, home, observed, planned)))
    halves.append(("files of " + home.name, files_diff(home, observed, planned)))
    return [
        {"before_header": header, "after_header": header, "before": before, "after": after}
        for header, (before, after) in halves
        if before != after
    ]
