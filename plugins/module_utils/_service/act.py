# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Carries a plan out, and proves it: what launchd says afterwards is what counts, not what a verb returned."""

from __future__ import annotations

import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._service import (
    compare,
    files,
    launchd,
    outcomes,
    parsing,
    troubles,
)

#: Seconds on top of a job's own exit timeout before a bootout is given up: launchd itself needs some to clean up.
TEARDOWN_GRACE = 10
#: Seconds between two looks.
POLL, RETRY = 0.25, 0.5
#: Seconds during which a refused bootstrap is tried again although nothing is known to be draining.
BLIND_RETRIES = 3
#: How often a refused restart is asked for again, and the seconds after which a process counts as untouched by it.
REFUSED_RESTARTS, UNTOUCHED = 3, 2
#: Seconds after which a spawn that launchd puts off is asked for.
PENDED_GRACE = 1
#: What current macOS gives a job that declares no ExitTimeOut, and the older documented value; the longer one is safe.
DEFAULT_EXIT_TIMEOUT = 20


class Patience(NamedTuple):
    """How long to wait for a process (s), and how long it then has to stay the same one (s)."""

    start_timeout: float
    settle: float


class _Spawn:
    """Tells when waiting for a process has an answer."""

    def __init__(self, is_fresh, clock):
        self._is_fresh = is_fresh
        self._clock = clock
        self._pended_since = None

    def has_process(self, loaded):
        return loaded is None or loaded.pid is not None

    def has_died(self, loaded):
        """A fresh job that has come and gone is dead; an older one in its throttle window may yet succeed."""
        return self._is_fresh and loaded is not None and loaded.throttled and bool(loaded.runs)

    def has_died_and_is_pended(self, loaded):
        """Where launchd puts starts off, one that died is not throttled at every look: it has died all the same."""
        if not self._is_fresh or loaded is None or loaded.pended is None:
            return False
        return bool(loaded.runs) and loaded.last_exit is not None

    def is_decided(self, loaded):
        if self.has_process(loaded) or self.has_died(loaded):
            return True
        if loaded.throttled or loaded.pended is None:
            self._pended_since = None
            return False
        # Every spawn is pended for a moment; one that stays so needs a push.
        if self._pended_since is None:
            self._pended_since = self._clock.monotonic()
        return self._clock.monotonic() - self._pended_since >= PENDED_GRACE


