# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The job model: from a declaration and what was found to the steps that make one out of the other. Pure."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare, files


class Policy(NamedTuple):
    """What a state means.

    :param installed: the property list is put into place (true), removed (false), or only kept as declared (None).
    :param loaded: launchd has the job.
    :param enabled: an override may not disable the label (true), or has to (false).
    :param running: there has to be a process.
    :param cycled: the process has to be a new one.
    """

    installed: bool | None
    loaded: bool
    enabled: bool
    running: bool
    cycled: bool


POLICIES = {
    "present": Policy(installed=True, loaded=True, enabled=True, running=False, cycled=False),
    "started": Policy(installed=True, loaded=True, enabled=True, running=True, cycled=False),
    "restarted": Policy(installed=True, loaded=True, enabled=True, running=True, cycled=True),
    # launchd respawns what it has loaded, so a KeepAlive job only stops when unloaded, and only stays so when disabled.
    "stopped": Policy(installed=None, loaded=False, enabled=False, running=False, cycled=False),
    "absent": Policy(installed=False, loaded=False, enabled=True, running=False, cycled=False),
}


class Step(NamedTuple):
    """One thing to do: C(launchctl) with its words, C(directory file owner write remove) with a path, or what is done
    about other jobs: C(note) and C(settle) with nothing, C(take) with a path."""

    kind: str
    words: tuple


class Plan(NamedTuple):
    """What is to be done, and why.

    :param steps: list of :class:`Step` in order; empty when everything is as declared.
    :param reload_reasons: keys for which launchd has to read the definition anew.
    :param restarts: whether a loaded job is cycled.
    """

    steps: list
    reload_reasons: list
    restarts: bool

    @property
    def calls(self):
        """Return the launchctl calls of the plan, each as a tuple of the words after C(launchctl)."""
        return [step.words for step in self.steps if step.kind == "launchctl"]

    @property
    def actions(self):
        """Return the launchctl calls of the plan as lines of text."""
        return [" ".join(words) for words in self.calls]


def _file_is_wrong(definition, target, on_disk):
    if on_disk.kind != "file" or on_disk.definition is None or compare.differing_keys(definition, on_disk.definition):
        return True
    # An agent's group comes from the directory it lies in and matters to nobody.
    owner_is_wrong = on_disk.owner[0] != target.owner[0] or (target.scope == "daemon" and on_disk.owner != target.owner)
    return owner_is_wrong or on_disk.mode != files.PLIST_MODE


def _launchctl(*words):
    return Step("launchctl", words)


def _file_steps(policy, declared, target, observed):
    steps = []
    if declared is not None and policy.installed is not False:
        steps += [Step(lack.kind, (lack.path,)) for lack in observed.lacks]
        if _file_is_wrong(declared, target, observed.on_disk):
            steps.append(Step("write", (target.plist,)))
    return steps


def plan(state, declared, target, observed):
    """Plan the way from what was found to what is declared.

    :param state: key of :data:`POLICIES`.
    :param declared: dictionary of the property list, or C(None) to keep the definition that is there.
    :param target: :class:`target.Target`.
    :param observed: :class:`observe.Observed`.
    :return: :class:`Plan`.
    """
    policy, loaded, on_disk = POLICIES[state], observed.loaded, observed.on_disk
    definition = declared if declared is not None else on_disk.definition
    reasons = []
    if policy.loaded and loaded is not None:
        reasons = compare.reload_reasons(definition, on_disk.definition, loaded, target.plist)
    # One that ends over and over is taken out of its loop: a restart would wait for what is left of its throttle.
    unload = loaded is not None and (bool(reasons) or not policy.loaded or (policy.cycled and observed.looping))
    load = policy.loaded and (loaded is None or unload)
    bootout = [_launchctl("bootout", target.service)] if unload else []

    # What is mended while launchd starts the job again and again is seen half mended.
    steps = (bootout if observed.looping else []) + _file_steps(policy, declared, target, observed)
    if policy.enabled and policy.loaded and (observed.disabled or load):
        steps.append(_launchctl("enable", target.override))
    if not policy.enabled and not observed.disabled and (loaded is not None or on_disk.kind != "absent" or steps):
        steps.append(_launchctl("disable", target.override))
    if not observed.looping:
        steps += bootout
    if load:
        steps.append(_launchctl("bootstrap", target.domain, target.plist))
    elif policy.cycled:
        steps.append(_launchctl("kickstart", "-k", target.service))
    elif policy.running and loaded.pid is None and not loaded.throttled and not loaded.draining:
        steps.append(_launchctl("kickstart", target.service))
    if policy.installed is False:
        if on_disk.kind != "absent":
            steps.append(Step("remove", (target.plist,)))
        if observed.disabled:
            # The store keeps overrides for ever; a later installation under this label must not find itself disabled.
            steps.append(_launchctl("enable", target.override))
    return Plan(steps, reasons, loaded is not None and (bool(reasons) or policy.cycled))


