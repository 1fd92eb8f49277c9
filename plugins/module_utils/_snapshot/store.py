# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where snapshots lie: contents by their digest, each once, and a manifest for each snapshot. Root's, and private.

    <directory>/objects/<sha256>     content of a file
    <directory>/<name>.json          manifest

A manifest is written last, so that one that is there is whole; what a killed run left is taken away by the next.
"""

from __future__ import annotations

import contextlib
import os
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config import litter, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot import manifest as manifests

OBJECTS = "objects"
_NAME = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]{8})\.json\Z")
_LITTER = re.compile(r"\..*\.tmp\Z")


class Store:
    """:param directory: absolute path. Whoever runs this owns what is in it; in production that is root."""

    def __init__(self, directory):
        self.directory = directory
        self._objects = os.path.join(directory, OBJECTS)

    def names(self):
        """Return the names of all snapshots, the oldest first.

        :raises Failure: the directory cannot be read, or is not ours alone.
        """
        if not self._is_there():
            return []
        try:
            found = map(_NAME.match, os.listdir(self.directory))
        except OSError as error:
            raise storage.os_failure(error, self.directory, "list") from None
        return sorted(match.group(1) for match in found if match)

    def load(self, name):
        """Return the :class:`manifest.Manifest` of a snapshot.

        :raises Failure: C(snapshot_missing), C(snapshot_damaged).
        """
        if name not in self.names():
            raise Failure(
                "snapshot_missing",
                "there is no snapshot %s in %s." % (name, self.directory),
                "input",
                "list them: sudo ls %s" % self.directory,
                path=self.directory,
            )
        path = self._manifest(name)
        try:
            with open(path, encoding="utf-8") as stream:
                return manifests.loads(stream.read())
        except OSError as error:
            raise storage.os_failure(error, path, "read") from None
        except ValueError as error:
            raise _damaged(path, str(error)) from None

    def content(self, digest):
        """Return the bytes of a content.

        :raises Failure: C(snapshot_damaged) when it is gone or not what its name says.
        """
        path = self._object(digest)
        try:
            with open(path, "rb") as stream:
                data = stream.read()
        except FileNotFoundError:
            raise _damaged(path, "it is gone") from None
        except OSError as error:
            raise storage.os_failure(error, path, "read") from None
        if storage.digest(data) != digest:
            raise _damaged(path, "its content is not what its name says")
        return data

    def verify(self, manifest):
        """Read every content of a snapshot.

        :raises Failure: C(snapshot_damaged).
        """
        for entry in manifest.entries:
            if entry.digest:
                self.content(entry.digest)

    def save(self, manifest, contents, keep, spare=None):
        """Write a snapshot, and remove all but the newest.

        :param contents: {digest: bytes}. :param keep: how many snapshots there may be then. :param spare: name of one
            that stays in any case.
        :raises Failure: the disk is full, read-only, or another task writes there. Then no snapshot was added.
        """
        self._prepare()
        try:
            with litter.locked(self.directory):
                for digest, data in contents.items():
                    if not self._is_whole(digest):
                        self._write(self._object(digest), data)
                self._write(self._manifest(manifest.name), manifests.dumps(manifest).encode("utf-8"))
                for name in self.names()[:-keep]:
                    if name != spare:
                        os.unlink(self._manifest(name))
                self._sweep()
        except OSError as error:
            raise storage.os_failure(error, self.directory, "keep a snapshot in") from None

    def remove(self, names):
        """Remove snapshots, and the contents that no other one needs."""
        try:
            with litter.locked(self.directory):
                for name in names:
                    os.unlink(self._manifest(name))
                self._sweep()
        except OSError as error:
            raise storage.os_failure(error, self.directory, "remove a snapshot from") from None

    def _manifest(self, name):
        return os.path.join(self.directory, name + ".json")

    def _object(self, digest):
        return os.path.join(self._objects, digest[len("sha256:") :])

    def _is_there(self):
        try:
            facts = os.lstat(self.directory)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise storage.os_failure(error, self.directory, "look at") from None
        # What lies here is written back with root's rights, so nobody else may have had a hand in it.
        if facts.st_uid != os.geteuid() or facts.st_mode & 0o077 or os.path.islink(self.directory):
            raise Failure(
                "snapshots_not_private",
                "%s belongs to uid %d with mode %04o: others may have changed or read what lies there."
                % (self.directory, facts.st_uid, facts.st_mode & 0o7777),
                "host",
                "see who did that, then remove it, or set 'directory' to another place.",
                path=self.directory,
            )
        return True

    def _prepare(self):
        if self._is_there() and os.path.isdir(self._objects):
            return
        try:
            for path, make in ((self.directory, os.makedirs), (self._objects, os.mkdir)):
                with contextlib.suppress(FileExistsError):
                    make(path, storage.DIR_MODE)
        except OSError as error:
            raise storage.os_failure(error, self.directory, "create") from None
        self._is_there()

    def _is_whole(self, digest):
        try:
            self.content(digest)
        except Failure:
            return False
        return True

    @staticmethod
    def _write(path, data):
        os.rename(litter.write(*os.path.split(path), data), path)

    def _sweep(self):
        """Remove what no snapshot needs."""
        try:
            needed = {entry.digest for name in self.names() for entry in self.load(name).entries}
        except Failure:
            # Nobody knows what a damaged one needs.
            return
        for name in os.listdir(self._objects):
            if "sha256:" + name not in needed:
                os.unlink(os.path.join(self._objects, name))
        for name in filter(_LITTER.match, os.listdir(self.directory)):
            os.unlink(os.path.join(self.directory, name))


def _damaged(path, why):
    return Failure(
        "snapshot_damaged",
        "the snapshot cannot be used: %s: %s." % (path, why),
        "host",
        "use another snapshot, or remove this one (state: absent).",
        path=path,
    )
