# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Runs systemctl and loginctl: as the account for its own manager, as whoever we are for the system's."""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._units import show

#: Seconds that each order may take before its answer is given up, besides what the unit itself may take to end.
TIMEOUT = 60

#: Beginnings of complaints: nobody listens where the account's manager would, or it does not let us in.
_NO_MANAGER = ("failed to connect to bus", "failed to connect to user scope bus", "failed to get d-bus connection")
_DENIED = ("permission denied", "operation not permitted", "access denied", "interactive authentication required")


class Answer(NamedTuple):
    """What came of a call: exit code (C(None): no answer in time), standard output, standard error."""

    rc: int | None
    out: str
    err: str

    def complaint(self):
        """Return its own words on one line, for a message."""
        if self.rc is None:
            return "no answer in time"
        return "exit %d%s" % (self.rc, ": " + " ".join(self.err.split())[:300] if self.err.strip() else "")

    @property
    def is_denied(self):
        return any(text in self.err.lower() for text in _DENIED)

    @property
    def has_no_manager(self):
        return any(text in self.err.lower() for text in _NO_MANAGER)


def run_process(argv, timeout, environment, user):
    """Run a program to its end, without a shell, a terminal or the caller's environment.

    :param argv: list of str, absolute program first.
    :param timeout: seconds, after which the program is killed.
    :param environment: all that it sees of one.
    :param user: account whose rights it gets, or C(None) for ours.
    :return: (exit code or None when it had to be killed, stdout, stderr).
    :raises OSError: the program cannot be started.
    """
    rights = {"user": user.uid, "group": user.gid, "extra_groups": [user.gid]} if user is not None else {}
    try:
        # run_command needs an AnsibleModule, which this level knows nothing of, and has no time limit.
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            cwd="/",
            timeout=timeout,
            check=False,
            **rights,
        )
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class Systemd:
    """systemd of this host, as far as one account's unit needs it.

    :param path: absolute path of systemctl; loginctl lies beside it.
    :param place: :class:`place.Place`.
    :param run: function of (argv, timeout in s, environment, account or None) to (rc, stdout, stderr).
    """

    def __init__(self, path, place, run=run_process):
        self._path = path
        self._place = place
        self._run = run
        #: Every call that was meant to change something, in order.
        self.actions = []

    @classmethod
    def found(cls, path, place, run=run_process):
        """Return systemd of this host.

        :raises Failure: C(not_systemd) when there is no systemctl.
        """
        if not os.path.isabs(path) or not os.access(path, os.X_OK):
            raise Failure(
                "not_systemd",
                "%s is not there: this host has no systemd (or 'systemctl' is set wrongly)." % path,
                "host",
                "set 'manager' to launchd for a Mac, or 'systemctl' to the systemctl of the host.",
                path=path,
            )
        return cls(path, place, run)

    def ask(self, unit, properties):
        """Ask the account's manager about a unit; C(None) when there is no such manager.

        :return: :class:`show.Loaded`.
        :raises Failure: C(denied), C(systemd_unclear). Never takes a missing answer for "no such unit".
        """
        answer = self._user(("show", "--property=" + ",".join(properties), unit))
        loaded = show.parse(answer.out) if answer.rc == 0 else None
        if loaded is None and not answer.has_no_manager:
            raise self.failed(("systemctl", "--user", "show", unit), answer)
        return loaded

    def order(self, words, patience=0):
        """Carry out one call of :data:`job.Step` words, C(systemctl --user ...), C(systemctl ...), C(loginctl ...).

        :param patience: seconds it may take beyond the usual.
        :return: :class:`Answer`; every exit code is an answer, none raises.
        """
        self.actions.append(" ".join(words))
        if words[:2] == ("systemctl", "--user"):
            return self._user(words[2:], patience)
        path = os.path.join(os.path.dirname(self._path), words[0])
        return self._call([path, *words[1:]], patience, {}, None)

    def _user(self, words, patience=0):
        account = self._place.account
        own = {"XDG_RUNTIME_DIR": self._place.runtime, "HOME": account.home}
        user = account if os.geteuid() == 0 and account.uid != 0 else None
        return self._call([self._path, "--user", "--no-pager", *words], patience, own, user)

    def _call(self, argv, patience, own, user):
        environment = dict({"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "LANG": "C"}, **own)
        try:
            return Answer(*self._run(argv, TIMEOUT + patience, environment, user))
        except OSError as error:
            raise Failure(
                "not_systemd",
                "%s cannot be run: %s." % (argv[0], error.strerror),
                "host",
                "check that the host runs systemd and that 'systemctl' names its systemctl.",
                path=argv[0],
            ) from error

    def failed(self, words, answer):
        """Return the :class:`Failure` for an answer that is no yes."""
        if answer.is_denied:
            return Failure(
                "denied",
                "systemd does not let this account do '%s' (%s)." % (" ".join(words), answer.complaint()),
                "service",
                "run the task with become: true.",
                target=self._place.name,
            )
        return Failure(
            "systemd_unclear",
            "'%s' gave no answer to rely on (%s)." % (" ".join(words), answer.complaint()),
            "service",
            "run it by hand on the host: %s" % self.by_hand(words),
            target=self._place.name,
            rc=answer.rc,
        )

    def by_hand(self, words):
        """Return a call as a person types it, with sudo, for a hint."""
        if words[:2] == ("systemctl", "--user"):
            account = self._place.account.name
            return "sudo -u %s XDG_RUNTIME_DIR=%s %s" % (account, self._place.runtime, " ".join(words))
        return "sudo " + " ".join(words)
