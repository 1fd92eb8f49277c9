# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Runs one program with a time limit, and whatever it started ends with it."""

from __future__ import annotations

import os
import signal
import subprocess


def run(argv, environment=None, timeout=30, keep_open=()):
    """Run a program with nothing on its input.

    :param environment: its whole environment; by default only a PATH.
    :param timeout: seconds until its process group is killed.
    :param keep_open: file descriptors that it inherits.
    :returns: tuple C((exit code, stdout, stderr)); exit code C(None) after a time-out, 127 when it cannot be started.
    """
    try:
        # run_command of AnsibleModule can neither end a whole process group nor hand a descriptor on.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            argv,
            env=environment or {"PATH": "/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            # A group of its own, so that a time-out reaches npm's children too.
            start_new_session=True,
            umask=0o022,
            pass_fds=keep_open,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        return 127, "", "%s: %s" % (argv[0], error.strerror)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return None, out, err
    return process.returncode, out, err
