# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: does what was planned. What came of it is not told by exit codes, which lie, but by reading again."""

from __future__ import annotations

import os
import pwd
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files

#: Seconds for one command, and until macOS knows what it was told.
PATIENCE, SETTLED, PAUSE = 60, 10, 0.25
_SHOWN = 300


class Actor:
    """Does deeds, and remembers what programs said.

    :param hear: function of (argv, seconds) to (exit code or None, stdout, stderr).
    :param account: C(seen.Account) whose directories are made.
    """

    def __init__(self, hear, account, clock=time):
        self._hear, self._account, self._clock = hear, account, clock
        #: Commands that ran, as text.
        self.actions = []
        self._said = {}

    def do(self, deed):
        """Do one thing.

        :raises Failure: C(denied), C(write_failed); C(not_proven) where an account is still not there.
        """
        known = {"command": self._command, "account": self._create, "directory": self._directory,
                 "marker": self._marker, "unmark": self._unmark}  # fmt: skip
        known[deed.kind](*deed.words)

    def _command(self, *words):
        self.actions.append(" ".join(words))
        try:
            code, out, err = self._hear(list(words), PATIENCE)
        except OSError as error:
            code, out, err = None, "", error.strerror or str(error)
        told = " ".join((err + " " + out).split())[:_SHOWN]
        self._said[words[0]] = "%s ended with %s%s" % (" ".join(words), code, ", saying: " + told if told else "")

    def _is_there(self):
        try:
            return pwd.getpwnam(self._account.name).pw_uid == self._account.uid
        except KeyError:
            return False

    def _create(self, *words):
        self._command(*words)
        end = self._clock.monotonic() + SETTLED
        while not self._is_there():
            if self._clock.monotonic() > end:
                raise Failure(
                    "not_proven",
                    "account %s is still not there: %s." % (self._account.name, self._said[words[0]]),
                    "host",
                    "look at what is there (dscl . -read /Users/%s), then run again." % self._account.name,
                    user=self._account.name,
                )
            self._clock.sleep(PAUSE)

    def _directory(self, path):
        # A run that was cut off may have made it.
        if not os.path.isdir(path):
            files.make_directory(path, self._account)

    def _marker(self, path):
        if not os.path.lexists(path):
            files.make_file(path, self._account)

    def _unmark(self, path):
        files.remove(path, self._account)

    def prove(self, again):
        """Wait until nothing is left to change.

        :param again: function without arguments that reads and plans anew.
        :raises Failure: C(not_proven), naming what still differs, and what was said when it was set.
        """
        end = self._clock.monotonic() + SETTLED
        while True:
            left = again()
            if not left.changes:
                return
            if self._clock.monotonic() > end:
                break
            self._clock.sleep(PAUSE)
        first = left.changes[0]
        program = next((deed.words[0] for deed in left.deeds if deed.words[0] in self._said), None)
        raise Failure(
            "not_proven",
            "%s of %s was to become %s and is still %s%s."
            % (first.name, first.part, first.after, first.before,
               ": " + self._said[program] if program else ""),
            "host",
            "run that as root on the host; a profile of an MDM, or no right to the whole disk, may forbid it.",
            part=first.part,
            name=first.name,
        )  # fmt: skip
