# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Temporary files beside a configuration, and the lock that says which of them are nobody's any more.

The lock is on the directory, see :mod:`_hold`. Temporary files are made only while it is held: whoever holds it knows
that those it finds are left over from a writer that was killed.
OpenClaw does not take this lock; it has one of its own, see :mod:`openclaw_lock`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile

from ansible_collections.clawops.openclaw.plugins.module_utils import _hold
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Seconds to wait for another writer of this collection.
PATIENCE = 15.0


def locked(directory, patience=PATIENCE):
    """Hold the lock of a directory, as a context.

    :param patience: seconds to wait for it. :raises Failure: C(config_locked). :raises OSError: where it cannot be had.
    """
    return _hold.held(directory, patience, Failure(
        "config_locked",
        "another task has been writing in %s for %d seconds." % (directory, patience),
        "config",
        "wait for the other play to end (lsof %s names its process), then run again." % directory,
        path=directory,
    ))  # fmt: skip


def write(directory, name, data, attributes=None):
    """Write bytes to a new file, mode 0600, synced to disk; returns its path. Only while the lock is held.

    :param attributes: function of the open file descriptor that adds what the file needs besides its bytes.
    """
    handle, path = tempfile.mkstemp(prefix=".%s.ansible-" % name, suffix=".tmp", dir=directory)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            if attributes:
                attributes(stream.fileno())
            to_disk(stream.fileno())
    except BaseException:
        discard(path)
        raise
    return path


def to_disk(handle):
    """Bring a file descriptor's data to the medium. On macOS fsync alone stops at the drive's cache."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, full)
            return
    os.fsync(handle)


def discard(path):
    """Remove a file if it is there and can be removed."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def left_over(directory, name):
    """Return the paths of temporary files for a file of that name. Those of living writers too, without the lock."""
    ours = re.compile(r"\.%s\.ansible-[^/]+\.tmp\Z" % re.escape(name))
    with contextlib.suppress(OSError):
        return [os.path.join(directory, entry) for entry in sorted(os.listdir(directory)) if ours.match(entry)]
    return []


def stale(directory, name):
    """Return the paths of temporary files that no living writer owns; an empty list while somebody writes."""
    if not left_over(directory, name):
        return []
    try:
        with locked(directory, patience=0):
            return left_over(directory, name)
    except (Failure, OSError):
        return []


def sweep(directory, name):
    """Remove the temporary files that killed writers left. Only while the lock is held."""
    for path in left_over(directory, name):
        discard(path)
