# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Files as a snapshot sees them, and puts them back. The rim.

Most of this lies where the Gateway's account can rearrange everything, and happens as root. So whatever the account may
do itself is done with its rights; root's own are only used on what has been reached without following any link, and on
no file that has a second name somewhere else.
"""

from __future__ import annotations

import contextlib
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config import litter, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot.manifest import Entry

#: Largest file whose content a snapshot keeps, in bytes.
MAX_BYTES = storage.MAX_BYTES
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}


def picture(path, account, content):
    """Look at a path.

    :param account: of the Gateway. :param content: whether the content of a file belongs to the picture.
    :returns: (:class:`manifest.Entry`, bytes or None).
    :raises Failure: it cannot be looked at: what was not seen cannot be brought back.
    """
    try:
        facts = _status(path, account)
        if facts is None:
            return Entry(path, "absent"), None
        kind = _KINDS.get(stat.S_IFMT(facts.st_mode), "other")
        told = {"mode": stat.S_IMODE(facts.st_mode), "uid": facts.st_uid, "gid": facts.st_gid}
        if kind == "link":
            with _rights(path, account):
                return Entry(path, kind, target=os.readlink(path), **told), None
        if kind != "file" or not content:
            return Entry(path, "kept" if kind == "file" else kind, **told), None
        data = _read(path, account)
        return Entry(path, kind, digest=storage.digest(data), **told), data
    except OSError as error:
        raise storage.os_failure(error, path, "look at") from None


def _status(path, account):
    try:
        with _rights(path, account):
            return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        # The account itself may not look there; whoever comes that far without a link may.
        return _status_below(path)


def _status_below(path):
    try:
        with _directory(path) as (directory, name):
            return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _read(path, account):
    try:
        with _rights(path, account):
            handle = os.open(path, _FLAGS)
    except PermissionError:
        with _directory(path) as (directory, name):
            handle = os.open(name, _FLAGS, dir_fd=directory)
    with os.fdopen(handle, "rb") as stream:
        _refuse_second_name(stream.fileno(), path, account)
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Failure(
            "file_too_large",
            "%s has more than %d bytes; nothing of OpenClaw's that a snapshot keeps is larger." % (path, MAX_BYTES),
            "host",
            "look at what fills it; a path of openclaw.json may name the wrong file.",
            path=path,
        )
    return data


def _refuse_second_name(handle, path, account):
    facts = os.fstat(handle)
    if stat.S_ISREG(facts.st_mode) and facts.st_nlink > 1 and facts.st_uid != account.uid and os.geteuid() == 0:
        raise Failure(
            "file_of_stranger",
            "%s belongs to uid %d and has a second name (hard link) somewhere else." % (path, facts.st_uid),
            "host",
            "see what it is (sudo find / -samefile %s), then remove it." % path,
            path=path,
        )


def _rights(path, account):
    """Act as the account where a path is in its hands, else as whoever we are."""
    return acting_as(account) if _is_in_hand(path, account) else contextlib.nullcontext()


def _is_in_hand(path, account):
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
def _directory(path):
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


def put_back(entry, data, account):
    """Make a path what it was.

    :param entry: :class:`manifest.Entry`. :param data: bytes of a file, else None.
    :raises Failure: the operating system refuses. What is there then is the old thing or the new one, whole.
    """
    try:
        if entry.kind == "absent":
            with _rights(entry.path, account):
                _remove(entry.path)
        elif entry.kind == "file":
            _write(entry, data, account)
        elif entry.kind == "link":
            _link(entry, account)
        elif entry.kind == "directory":
            with _rights(entry.path, account), contextlib.suppress(FileExistsError):
                os.mkdir(entry.path, storage.DIR_MODE)
            _dress_again(entry, account)
        elif entry.kind == "kept":
            _dress_again(entry, account)
    except OSError as error:
        raise storage.os_failure(error, entry.path, "put back") from None


def _remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        # Whatever somebody has put into it is not ours to delete.
        os.rmdir(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _write(entry, data, account):
    directory, name = os.path.split(entry.path)
    with _rights(entry.path, account):
        writer = os.geteuid()
        temporary = litter.write(directory, name, data)
        try:
            handle = os.open(temporary, _FLAGS)
        except BaseException:
            litter.discard(temporary)
            raise
    try:
        _dress(handle, entry, writer)
        with _rights(entry.path, account):
            os.rename(temporary, entry.path)
            _sync(directory)
    except BaseException:
        with _rights(entry.path, account):
            litter.discard(temporary)
        raise
    finally:
        os.close(handle)


def _dress(handle, entry, writer):
    """Give an open file its owner and mode: through what is held in hand, wherever its name leads by now.

    :param writer: user id that must own it so far. Somebody may have put a file of root's in the place of ours.
    """
    facts = os.fstat(handle)
    if facts.st_uid != writer or (stat.S_ISREG(facts.st_mode) and facts.st_nlink != 1):
        raise Failure(
            "file_of_stranger",
            "%s was replaced by a file of uid %d while it was worked on." % (entry.path, facts.st_uid),
            "host",
            "see who does that, then run again.",
            path=entry.path,
        )
    if (facts.st_uid, facts.st_gid) != (entry.uid, entry.gid):
        os.fchown(handle, entry.uid, entry.gid)
    os.fchmod(handle, entry.mode)


def _link(entry, account):
    directory, name = os.path.split(entry.path)
    with _rights(entry.path, account):
        temporary = os.path.join(directory, ".%s.ansible-%s.tmp" % (name, os.urandom(4).hex()))
        os.symlink(entry.target, temporary)
        try:
            if os.geteuid() == 0:
                os.lchown(temporary, entry.uid, entry.gid)
            os.rename(temporary, entry.path)
        except BaseException:
            litter.discard(temporary)
            raise
        _sync(directory)


def _dress_again(entry, account):
    """Give a file or directory that is there its owner and mode again."""
    try:
        # What the account may do itself, on a way that it has chosen, needs none of our rights.
        with _rights(entry.path, account):
            handle = os.open(entry.path, _FLAGS)
            try:
                facts = os.fstat(handle)
                if (facts.st_uid, facts.st_gid) == (entry.uid, entry.gid):
                    os.fchmod(handle, entry.mode)
                    return
            finally:
                os.close(handle)
    except PermissionError:
        pass
    with _directory(entry.path) as (directory, name):
        handle = os.open(name, _FLAGS, dir_fd=directory)
    try:
        _dress(handle, entry, os.fstat(handle).st_uid)
    finally:
        os.close(handle)


def _sync(directory):
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
