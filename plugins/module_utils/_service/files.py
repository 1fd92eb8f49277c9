# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The files of a job: its property list and its log. Reads and writes; decides nothing.

Much of this happens, as root, inside a directory that the Gateway's account can rearrange at will. So whatever is
created there is created with that account's rights, and an owner is only put right through descriptors that follow no
symbolic link.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service.parsing import parse

PLIST_MODE = 0o644  # launchd refuses group or other writable ones, and current macOS ones that others cannot read
PRIVATE_DIRECTORY, PRIVATE_FILE = 0o700, 0o600


class OnDisk(NamedTuple):
    """A property list as it lies there.

    :param kind: C(absent), C(file), C(symlink) or C(other).
    :param definition: its dictionary, or C(None) when there is none or it cannot be parsed.
    :param error: why it cannot be parsed, else C(None).
    :param owner: (uid, gid), or C(None).
    :param mode: permission bits, or C(None).
    :param data: its bytes, or C(None). :param link: where a symbolic link leads, or C(None).
    """

    kind: str
    definition: dict | None = None
    error: str | None = None
    owner: tuple | None = None
    mode: int | None = None
    data: bytes | None = None
    link: str | None = None


class Lack(NamedTuple):
    """Something that has to be there, or to belong to the account, before launchd can use a job.

    :param kind: C(directory) or C(file) to be created, C(owner) to be put right.
    :param path: of what.
    """

    kind: str
    path: str


def failed(doing, path, error):
    """Turn an C(OSError) into a :class:`Failure` that names the path."""
    if isinstance(error, PermissionError):
        return Failure(
            "denied",
            "%s %s: permission denied." % (doing, path),
            "host",
            "run the task with become: true.",
            path=path,
        )
    return Failure(
        "write_failed",
        "%s %s: %s." % (doing, path, error.strerror or error),
        "host",
        "check the file system (df, mount) and the directory (ls -leO@d %s)." % os.path.dirname(path),
        path=path,
    )


@contextlib.contextmanager
def acting_as(uid, gid):
    """Do file work with the rights of an account; a no-op for root's own and when the process is not root."""
    if os.geteuid() != 0 or uid == 0:
        yield
        return
    groups, own_gid = os.getgroups(), os.getegid()
    os.setgroups([gid])
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(own_gid)
        os.setgroups(groups[:16])  # Darwin lists more than it takes


def _status(path):
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _missing_directories(path):
    """Return the directories above C(path) that do not exist, outermost first."""
    missing = []
    directory = os.path.dirname(path)
    while _status(directory) is None:
        missing.insert(0, directory)
        directory = os.path.dirname(directory)
    return missing


def read_plist(path):
    """Look at a property list without following a symbolic link.

    :raises Failure: C(denied) or C(write_failed) when it cannot be looked at.
    """
    try:
        status = _status(path)
        if status is None:
            return OnDisk("absent")
        owner = (status.st_uid, status.st_gid)
        if stat.S_ISLNK(status.st_mode):
            return OnDisk("symlink", owner=owner, mode=PLIST_MODE, link=os.readlink(path))
        if not stat.S_ISREG(status.st_mode):
            return OnDisk("other")
        # What was a plain file a moment ago may be a link by now, where the account owns the directory.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise failed("cannot read", path, error) from error
    definition, error = parse(data)
    return OnDisk("file", definition, error, owner, stat.S_IMODE(status.st_mode), data)


def lacks_above(path):
    """Say which directories above a file of the account are missing.

    :return: list of :class:`Lack`, outermost first.
    :raises Failure: C(denied), C(write_failed) when that cannot be found out.
    """
    try:
        return [Lack("directory", directory) for directory in _missing_directories(path)]
    except OSError as error:
        raise failed("cannot look at", path, error) from error


def lacks(log_path, account):
    """Say what must be done before a job of C(account) can write to a log.

    launchd opens the log as the job's user before it starts the program, and the job ends with 78 when that fails.
    What launchd itself creates on the way belongs to root and is therefore of no use.

    :param account: object with uid and gid.
    :return: list of :class:`Lack`, in order.
    :raises Failure: C(log_refused) when the path is something else than a plain file.
    """
    try:
        missing = lacks_above(log_path)
        if missing:
            return missing + [Lack("file", log_path)]
        directory, status = os.path.dirname(log_path), _status(log_path)
        if not os.path.isdir(directory) or (status is not None and not stat.S_ISREG(status.st_mode)):
            raise Failure(
                "log_refused",
                "%s is not a plain file in a directory; a link or a device there is not followed." % log_path,
                "host",
                "move it away, or set log_path to another place.",
                path=log_path,
            )
        needed = []
        if _status(directory).st_uid == 0 and _below(directory, account.home) and account.uid != 0:
            needed.append(Lack("owner", directory))
        if status is None:
            needed.append(Lack("file", log_path))
        elif status.st_uid != account.uid:
            needed.append(Lack("owner", log_path))
    except OSError as error:
        raise failed("cannot look at", log_path, error) from error
    return needed


