# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: a private copy of what OpenClaw's judges look at, because every one of them writes while it looks.

They open databases (which writes beside them), tidy up caches, promote C(openclaw.json.last-good), create directories
and leave lines in the Gateway's log. So they are given a home of their own with the same files in the same modes.
Everything is read and written with the rights of the account.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import stat
import tempfile
import time

from ansible_collections.clawops.openclaw.plugins.module_utils import _cli
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.storage import os_failure
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Directories of the state directory that no judge reads, and that grow: they are there in the copy, and empty.
EMPTY = ("cache", "logs", "tmp", "media", "backups")
#: A copy is not larger than this. What does not fit is said.
MAX_BYTES = 512 * 1024 * 1024
MAX_FILE = 128 * 1024 * 1024
MAX_ENTRIES = 50000
MAX_DEPTH = 100
_CHUNK = 1024 * 1024
#: Tries to get a database in one piece while somebody writes to it.
_TRIES = 3
_PREFIX = "openclaw-doctor-"
#: Age in seconds of a copy that nobody is looking at any more.
_STALE = 24 * 3600
#: OpenClaw (since 2026.9) has locks for each database, even for one of a moment, called after its path and in /tmp.
_LOCK = re.compile(r"[a-z-]+\.[0-9a-f]{8}\.lock\.sqlite\Z")
_AGENTS = "Library/LaunchAgents"
#: Where every account may make directories of its own. Not what TMPDIR says: that is of whoever logged in.
_SHARED = os.path.realpath("/tmp")


class StandIn:
    """A private home with a copy of the state directory.

    :ivar place: its directory. :ivar home, state_dir, config: paths in it.
    :ivar bytes: how much was copied. :ivar left_out: what was not, and why (list of texts).
    """

    def __init__(self, place, account, state_dir, config):
        self.place = place
        self.bytes, self.left_out, self._entries = 0, [], 0
        self.home = os.path.join(place, "home")
        self.state_dir = _moved(state_dir, account.home, self.home) or os.path.join(place, "state")
        self.config = _moved(config, state_dir, self.state_dir) or os.path.join(place, "config", "openclaw.json")
        self._real_home, self._real_state, self._real_config = account.home, state_dir, config

    @property
    def places(self):
        """Pairs (path in the copy, path on the host), the longest first; last what only the copy has."""
        return [
            (self.config, self._real_config),
            (self.state_dir, self._real_state),
            (self.home, self._real_home),
            (self.place, "(the private copy)"),
        ]

    def fill(self):
        """Copy."""
        os.makedirs(os.path.join(self.place, "tmp"), 0o700)
        for real, copy in ((self._real_home, self.home), (self._real_state, self.state_dir)):
            os.makedirs(copy, 0o700, exist_ok=True)
            if os.path.isdir(real):
                os.chmod(copy, _mode_of(os.stat(real)))
        self._tree(self._real_state, self.state_dir, EMPTY)
        if not os.path.lexists(self.config) and os.path.lexists(self._real_config):
            os.makedirs(os.path.dirname(self.config), 0o700, exist_ok=True)
            self._entry(self._real_config, self.config)
        self._lead_into_the_copy()
        agents = os.path.join(self.home, _AGENTS)
        os.makedirs(agents, 0o755, exist_ok=True)
        self._tree(os.path.join(self._real_home, _AGENTS), agents, ())

    def _tree(self, real, copy, empty):
        """Copy what is in a directory; C(empty) are names at its top whose directories stay so."""
        waiting = [(real, copy, 0)]
        while waiting:
            directory, twin, depth = waiting.pop()
            if depth > MAX_DEPTH:
                self.left_out.append("%s: more than %d directories deep" % (directory, MAX_DEPTH))
                continue
            try:
                with os.scandir(directory) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except FileNotFoundError:
                continue
            except OSError as error:
                self.left_out.append("%s: %s" % (directory, error.strerror))
                continue
            for entry in found:
                self._entries += 1
                if self._entries > MAX_ENTRIES:
                    self.left_out.append("%s and what comes after it: more than %d files" % (entry.path, MAX_ENTRIES))
                    return
                target = os.path.join(twin, entry.name)
                # One that is gone by now is no part of the copy either.
                with contextlib.suppress(FileNotFoundError):
                    if entry.is_dir(follow_symlinks=False):
                        mode = _mode_of(entry.stat(follow_symlinks=False))
                        os.mkdir(target, 0o700)
                        os.chmod(target, mode)
                        if directory != real or entry.name not in empty:
                            waiting.append((entry.path, target, depth + 1))
                    elif not entry.name.endswith(("-shm", "-wal")):
                        self._entry(entry.path, target)

    def _entry(self, source, target):
        try:
            status = os.stat(source)
            if os.path.islink(source) and stat.S_ISDIR(status.st_mode):
                self._link(source, target)
            elif not stat.S_ISREG(status.st_mode):
                # Sockets and pipes hold nothing.
                pass
            elif status.st_size > MAX_FILE or self.bytes + status.st_size > MAX_BYTES:
                self.left_out.append("%s: %d bytes are too many" % (source, status.st_size))
            else:
                self._whole(source, target)
        except PermissionError:
            # The Gateway cannot read it either, and its judges shall see that.
            with open(target, "wb"):
                os.chmod(target, 0)

    def _link(self, source, target):
        """Link to a directory as C(source) does: in the copy, if it is of the state, else (of a release) as it is."""
        real = os.path.realpath(source)
        leads = _moved(real, os.path.realpath(self._real_state), self.state_dir)
        if leads is None and _moved(real, os.path.realpath(self._real_home), self.home):
            self.left_out.append("%s: a link out of the state directory" % source)
        else:
            os.symlink(leads or real, target)

    def _lead_into_the_copy(self):
        """Have paths that the configuration names in full lead into the copy, or judges would open the originals."""
        try:
            with open(self.config, encoding="utf-8") as stream:
                text = stream.read()
        except (OSError, ValueError):
            return
        led = text.replace('"%s/' % self._real_state, '"%s/' % self.state_dir)
        if led != text:
            with open(self.config, "w", encoding="utf-8") as stream:
                stream.write(led)

    def _whole(self, source, target):
        """Copy a file, and the log of what was written to it last if it is a database, of one moment."""
        pair = [(source, target), (source + "-wal", target + "-wal")]
        for _try in range(_TRIES):
            before = [_stamp(path) for path, _copy in pair]
            for (path, copy), stamp in zip(pair, before):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(copy)
                if stamp is not None:
                    self.bytes += _copy_file(path, copy)
            if before == [_stamp(path) for path, _copy in pair]:
                return
        self.left_out.append("%s: somebody kept writing to it" % source)


