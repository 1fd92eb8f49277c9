# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The one place that runs launchctl."""

from __future__ import annotations

import os
import subprocess

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import outcomes

#: Seconds each verb may take before its answer is given up. kickstart blocks while a job is throttled.
TIMEOUTS = {
    "print": 10,
    "print-disabled": 10,
    "enable": 10,
    "disable": 10,
    "bootstrap": 30,
    "bootout": 30,
    "kickstart": 15,
}

#: Verbs that only look.
READING = ("print", "print-disabled")

#: All that launchctl needs of an environment; what the caller's holds (a token, say) is none of its business.
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "LANG": "C"}


def run_process(argv, timeout):
    """Run a program to its end, without a shell, a terminal or the caller's environment.

    :param argv: list of str, absolute program first.
    :param timeout: seconds, after which the program is killed.
    :return: (exit code or None when it had to be killed, stdout, stderr).
    :raises OSError: the program cannot be started.
    """
    try:
        # run_command needs an AnsibleModule, which this level knows nothing of, and has no time limit.
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(ENVIRONMENT),
            cwd="/",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class Launchctl:
    """launchctl of this host.

    :param path: absolute path of the program.
    :param run: function of (argv, timeout in s) to (rc, stdout, stderr); tests put a table here.
    """

    def __init__(self, path, run=run_process):
        self._path = path
        self._run = run
        #: Every call that was meant to change something, as the words after C(launchctl), in order.
        self.actions = []

    @classmethod
    def found(cls, path, run=run_process):
        """Return launchctl at C(path).

        :param run: as for the class.
        :raises Failure: C(not_macos) when there is no such program.
        """
        if not os.path.isabs(path) or not os.access(path, os.X_OK):
            raise Failure(
                "not_macos",
                "%s is not there: this host has no launchd, so it is not a Mac (or 'launchctl' is set wrongly)." % path,
                "host",
                "take the host out of the inventory group of Macs, or set 'launchctl' to its launchctl.",
                path=path,
            )
        return cls(path, run)

    def call(self, verb, *arguments):
        """Run C(launchctl VERB ARGUMENTS) and say what came of it.

        :return: :class:`outcomes.Outcome`; every exit code is an answer, none raises.
        :raises Failure: C(not_macos) when launchctl cannot be started.
        """
        argv = (verb,) + arguments
        if verb not in READING:
            self.actions.append(" ".join(argv))
        try:
            rc, stdout, stderr = self._run([self._path, *argv], TIMEOUTS[verb])
        except OSError as error:
            raise Failure(
                "not_macos",
                "%s cannot be run: %s." % (self._path, error.strerror),
                "host",
                "check that the host is a Mac and that 'launchctl' names its launchctl.",
                path=self._path,
            ) from error
        return outcomes.classify(verb, rc, stdout, stderr)