class Actor:
    """Carries out steps for one job.

    :param launchctl: :class:`launchctl.Launchctl`.
    :param target: :class:`target.Target`.
    :param account: object with name, uid, gid, home.
    :param definition: dictionary that launchd shall have loaded, or C(None) when it shall have none.
    :param patience: :class:`Patience`.
    :param clock: object with monotonic() and sleep(s).
    :param journal: :class:`replacing.Journal` of the other jobs that this one takes the place of, or C(None).
    """

    def __init__(self, launchctl, target, account, definition, patience, clock=time, journal=None):
        self.launchctl = launchctl
        self.target = target
        self.account = account
        self.definition = definition
        self.patience = patience
        self.clock = clock
        self.journal = journal
        #: Whether this actor has taken the job away from launchd.
        self.has_booted_out = False

    # -- looking -------------------------------------------------------------------------------------------------------

    def look(self, service=None):
        """Return the loaded job, or C(None).

        :param service: C(DOMAIN/LABEL) of another one.
        """
        return launchd.probe(self.launchctl, service or self.target.service)[1]

    def _wait(self, seconds, is_reached, service=None):
        """Look until C(is_reached(loaded)) or the time is over.

        :return: (whether it was reached, the last look).
        """
        deadline = self.clock.monotonic() + seconds
        while True:
            loaded = self.look(service)
            if is_reached(loaded):
                return True, loaded
            if self.clock.monotonic() >= deadline:
                return False, loaded
            self.clock.sleep(POLL)

    def _teardown_seconds(self, loaded):
        declared = (self.definition or {}).get("ExitTimeOut")
        own = loaded.exit_timeout if loaded is not None and loaded.exit_timeout is not None else declared
        return (DEFAULT_EXIT_TIMEOUT if own is None else own) + TEARDOWN_GRACE

    def await_end_of_drain(self, loaded):
        """Wait until a job that has been told to go is gone, or has come back.

        :raises Failure: C(job_will_not_end).
        """
        if loaded is None or not loaded.draining:
            return
        seconds = self._teardown_seconds(loaded)
        reached, loaded = self._wait(seconds, lambda now: now is None or not now.draining)
        if not reached:
            raise troubles.will_not_end(self.target.service, loaded, seconds)

    # -- steps ---------------------------------------------------------------------------------------------------------

    def carry_out(self, step):
        """Do one :class:`job.Step`."""
        if step.kind == "launchctl":
            verb, arguments = step.words[0], step.words[1:]
            return {
                "enable": self._set_override,
                "disable": self._set_override,
                "bootout": self._boot_out,
                "bootstrap": self._bootstrap,
                "kickstart": self._kickstart,
            }[verb](verb, *arguments)
        return {
            "directory": lambda path: files.make_directory(path, self.account),
            "file": lambda path: files.make_file(path, self.account),
            "owner": lambda path: files.own(path, self.account),
            "write": lambda path: files.write_plist(
                path, parsing.render(self.definition), self.target.owner, self.account
            ),
            "remove": lambda path: files.remove(path, self.account),
            "note": lambda dummy: self.journal.begin(),
            "take": lambda path: files.remove(path, files.holder(path)),
            "settle": lambda dummy: self.journal.settle(),
        }[step.kind](step.words[0])

    def _set_override(self, verb, *arguments):
        outcome = self.launchctl.call(verb, *arguments)
        if outcome.kind == outcomes.DENIED:
            raise launchd.denied(arguments[-1], verb, outcome)
        if outcome.kind != outcomes.ACCEPTED:
            raise launchd.unanswered(arguments[-1], verb, outcome)

    def _boot_out(self, verb, service):
        before = self.look(service)
        if before is None:
            return
        outcome = self.launchctl.call(verb, service)
        if outcome.kind == outcomes.DENIED:
            raise launchd.denied(service, verb, outcome)
        if outcome.kind in (outcomes.FAILED, outcomes.MISUSED):
            raise launchd.unanswered(service, verb, outcome)
        # Even 0 only means "accepted": the label is taken until the process is dead and cleaned up.
        seconds = self._teardown_seconds(before)
        reached, loaded = self._wait(seconds, lambda now: now is None, service)
        if not reached and outcome.kind == outcomes.REPROBE and not loaded.draining:
            raise launchd.unanswered(service, verb, outcome)
        if not reached:
            raise troubles.will_not_end(service, loaded, seconds)
        self.has_booted_out = self.has_booted_out or service == self.target.service

    def _bootstrap(self, verb, domain, path):
        deadline = self.clock.monotonic() + (self._teardown_seconds(None) if self.has_booted_out else BLIND_RETRIES)
        has_enabled = False
        while True:
            outcome = self.launchctl.call(verb, domain, path)
            if outcome.kind == outcomes.ACCEPTED:
                return
            if outcome.kind == outcomes.DOMAIN_ABSENT and self.target.scope == "agent":
                raise troubles.gui_domain_absent(self.target)
            if outcome.kind == outcomes.DENIED:
                raise launchd.denied(domain, verb, outcome)
            if outcome.kind in troubles.TERMINAL and (outcome.kind != outcomes.DISABLED or has_enabled):
                raise troubles.refused(self.target, outcome, *troubles.TERMINAL[outcome.kind])
            loaded = self.look()
            if outcome.kind != outcomes.DISABLED and loaded is not None and not loaded.draining:
                if loaded.path in (None, path):
                    return  # it says no and has done it, or somebody was faster; verification tells whether it is ours
                meaning = "the label is loaded from %s" % loaded.path
                raise troubles.refused(self.target, outcome, "label_taken", meaning, None)
            if not has_enabled and (outcome.kind == outcomes.DISABLED or self._is_disabled()):
                self._set_override("enable", self.target.override)
                has_enabled = True
                continue
            if loaded is not None and loaded.draining:
                deadline = max(deadline, self.clock.monotonic() + RETRY)
                self.await_end_of_drain(loaded)
            if self.clock.monotonic() >= deadline:
                kind = outcomes.DISABLED if has_enabled and self._is_disabled() else outcomes.FAILED
                raise troubles.refused(self.target, outcome, *troubles.TERMINAL[kind])
            self.clock.sleep(RETRY)

    def _is_disabled(self):
        return bool(launchd.is_disabled(self.launchctl, self.target))

    def _kickstart(self, verb, *arguments):
        before = self.look()
        outcome = self._order_kickstart(verb, *arguments)
        if "-k" not in arguments or before is None or before.pid is None:
            return
        refusals = 0
        while outcome.rc not in (0, None) and refusals < REFUSED_RESTARTS:
            refusals += 1
            # A refusal may be one (the job was in between two states), or have been carried out all the same. Only a
            # process that is plainly untouched may be restarted again: a second restart would hit its successor.
            touched, dummy = self._wait(UNTOUCHED, lambda now: now is None or now.pid != before.pid or now.draining)
            if touched:
                break
            outcome = self._order_kickstart(verb, *arguments)
        self._await_new_process(before)

    def _order_kickstart(self, verb, *arguments):
        outcome = self.launchctl.call(verb, *arguments)
        if outcome.kind == outcomes.DENIED:
            raise launchd.denied(arguments[-1], verb, outcome)
        if outcome.kind == outcomes.DOMAIN_ABSENT:
            raise troubles.gui_domain_absent(self.target)
        if outcome.kind not in (outcomes.ACCEPTED, outcomes.REPROBE):
            raise launchd.unanswered(arguments[-1], " ".join((verb,) + arguments[:-1]), outcome)
        return outcome

    def _await_new_process(self, before):
        """Wait until a killed process has a successor: it takes time to end, and launchd then minds the throttle."""
        seconds = self._teardown_seconds(before) + (before.throttle_interval or 0) + self.patience.start_timeout
        reached, loaded = self._wait(seconds, lambda now: now is None or now.pid not in (None, before.pid))
        if not reached or loaded is None:
            raise self._not_running(loaded, "process %d has no successor after %d s" % (before.pid, seconds))

    # -- proof ---------------------------------------------------------------------------------------------------------

    def verify_definition(self):
        """Make sure that launchd has loaded what it was to load.

        :return: :class:`print_grammar.Loaded`.
        :raises Failure: C(job_not_loaded), C(loaded_definition_differs).
        """
        loaded = self.look()
        if loaded is None:
            raise troubles.not_loaded(self.target)
        differing = compare.loaded_differences(self.definition, loaded, self.target.plist)
        if differing:
            raise troubles.differs(self.target, differing)
        return loaded

    def verify_running(self, is_fresh):
        """Make sure that there is a process and that it stays the same one for a little while.

        Not a readiness test: it only tells a job that runs from one that launchd never spawned or that dies at once.

        :param is_fresh: whether this run loaded the job, so that what launchd says of past processes is of this run.
        :return: :class:`print_grammar.Loaded`.
        :raises Failure: C(job_dies), or what :func:`troubles.not_running` makes of it.
        """
        loaded = self._await_process(is_fresh)
        if self.patience.settle <= 0:
            return loaded
        self.clock.sleep(self.patience.settle)
        later = self.look()
        if later is None or later.pid != loaded.pid or later.runs != loaded.runs:
            raise self.dies(later)
        return later

    def _await_process(self, is_fresh):
        seconds = self._start_seconds(self.look())
        spawn = _Spawn(is_fresh, self.clock)
        dummy, loaded = self._wait(seconds, spawn.is_decided)
        if loaded is not None and loaded.pid is None and not loaded.throttled:
            # Loaded but never spawned: launchd leaves jobs pended, above all those loaded over SSH.
            self._kickstart("kickstart", self.target.service)
            dummy, loaded = self._wait(self._start_seconds(loaded), spawn.has_process)
        if spawn.has_process(loaded) and loaded is not None:
            return loaded
        if spawn.has_died(loaded) or spawn.has_died_and_is_pended(loaded):
            raise self.dies(loaded)
        raise self._not_running(loaded, "there is no process after %d s" % seconds)

    def _start_seconds(self, loaded):
        throttle = loaded.throttle_interval if loaded is not None and loaded.throttled else 0
        return self.patience.start_timeout + (throttle or 0)

    def _log(self):
        return (self.definition or {}).get("StandardErrorPath", "its log")

    def _not_running(self, loaded, what):
        return troubles.not_running(self.target, loaded, what, self._log())

    def dies(self, loaded):
        """Return the :class:`Failure` for a job whose process does not stay."""
        return troubles.dies(self.target, loaded, self._log())
