# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which rights the files of a Gateway shall have, from which they have, and how they get them.

Rights are only ever taken away. A file gets another owner only where it must be the account's own.
"""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config import storage
from ansible_collections.clawops.openclaw.plugins.module_utils._files import reach

_PRIVATE, _UNSHARED = 0o077, 0o022


class Correction(NamedTuple):
    """A file or directory and what it shall be: C(uid), C(gid), C(mode); C(was) is what it is, as text."""

    path: str
    problem: str
    was: str
    uid: int
    gid: int
    mode: int

    @property
    def becomes(self):
        return _text(self.uid, self.gid, self.mode)


def plan(entries, account):
    """Decide what becomes of entries. Pure.

    :param entries: as :func:`private_files.wrong` returns them.
    :returns: (list of :class:`Correction`, list of C({path, reason}) of what is no matter of rights).
    """
    corrections, left = [], []
    for entry in entries:
        if entry["kind"] not in ("file", "directory"):
            left.append({"path": entry["path"], "reason": "%s, kind %s" % (entry["problem"], entry["kind"])})
            continue
        mode = int(entry["mode"], 8)
        mine = entry["owner"] is not None and entry["uid"] != entry["owner"]
        uid = entry["owner"] if mine else entry["uid"]
        gid = account.gid if mine and uid == account.uid else entry["gid"]
        wanted = mode & ~(_PRIVATE if entry["secret"] else _UNSHARED)
        # What its owner could not even read, a Gateway can do nothing with.
        wanted |= 0o700 if entry["kind"] == "directory" else 0o600
        was = _text(entry["uid"], entry["gid"], mode)
        corrections.append(Correction(entry["path"], entry["problem"], was, uid, gid, wanted))
    return corrections, left


def _text(uid, gid, mode):
    return "%04o %d:%d" % (mode, uid, gid)


def shared(path, account):
    """Return a file that the caller names and that others may read, as :func:`private_files.wrong` tells entries; None
    where it is private already, or gone. It keeps its owner.

    :raises Failure: it cannot be looked at.
    """
    try:
        with reach.rights(path, account):
            facts = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise storage.os_failure(error, path, "look at") from None
    if not stat.S_ISLNK(facts.st_mode) and not facts.st_mode & _PRIVATE:
        return None
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}
    return {
        "path": path, "kind": kinds.get(stat.S_IFMT(facts.st_mode), "other"), "uid": facts.st_uid, "gid": facts.st_gid,
        "mode": "%04o" % stat.S_IMODE(facts.st_mode), "secret": True, "owner": None, "problem": "readable_by_others",
    }  # fmt: skip


def carry_out(corrections, account):
    """Give every file its rights, directories before what is in them.

    :raises Failure: one of them refuses. Those before it have theirs; running it again goes on from there.
    """
    for correction in sorted(corrections):
        try:
            reach.give(correction.path, correction.uid, correction.gid, correction.mode, account)
        except OSError as error:
            raise storage.os_failure(error, correction.path, "change the rights of") from None
