# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The state directory of a Gateway across a change of releases: copied before it, put back where that is called for.

All of it is done with the rights of the account, in a directory of the account's, on the same file system:

    <state directory>/.upgrade/databases/...     copies of the databases, each of one moment
    <state directory>/.upgrade/files/...         copies of the small files that a newer release may retire
    <state directory>/.upgrade/kept              says that all is kept which OpenClaw's doctor takes over
    <state directory>/.upgrade/doctor/...        the doctor's copy of openclaw.json, while it is at work
    <state directory>/.upgrade/doctor.log        what the doctor said when it failed
    <state directory>/.upgrade/newer/...         what the newer release had made of it, once it was put back
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade.schemas import Database

PLACE = ".upgrade"
#: Directories of the state directory that no release migrates when it starts: what agents make, and what can be made
#: anew. Conversations are taken over by nothing but OpenClaw's doctor.
_SESSIONS, _KEPT = "sessions", "kept"
_LEFT_OUT = {"media", "cache", "tmp", "logs", "workspace", "sandboxes", _SESSIONS, "extensions", "backups", PLACE}
#: How the configuration, what OpenClaw kept of it, and files of variables begin.
_OF_SNAPSHOT = ("openclaw.json", ".env")
#: Largest file that is copied, in bytes, and most of them.
_LARGEST, _MOST = 4 << 20, 5000
_SIDES = ("-wal", "-shm", "-journal")
#: What an empty store of files looks like.
_NOTHING = (None, {}, [], "")
#: Seconds that a database which is being written may make a copy wait.
_BUSY = 30.0


