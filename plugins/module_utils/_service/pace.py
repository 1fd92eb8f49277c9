# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How fast a job may be restarted: not again at once, not everywhere at once, and out of its loop before it is mended.

The time of day is not to be trusted (a Mac that comes from the shelf, a time server that corrects a day), so nothing
here looks at it: what counts is the time since the host was booted, and which boot that was.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import records

#: Seconds of a cool-down that are waited out; what takes longer is refused.
WAITED_OUT = 60
#: Starts since the job was loaded from which on it is looked at for a while before it is touched.
SUSPICIOUS_RUNS = 5
#: Seconds after which a process has shown that it stays.
_STAYED = 120
#: Seconds between two looks of a sample.
_APART = 0.25


class Pace(NamedTuple):
    """What is asked of restarts.

    :param directory: where they are noted (:func:`records.directory`).
    :param cooldown: least seconds between two of them. :param jitter: seconds over which those of a fleet are spread.
    :param host: name of this host, from which its share of C(jitter) follows.
    :param window: seconds for which a job that may be in a loop is looked at.
    """

    directory: str
    cooldown: float
    jitter: float
    host: str
    window: float

    @property
    def stamp(self):
        return os.path.join(self.directory, "restart.json")


class Sample(NamedTuple):
    """What was seen of a job for a while.

    :param seconds: how long. :param starts: by how many C(runs) has grown. :param pids: how many processes were seen.
    :param held_back: whether launchd held a start back, as it does when a process ended too soon.
    """

    seconds: float
    starts: int
    pids: int
    held_back: bool

    @property
    def looping(self):
        return self.held_back or self.starts > 0 or self.pids > 1


def is_suspicious(loaded):
    """Whether a job may be in a loop, so that it is worth the time to look: never a healthy one that runs at ease."""
    if loaded is None or loaded.draining:
        return False
    return loaded.throttled or (loaded.runs or 0) >= SUSPICIOUS_RUNS


def is_young(pid):
    """Whether a process may be one of many: one that has been there for long is not."""
    age = _process.age(pid)
    return age is None or age < _STAYED


def sampled(look, seconds, clock):
    """Look at a job for a while, no longer than it takes to see that it is in a loop.

    :param look: function that returns :class:`print_grammar.Loaded` or C(None).
    :param clock: object with monotonic() and sleep(s).
    :return: :class:`Sample`.
    """
    begun = clock.monotonic()
    runs, pids, held_back = [], set(), False
    while True:
        loaded = look()
        if loaded is not None:
            runs.append(loaded.runs or 0)
            pids.update({loaded.pid} - {None})
            held_back = held_back or loaded.throttled
        elapsed = clock.monotonic() - begun
        sample = Sample(elapsed, max(runs) - min(runs) if runs else 0, len(pids), held_back)
        if sample.looping or elapsed >= seconds:
            return sample
        clock.sleep(_APART)


def share(host, label):
    """Return the part of a jitter, from 0 up to 1, that falls to a job of a host: the same at each run."""
    digest = hashlib.sha256(("%s/%s" % (host, label)).encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:6], "big") / float(1 << 48)


def remaining(pace, clock, boot):
    """Return the seconds for which a restart has to wait: 0 after a boot, and where none is noted."""
    noted = records.read(pace.stamp) or {}
    since = noted.get("monotonic")
    if noted.get("boot") != boot or not isinstance(since, (int, float)) or isinstance(since, bool):
        return 0.0
    elapsed = clock.monotonic() - since
    # Less than nothing: another boot, on a host that does not tell one from the other.
    return max(0.0, pace.cooldown - elapsed) if elapsed >= 0 else 0.0


def delay(pace, target, clock, boot):
    """Say how long to wait before a restart.

    :return: C({cooldown, jitter}), seconds.
    :raises Failure: C(cooling_down) when the last restart is so recent that it is not waited for.
    """
    cooldown = remaining(pace, clock, boot)
    if cooldown > WAITED_OUT:
        raise Failure(
            "cooling_down",
            "%s was restarted %d s ago, and is not to be restarted again before %d s are over; %d s are left."
            % (target.service, pace.cooldown - cooldown, pace.cooldown, cooldown),
            "service",
            "find out why it needs another restart; then run again after that time, or with a lower cooldown.",
            target=target.service,
            seconds=int(cooldown),
        )
    return {"cooldown": round(cooldown, 1), "jitter": round(pace.jitter * share(pace.host, target.label), 1)}


def note(pace, clock, boot):
    """Note a restart, before it is made: one that is cut off counts.

    :raises Failure: C(denied), C(write_failed).
    """
    records.write(pace.stamp, {"boot": boot, "monotonic": clock.monotonic()})


def boot_id():
    """Return what tells this boot of the host from any other, or C(None) where the kernel does not say."""
    if sys.platform == "darwin":
        return _sysctl_text(b"kern.bootsessionuuid")
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
            return stream.read().strip()
    except OSError:
        return None


def _sysctl_text(name):
    library = ctypes.CDLL(None)
    size = ctypes.c_size_t(256)
    buffer = ctypes.create_string_buffer(size.value)
    if library.sysctlbyname(name, buffer, ctypes.byref(size), None, ctypes.c_size_t(0)):
        return None
    return buffer.value.decode("ascii", "replace")
