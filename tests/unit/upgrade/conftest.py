# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import json
import os
import sqlite3

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import area, task
from state_kit import COMMAND, NEW, OLD, SCHEMAS, Account, database


@pytest.fixture
def host(tmp_path):
    """Releases OLD (current) and NEW, and the state of OLD."""
    root, state = tmp_path / "opt/openclaw", tmp_path / "home/.openclaw"
    for version, about in ((OLD, {}), (NEW, SCHEMAS)):
        package = root / "releases" / version / "lib/node_modules/openclaw"
        package.mkdir(parents=True)
        (package / "package.json").write_text(json.dumps(dict(about, name="openclaw", version=version)))
        command = root / "releases" / version / "openclaw"
        (root / "releases" / version / "says").write_text('{"valid": true}\n')
        command.write_text(COMMAND % (root / "releases" / version / "says"))
        command.chmod(0o755)
        (root / "releases" / version / "node").symlink_to("../../node/24.21.0")
    (root / "current").symlink_to("releases/" + OLD)
    database(state / "state/openclaw.sqlite", 1, "old")
    (state / "devices").mkdir()
    (state / "devices/paired.json").write_text('{"one": {}}')
    (state / ".env").write_text("OPENCLAW_GATEWAY_TOKEN=a-token\n")
    (state / "openclaw.json.bak").write_text('{"gateway": {"auth": {"token": "a-token"}}}')
    (state / "openclaw.json").write_text('{"gateway": {"mode": "local"}}')
    (state / "media").mkdir()
    (state / "media/film").write_text("long")

    class Host:
        home, running = tmp_path / "home", False

        def work(self, version=NEW, check_mode=False):
            place = area.Area(Account(tmp_path / "home"), str(state))
            return task.Task(place, str(root), version, str(tmp_path / "db"), check_mode, lambda: self.running)

        def switch(self, version):
            os.unlink(root / "current")
            os.symlink("releases/" + version, root / "current")

        def begin(self, legacy="refused", **options):
            return task.begin(self.work(**options), "a-snapshot", 0, legacy)

        def migrate(self):
            """Do what the real 2026.9.6 does to the state of 2026.7.1 when it starts."""
            with contextlib.closing(sqlite3.connect(state / "state/openclaw.sqlite")) as live:
                live.execute("INSERT INTO told VALUES ('new')")
                live.execute("PRAGMA user_version=18")
                live.commit()
            database(state / "agents/main/agent/openclaw-agent.sqlite", 23, "new")
            os.rename(state / "devices/paired.json", state / "devices/paired.json.migrated")

    made = Host()
    made.root, made.state = root, state
    return made
