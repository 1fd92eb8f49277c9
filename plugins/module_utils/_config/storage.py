# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: reading a configuration with its digest, its directory, and keeping old copies of it.

Writing the file itself is the business of :mod:`swap`, and reading what it includes that of :mod:`included`: most who
read a configuration need neither. Reading happens with the rights of the process (root may have to look at a file that
root wrote by mistake); every write happens with the rights of the account that owns the Gateway.
"""

from __future__ import annotations

import collections
import contextlib
import errno
import hashlib
import os
import re
import stat
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config import litter
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Largest configuration read, in bytes. Real ones have a few KiB.
MAX_BYTES = 16 * 1024 * 1024
FILE_MODE = 0o600
DIR_MODE = 0o700
#: Snapshots of ours kept beside the file.
KEEP_BACKUPS = 5
#: Free space asked for beyond the file itself, in bytes: the snapshot, the directory, the Gateway's own next write.
_HEADROOM = 256 * 1024

#: What was found at a path. C(real) is the file behind a link. C(data) is bytes, C(digest) "sha256:..." of them,
#: both None where there is no file; C(mode), C(uid) and C(gid) likewise.
#: C(stamp) is what tells this file from another at the same place without reading it.
Snapshot = collections.namedtuple("Snapshot", "path real data digest mode uid gid stamp")

_OS_ERRORS = {
    errno.EROFS: ("file_system_read_only", "its file system is read-only", "remount it writable, then run again."),
    errno.ENOSPC: (
        "file_system_full",
        "its file system is full",
        "free some space there (df -h shows it), then run again.",
    ),
    errno.EDQUOT: ("file_system_full", "the disk quota is used up", "free some space of this user, then run again."),
    errno.EACCES: ("permission_denied", "permission is denied", "look at owner and mode along the path with ls -led."),
    errno.EPERM: ("permission_denied", "the operation is not permitted", "look for flags and ACLs with ls -lOed."),
    errno.ENOTDIR: ("not_a_directory", "something on the way is not a directory", "move it away, then run again."),
    errno.EBUSY: (
        "rename_impossible",
        "it cannot be replaced by a rename (a mount point, perhaps)",
        "mount its directory instead, or set 'unsafe_writes: true'.",
    ),
    errno.ELOOP: ("link_refused", "it is a symbolic link", "replace the link by the file it points to."),
}


def os_failure(error, path, doing):
    """Return the :class:`Failure` for an OSError met while doing (a verb phrase) something to path."""
    code, why, hint = _OS_ERRORS.get(
        error.errno,
        ("file_operation_failed", str(error.strerror or error), "look at the path on the host, then run again."),
    )
    return Failure(code, "cannot %s %s: %s." % (doing, path, why), "host", hint, path=path, errno=error.errno)


def digest(data):
    """Return "sha256:" and the hex digest of bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read(path, account):
    """Return the :class:`Snapshot` of a file that belongs to an account.

    :raises Failure: C(link_refused), C(not_a_file), C(file_of_stranger), C(file_too_large), or an OSError put in words.
    """
    try:
        real = _resolve(path, account)
        if real is None:
            return Snapshot(path, path, None, None, None, None, None, None)
        handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as stream:
            facts = os.fstat(stream.fileno())
            _refuse_odd(facts, path, real, account)
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise os_failure(error, path, "read") from None
    return Snapshot(
        path, real, data, digest(data), stat.S_IMODE(facts.st_mode), facts.st_uid, facts.st_gid, stamp_of(facts)
    )


def stamp_of(facts):
    """Return what identifies a file and its content as far as a stat result can."""
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _resolve(path, account):
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISLNK(facts.st_mode):
        _refuse_odd(facts, path, path, account)
        return path
    real = os.path.realpath(path)
    try:
        facts = os.lstat(real)
    except FileNotFoundError:
        facts = None
    if facts is None or not stat.S_ISREG(facts.st_mode) or facts.st_uid != account.uid:
        raise Failure(
            "link_refused",
            "%s is a symbolic link to %s, which is not a regular file of user %s." % (path, real, account.name),
            "config",
            "replace the link by a file, or make its target a file that %s owns." % account.name,
            path=path,
            target=real,
        )
    return real


