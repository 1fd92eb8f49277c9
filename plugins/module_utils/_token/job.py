# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: the launchd job of a Gateway, as far as a change of its token concerns it."""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, files, launchd, service, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl, run_process

#: Seconds for a process to appear, and to stay the same one.
_PATIENCE = act.Patience(60.0, 1.5)
_TIMEOUT = 15.0


class Job:
    """The job with a label, in whichever scope launchd has it.

    :param account: whose Gateway it is. :param launchctl: path of launchctl.
    :param daemons_dir: C(/Library/LaunchDaemons). :param agents_dir: the account's C(Library/LaunchAgents).
    """

    def __init__(self, account, label, launchctl, daemons_dir, agents_dir):
        self._account, self._label, self._path = account, label, launchctl
        self._targets = [target.target(scope, label, account, daemons_dir, agents_dir) for scope in target.SCOPES]
        self.restarts = 0

    def restart(self):
        """Restart the one job with this label, from the definition on disk.

        :raises Failure: C(job_not_found), C(job_twice), or what restarting raises.
        """
        launchctl = Launchctl.found(self._path)
        loaded = [place for place in self._targets if launchd.probe(launchctl, place.service)[1] is not None]
        if len(loaded) != 1:
            raise _not_one(self._label, [place.service for place in loaded])
        self.restarts += 1
        service.converge(launchctl, loaded[0], self._account, "restarted", None, _PATIENCE, False)

    def has_process(self):
        """Whether launchd has a process for this job in any scope; False where launchd cannot be asked."""
        try:
            launchctl = Launchctl.found(self._path)
            jobs = [launchd.probe(launchctl, place.service)[1] for place in self._targets]
        except Failure:
            return False
        return any(job is not None and job.pid for job in jobs)

    def write_plist(self, path, before, after):
        """Replace a property list of this job.

        :raises Failure: C(plist_changed_meanwhile), or what writing raises.
        """
        try:
            with open(path, "rb") as stream:
                same = stream.read() == before
        except OSError:
            same = False
        if not same:
            raise Failure(
                "plist_changed_meanwhile",
                "%s was changed by somebody else while this task worked on it; nothing was written." % path,
                "service",
                "run the task again; if it repeats, find the writer (openclaw gateway install, the app).",
                path=path,
            )
        status = os.stat(path)
        files.write_plist(path, after, (status.st_uid, status.st_gid), self._account)

    def unset(self, command):
        """Take a variable out of the environment that jobs of a launchd domain inherit.

        It cannot be put back: C(launchctl setenv) would show its value in the process list.

        :param command: words of it, with the bare names of programs. :raises Failure: C(unsetenv_failed).
        """
        programs = {"launchctl": self._path, "sudo": "/usr/bin/sudo"}
        words = [programs.get(word, word) for word in command]
        try:
            code, _output, errors = run_process(words, _TIMEOUT)
        except OSError as error:
            code, errors = None, str(error)
        if code != 0:
            raise Failure(
                "unsetenv_failed",
                "%s did not take the variable out of the launchd domain (%s)."
                % (" ".join(words), errors.strip() or "exit %s" % code),
                "service",
                "run it by hand on the host as root.",
            )


def _not_one(label, found):
    if not found:
        return Failure(
            "job_not_found",
            "the Gateway has to be restarted, and launchd has no job %s in any scope." % label,
            "service",
            "restart it as it was started, or name its job with 'label'; then run again.",
            label=label,
        )
    return Failure(
        "job_twice",
        "the Gateway has to be restarted, and launchd has %s twice: %s." % (label, " and ".join(found)),
        "service",
        "remove one of them (openclaw_service, state: absent, scope: ...), then run again.",
        label=label,
    )
