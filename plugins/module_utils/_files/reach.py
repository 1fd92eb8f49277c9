# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How root reaches files that lie where the Gateway's account can rearrange everything. The rim.

Whatever the account may do itself is done with its rights. Root's own are only used on what has been reached without
following any link, and on no file that has a second name somewhere else.
"""

from __future__ import annotations

import contextlib
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: How a file is opened: no link is followed, and no pipe waited for.
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def rights(path, account):
    """Act as the account where a path is in its hands, else as whoever we are."""
    return acting_as(account) if is_in_hand(path, account) else contextlib.nullcontext()


def is_in_hand(path, account):
    """Whether the account could have put something else at the path or above it."""
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        with contextlib.suppress(OSError):
            facts = os.lstat(path)
            sticky = facts.st_mode & stat.S_ISVTX
            writable = facts.st_uid == account.uid or (facts.st_mode & 0o022 and not sticky)
            if account.uid != 0 and (writable or stat.S_ISLNK(facts.st_mode) and facts.st_uid != 0):
                return True
    return False


@contextlib.contextmanager
def directory(path):
    """Open the directory of a path without following a link that is not root's; yields (descriptor, last name)."""
    parts = [part for part in os.path.dirname(path).split(os.sep) if part]
    handle, trusted = os.open(os.sep, os.O_RDONLY), True
    try:
        for part in parts:
            # The links that come with the system (/var, /tmp) lie in a directory of root's.
            flags = os.O_RDONLY | os.O_DIRECTORY | (0 if trusted else os.O_NOFOLLOW)
            outer = handle
            try:
                handle = os.open(part, flags, dir_fd=outer)
            finally:
                os.close(outer)
            facts = os.fstat(handle)
            trusted = trusted and facts.st_uid == 0 and not facts.st_mode & 0o022
        yield handle, os.path.basename(path)
    finally:
        os.close(handle)


def names(path):
    """Return the names in a directory that is reached without following a link; none where there is no directory.

    :raises OSError: it cannot be reached so.
    """
    try:
        with directory(path) as (above, name):
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    except (FileNotFoundError, NotADirectoryError):
        return []
    try:
        return sorted(os.listdir(handle))
    finally:
        os.close(handle)


def dress(handle, path, uid, gid, mode, writer):
    """Give an open file its owner and mode: through what is held in hand, wherever its name leads by now.

    :param path: its name, for a failure. :param writer: user id that must own it so far. Somebody may have put a file
        of root's in the place of ours.
    :raises Failure: C(file_of_stranger).
    """
    facts = os.fstat(handle)
    if facts.st_uid != writer or (stat.S_ISREG(facts.st_mode) and facts.st_nlink != 1):
        raise Failure(
            "file_of_stranger",
            "%s was replaced by a file of uid %d while it was worked on." % (path, facts.st_uid),
            "host",
            "see who does that, then run again.",
            path=path,
        )
    if (facts.st_uid, facts.st_gid) != (uid, gid):
        os.fchown(handle, uid, gid)
    os.fchmod(handle, mode)


def give(path, uid, gid, mode, account):
    """Give a file or directory that is there its owner and mode.

    :param account: of the Gateway. :raises Failure: C(file_of_stranger). :raises OSError: it cannot be reached so.
    """
    try:
        # What the account may do itself, on a way that it has chosen, needs none of our rights.
        with rights(path, account):
            handle = os.open(path, FLAGS)
            try:
                facts = os.fstat(handle)
                if (facts.st_uid, facts.st_gid) == (uid, gid):
                    os.fchmod(handle, mode)
                    return
            finally:
                os.close(handle)
    except PermissionError:
        pass
    with directory(path) as (above, name):
        handle = os.open(name, FLAGS, dir_fd=above)
    try:
        dress(handle, path, uid, gid, mode, os.fstat(handle).st_uid)
    finally:
        os.close(handle)


def sync(path):
    """Bring the names in a directory to the disk, as far as its file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
