# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Files as a snapshot sees them, and puts them back. The rim: :mod:`reach` says with whose rights."""

from __future__ import annotations

import contextlib
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config import litter, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._files import reach
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot.manifest import Entry

#: Largest file whose content a snapshot keeps, in bytes.
MAX_BYTES = storage.MAX_BYTES
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
            with reach.rights(path, account):
                return Entry(path, kind, target=os.readlink(path), **told), None
        if kind != "file" or not content:
            return Entry(path, "kept" if kind == "file" else kind, **told), None
        data = _read(path, account)
        return Entry(path, kind, digest=storage.digest(data), **told), data
    except OSError as error:
        raise storage.os_failure(error, path, "look at") from None


def _status(path, account):
    try:
        with reach.rights(path, account):
            return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        # The account itself may not look there; whoever comes that far without a link may.
        return _status_below(path)


def _status_below(path):
    try:
        with reach.directory(path) as (directory, name):
            return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _read(path, account):
    try:
        with reach.rights(path, account):
            handle = os.open(path, reach.FLAGS)
    except PermissionError:
        with reach.directory(path) as (directory, name):
            handle = os.open(name, reach.FLAGS, dir_fd=directory)
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


def put_back(entry, data, account):
    """Make a path what it was.

    :param entry: :class:`manifest.Entry`. :param data: bytes of a file, else None.
    :raises Failure: the operating system refuses. What is there then is the old thing or the new one, whole.
    """
    try:
        if entry.kind == "absent":
            with reach.rights(entry.path, account):
                _remove(entry.path)
        elif entry.kind == "file":
            _write(entry, data, account)
        elif entry.kind == "link":
            _link(entry, account)
        elif entry.kind == "directory":
            with reach.rights(entry.path, account), contextlib.suppress(FileExistsError):
                os.mkdir(entry.path, storage.DIR_MODE)
            reach.give(entry.path, entry.uid, entry.gid, entry.mode, account)
        elif entry.kind == "kept":
            reach.give(entry.path, entry.uid, entry.gid, entry.mode, account)
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
    with reach.rights(entry.path, account):
        writer = os.geteuid()
        temporary = litter.write(directory, name, data)
        try:
            handle = os.open(temporary, reach.FLAGS)
        except BaseException:
            litter.discard(temporary)
            raise
    try:
        reach.dress(handle, entry.path, entry.uid, entry.gid, entry.mode, writer)
        with reach.rights(entry.path, account):
            os.rename(temporary, entry.path)
            reach.sync(directory)
    except BaseException:
        with reach.rights(entry.path, account):
            litter.discard(temporary)
        raise
    finally:
        os.close(handle)


def _link(entry, account):
    directory, name = os.path.split(entry.path)
    with reach.rights(entry.path, account):
        temporary = os.path.join(directory, ".%s.ansible-%s.tmp" % (name, os.urandom(4).hex()))
        os.symlink(entry.target, temporary)
        try:
            if os.geteuid() == 0:
                os.lchown(temporary, entry.uid, entry.gid)
            os.rename(temporary, entry.path)
        except BaseException:
            litter.discard(temporary)
            raise
        reach.sync(directory)
