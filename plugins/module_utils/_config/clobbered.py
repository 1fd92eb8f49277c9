# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Whether OpenClaw threw away what this collection wrote: C(openclaw.json.clobbered.*) beside the file.

OpenClaw moves a file it mistrusts there and puts its own copy of an older one in place. Nothing records which
write was ours, and a record would be one more file that can be wrong. Two things are known and suffice: when we last
replaced the file (the time of our newest backup), and whether the file that was thrown away held what the task wants.
"""

from __future__ import annotations

import collections
import contextlib
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config import edit, json5, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Snapshots looked at, newest first. OpenClaw keeps 32.
_LOOKED_AT = 8
_HALF = 0.5

#: A file that was thrown away: C(reason) says in words what OpenClaw disliked, as far as its content tells.
Clobbered = collections.namedtuple("Clobbered", "path newer wanted reason")


def find(snapshot, wishes, account):
    """Return the newest :class:`Clobbered` that concerns us, or None.

    :param snapshot: the file as it is now. :param wishes: expanded wishes of the task (settings and absent paths).
    """
    directory, name = os.path.split(snapshot.real)
    written = _last_write(directory, name)
    for when, path, data in _thrown_away(directory, name, account):
        newer = written is not None and when > written
        wanted = _holds(data, wishes)
        if newer or wanted:
            return Clobbered(path, newer, wanted, _reason(data, snapshot.data))
    return None


def refuse(found, location):
    """Raise the :class:`Failure` C(config_clobbered) for what :func:`find` found."""
    raise Failure(
        "config_clobbered",
        "%s Writing again would end the same way." % sentence(found, location),
        "config",
        "see to the reason, compare the two files, then move %s away and run again." % found.path,
        path=location,
        clobbered=found.path,
        reason=found.reason,
    )


def sentence(found, location):
    """Return what happened, in one sentence."""
    story = "the file with the values of this task" if found.wanted else "a file newer than our last write"
    return "OpenClaw has thrown %s away (%s) and put an older %s in its place: %s." % (
        story,
        found.path,
        location,
        found.reason,
    )


def _last_write(directory, name):
    ours = storage.backup_names(name)
    times = []
    with contextlib.suppress(OSError):
        for entry in os.listdir(directory):
            with contextlib.suppress(FileNotFoundError):
                if ours.match(entry):
                    times.append(os.lstat(os.path.join(directory, entry)).st_mtime)
    return max(times, default=None)


def _thrown_away(directory, name, account):
    """Yield C((seconds, path, bytes)), the newest first."""
    found = []
    with contextlib.suppress(OSError):
        for entry in os.listdir(directory):
            path = os.path.join(directory, entry)
            with contextlib.suppress(FileNotFoundError):
                if entry.startswith(name + ".clobbered.") and stat.S_ISREG((facts := os.lstat(path)).st_mode):
                    found.append((facts.st_mtime, path))
    for when, path in sorted(found, reverse=True)[:_LOOKED_AT]:
        with contextlib.suppress(OSError, Failure):
            yield when, path, storage.read(path, account).data


def _decoded(data):
    with contextlib.suppress(ValueError):
        text = data.decode("utf-8")
        root = json5.parse(text)
        if root.kind == "object":
            return text, root
    return None


def _holds(data, wishes):
    """Whether nothing would have to change in that file. (Wishes for nothing hold for any, and tell nothing.)"""
    decoded = _decoded(data)
    if not decoded or not wishes.settings:
        return False
    with contextlib.suppress(Failure):
        return not edit.plan(decoded[0], wishes.settings, wishes.absent, decoded[1]).changes
    return False


def _reason(data, current):
    decoded = _decoded(data)
    if not decoded:
        return "it was no valid JSON5"
    config = json5.to_python(decoded[1])
    if not isinstance(config.get("meta"), dict):
        return "it had no meta block"
    if not value_at(config, ("gateway", "mode")):
        return "it had no gateway.mode"
    if current and len(data) < len(current) * _HALF:
        return "it had %d bytes, less than half of the older one" % len(data)
    return "the file itself does not show why (a repair by 'openclaw doctor --fix' or an update does this too)"
