# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What OpenClaw's processes hold, and what those that died have left: locks, sockets, files half written."""

from __future__ import annotations

import errno
import fnmatch
import json
import os
import re
import socket
import stat
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config import lock_owner
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as

_MAX_NAMES, _MAX_FOUND, _MAX_BYTES = 4096, 100, 8192
#: Directories below the state directory in which locks lie, and the names of theirs.
_LOCKS = (
    ("", "*.lock"),
    ("tmp/openclaw-*", "gateway.*.lock"),
    ("agents/*/agent", "*.lock"),
    ("agents/*/sessions", "*.lock"),
    ("credentials", "*.lock"),
    ("devices", "*.lock"),
    ("cron", "*.lock"),
)
_SOCKETS = ("", "run", "tmp", "tmp/openclaw-*")
#: Name of a file beside openclaw.json -> what it is left over from.
_LEFTOVERS = (
    ("clobbered", re.compile(r"openclaw\.json\.clobbered\..+\Z")),
    ("rejected", re.compile(r"openclaw\.json\.rejected\..+\Z")),
    ("pending", re.compile(r"openclaw\.json\.pending.*\Z")),
    ("tmp", re.compile(r"\.?openclaw\.json\..*\.tmp\Z")),
)


def temporary(account, state_dir, environment):
    """Return the directories outside of the state directory in which locks may lie.

    :param environment: of the service.
    """
    name = "openclaw-%d" % account.uid
    place = os.path.join(environment.get("TMPDIR") or "/tmp", name)
    # The state directory may itself be the place for temporary files.
    return [] if place == os.path.join(state_dir, "tmp", name) else [place]


def describe(account, state_dir, temporary, config_path=None, now=None):
    """Describe them.

    :param account: of the Gateway. :param state_dir: absolute path. :param temporary: directories in which releases up
        to 2026.7 keep their locks. :param config_path: locks that name another configuration are not told.
        :param now: seconds since the epoch.
    :returns: C({locks, stale, sockets, orphans, leftovers, unreadable}). C(locks) are mappings of C(path),
        C(pid), C(alive) (None where that cannot be told) and C(age_s); C(stale) the paths of those whose holder is
        gone; C(sockets) of C(path) and C(listening), C(orphans) the paths of those nobody listens on; C(leftovers) of
        C(path), C(kind) (clobbered, rejected, pending, tmp) and C(age_s). C(stale), C(orphans) and C(leftovers) are
        C(None) where none was found and not everything could be looked at.
    """
    look = _Look(time.time() if now is None else now)
    with acting_as(account):
        locks = [look.lock(path, config_path) for path in _lock_paths(look, state_dir, temporary)[:_MAX_FOUND]]
        directories = [path for part in _SOCKETS for path in look.directories(state_dir, part)]
        sockets = [look.socket(path) for directory in directories for path in look.sockets(directory)][:_MAX_FOUND]
        leftovers = [found for name in look.names(state_dir) for found in look.leftover(state_dir, name)]
    locks, sockets = [one for one in locks if one], [one for one in sockets if one]
    # That nothing was found where not everything could be looked at means nothing.
    nothing = None if look.unreadable else []
    return {
        "locks": locks,
        "stale": [lock["path"] for lock in locks if lock["alive"] is False] or nothing,
        "sockets": sockets,
        "orphans": [one["path"] for one in sockets if one["listening"] is False] or nothing,
        "leftovers": leftovers[:_MAX_FOUND] or nothing,
        "unreadable": sorted(look.unreadable),
    }


def _lock_paths(look, state_dir, temporary):
    places = [(path, pattern) for part, pattern in _LOCKS for path in look.directories(state_dir, part)]
    places += [(path, "gateway.*.lock") for path in temporary]
    return [os.path.join(directory, name) for directory, pattern in places for name in look.names(directory)
            if fnmatch.fnmatchcase(name, pattern)]


class _Look:
    def __init__(self, now):
        self._now = now
        self._listed = {}
        self._alive = {}
        self.unreadable = set()

    def names(self, directory):
        if directory not in self._listed:
            self._listed[directory] = []
            try:
                with os.scandir(directory) as entries:
                    self._listed[directory] = sorted(entry.name for entry, _count in zip(entries, range(_MAX_NAMES)))
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError:
                self.unreadable.add(directory)
        return self._listed[directory]

    def directories(self, base, part):
        """Return the directories below a base that fit a pattern of one name for each level."""
        found = [base]
        for name in filter(None, part.split("/")):
            found = [os.path.join(path, one) for path in found
                     for one in (self.names(path) if "*" in name else [name]) if fnmatch.fnmatchcase(one, name)]
        return found

    def _age(self, facts):
        return int(max(0, self._now - facts.st_mtime))

    def lock(self, path, config_path):
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError:
            self.unreadable.add(path)
            return {"path": path, "pid": None, "alive": None, "age_s": None}
        try:
            facts, data = os.fstat(handle), os.read(handle, _MAX_BYTES)
        except OSError:
            # A directory, which some libraries use as a lock.
            facts, data = os.fstat(handle), b""
        finally:
            os.close(handle)
        owner = owner_of(data)
        if config_path and owner.get("configPath", config_path) != config_path:
            return None
        gone = lock_owner.abandoned(owner, self._started, self._now)
        pid = owner.get("pid")
        named = isinstance(pid, int) and not isinstance(pid, bool)
        return {"path": path, "pid": pid if named else None, "age_s": self._age(facts),
                "alive": False if gone else True if named else None}

    def _started(self, pid):
        if pid not in self._alive:
            self._alive[pid] = lock_owner.started(pid)
        return self._alive[pid]

    def sockets(self, directory):
        for name in self.names(directory):
            path = os.path.join(directory, name)
            if name.endswith(".sock") or directory.endswith("/run"):
                yield path

    def socket(self, path):
        try:
            if not stat.S_ISSOCK(os.lstat(path).st_mode):
                return None
        except OSError:
            return None
        return {"path": path, "listening": _listens(path)}

    def leftover(self, directory, name):
        kind = next((kind for kind, pattern in _LEFTOVERS if pattern.match(name)), None)
        if kind is None:
            return []
        path = os.path.join(directory, name)
        try:
            return [{"path": path, "kind": kind, "age_s": self._age(os.lstat(path))}]
        except OSError:
            return []


def owner_of(data):
    """Return what a lock file says of its holder, a mapping. What follows the object is padding."""
    try:
        found = json.JSONDecoder().raw_decode(data.decode("utf-8", "replace").lstrip())[0]
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    # The Gateway's own locks spell it so.
    return dict(found, starttime=found.get("starttime", found.get("startTime")))


def _listens(path):
    """Whether somebody listens on a socket; nothing is sent. None where that cannot be told."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.setblocking(False)
        try:
            client.connect(path)
        except OSError as error:
            known = {errno.ECONNREFUSED: False, errno.EAGAIN: True, errno.EINPROGRESS: True, errno.EPROTOTYPE: True}
            return known.get(error.errno)
    return True
