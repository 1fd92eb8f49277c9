# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which run of ansible-playbook this is: the same for all its hosts and tasks, and another one the next time."""

from __future__ import annotations

import calendar
import functools
import getpass
import os
import subprocess
import time
import uuid

#: How ps tells when a process began, in the C locale.
_LSTART = "%a %b %d %H:%M:%S %Y"
#: Seconds by which ps may tell the same start another way: it counts from a boot whose time is corrected now and then.
_JITTER_S = 5


def process(pid):
    """Return a process as text that no other one has: its pid, and when it began (UTC). None where there is none."""
    asked = ["ps", "-o", "lstart=", "-p", str(pid)]
    plain = dict(os.environ, LC_ALL="C", TZ="UTC")
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False, env=plain)
    except OSError:
        return None
    began = " ".join(done.stdout.split())
    return "%d %s" % (pid, began) if began else None


def is_gone(told):
    """Whether a process of this machine, as :func:`process` told it, is known to have ended.

    What cannot be told is not gone: then the lease decides.
    """
    pid, _space, began = told.partition(" ")
    if not pid.isdigit() or process(os.getpid()) is None:
        return False
    found = process(int(pid))
    if found is None:
        return True
    then, now = _seconds(began), _seconds(found.partition(" ")[2])
    return then is not None and now is not None and abs(then - now) > _JITTER_S


def _seconds(began):
    try:
        return calendar.timegm(time.strptime(began, _LSTART))
    except ValueError:
        return None


def controller():
    """Return a name of this machine that no other one has."""
    return "%s/%012x" % (os.uname().nodename, uuid.getnode())


@functools.lru_cache(maxsize=1)
def identity():
    """Return C({run, holder, controller, process}) of this run of Ansible.

    An action runs in a process of its own for each host and task, so the run is that of their common parent.
    """
    pid = os.getppid()
    told = process(pid) or str(pid)
    began = _seconds(told.partition(" ")[2])
    stamp = "run" if began is None else time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(began))
    return {
        "run": "%s-%d" % (stamp, pid),
        "holder": "%s@%s" % (_user(), os.uname().nodename),
        "controller": controller(),
        "process": told,
    }


def _user():
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
