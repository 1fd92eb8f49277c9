# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a directory that may not exist yet could hold: where it would lie, whether it takes writes, how much fits."""

from __future__ import annotations

import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as


def nearest_existing(path):
    """Return the path itself, or the closest directory above it that exists."""
    while not os.path.lexists(path):
        above = os.path.dirname(path)
        if above == path:
            break
        path = above
    return path


def describe(path, account=None):
    """Describe the place of a directory.

    :param path: absolute path.
    :param account: whose right to write is asked for, when the directory exists; C(None) to not ask.
    :returns: C({path, exists, nearest, read_only, writable, free_bytes, mode, uid}); C(writable) is C(None) when it
        was not
        asked for or cannot be told.
    :raises OSError: the file system does not answer.
    """
    nearest = nearest_existing(path)
    status, system = os.stat(nearest), os.statvfs(nearest)
    exists = nearest == path
    return {
        "path": path,
        "exists": exists,
        "nearest": nearest,
        "read_only": bool(system.f_flag & os.ST_RDONLY),
        "writable": _writable(nearest, account) if exists and account else None,
        # What an ordinary account may still take, not what is kept for root.
        "free_bytes": system.f_bavail * system.f_frsize,
        "mode": "%04o" % stat.S_IMODE(status.st_mode),
        "uid": status.st_uid,
    }


def _writable(path, account):
    """Ask the kernel with the account's own rights; that also heeds access control lists and mount options."""
    if os.geteuid() not in (0, account.uid):
        return None
    with acting_as(account):
        return os.access(path, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)
