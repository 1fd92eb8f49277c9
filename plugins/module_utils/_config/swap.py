# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: putting new bytes in the place of a configuration so that any moment leaves the old file or the new one.

OpenClaw's own commands write this file too, and keep off while its lock is held: so the comparison and the swap happen
under that lock. Editors know of no lock. Between the last comparison and a plain rename one could still put its version
in place, and lose it; so the two files change places in one step, and what came out is looked at: if it is not what was
read, they change back and the run fails. Where the file system cannot do that, the comparison and a plain rename have
to do.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config import exchange, litter, openclaw_lock, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: What a rename says where only writing into the file itself can work; the list of Ansible's own modules.
_NO_RENAME = (errno.EPERM, errno.EXDEV, errno.EACCES, errno.ETXTBSY, errno.EBUSY)


def replace(snapshot, data, account):
    """Put data (bytes) in the place of what the snapshot saw; a reader sees the old file or the new one, never less.

    :raises Failure: C(config_changed_meanwhile) when the file is no longer the one of the snapshot, C(config_locked),
        or an operating system fault in words. Then the file is as it was and no temporary file stays behind.
    """
    try:
        _replace(snapshot, data, account)
    except OSError as error:
        raise storage.os_failure(error, snapshot.real, "write") from None


def replace_or_overwrite(snapshot, data, account):
    """As :func:`replace`; where no rename is possible, write into the file itself, which a crash can leave torn."""
    try:
        try:
            _replace(snapshot, data, account)
        except OSError as error:
            if error.errno not in _NO_RENAME:
                raise
            _overwrite(snapshot, data, account)
    except OSError as error:
        raise storage.os_failure(error, snapshot.real, "write") from None


def sweep(snapshot, account):
    """Remove temporary files, and the lock, that killed writers left beside a file."""
    directory, name = os.path.split(snapshot.real)
    try:
        with acting_as(account), litter.locked(directory), openclaw_lock.held(snapshot.path):
            litter.sweep(directory, name)
    except OSError as error:
        raise storage.os_failure(error, directory, "clean up in") from None


def _replace(snapshot, data, account):
    directory, name = os.path.split(snapshot.real)
    with acting_as(account), litter.locked(directory):
        litter.sweep(directory, name)
        temporary = litter.write(directory, name, data, lambda handle: _dress(handle, snapshot, account))
        try:
            with openclaw_lock.held(snapshot.path):
                _require_unchanged(snapshot.real, snapshot)
                _put(temporary, snapshot, data)
        finally:
            # After an exchange this is the old file.
            litter.discard(temporary)
        _sync_directory(directory)


def _put(temporary, snapshot, data):
    kind = "create" if snapshot.data is None else "exchange"
    try:
        exchange.rename(temporary, snapshot.real, kind)
    except (FileExistsError, FileNotFoundError):
        raise changed(snapshot) from None
    except OSError as error:
        if error.errno not in exchange.UNSUPPORTED:
            raise
        os.rename(temporary, snapshot.real)
        return
    if kind == "exchange":
        try:
            _require_unchanged(temporary, snapshot)
        except Failure:
            exchange.rename(temporary, snapshot.real, kind)
            if not _is(temporary, data):
                # Yet another version had come on top of ours, and that one is the newest.
                exchange.rename(temporary, snapshot.real, kind)
            raise


def _is(path, data):
    with open(path, "rb") as stream:
        return stream.read(len(data) + 1) == data


def _dress(handle, snapshot, account):
    """Give a new file the group and the extended attributes of the old one."""
    # A new file has the directory's group on macOS. Not worth failing for: mode 0600 gives the group nothing.
    with contextlib.suppress(OSError):
        os.fchown(handle, -1, account.gid if snapshot.gid is None else snapshot.gid)
    if snapshot.data is None or not hasattr(os, "listxattr"):
        # Python has no extended attributes on macOS.
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(snapshot.real):
            # ACLs would let others in again.
            if not name.startswith("system."):
                with contextlib.suppress(OSError):
                    os.setxattr(handle, name, os.getxattr(snapshot.real, name))


def _require_unchanged(path, snapshot):
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        unchanged = snapshot.data is None
    else:
        unchanged = snapshot.data is not None and stat.S_ISREG(facts.st_mode) and _holds(path, facts, snapshot)
    if not unchanged:
        raise changed(snapshot)


def _holds(path, facts, snapshot):
    if facts.st_size != len(snapshot.data):
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except PermissionError:
        # A file of root's that only root can read; it is about to be replaced because of that.
        return storage.stamp_of(facts) == snapshot.stamp
    with os.fdopen(handle, "rb") as stream:
        return stream.read(len(snapshot.data) + 1) == snapshot.data


def changed(snapshot):
    """Return the :class:`Failure` that says that a file is no longer the one that was read."""
    return Failure(
        "config_changed_meanwhile",
        "%s was changed by somebody else while this task worked on it; nothing was written." % snapshot.path,
        "config",
        "run the task again; if it repeats, find the writer (openclaw config, the app, another play).",
        path=snapshot.path,
    )


def _overwrite(snapshot, data, account):
    with acting_as(account), openclaw_lock.held(snapshot.path):
        _require_unchanged(snapshot.real, snapshot)
        handle = os.open(snapshot.real, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, storage.FILE_MODE)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.truncate()
            stream.flush()
            os.fchmod(stream.fileno(), storage.FILE_MODE)
            litter.to_disk(stream.fileno())


def _sync_directory(directory):
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
