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
import os
import shutil
import stat
import tempfile

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.storage import os_failure

#: Directories of the state directory that no judge reads, and that grow: they are there in the copy, and empty.
EMPTY = ("cache", "logs", "tmp", "media", "backups")
#: A copy is not larger than this. What does not fit is said.
MAX_BYTES = 512 * 1024 * 1024
MAX_FILE = 128 * 1024 * 1024
MAX_ENTRIES = 50000
_CHUNK = 1024 * 1024
#: Tries to get a database in one piece while somebody writes to it.
_TRIES = 3
_AGENTS = "Library/LaunchAgents"
#: Where every account may make directories of its own. Not what TMPDIR says: that is of whoever logged in.
_SHARED = os.path.realpath("/tmp")


class StandIn:
    """A private home with a copy of the state directory.

    :ivar place: its directory. :ivar home, state_dir, config: paths in it. :ivar real_config: path on the host.
    :ivar bytes: how much was copied. :ivar left_out: what was not, and why (list of texts).
    """

    def __init__(self, place, account, state_dir, config):
        self.place, self.real_config = place, config
        self.bytes, self.left_out = 0, []
        self._entries, self._account = 0, account
        self.home = os.path.join(place, "home")
        inside = os.path.relpath(state_dir, account.home)
        self.state_dir = os.path.join(place, "state") if inside.startswith("..") else os.path.join(self.home, inside)
        self._places = [(self.state_dir, state_dir), (self.home, account.home)]
        beside = os.path.relpath(config, state_dir)
        self.config = os.path.join(place, "config", "openclaw.json")
        if not beside.startswith(".."):
            self.config = os.path.join(self.state_dir, beside)
        else:
            self._places.insert(0, (self.config, config))

    @property
    def places(self):
        """Pairs (path in the copy, path on the host), and lastly what the copy has and the host has not."""
        return self._places + [(self.place, "(the private copy)")]

    def fill(self):
        """Copy."""
        account = self._account
        for copy, real in ((self.home, account.home), (self.state_dir, self._places[-2][1])):
            os.makedirs(copy, 0o700, exist_ok=True)
            if os.path.isdir(real):
                os.chmod(copy, 0o700 | stat.S_IMODE(os.stat(real).st_mode) & 0o777)
        os.makedirs(os.path.join(self.place, "tmp"), 0o700)
        self._directory(self._places[-2][1], self.state_dir, EMPTY)
        if not os.path.lexists(self.config) and os.path.lexists(self.real_config):
            os.makedirs(os.path.dirname(self.config), 0o700, exist_ok=True)
            self._entry(self.real_config, self.config)
        self._lead_into_the_copy()
        agents = os.path.join(account.home, _AGENTS)
        if os.path.isdir(agents):
            os.makedirs(os.path.join(self.home, _AGENTS), 0o755)
            self._directory(agents, os.path.join(self.home, _AGENTS), ())

    def _directory(self, real, copy, empty):
        try:
            with os.scandir(real) as entries:
                names = sorted(entry.name for entry in entries)
        except FileNotFoundError:
            return
        except OSError as error:
            self.left_out.append("%s: %s" % (real, error.strerror))
            return
        for name in names:
            source, target = os.path.join(real, name), os.path.join(copy, name)
            status = os.lstat(source)
            if stat.S_ISDIR(status.st_mode):
                os.mkdir(target, 0o700)
                if name not in empty:
                    self._directory(source, target, ())
                os.chmod(target, stat.S_IMODE(status.st_mode) & 0o777 | 0o700)
            elif not name.endswith(("-shm", "-wal")):
                self._entry(source, target)

    def _entry(self, source, target):
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            if self._entries == MAX_ENTRIES + 1:
                self.left_out.append("%s and what comes after it: more than %d files" % (source, MAX_ENTRIES))
            return
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
        except FileNotFoundError:
            # A dangling link, or gone since the directory was listed.
            pass
        except PermissionError:
            # The Gateway cannot read it either, and its judges shall see that.
            with open(target, "wb"):
                os.chmod(target, 0)

    def _link(self, source, target):
        """Link to a directory as C(source) does: in the copy, if it is of the state, else (of a release) as it is."""
        real = os.path.realpath(source)
        for copy, original in self._places[-2:]:
            original = os.path.realpath(original)
            if real == original or real.startswith(original + os.sep):
                if copy == self.home:
                    self.left_out.append("%s: a link out of the state directory" % source)
                    return
                real = copy + real[len(original) :]
                break
        os.symlink(real, target)

    def _lead_into_the_copy(self):
        """Have paths that the configuration names in full lead into the copy, or judges would open the originals."""
        try:
            with open(self.config, encoding="utf-8") as stream:
                text = stream.read()
        except (OSError, ValueError):
            return
        copy, original = self._places[-2]
        led = text.replace('"%s/' % original, '"%s/' % copy)
        if led != text:
            with open(self.config, "w", encoding="utf-8") as stream:
                stream.write(led)

    def _whole(self, source, target):
        """Copy a file, and the log of what was written to it last if it is a database, of one moment."""
        pair = [(source, target), (source + "-wal", target + "-wal")]
        for _try in range(_TRIES):
            before = [_stamp(path) for path, _copy in pair]
            for (path, copy), stamp in zip(pair, before):
                if stamp is not None:
                    self.bytes += _copy_file(path, copy)
            if before == [_stamp(path) for path, _copy in pair]:
                return
        self.left_out.append("%s: somebody kept writing to it" % source)


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
    with acting_as(account):
        try:
            place = tempfile.mkdtemp(prefix="openclaw-doctor-", dir=_SHARED)
        except OSError as error:
            raise os_failure(error, _SHARED, "put a private copy of the state directory into") from None
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
            shutil.rmtree(place, onerror=_insist)


def _insist(remove, path, _error):
    with contextlib.suppress(OSError):
        os.chmod(os.path.dirname(path), 0o700)
        remove(path)
