# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state directory of an older release and two releases, as an upgrade finds them."""

from __future__ import annotations

import contextlib
import os
import pwd
import sqlite3
import stat

OLD, NEW = "2026.7.1", "2026.9.6"
SCHEMAS = {"openclaw": {"schemaVersions": {"state": 18, "agent": 23}}}
#: An openclaw that judges a configuration as it is told in a file beside it.
COMMAND = """#!/bin/sh
cat "%s"
"""


class Account:
    def __init__(self, home):
        entry = pwd.getpwuid(os.geteuid())
        self.name, self.uid, self.gid, self.home = entry.pw_name, entry.pw_uid, entry.pw_gid, str(home)


def database(path, schema, row):
    """A database in the mode that OpenClaw uses, with something in it, closed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE IF NOT EXISTS told (what TEXT)")
        made.execute("INSERT INTO told VALUES (?)", (row,))
        made.execute("PRAGMA user_version=%d" % schema)
        made.commit()


def rows(path):
    with contextlib.closing(sqlite3.connect(path)) as found:
        return [row[0] for row in found.execute("SELECT what FROM told")]


def tree(top):
    return {
        os.path.join(parent, name): stat.S_IMODE(os.lstat(os.path.join(parent, name)).st_mode)
        for parent, directories, files in os.walk(top) for name in directories + files
        if not name.endswith(("-wal", "-shm"))
    }  # fmt: skip


def sessions(host):
    (host.state / "agents/main/sessions").mkdir(parents=True)
    (host.state / "agents/main/sessions/sessions.json").write_text('{"agent:main:main": {}}')
    return NEW


def credentials(host):
    (host.state / "agents/main/agent").mkdir(parents=True)
    (host.state / "agents/main/agent/auth-profiles.json").write_text('{"version": 1, "profiles": {"a": {}}}')
    return NEW
