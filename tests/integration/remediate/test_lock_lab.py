# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a host, asked for by real runs of Ansible: by whom it is held, when it is stale, what is left of it."""

from __future__ import annotations

import json
import os
import stat
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _run

DIRECTORY = "/var/db/clawops.openclaw/openclaw/ai.openclaw.gateway"
FILE = DIRECTORY + "/run.json"


@pytest.fixture(autouse=True)
def no_lock(mac):
    yield
    mac.sh("rm -rf /var/db/clawops.openclaw")


def held_by(mac, **facts):
    """Let somebody else hold it."""
    now = time.time()
    lock = dict({"run": "20261122T120102-4711", "holder": "bob@elsewhere", "controller": "elsewhere/0242",
                 "process": "4711 Sun Nov 22 12:01:02 2026", "since": now - 60, "until": now + 600,
                 "rollback_point": "20261122T090102Z-5f2b7a10"}, **facts)  # fmt: skip
    mac.sh("mkdir -p -m 0700 %s" % DIRECTORY)
    mac.at(FILE).write_text(json.dumps(lock))
    return lock


def test_it_is_private_and_a_run_that_is_gone_holds_nobody_up(mac):
    first = mac.task("openclaw_lock")
    assert first["changed"] is False and first["interrupted"] is None
    assert first["lock"]["controller"] == _run.controller()
    assert stat.S_IMODE(mac.at(FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(mac.at(DIRECTORY).stat().st_mode) == 0o700
    second = mac.task("openclaw_lock")
    assert second["interrupted"]["run"] == first["lock"]["run"] != second["lock"]["run"]


def test_somebody_elses_is_respected_and_named(mac):
    held_by(mac)
    before = mac.at(FILE).read_text()
    for words in ((), ("--check",)):
        result = mac.task("openclaw_lock", *words)
        assert result["failure"]["code"] == "host_locked"
        assert "bob@elsewhere is at work on this host since" in result["msg"] and "Next: wait" in result["msg"]
    assert mac.task("openclaw_lock", state="released")["changed"] is False
    assert mac.at(FILE).read_text() == before


def test_one_of_this_machine_that_is_alive_is_respected(mac):
    held_by(mac, controller=_run.controller(), process=_run.process(os.getpid()))
    assert mac.task("openclaw_lock")["failure"]["code"] == "host_locked"


@pytest.mark.parametrize("facts", [
    {"until": time.time() - 1}, {"controller": _run.controller()},
    {"since": time.time() + 86400, "until": time.time() + 90000},
], ids=["time is over", "its process is gone", "the clock went back"])  # fmt: skip
def test_a_stale_one_is_taken_over_with_its_rollback_point(mac, facts):
    lock = held_by(mac, **facts)
    result = mac.task("openclaw_lock")
    assert result["interrupted"]["run"] == lock["run"]
    assert result["lock"]["rollback_point"] == lock["rollback_point"]


def test_check_mode_writes_nothing(mac):
    assert mac.task("openclaw_lock", "--check")["lock"]["run"]
    assert not mac.at("/var/db/clawops.openclaw").exists()


def test_a_file_of_rubbish_holds_nobody_up(mac):
    held_by(mac)
    mac.at(FILE).write_bytes(b"\xff{")
    assert mac.task("openclaw_lock")["failure"]["code"]
    mac.at(FILE).write_text("{")
    assert mac.task("openclaw_lock")["lock"]["run"]
