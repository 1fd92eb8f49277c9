# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Carries a plan out, and proves it: what launchd says afterwards is what counts, not what a verb returned."""

from __future__ import annotations

import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import (
    compare,
    files,
    launchd,
    outcomes,
    plist,
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

#: Refusals of bootstrap that no repetition cures: code, what it means, what to do.
TERMINAL = {
    outcomes.BAD_OWNER_OR_MODE: (
        "plist_refused",
        "launchd refuses its owner or mode",
        "check each directory above it: no group or other write, owned by root (an agent's: by its account).",
    ),
    outcomes.BAD_DEFINITION: (
        "plist_refused",
        "launchd cannot use the definition",
        "run plutil -lint on it on the host.",
    ),
    outcomes.NO_PLIST: ("plist_refused", "launchd does not find the file", "check that nothing else removes it."),
    outcomes.WRONG_SESSION: (
        "session_refused",
        "the definition asks for another kind of session",
        "remove LimitLoadToSessionType, or use scope: daemon.",
    ),
    outcomes.MISUSED: (
        "launchctl_misused",
        "launchctl did not understand the call",
        "report this as a defect of the collection.",
    ),
    outcomes.FAILED: ("bootstrap_failed", "launchd refuses to load it", None),
    # Of a domain that does exist: the file lies where launchd does not load from.
    outcomes.DOMAIN_ABSENT: (
        "plist_refused",
        "launchd does not load from there",
        "keep the property list in a directory of launchd on the system volume.",
    ),
}


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


def gui_domain_absent(target):
    """Return the :class:`Failure` for an agent of an account that is not logged in at the screen."""
    return Failure(
        "gui_domain_absent",
        "the launchd domain %s does not exist: the account has no GUI login here, so it can have no LaunchAgent."
        % target.domain,
        "service",
        "log the account in at the screen (or set up automatic login), or use scope: daemon, which needs no login.",
        domain=target.domain,
    )


class Actor:
    """Carries out steps for one job.

    :param launchctl: :class:`launchctl.Launchctl`.
    :param target: :class:`target.Target`.
    :param account: object with name, uid, gid, home.
    :param definition: dictionary that launchd shall have loaded, or C(None) when it shall have none.
    :param patience: :class:`Patience`.
    :param clock: object with monotonic() and sleep(s).
    """

    def __init__(self, launchctl, target, account, definition, patience, clock=time):
        self.launchctl = launchctl
        self.target = target
        self.account = account
        self.definition = definition
        self.patience = patience
        self.clock = clock
        #: Whether this actor has taken the job away from launchd.
        self.has_booted_out = False

    # -- looking -------------------------------------------------------------------------------------------------------

    def look(self):
        """Return the loaded job, or C(None)."""
        return launchd.probe(self.launchctl, self.target.service)[1]

    def _wait(self, seconds, is_reached):
        """Look until C(is_reached(loaded)) or the time is over.

        :return: (whether it was reached, the last look).
        """
        deadline = self.clock.monotonic() + seconds
        while True:
            loaded = self.look()
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
            raise self._will_not_end(loaded, seconds)

    def _will_not_end(self, loaded, seconds):
        return Failure(
            "job_will_not_end",
            "%s (pid %s) is still there %d s after it was told to end; launchd keeps the label until it is gone."
            % (self.target.service, loaded.pid, seconds),
            "service",
            "look at the process (ps -o pid,stat,etime,command -p %s), end it, then run again." % loaded.pid,
            target=self.target.service,
            pid=loaded.pid,
        )

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
                path, plist.render(self.definition), self.target.owner, self.account
            ),
            "remove": lambda path: files.remove(path, self.account),
        }[step.kind](step.words[0])

    def _set_override(self, verb, *arguments):
        outcome = self.launchctl.call(verb, *arguments)
        if outcome.kind == outcomes.DENIED:
            raise launchd.denied(arguments[-1], verb, outcome)
        if outcome.kind != outcomes.ACCEPTED:
            raise launchd.unanswered(arguments[-1], verb, outcome)

    def _boot_out(self, verb, service):
        before = self.look()
        if before is None:
            return
        outcome = self.launchctl.call(verb, service)
        if outcome.kind == outcomes.DENIED:
            raise launchd.denied(service, verb, outcome)
        if outcome.kind in (outcomes.FAILED, outcomes.MISUSED):
            raise launchd.unanswered(service, verb, outcome)
        # Even 0 only means "accepted": the label is taken until the process is dead and cleaned up.
        seconds = self._teardown_seconds(before)
        reached, loaded = self._wait(seconds, lambda now: now is None)
        if not reached and outcome.kind == outcomes.REPROBE and not loaded.draining:
            raise launchd.unanswered(service, verb, outcome)
        if not reached:
            raise self._will_not_end(loaded, seconds)
        self.has_booted_out = True

    def _bootstrap(self, verb, domain, path):
        deadline = self.clock.monotonic() + (self._teardown_seconds(None) if self.has_booted_out else BLIND_RETRIES)
        has_enabled = False
        while True:
            outcome = self.launchctl.call(verb, domain, path)
            if outcome.kind == outcomes.ACCEPTED:
                return
            if outcome.kind == outcomes.DOMAIN_ABSENT and self.target.scope == "agent":
                raise gui_domain_absent(self.target)
            if outcome.kind == outcomes.DENIED:
                raise launchd.denied(domain, verb, outcome)
            if outcome.kind in TERMINAL:
                raise self._refused(outcome, *TERMINAL[outcome.kind])
            loaded = self.look()
            if outcome.kind != outcomes.DISABLED and loaded is not None and not loaded.draining:
                if loaded.path in (None, path):
                    return  # it says no and has done it, or somebody was faster; verification tells whether it is ours
                raise self._refused(outcome, "label_taken", "the label is loaded from %s" % loaded.path, None)
            if not has_enabled and (outcome.kind == outcomes.DISABLED or self._is_disabled()):
                self._set_override("enable", self.target.override)
                has_enabled = True
                continue
            if loaded is not None and loaded.draining:
                deadline = max(deadline, self.clock.monotonic() + RETRY)
                self.await_end_of_drain(loaded)
            if self.clock.monotonic() >= deadline:
                raise self._refused(outcome, *TERMINAL[outcomes.FAILED])
            self.clock.sleep(RETRY)

    def _is_disabled(self):
        return bool(launchd.is_disabled(self.launchctl, self.target))

    def _refused(self, outcome, code, meaning, hint):
        return Failure(
            code,
            "%s cannot be loaded into %s: %s (launchctl bootstrap: %s)."
            % (self.target.plist, self.target.domain, meaning, outcome.complaint()),
            "service",
            hint
            or "ask the system log for the true reason: sudo log show --last 5m --info --style compact "
            '--predicate \'process == "launchd" OR process == "xpcproxy"\'',
            target=self.target.service,
            path=self.target.plist,
            rc=outcome.rc,
        )

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
            raise gui_domain_absent(self.target)
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
            raise Failure(
                "job_not_loaded",
                "launchd accepted %s but does not have %s." % (self.target.plist, self.target.service),
                "service",
                "check System Settings, Login Items & Extensions, and: sudo sfltool dumpbtm",
                target=self.target.service,
            )
        differing = compare.loaded_differences(self.definition, loaded, self.target.plist)
        if differing:
            raise Failure(
                "loaded_definition_differs",
                "launchd has loaded %s otherwise than %s says, in: %s."
                % (self.target.service, self.target.plist, ", ".join(differing)),
                "service",
                "compare: launchctl print %s ; plutil -p %s" % (self.target.service, self.target.plist),
                target=self.target.service,
                keys=differing,
            )
        return loaded

    def verify_running(self, is_fresh):
        """Make sure that there is a process and that it stays the same one for a little while.

        Not a readiness test: it only tells a job that runs from one that launchd never spawned or that dies at once.

        :param is_fresh: whether this run loaded the job, so that what launchd says of past processes is of this run.
        :return: :class:`print_grammar.Loaded`.
        :raises Failure: C(job_not_running), C(job_dies).
        """
        loaded = self._await_process(is_fresh)
        if self.patience.settle <= 0:
            return loaded
        self.clock.sleep(self.patience.settle)
        later = self.look()
        if later is None or later.pid != loaded.pid or later.runs != loaded.runs:
            raise self._dies(later)
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
        if spawn.has_died(loaded):
            raise self._dies(loaded)
        raise self._not_running(loaded, "there is no process after %d s" % seconds)

    def _start_seconds(self, loaded):
        throttle = loaded.throttle_interval if loaded is not None and loaded.throttled else 0
        return self.patience.start_timeout + (throttle or 0)

    def _log(self):
        return (self.definition or {}).get("StandardErrorPath", "its log")

    def _not_running(self, loaded, what):
        return Failure(
            "job_not_running",
            "%s does not run: %s (state: %s, last exit: %s)."
            % (
                self.target.service,
                what,
                loaded.state if loaded is not None else "not loaded",
                loaded.last_exit if loaded is not None else "unknown",
            ),
            "service",
            "sudo launchctl print %s ; tail -50 %s" % (self.target.service, self._log()),
            target=self.target.service,
        )

    def _dies(self, loaded):
        last_exit = loaded.last_exit if loaded is not None else None
        return Failure(
            "job_dies",
            "%s does not stay up: launchd has spawned it %s times, last exit: %s."
            % (self.target.service, loaded.runs if loaded is not None else "several", last_exit or "unknown"),
            "service",
            "read why: tail -50 %s" % self._log(),
            target=self.target.service,
            last_exit=last_exit,
        )
