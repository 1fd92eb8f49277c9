# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Modes and owners of everything of OpenClaw's that must be private, or that nobody else may change. Opens nothing."""

from __future__ import annotations

import fnmatch
import os
import stat
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import copies

#: Entries that are told.
MAX_ENTRIES = 400
_MAX_NAMES = 256
_OTHERS_READ, _OTHERS_WRITE = 0o044, 0o022


class _Row(NamedTuple):
    """What lies in a state directory. C(pattern) is matched name by name, C(link) is whether it may be a link."""

    pattern: str
    what: str
    secret: bool
    link: bool = True


#: Below the state directory, for 2026.6.1 to 2026.9.6.
STATE = (
    _Row("openclaw.json", "configuration", True),
    _Row(".env", "environment file", True),
    _Row("secrets.json", "secret file", True, False),
    _Row("secrets/*", "secret file", True, False),
    _Row("config-journal-fingerprint.key", "key", True),
    _Row("gateway-token.since.json", "record of the token", False),
    _Row("credentials", "credentials", True),
    _Row("credentials/*", "credentials", True),
    _Row("credentials/*/*", "credentials", True),
    _Row("credentials/*/*/*", "credentials", True),
    _Row("identity", "device identity", False),
    _Row("identity/*.json", "device identity", True),
    _Row("devices", "devices", False),
    _Row("devices/*.json", "devices", True),
    _Row("state", "state database", True),
    _Row("state/*.sqlite", "state database", True),
    _Row("state/*.sqlite-*", "state database", True),
    _Row("agents", "agents", False),
    _Row("agents/*/agent", "agent", False),
    _Row("agents/*/agent/auth*.json", "model credentials", True),
    _Row("agents/*/agent/models.json", "model credentials", True),
    _Row("agents/*/agent/*.sqlite", "agent database", True),
    _Row("agents/*/agent/*.sqlite-*", "agent database", True),
    _Row("service-env", "service environment", True),
    _Row("service-env/*", "service environment", True),
    _Row("exec-approvals.json", "approvals", True),
    _Row("logs", "logs", False),
    _Row("extensions", "plugins", False),
)


def describe(account, state_dir, further):
    """Describe the files.

    :param account: of the Gateway. :param state_dir: absolute path.
    :param further: list of C((path, what, secret, uid that must own it or None)) that lie elsewhere.
    :returns: C({entries, problems, unreadable, complete}). An entry has C(path), C(what), C(kind) (file, directory,
        link, other), C(mode), C(uid), C(gid), C(exists) (None where that may not be known), C(secret) and C(problem)
        (readable_by_others, writable_by_others, wrong_owner, symlink or None).
    """
    look = _seen(account, state_dir, further)
    return {
        "entries": look.entries[:MAX_ENTRIES],
        "problems": [entry["path"] for entry in look.entries if entry["problem"]],
        "unreadable": sorted(look.unreadable),
        "complete": not look.unreadable and len(look.entries) <= MAX_ENTRIES,
    }


def wrong(account, state_dir, further):
    """Return the entries (as :func:`describe` tells them) that have a problem, and with each its C(owner): the uid that
    must own it, or None."""
    look = _seen(account, state_dir, further)
    return [dict(entry, owner=look.owners[entry["path"]]) for entry in look.entries if entry["problem"]]


def elsewhere(account, root, log, config):
    """Return what of a Gateway lies outside of its state directory, for C(further).

    :param root: of the releases. :param log: of the service. :param config: openclaw.json as plain data, or None.
    """
    found = [
        (log, "log of the service", False, account.uid),
        (os.path.dirname(log), "logs", False, None),
        (os.path.join(account.home, ".config/openclaw/gateway.env"), "environment file", True, account.uid),
    ]
    providers = value_at(config or {}, ("secrets", "providers"))
    for one in (providers if isinstance(providers, dict) else {}).values():
        path = one.get("path") if isinstance(one, dict) and one.get("source") == "file" else None
        if isinstance(path, str):
            path = account.home + path[1:] if path.startswith("~/") else path
            found.append((path, "secret file", True, account.uid))
    names = ("", "bin", "bin/openclaw", "releases", "node", "current", "current/node")
    found += [(os.path.join(root, name), "release", False, None) for name in names]
    # A trailing separator would follow the link and not tell of it.
    return [(path.rstrip("/"), what, secret, uid) for path, what, secret, uid in found]


