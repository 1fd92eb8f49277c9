# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains, targets, and which jobs are loaded where."""

import itertools

from . import darwin


class Domain:
    """system, user/UID or gui/UID."""

    def __init__(self, kind, uid=None, asid=None, coalitions=None):
        self.kind = kind
        self.uid = uid
        self.asid = asid
        self.jobs = {}
        self.environment = {}
        self.base_environment = {}
        self.pended = None
        self._coalitions = coalitions or itertools.count(1000, 2)

    @property
    def name(self):
        return "system" if self.kind == "system" else "%s/%d" % (self.kind, self.uid)

    def next_coalition(self):
        return next(self._coalitions)

    def inherited(self):
        """What print shows as the inherited environment: the session's own and setenv's."""
        merged = dict(self.base_environment)
        merged.update(self.environment)
        return merged


class Target:
    """A parsed domain or service target; *label* is None for a domain."""

    def __init__(self, kind, uid, label):
        self.kind = kind
        self.uid = uid
        self.label = label

    @property
    def domain_name(self):
        return "system" if self.kind == "system" else "%s/%d" % (self.kind, self.uid)

    @property
    def text(self):
        """How errors name the domain."""
        words = {"system": "system", "user": "uid: %s", "gui": "user gui: %s", "login": "login: %s", "pid": "pid: %s"}
        return words[self.kind] if self.kind == "system" else words[self.kind] % self.uid


def parse_target(word):
    """A Target, or None when the words are no target (a bare label, a bad number)."""
    kind, slash, rest = word.partition("/")
    if kind == "system":
        return Target("system", None, rest or None)
    if kind not in ("user", "gui", "login", "pid") or not slash:
        return None
    number, _slash, label = rest.partition("/")
    if not number.isascii() or not number.isdigit():
        return None
    return Target(kind, int(number), label or None)


class Registry:
    """The domains that exist. user/UID comes into being on first use, gui/UID with a login."""

    def __init__(self):
        self._coalitions = itertools.count(1184, 2)
        self._asids = itertools.count(100021)
        self.system = Domain("system", coalitions=self._coalitions)
        self._domains = {"system": self.system}

    def add(self, kind, uid):
        asid = next(self._asids) if kind == "gui" else None
        domain = Domain(kind, uid, asid, self._coalitions)
        if kind == "gui":
            domain.base_environment["SSH_AUTH_SOCK"] = "/var/run/com.apple.launchd.%010x/Listeners" % (uid * 7919)
        self._domains[domain.name] = domain
        return domain

    def drop(self, domain):
        self._domains.pop(domain.name, None)

    def find(self, target):
        """The Domain of a Target, or None. login/ASID is the gui domain with that session."""
        if target.kind == "login":
            return next((item for item in self._domains.values() if item.asid == target.uid), None)
        if target.kind == "user" and target.domain_name not in self._domains:
            return self.add("user", target.uid)
        return self._domains.get(target.domain_name)

    def gui(self, uid):
        return self._domains.get("gui/%d" % uid)

    def user(self, uid):
        return self.find(Target("user", uid, None))

    def all(self):
        return list(self._domains.values())

    def jobs(self):
        return [job for domain in self.all() for job in list(domain.jobs.values())]


def may_modify(domain_kind, domain_uid, euid, superusers):
    """Root may modify everything, a user only what is its own. Returns 0 or a code."""
    if euid in superusers:
        return 0
    if domain_kind in ("user", "gui") and domain_uid == euid:
        return 0
    return darwin.EPERM