def _refuse_odd(facts, path, real, account):
    if not stat.S_ISREG(facts.st_mode):
        raise Failure(
            "not_a_file", "%s is not a regular file." % path, "config", "move it away, then run again.", path=path
        )
    stranger = facts.st_uid not in (account.uid, 0) or (facts.st_uid != account.uid and facts.st_nlink > 1)
    if stranger:
        raise Failure(
            "file_of_stranger",
            "%s belongs to uid %d, not to user %s." % (real, facts.st_uid, account.name),
            "config",
            "chown %s %s, or correct 'user' or 'path'." % (account.name, real),
            path=path,
        )
    if facts.st_size > MAX_BYTES:
        raise Failure(
            "file_too_large",
            "%s has %d bytes; no configuration is larger than %d." % (path, facts.st_size, MAX_BYTES),
            "config",
            "look at what fills it; 'path' may name the wrong file.",
            path=path,
        )


def directory_mode(path, account):
    """Return the permission bits of a directory, or None where there is none.

    :raises Failure: C(not_a_directory), C(file_of_stranger), C(parent_missing) when even its parent is missing.
    """
    try:
        facts = os.stat(path)
    except FileNotFoundError:
        parent = os.path.dirname(path)
        if os.path.isdir(parent):
            return None
        raise Failure(
            "parent_missing",
            "%s cannot be created: %s is not there." % (path, parent),
            "host",
            "create the home directory of %s (createhomedir -c -u %s), or correct 'state_dir'."
            % (account.name, account.name),
            path=path,
        ) from None
    except OSError as error:
        raise os_failure(error, path, "look at") from None
    if not stat.S_ISDIR(facts.st_mode):
        raise Failure(
            "not_a_directory", "%s is not a directory." % path, "config", "move it away, then run again.", path=path
        )
    if facts.st_uid != account.uid:
        raise Failure(
            "file_of_stranger",
            "directory %s belongs to uid %d, not to user %s." % (path, facts.st_uid, account.name),
            "config",
            "chown -R %s %s, or correct 'user'." % (account.name, path),
            path=path,
        )
    return stat.S_IMODE(facts.st_mode)


def require_room(path, size):
    """Refuse when a file of size bytes can surely not be written at path, without writing anything.

    :raises Failure: C(file_system_read_only), C(file_system_full).
    """
    place = os.path.dirname(path)
    while not os.path.isdir(place) and place != os.path.dirname(place):
        place = os.path.dirname(place)
    try:
        facts = os.statvfs(place)
    except OSError as error:
        raise os_failure(error, place, "look at") from None
    if facts.f_flag & os.ST_RDONLY:
        raise os_failure(OSError(errno.EROFS, ""), path, "write")
    if facts.f_bavail * facts.f_frsize < 2 * size + _HEADROOM or (facts.f_files and not facts.f_favail):
        raise os_failure(OSError(errno.ENOSPC, ""), path, "write")


def ensure_directory(path, account):
    """Make the directory, or its mode, as it must be: 0700, owned by the account. Creates the leaf only."""
    try:
        with acting_as(account):
            with contextlib.suppress(FileExistsError):
                os.mkdir(path, DIR_MODE)
            os.chmod(path, DIR_MODE)
    except OSError as error:
        raise os_failure(error, path, "prepare") from None


def backup_names(name):
    """Return the pattern of the names of our copies of a file of that name; group 1 is the digest."""
    return re.compile(r"%s\.ansible-\d{8}T\d{6}Z-([0-9a-f]{8})\.bak\Z" % re.escape(name))


def keep_backup(snapshot, account, now=None):
    """Keep the snapshot's bytes beside the file, 0600, and only the newest :data:`KEEP_BACKUPS` of ours.

    :param now: seconds since the epoch. :returns: path of the copy (an older one if it holds the same bytes).
    """
    directory, name = os.path.split(snapshot.real)
    mark = snapshot.digest[len("sha256:") :][:8]
    ours = backup_names(name)
    try:
        with acting_as(account):
            kept = sorted(entry for entry in os.listdir(directory) if ours.match(entry))
            for entry in kept:
                if ours.match(entry).group(1) == mark:
                    path = os.path.join(directory, entry)
                    # Its time says when this collection last replaced the file: see clobbered.
                    os.utime(path, None if now is None else (now, now))
                    return path
            stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
            path = os.path.join(directory, "%s.ansible-%s-%s.bak" % (name, stamp, mark))
            with litter.locked(directory):
                temporary = litter.write(directory, name, snapshot.data)
                os.rename(temporary, path)
            for entry in kept[: max(0, len(kept) + 1 - KEEP_BACKUPS)]:
                os.unlink(os.path.join(directory, entry))
    except OSError as error:
        raise os_failure(error, directory, "keep a copy of %s in" % name) from None
    return path
