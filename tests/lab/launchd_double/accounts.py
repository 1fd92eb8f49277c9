# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and groups of the simulated Mac."""

import grp
import os
import pwd

_STAFF = 20


class Account:
    __slots__ = ("name", "uid", "gid", "home", "shell", "groups")

    def __init__(self, name, uid, gid, home, shell, groups):
        self.name = name
        self.uid = uid
        self.gid = gid
        self.home = home
        self.shell = shell
        self.groups = groups


def _rows(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as stream:
        return [line.rstrip("\n").split(":") for line in stream if line.strip() and not line.startswith("#")]


class Accounts:
    """Looks accounts up in <root>/etc when the root is a prefix and has them, else in the system's database.

    Homes are below the root as well, so a double under a prefix never touches a real home.
    """

    def __init__(self, root):
        self._root = root
        passwd = os.path.join(root, "etc/passwd")
        self._files = root != "/" and os.path.exists(passwd)

    def _passwd(self):
        if self._files:
            for row in _rows(os.path.join(self._root, "etc/passwd")):
                if len(row) == 7:
                    yield row[0], int(row[2]), int(row[3]), row[5], row[6]

    def _groups(self, name, gid):
        if not self._files:
            return os.getgrouplist(name, gid)
        path = os.path.join(self._root, "etc/group")
        rows = _rows(path) if os.path.exists(path) else []
        extra = [int(row[2]) for row in rows if len(row) == 4 and name in row[3].split(",")]
        return [gid] + [number for number in extra if number != gid]

    def _account(self, name, uid, gid, home, shell):
        if self._root != "/":
            home = os.path.join(self._root, home.lstrip("/"))
        return Account(name, uid, gid, home, shell, self._groups(name, gid))

    def _system(self, lookup, key):
        try:
            row = lookup(key)
        except KeyError:
            return None
        return self._account(row.pw_name, row.pw_uid, row.pw_gid, row.pw_dir, row.pw_shell)

    def by_name(self, name):
        """The account, or None."""
        for row in self._passwd():
            if row[0] == name:
                return self._account(*row)
        return None if self._files else self._system(pwd.getpwnam, name)

    def of_domain(self, uid):
        """As by_uid; a uid nobody has an entry for still gets an account, never root's."""
        return self.by_uid(uid) or Account(str(uid), uid, _STAFF, "/var/empty", "/bin/sh", [_STAFF])

    def by_uid(self, uid):
        """The account, or None."""
        for row in self._passwd():
            if row[1] == uid:
                return self._account(*row)
        return None if self._files else self._system(pwd.getpwuid, uid)

    def group(self, name):
        """The gid of a group name, or None."""
        if self._files:
            path = os.path.join(self._root, "etc/group")
            rows = _rows(path) if os.path.exists(path) else []
            return next((int(row[2]) for row in rows if row[0] == name), None)
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            return None
