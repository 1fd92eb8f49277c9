# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Carries out a plan: does each step, and believes systemd only what it says of the unit afterwards."""

from __future__ import annotations

import contextlib
import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files
from ansible_collections.clawops.openclaw.plugins.module_utils._service.job import Step
from ansible_collections.clawops.openclaw.plugins.module_utils._units import definition, show

POLL = 0.1  # seconds between two looks
#: Seconds that systemd takes to kill and clean up besides TimeoutStopSec; and that time-out where nobody tells it.
TEARDOWN_GRACE, DEFAULT_STOP = 10, 90
#: Verbs for which systemd first waits for a process to end.
_ENDING = ("stop", "restart")


def user_manager_absent(home):
    """Return the :class:`Failure` for an account whose manager does not run."""
    name, uid = home.account.name, home.account.uid
    return Failure(
        "user_manager_absent",
        "no systemd manager runs for the account %s: it is not logged in here, and does not linger." % name,
        "service",
        "use scope: daemon, which makes it linger; or by hand: sudo loginctl enable-linger %s && sudo systemctl start "
        "user@%d.service" % (name, uid),
        target=home.manager,
    )


def make_link(path, target, account):
    """Put a symbolic link into place, with the account's rights.

    :raises Failure: C(denied), C(write_failed).
    """
    temporary = os.path.join(os.path.dirname(path), ".%s.%s" % (os.path.basename(path), os.urandom(6).hex()))
    try:
        with files.acting_as(account.uid, account.gid):
            os.symlink(target, temporary)
            try:
                os.rename(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
    except OSError as error:
        raise files.failed("cannot link", path, error) from error


class Actor:
    """Carries out steps for one unit.

    :param systemd: :class:`systemctl.Systemd`.
    :param home: :class:`place.Place`.
    :param declared: as of :func:`definition.definition`, or C(None).
    :param patience: C(start_timeout) and C(settle) in seconds.
    :param clock: object with monotonic() and sleep(s).
    """

    def __init__(self, systemd, home, declared, patience, clock=time):
        self.systemd = systemd
        self.home = home
        self.declared = declared
        self.text = definition.render(declared) if declared is not None else None
        self.patience = patience
        self.clock = clock
        #: Whether this actor has put another unit file into place.
        self.has_written = False

    # -- looking -------------------------------------------------------------------------------------------------------

    def look(self):
        """Return what the account's manager holds.

        :raises Failure: C(user_manager_absent).
        """
        loaded = self.systemd.ask(self.home.name, show.PROPERTIES)
        if loaded is None:
            raise user_manager_absent(self.home)
        return loaded

    def _wait(self, seconds, is_reached):
        """Look until C(is_reached(loaded)) or the time is over; return the last look."""
        deadline = self.clock.monotonic() + seconds
        while True:
            loaded = self.look()
            if is_reached(loaded) or self.clock.monotonic() >= deadline:
                return loaded
            self.clock.sleep(POLL)

    # -- steps ---------------------------------------------------------------------------------------------------------

    def carry_out(self, step):
        """Do one :class:`job.Step`."""
        account, word = self.home.account, step.words[0]
        return {
            "directory": lambda: files.make_directory(word, account),
            "file": lambda: files.make_file(word, account),
            "owner": lambda: files.own(word, account),
            "write": lambda: self._write(word, self.text),
            "remove": lambda: files.remove(word, account),
            "link": lambda: make_link(word, self.home.unit, account),
            "call": lambda: self._call(step.words),
        }[step.kind]()

    def _write(self, path, text):
        account = self.home.account
        files.write_plist(path, text.encode("utf-8", "surrogateescape"), (account.uid, account.gid), account)
        self.has_written = True

    def _call(self, words):
        verb = words[2] if words[1] == "--user" else None
        ending = self.look() if verb in _ENDING else None
        answer = self.systemd.order(words, self._teardown_seconds(ending) if ending else 0)
        if verb in ("start", "restart"):
            # Whether it runs is seen later; how a start fails depends on how soon the process ends.
            self._answer_to_start(words, answer)
        elif ending is not None and answer.rc is None:
            raise self._will_not_end(self.look())
        elif answer.rc != 0 and not (verb == "reset-failed" and "not loaded" in answer.err):
            raise self.systemd.failed(words, answer)
        elif verb is None:
            self._await_manager()

    def _answer_to_start(self, words, answer):
        if answer.is_denied or answer.has_no_manager:
            raise self.systemd.failed(words, answer)
        loaded = self.look()
        if answer.rc is None and loaded.active == "deactivating":
            raise self._will_not_end(loaded)
        if answer.rc and loaded.result == "start-limit-hit":
            # Orders count as starts, too; a person who gives one means it.
            again = ("systemctl", "--user", "reset-failed", self.home.name)
            self.systemd.order(again)
            self.systemd.order(("systemctl", "--user", "start", self.home.name))

    def _teardown_seconds(self, loaded):
        seconds = show.seconds(loaded.says.get("TimeoutStopUSec", ""))
        return (DEFAULT_STOP if seconds is None else seconds) + TEARDOWN_GRACE

    def _await_manager(self):
        deadline = self.clock.monotonic() + self.patience.start_timeout
        while self.systemd.ask(self.home.name, show.PROPERTIES) is None:
            if self.clock.monotonic() >= deadline:
                raise Failure(
                    "user_manager_absent",
                    "the account %s lingers, but its systemd manager has not come up in %d s."
                    % (self.home.account.name, self.patience.start_timeout),
                    "service",
                    "sudo systemctl status %s ; sudo journalctl -u %s" % (self.home.manager, self.home.manager),
                    target=self.home.manager,
                )
            self.clock.sleep(POLL)

    # -- proof ---------------------------------------------------------------------------------------------------------

    def verify_definition(self):
        """Make sure that systemd has loaded what it was to load.

        :return: :class:`show.Loaded`.
        :raises Failure: C(job_not_loaded), C(loaded_definition_differs), C(label_taken).
        """
        loaded = self.look()
        if loaded.load != "loaded":
            raise Failure(
                "job_not_loaded",
                "systemd does not take %s: it says '%s'." % (self.home.unit, loaded.load),
                "service",
                "systemd-analyze --user verify %s ; or, where it is masked: %s"
                % (self.home.unit, self.systemd.by_hand(("systemctl", "--user", "unmask", self.home.name))),
                target=self.home.name,
            )
        if loaded.path != self.home.unit:
            raise Failure(
                "label_taken",
                "%s is loaded from %s, which comes before %s." % (self.home.name, loaded.path, self.home.unit),
                "service",
                "remove that one, then run again.",
                target=self.home.name,
                path=loaded.path,
            )
        differing = show.differences(self.declared, loaded) if self.declared is not None else []
        if differing or loaded.is_stale:
            raise Failure(
                "loaded_definition_differs",
                "systemd has loaded %s otherwise than %s says, in: %s%s."
                % (
                    self.home.name,
                    self.home.unit,
                    ", ".join(differing) or "files that have changed since",
                    " (drop-ins: %s)" % ", ".join(loaded.drop_ins) if loaded.drop_ins else "",
                ),
                "service",
                "compare: %s" % self.systemd.by_hand(("systemctl", "--user", "cat", self.home.name)),
                target=self.home.name,
                keys=differing,
            )
        return loaded

    def verify_running(self, before, is_fresh):
        """Make sure that there is a process and that it stays the same one for a little while.

        Not a readiness test: it only tells a job that runs from one that dies at once.

        :param before: main process that must be gone, or C(None).
        :param is_fresh: whether this run started it, so that an end is one of this definition.
        :return: :class:`show.Loaded`.
        :raises Failure: C(job_not_running), C(job_dies).
        """
        first = self.look()
        held_back = show.seconds(first.says.get("RestartUSec", "")) if first.is_waiting else 0
        seconds = self.patience.start_timeout + (held_back or 0)

        def is_decided(loaded):
            if loaded.is_up and loaded.pid != before:
                return True
            return loaded.active in ("failed", "inactive") or (is_fresh and loaded.is_waiting)

        loaded = self._wait(seconds, is_decided)
        if loaded.active == "failed" or (is_fresh and loaded.is_waiting):
            raise self._dies(loaded)
        if not loaded.is_up or loaded.pid == before:
            raise self._not_running(loaded, seconds)
        if self.patience.settle <= 0:
            return loaded
        self.clock.sleep(self.patience.settle)
        later = self.look()
        if later.pid != loaded.pid or later.restarts != loaded.restarts or not later.is_up:
            raise self._dies(later)
        return later

    def _log(self):
        return (self.declared or {}).get("StandardOutput", "append:its log").partition(":")[2]

    def _dies(self, loaded):
        refused = loaded.last_exit or loaded.result or "unknown"
        config = str(definition.NOT_AGAIN) == str(loaded.last_exit).partition(":")[0]
        meaning = "; the Gateway refuses its configuration, so systemd does not start it again" if config else ""
        if loaded.result == "start-limit-hit":
            meaning = "; systemd has given up on it (start-limit-hit)"
        return Failure(
            "job_dies",
            "%s does not stay up: systemd has started it %d times, last exit: %s%s."
            % (self.home.name, loaded.restarts + 1, refused, meaning),
            "service",
            "read why: tail -50 %s ; %s" % (self._log(), self.systemd.by_hand(
                ("systemctl", "--user", "status", self.home.name))),
            target=self.home.name,
            last_exit=loaded.last_exit,
        )  # fmt: skip

    def _not_running(self, loaded, seconds):
        return Failure(
            "job_not_running",
            "%s does not run: there is no new process after %d s (state: %s, last exit: %s)."
            % (self.home.name, seconds, loaded.sub, loaded.last_exit or "unknown"),
            "service",
            "%s ; tail -50 %s"
            % (self.systemd.by_hand(("systemctl", "--user", "status", self.home.name)), self._log()),
            target=self.home.name,
        )

    def _will_not_end(self, loaded):
        return Failure(
            "job_will_not_end",
            "%s (pid %s) is still there after it was told to end, and killed." % (self.home.name, loaded.pid),
            "service",
            "look at the process (ps -o pid,stat,etime,command -p %s), end it, then run again." % loaded.pid,
            target=self.home.name,
            pid=loaded.pid,
        )

    # -- the way back --------------------------------------------------------------------------------------------------

    def put_back(self, observed):
        """Give a Gateway that ran before its previous definition back, and start it.

        :param observed: :class:`observe.Observed`, as it was.
        :raises Failure: that did not work either.
        """
        self._write(self.home.unit, observed.on_disk.text)
        for path, text in observed.drop_ins.items():
            self._write(path, text)
        self.declared = None
        self.carry_out(Step("call", ("systemctl", "--user", "daemon-reload")))
        if self.look().pid != observed.loaded.pid:
            for verb in ("reset-failed", "restart"):
                self.carry_out(Step("call", ("systemctl", "--user", verb, self.home.name)))
        self.verify_running(None, is_fresh=True)