class Area:
    """The state directory of an account.

    :param account: name, uid, gid, home. :param state_dir: absolute path.
    """

    def __init__(self, account, state_dir):
        self.account, self.state_dir = account, state_dir
        self.place = os.path.join(state_dir, PLACE)

    def path(self, *names):
        return os.path.join(self.state_dir, *names)

    # ---------------------------------------------------------------------------------------------------- looking
    def databases(self):
        """Return the list of :class:`Database` that are there.

        :raises Failure: C(state_unreadable).
        """
        with self._rights():
            return [Database(path, kind, self._schema(path)) for path, kind in self._database_paths()]

    def _database_paths(self):
        wanted = [("state/openclaw.sqlite", "state")]
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            names = sorted(os.listdir(self.path("agents")))
            wanted += [("agents/%s/agent/openclaw-agent.sqlite" % name, "agent") for name in names]
        return [(path, kind) for path, kind in wanted if os.path.isfile(self.path(path))]

    def _schema(self, path):
        with contextlib.closing(_opened(self.path(path))) as database:
            return database.execute("PRAGMA user_version").fetchone()[0]

    def filled(self, candidates):
        """Return the relative paths of files that are candidates and hold something.

        :param candidates: function of a relative path that says whether it is one.
        """
        with self._rights():
            return [path for path in self._files(set()) if candidates(path) and _holds_something(self.path(path))]

    def _files(self, left_out):
        """Return {path: bytes} of the regular files below the state directory, relative to it, but for those in some
        directories. A Gateway works there: what is gone by the time it is looked at was of no use to anybody.
        """
        found = {}
        for parent, directories, names in os.walk(self.state_dir):
            directories[:] = [name for name in directories if name not in left_out and name != PLACE]
            for name in names:
                path = os.path.join(parent, name)
                with contextlib.suppress(FileNotFoundError):
                    status = os.lstat(path)
                    if stat.S_ISREG(status.st_mode):
                        found[os.path.relpath(path, self.state_dir)] = status.st_size
        return found

    # ---------------------------------------------------------------------------------------------------- keeping
    def keep(self):
        """Copy what a newer release may migrate, in place of what was copied before.

        :returns: bytes that were copied.
        :raises Failure: C(state_unreadable); then there is no copy.
        """
        with self._rights():
            self._clear()
            os.makedirs(self.place, 0o700)
            try:
                copied = sum(self._copy_database(path) for path, _kind in self._database_paths())
                copied += sum(self._copy_file(path) for path in self._small())
                os.sync()
                return copied
            except BaseException:
                self._clear()
                raise

    def _clear(self):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.place)

    def _small(self):
        """Return the files that are no part of a database, and not too large."""
        databases = tuple(path for path, _kind in self._database_paths())
        beside = databases + tuple(path + side for path in databases for side in _SIDES)
        # What the snapshot has, and what may hold the token, has no place in another copy.
        return [
            path for path, size in self._files(_LEFT_OUT).items()
            if size <= _LARGEST and path not in beside and not path.startswith(_OF_SNAPSHOT)
        ][:_MOST]  # fmt: skip

    def _copy_database(self, path):
        target = self._made("databases", path)
        source, copy = _opened(self.path(path)), sqlite3.connect(target)
        with contextlib.closing(source), contextlib.closing(copy):
            # SQLite's own way: one moment of a database that somebody else is writing.
            source.backup(copy)
        os.chmod(target, 0o600)
        return os.path.getsize(target)

    def _copy_file(self, path):
        """Copy a file, unless that was done and it is the same since. (A second name would cost nothing, but OpenClaw's
        doctor takes over no transcript that has one.)

        :returns: bytes that were copied.
        """
        target = self._made("files", path)
        with contextlib.suppress(FileNotFoundError):
            if os.path.lexists(target) and _stamp(target) == _stamp(self.path(path)):
                return 0
            shutil.copy2(self.path(path), target, follow_symlinks=False)
            return os.path.getsize(target)
        return 0

    def keep_conversations(self):
        """Copy the conversations as well, while they are still written: that is most of the work.

        :returns: bytes that were copied.
        :raises Failure: C(state_unreadable); then there is no copy of anything.
        """
        with self._rights():
            try:
                return sum(self._copy_file(path) for path in self._of_conversations())
            except BaseException:
                self._clear()
                raise

    def keep_legacy(self):
        """Keep what the doctor is about to take over, now that nobody writes it any more: what has changed since it was
        copied is copied again. Once: after a run that was killed in the doctor files are half taken over.

        :raises Failure: C(state_unreadable).
        """
        with self._rights():
            mark = self._made(_KEPT)
            if os.path.lexists(mark):
                return
            for path in self._small() + self._of_conversations():
                self._copy_file(path)
            os.sync()
            os.close(os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600))

    def note(self, name, data):
        """Write something down beside the copies, for the account alone; returns the path.

        :param data: bytes.
        :raises Failure: C(state_unreadable).
        """
        with self._rights():
            path = self._made(name)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as stream:
                stream.write(data)
            return path

    def _of_conversations(self):
        return [path for path in self._files(_LEFT_OUT - {_SESSIONS}) if _SESSIONS in path.split(os.sep)[:-1]]

    def _made(self, *names):
        target = os.path.join(self.place, *names)
        os.makedirs(os.path.dirname(target), 0o700, exist_ok=True)
        return target

    # ------------------------------------------------------------------------------------------------ putting back
    def wanting(self, schemas):
        """Return (databases to put back, databases to take away, files to put back), each a list of relative paths.

        :param schemas: {kind: newest schema} of the release that comes back. A database that it can read stays as it
            is, with all that has come into it since.
        """
        with self._rights():
            kept = os.path.join(self.place, "databases")
            now = [Database(path, kind, self._schema(path)) for path, kind in self._database_paths()]
            strange = [one.path for one in now if one.schema > schemas[one.kind]]
            back = [path for path in strange if os.path.isfile(os.path.join(kept, path))]
            gone = [path for path in _below(kept) if not os.path.lexists(self.path(path))]
            files = [
                path for path in _below(os.path.join(self.place, "files")) if not os.path.lexists(self.path(path))
            ]  # fmt: skip
            # What was retired file by file belongs to the databases that hold it now.
            return sorted(back + gone), sorted(set(strange) - set(back)), sorted(files) if strange or gone else []

    def put_back(self, schemas):
        """Make the state what the earlier release left, as far as that release could not read what is there.

        Nothing is deleted: what the newer release made is moved aside. Nobody may use the databases meanwhile.

        :returns: what :meth:`wanting` returns.
        """
        back, away, files = self.wanting(schemas)
        with self._rights():
            for path in back + away:
                for side in ("",) + _SIDES:
                    if os.path.lexists(self.path(path + side)):
                        os.replace(self.path(path + side), self._made("newer", path + side))
            for kind, paths in (("databases", back), ("files", files)):
                for path in paths:
                    self._return(os.path.join(self.place, kind, path), self.path(path))
            os.sync()
        return back, away, files

    def _return(self, kept, path):
        """Copy, and rename into place: the copy stays, so that a run that was cut off can be done again."""
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        fresh = path + ".upgrade-back"
        shutil.copy2(kept, fresh, follow_symlinks=False)
        os.replace(fresh, path)

    @contextlib.contextmanager
    def _rights(self):
        try:
            with acting_as(self.account):
                yield
        except sqlite3.Error as error:
            raise _unreadable(self.path("state"), str(error)) from None
        except OSError as error:
            raise _unreadable(error.filename or self.state_dir, error.strerror or str(error)) from None


def _stamp(path):
    status = os.lstat(path)
    return status.st_size, status.st_mtime_ns


def _below(top):
    return [os.path.relpath(os.path.join(parent, name), top) for parent, _dirs, names in os.walk(top) for name in names]


def _opened(path):
    # Read-only: whoever opens it first would else make it a database of today's kind.
    return sqlite3.connect("file:%s?mode=ro" % path.replace("%", "%25").replace("?", "%3f").replace("#", "%23"),
                           uri=True, timeout=_BUSY)  # fmt: skip


def _holds_something(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream) not in _NOTHING
    except FileNotFoundError:
        return False
    except ValueError:
        return True


def _unreadable(path, reason):
    return Failure(
        "state_unreadable",
        "%s cannot be copied: %s." % (path, reason),
        "host",
        "look at it and at 'df -h' on the host; without a copy there is no way back, so nothing was changed.",
        path=path,
    )