def _moved(path, base, new_base):
    """Return a path with one of its beginnings exchanged; None where it does not lie below that."""
    inside = os.path.relpath(path, base)
    return None if inside.split(os.sep, 1)[0] == os.pardir else os.path.normpath(os.path.join(new_base, inside))


def _mode_of(status):
    """The permissions of a directory, as far as its owner can still work in the copy."""
    return stat.S_IMODE(status.st_mode) & 0o777 | 0o700


def _stamp(path):
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _copy_file(source, target):
    taken = 0
    with open(os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as stream:
        status = os.fstat(stream.fileno())
        with open(target, "wb") as copy:
            while taken <= MAX_FILE:
                chunk = stream.read(_CHUNK)
                if not chunk:
                    break
                copy.write(chunk)
                taken += len(chunk)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.chmod(target, stat.S_IMODE(status.st_mode) & 0o777 | 0o200)
    return taken


@contextlib.contextmanager
def standing_in(account, state_dir, config):
    """Give the :class:`StandIn` of an account's state directory; it is gone afterwards.

    :raises Failure: the copy could not be made.
    """
    with _told_to_end_as_an_error(), _standing_in(account, state_dir, config) as made:
        yield made


@contextlib.contextmanager
def _told_to_end_as_an_error():
    """Have a signal that ends this process clean up on its way: the copy holds secrets."""

    def leave(number, _frame):
        raise SystemExit(128 + number)

    former = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _standing_in(account, state_dir, config):
    with acting_as(account):
        _sweep(account)
        try:
            place = tempfile.mkdtemp(prefix=_PREFIX, dir=_SHARED)
        except OSError as error:
            raise os_failure(error, _SHARED, "put a private copy of the state directory into") from None
        locks, missing = _locks(account), _missing(account)
        made = StandIn(place, account, state_dir, config)
    try:
        try:
            with acting_as(account):
                made.fill()
        except OSError as error:
            raise os_failure(error, error.filename or state_dir, "copy") from None
        yield made
    finally:
        with acting_as(account):
            _tidy(account, locks, missing)
            _cli.discard(place)


def _lock_directory(account):
    return os.path.join(_SHARED, "openclaw-state-locks-%d" % account.uid)


def _locks(account):
    """Return the names of the locks that there are."""
    try:
        return {name for name in os.listdir(_lock_directory(account)) if _LOCK.match(name)}
    except OSError:
        return set()


def _unfollowed(path):
    return os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def _missing(account):
    """Return which of the directories that OpenClaw makes wherever it runs are not there."""
    made = (_lock_directory(account), os.path.join(_SHARED, "openclaw"))
    return [path for path in made if not os.path.lexists(path)]


def _tidy(account, locks, missing):
    """Remove locks that came since and that nobody holds, and directories that came since and are empty.

    Another OpenClaw of the account may have made one meanwhile; while it works, it holds it, or it is not empty.
    """
    for name in _locks(account) - locks:
        path = os.path.join(_lock_directory(account), name)
        with contextlib.suppress(OSError), open(_unfollowed(path), "r+b") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
    for path in missing:
        with contextlib.suppress(OSError):
            os.rmdir(path)


def _sweep(account):
    """Remove what runs left that were killed. A copy holds what the state directory holds, secrets too."""
    for name in os.listdir(_SHARED):
        path = os.path.join(_SHARED, name)
        if name.startswith(_PREFIX):
            with contextlib.suppress(OSError, Failure):
                status = os.lstat(path)
                if status.st_uid == account.uid and time.time() - status.st_mtime > _STALE:
                    _cli.discard(path)
