# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Whether the process that a lock of OpenClaw's names still holds it. Looks at processes, changes nothing."""

from __future__ import annotations

import datetime
import os
import subprocess

#: After this many seconds OpenClaw takes a lock that has a time but no process for abandoned.
_ABANDONED = 30.0
#: As C(ps) writes them in the C locale, whatever the locale of this process is.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def abandoned(owner, started_at, now):
    """Whether OpenClaw would take a lock for left over. Pure but for C(started_at).

    :param owner: what the lock says, a mapping. :param started_at: function like :func:`started`.
    :param now: seconds since the epoch.
    """
    pid, recorded, created = (owner.get(key) for key in ("pid", "starttime", "createdAt"))
    if whole(pid) and pid > 0:
        alive, since = started_at(pid)
        return not alive or (whole(recorded) and since is not None and since != recorded)
    if not isinstance(created, str):
        return False
    try:
        made = datetime.datetime.strptime(created, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        return True
    return now - made.timestamp() > _ABANDONED


def started(pid):
    """Return whether a process runs, and when it started as OpenClaw counts it, or None where that is unknown.

    Clock ticks since boot where there is C(/proc), seconds since the epoch on macOS.
    """
    try:
        os.kill(pid, 0)
    except PermissionError:
        # Somebody else's, and so alive.
        pass
    except (OSError, OverflowError):
        return False, None
    return True, (_ticks if os.path.exists("/proc/self/stat") else _seconds)(pid)


def _ticks(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stream:
            return int(stream.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def _seconds(pid):
    try:
        told = subprocess.run(  # pylint: disable=ansible-bad-function
            ["/bin/ps", "-o", "lstart=", "-p", str(pid)],
            env={"LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=5,
            check=False,
        ).stdout
        return seconds_of(told.decode("ascii", "replace"))
    except (OSError, subprocess.SubprocessError):
        return None


def seconds_of(lstart):
    """Return the seconds since the epoch of what C(ps -o lstart=) prints in UTC, or None where it is no such date."""
    try:
        _weekday, month, day, clock, year = lstart.split()
        hour, minute, second = map(int, clock.split(":"))
        moment = (int(year), _MONTHS.index(month) + 1, int(day), hour, minute, second)
        return int(datetime.datetime(*moment, tzinfo=datetime.timezone.utc).timestamp())
    except ValueError:
        return None


def whole(value):
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)
