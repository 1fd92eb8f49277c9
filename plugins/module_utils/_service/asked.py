# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Questions to launchctl that several want answered: each is asked once, and may be asked early and heard late.

Each question costs the start of a program, so those that are sure to come are started together, before anything else.
"""

from __future__ import annotations

import subprocess
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import ENVIRONMENT

#: Seconds that whoever hears an answer waits at least: a long one is only finished when somebody reads it.
LEAST = 1.0


def start_process(argv):
    """Start a program that only looks.

    :param argv: list of str, absolute program first.
    :return: C(subprocess.Popen).
    :raises OSError: it cannot be started.
    """
    # run_command needs an AnsibleModule, which this level knows nothing of, and asks one thing at a time.
    return subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(ENVIRONMENT),
        cwd="/",
    )


class Pending:
    """A question on its way; speaks like C(subprocess.Popen), but whoever asks again hears the same answer."""

    def __init__(self, process):
        self._process = process
        self._heard = None
        self.begun = time.monotonic()

    @property
    def returncode(self):
        return self._process.returncode

    def communicate(self, timeout=None):
        """Return (stdout, stderr) as bytes.

        :raises subprocess.TimeoutExpired: not yet.
        """
        if self._heard is None:
            self._heard = self._process.communicate(timeout=timeout)
        return self._heard

    def kill(self):
        """End it; whoever asks again is told that there was no answer."""
        if self._heard is None:
            self._process.kill()


class Questions:
    """What was asked so far.

    :param start: function of argv to something like C(subprocess.Popen); raises C(OSError).
    """

    def __init__(self, start=start_process):
        self._start = start
        self._asked = {}

    def ask(self, argv):
        """Ask, unless that was asked before.

        :param argv: sequence of str, absolute program first.
        :return: :class:`Pending`.
        :raises OSError: the program cannot be started.
        """
        key = tuple(argv)
        if key not in self._asked:
            self._asked[key] = Pending(self._start(list(key)))
        return self._asked[key]

    def hear(self, argv, timeout):
        """Ask and wait for the answer: what :class:`launchctl.Launchctl` runs its programs with.

        :param timeout: seconds since the question was asked, after which the program is killed: several that hang
            take no longer than one.
        :return: (exit code or None when it had to be killed, stdout, stderr).
        :raises OSError: the program cannot be started.
        """
        pending = self.ask(argv)
        try:
            left = pending.begun + timeout - time.monotonic()
            out, err = pending.communicate(timeout=max(left, min(LEAST, timeout)))
        except subprocess.TimeoutExpired:
            pending.kill()
            pending.communicate()
            return None, "", ""
        if pending.returncode is None or pending.returncode < 0:
            return None, "", ""
        return pending.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def end(self):
        """Leave no process behind: what nobody heard is killed."""
        for pending in self._asked.values():
            pending.kill()
            pending.communicate()