def _yes(value):
    return "yes" if value else "no"


def _job_lines(loaded, disabled, *further):
    return "".join(line + "\n" for line in ("loaded: " + _yes(loaded), "disabled: " + _yes(disabled), *further))


def job_diff(state, observed, planned):
    """Return (before, after) of the job in launchd as lines of text; foreseeable, so the same in check mode."""
    verbs = [words[0] for words in planned.calls]
    disabled = bool(observed.disabled)
    after_disabled = True if "disable" in verbs else False if "enable" in verbs else disabled
    found, made = [], []
    if planned.reload_reasons:
        found.append("loaded definition differs in: " + ", ".join(planned.reload_reasons))
    if planned.restarts:
        made.append("process: replaced")
    elif "bootstrap" in verbs or "kickstart" in verbs:
        found.append("process: none")
        made.append("process: started")
    loaded = observed.loaded is not None
    if not planned.steps:
        return _job_lines(loaded, disabled), _job_lines(loaded, disabled)
    return _job_lines(loaded, disabled, *found), _job_lines(POLICIES[state].loaded, after_disabled, *made)


_LACK_WORDS = {
    "directory": ("absent", "directory 0700 of %s"),
    "file": ("absent", "file 0600 of %s"),
    "owner": ("owned by another account", "owned by %s"),
}


def files_diff(target, observed, planned, user):
    """Return (before, after) of the files around the job, not of their contents, as lines of text."""
    before, after = [], []
    for step in planned.steps:
        if step.kind in _LACK_WORDS:
            found, made = _LACK_WORDS[step.kind]
            before.append("%s: %s" % (step.words[0], found))
            after.append("%s: %s" % (step.words[0], made % user))
        elif step.kind in ("write", "remove"):
            on_disk = observed.on_disk
            before.append("%s: %s" % (target.plist, _attributes(on_disk.kind, on_disk.owner, on_disk.mode)))
            is_written = step.kind == "write"
            after.append(
                "%s: %s"
                % (target.plist, _attributes("file", target.owner, files.PLIST_MODE) if is_written else "absent")
            )
    return "".join(line + "\n" for line in before), "".join(line + "\n" for line in after)


def _attributes(kind, owner, mode):
    # The group of an agent's file comes from its directory and is not ours to say.
    return kind if owner is None else "%s %04o of uid %d" % (kind, mode, owner[0])


def diff(state, declared, target, observed, planned, user):
    """Return what a plan changes as a list of Ansible diffs (definition, job, files), secrets masked."""
    kinds = {step.kind for step in planned.steps}
    found = observed.on_disk.definition
    definition = declared if "write" in kinds else None if "remove" in kinds else found
    halves = (
        (target.plist, (compare.described(found), compare.described(definition))),
        (target.service, job_diff(state, observed, planned)),
        ("files of " + target.label, files_diff(target, observed, planned, user)),
    )
    return differing(halves)


def differing(halves):
    """Return those of C((header, (before, after))) that differ as Ansible diffs."""
    return [
        {"before_header": header, "after_header": header, "before": before, "after": after}
        for header, (before, after) in halves
        if before != after
    ]
