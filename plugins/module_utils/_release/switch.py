# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Changes under a root that either happen or do not: symbolic links, the wrapper, whole directories, by rename."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile

from ansible_collections.clawops.openclaw.plugins.module_utils import _hold
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout

#: Errors that say that this place cannot be written, whatever was being written.
REFUSALS = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO))


def locked(root, timeout):
    """Hold the root against other runs, as a context that yields the descriptor that holds it.

    A child that inherits the descriptor keeps the root locked after its parent was killed: an orphaned npm must not
    write into what the next run cleans up.

    :param timeout: seconds to wait for another run.
    :raises Failure: C(release_busy) when another run does not let go in time.
    """
    return _hold.held(root, timeout, Failure(
        "release_busy",
        "another run is installing under %s (or npm of a run that was killed still is)." % root,
        "host",
        "wait for it to end, then run again ('lsof %s' names it)." % root,
        root=root,
    ))  # fmt: skip


@contextlib.contextmanager
def workshop(root):
    """Make a private directory under the root for things in the making; it is gone afterwards, come what may."""
    path = tempfile.mkdtemp(prefix=_layout.WORK_PREFIX, dir=root)
    try:
        yield path
    finally:
        remove(path)


def directory(path):
    """Make a directory that everyone can enter and only its owner can write, and that belongs to this account."""
    if not os.path.isdir(path):
        os.makedirs(path)
    if os.stat(path).st_uid != os.geteuid():
        os.chown(path, os.geteuid(), -1)
    os.chmod(path, 0o755)


def link(path, target, work):
    """Make a symbolic link, in one step even where another one is."""
    fresh = os.path.join(work, "link")
    os.symlink(target, fresh)
    replace(fresh, path, work)


def wrapper(path, text, work):
    """Write an executable script, in one step."""
    fresh = os.path.join(work, "wrapper")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fchmod(descriptor, 0o755)
        os.fsync(descriptor)
    replace(fresh, path, work)


def tree(fresh, path, work):
    """Put a finished directory in its place: owned by this account, writable by nobody else, on the disk."""
    harden(fresh)
    # One sync for tens of thousands of files; a rename must never reach the disk before what it names.
    os.sync()
    replace(fresh, path, work)


def small_tree(fresh, path, work):
    """Put a directory of links in its place: no file contents that would have to reach the disk first."""
    harden(fresh)
    replace(fresh, path, work)


def replace(fresh, path, work):
    """Rename into place. A directory that is in the way first moves into the work directory, to be removed with it."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            os.rename(path, os.path.join(work, "old-" + os.path.basename(path)))
    os.replace(fresh, path)
    _sync_directory(os.path.dirname(path))


def harden(top):
    """Give a tree to this account, readable by all, writable by nobody else; whatever the umask was."""
    _own(top)
    for parent, directories, files in os.walk(top):
        for name in directories + files:
            _own(os.path.join(parent, name))


def _own(path):
    found = os.lstat(path)
    owner = (os.geteuid(), os.getegid())
    if (found.st_uid, found.st_gid) != owner:
        os.lchown(path, *owner)
    if stat.S_ISLNK(found.st_mode):
        return
    mode = 0o755 if stat.S_ISDIR(found.st_mode) or found.st_mode & 0o111 else 0o644
    if stat.S_IMODE(found.st_mode) != mode:
        os.chmod(path, mode)


def remove(path):
    """Remove whatever lies at a path; a link is removed, never followed. Nothing there is well, too."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(found.st_mode):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def _sync_directory(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