def _seen(account, state_dir, further):
    look = _Look()
    look.entry(state_dir, "state directory", True, account.uid)
    for row in STATE:
        for path in look.matches(state_dir, row.pattern.split("/")):
            look.entry(path, row.what, row.secret, account.uid, row.link)
    for name in look.names(state_dir):
        if copies.owner_of_copy(name):
            look.entry(os.path.join(state_dir, name), "copy of the configuration", True, account.uid)
    told = {entry["path"] for entry in look.entries}
    for path, what, secret, uid in further:
        if path not in told:
            look.entry(path, what, secret, uid)
    return look


class _Look:
    def __init__(self):
        self.entries, self.unreadable, self.owners = [], set(), {}
        self._names = {}

    def names(self, directory):
        if directory not in self._names:
            try:
                with os.scandir(directory) as found:
                    self._names[directory] = sorted(entry.name for entry, _count in zip(found, range(_MAX_NAMES)))
            except (FileNotFoundError, NotADirectoryError):
                self._names[directory] = []
            except OSError:
                self._names[directory] = []
                self.unreadable.add(directory)
        return self._names[directory]

    def matches(self, directory, parts):
        """Return the paths below a directory that fit a pattern, one part for each level."""
        first, rest = parts[0], parts[1:]
        if not rest or "*" in first:
            names = [name for name in self.names(directory) if fnmatch.fnmatchcase(name, first)]
        else:
            names = [first] if first in self.names(directory) else []
        found = []
        for name in names:
            path = os.path.join(directory, name)
            if not rest:
                found.append(path)
            elif not os.path.islink(path):
                found += self.matches(path, rest)
        return found

    def entry(self, path, what, secret, uid, link=True):
        entry = {"path": path, "what": what, "kind": None, "mode": None, "uid": None, "gid": None, "exists": False,
                 "secret": secret, "problem": None}
        try:
            facts = os.lstat(path)
            is_link = stat.S_ISLNK(facts.st_mode)
            # Who may read a link says nothing, so what it leads to counts.
            facts = os.stat(path) if is_link else facts
        except (FileNotFoundError, NotADirectoryError):
            facts = None
        except OSError:
            entry["exists"] = None
            self.unreadable.add(path)
            facts = None
        if facts is not None:
            entry.update(
                exists=True,
                kind="link" if is_link else _KINDS.get(stat.S_IFMT(facts.st_mode), "other"),
                mode="%04o" % stat.S_IMODE(facts.st_mode),
                uid=facts.st_uid,
                gid=facts.st_gid,
                problem="symlink" if is_link and not link else problem_of(facts, secret, uid),
            )
        if entry["exists"] is not False:
            self.entries.append(entry)
            self.owners[path] = uid


_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory"}


def problem_of(facts, secret, uid):
    """Return what is wrong with a file, or None.

    :param facts: stat result. :param secret: whether nobody else may read it. :param uid: that must own it, or None.
    """
    if stat.S_ISCHR(facts.st_mode):
        # A log that goes to /dev/null is everybody's.
        return None
    if uid is not None and facts.st_uid != uid:
        return "wrong_owner"
    sticky = stat.S_ISDIR(facts.st_mode) and facts.st_mode & stat.S_ISVTX
    if facts.st_mode & _OTHERS_WRITE and not sticky:
        return "writable_by_others"
    searched = 0o011 if stat.S_ISDIR(facts.st_mode) else 0
    return "readable_by_others" if secret and facts.st_mode & (_OTHERS_READ | searched) else None