def _below(path, home):
    return os.path.normpath(path).startswith(os.path.normpath(home) + os.sep)


def _rights_for(path, account):
    """Return whose rights create something at C(path): the account's where the directory is its own, else ours."""
    status = _status(os.path.dirname(path))
    return (account.uid, account.gid) if status is not None and status.st_uid == account.uid else (0, 0)


def make_directory(path, account):
    """Create a private directory of the account.

    :raises Failure: C(denied), C(write_failed).
    """
    try:
        with acting_as(*_rights_for(path, account)):
            os.mkdir(path, PRIVATE_DIRECTORY)
            if os.geteuid() == 0:
                os.chown(path, account.uid, account.gid, follow_symlinks=False)
    except OSError as error:
        raise failed("cannot create", path, error) from error


def make_file(path, account):
    """Create an empty private file of the account.

    :raises Failure: C(denied), C(write_failed).
    """
    try:
        with acting_as(*_rights_for(path, account)):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE_FILE)
            try:
                if os.geteuid() == 0:
                    os.fchown(handle, account.uid, account.gid)
            finally:
                os.close(handle)
    except OSError as error:
        raise failed("cannot create", path, error) from error


def _open_unlinked(path, home):
    """Open C(path) for reading without following a symbolic link below C(home), where somebody else could plant one."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    if not _below(path, home):
        return os.open(path, flags)
    handle = os.open(home, os.O_RDONLY)
    for part in os.path.relpath(path, home).split(os.sep):
        outer = handle
        try:
            handle = os.open(part, flags, dir_fd=outer)
        finally:
            os.close(outer)
    return handle


def own(path, account):
    """Give a log file or its directory to the account.

    :raises Failure: C(denied), C(write_failed), C(log_refused) for a file with a second name elsewhere.
    """
    try:
        handle = _open_unlinked(path, account.home)
        try:
            status = os.fstat(handle)
            if stat.S_ISREG(status.st_mode) and status.st_nlink != 1:
                raise Failure(
                    "log_refused",
                    "%s has a second name (hard link) somewhere else." % path,
                    "host",
                    "move it away; a new one is created in its place.",
                    path=path,
                )
            os.fchown(handle, account.uid, account.gid)
        finally:
            os.close(handle)
    except OSError as error:
        raise failed("cannot give to uid %d" % account.uid, path, error) from error


class Holder(NamedTuple):
    """Whoever a directory belongs to, as far as file work needs to know it."""

    uid: int
    gid: int


def holder(path):
    """Return the :class:`Holder` of the directory that C(path) lies in.

    :raises Failure: C(denied), C(write_failed) when it cannot be looked at.
    """
    try:
        status = os.stat(os.path.dirname(path))
    except OSError as error:
        raise failed("cannot look at the directory of", path, error) from error
    return Holder(status.st_uid, status.st_gid)


def write_plist(path, data, owner, account, mode=PLIST_MODE):
    """Put a property list into place: complete, or not at all.

    :param data: bytes.
    :param owner: (uid, gid) it shall have.
    :param account: the job's account, or another :class:`Holder`, whose directory it may have to go into.
    :raises Failure: C(denied), C(write_failed).
    """
    _put(path, account, lambda temporary: _write_synced(temporary, data, owner, mode))


def write_link(path, link, account):
    """Put a symbolic link into place of whatever is there, as :func:`write_plist` does.

    :param link: where it leads.
    """
    _put(path, account, lambda temporary: os.symlink(link, temporary))


def _put(path, account, make):
    temporary = os.path.join(os.path.dirname(path), ".%s.%s" % (os.path.basename(path), os.urandom(6).hex()))
    try:
        with acting_as(*_rights_for(path, account)):
            try:
                make(temporary)
                os.rename(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
    except OSError as error:
        raise failed("cannot write", path, error) from error


def restore(path, on_disk):
    """Put back what once lay at C(path): its bytes, owner and mode, or the link that it was. Nothing for "absent".

    :param on_disk: :class:`OnDisk`, as :func:`read_plist` returned it.
    :raises Failure: C(denied), C(write_failed).
    """
    if on_disk.link is not None:
        write_link(path, on_disk.link, holder(path))
    elif on_disk.data is not None:
        write_plist(path, on_disk.data, on_disk.owner, holder(path), on_disk.mode)


def _write_synced(path, data, owner, mode):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        os.fchmod(handle, mode)
        if os.geteuid() == 0:
            os.fchown(handle, *owner)
        stream.flush()
        os.fsync(handle)


def remove(path, account):
    """Delete a property list; that it is gone already is fine.

    :raises Failure: C(denied), C(write_failed).
    """
    try:
        with acting_as(*_rights_for(path, account)), contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    except OSError as error:
        raise failed("cannot delete", path, error) from error
