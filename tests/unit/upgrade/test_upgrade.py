# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade that has begun: what stands in its way, what is copied, and what comes back of it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import record, schemas, task
from state_kit import NEW, OLD, SCHEMAS, credentials, database, rows, sessions, tree


@pytest.mark.parametrize(
    ("about", "version", "expected"),
    [
        (SCHEMAS, NEW, {"state": 18, "agent": 23}),
        ({}, "2026.7.1", {"state": 1, "agent": 1}),
        ({}, "2026.1.30", {"state": 1, "agent": 1}),
        ({}, "2026.8.1", None),
        ({"openclaw": {"schemaVersions": {"state": "x"}}}, "2026.8.1", None),
        ({"openclaw": []}, "2025.12.1-beta.1", {"state": 1, "agent": 1}),
    ],
)
def test_what_a_release_reads(about, version, expected):
    assert schemas.known(about, version) == expected


def test_a_check_changes_nothing_and_foretells(host):
    before = tree(host.home)
    assert host.begin(check_mode=True)["changed"]
    assert tree(host.home) == before
    assert record.read(host.work().directory) is None


def test_what_will_be_migrated_is_copied_and_remembered(host):
    done = host.begin()
    assert done["changed"]
    assert done["upgrade"] == {"version": OLD, "node_version": "24.21.0", "to": NEW, "snapshot": "a-snapshot",
                               "state": "open"}
    copies = host.state / ".upgrade"
    assert rows(copies / "databases/state/openclaw.sqlite") == ["old"]
    assert (copies / "files/devices/paired.json").read_text() == '{"one": {}}'
    assert not (copies / "files/media").exists()
    assert not [path for path in (copies / "files").rglob("*") if path.name.startswith(("openclaw.json", ".env"))]
    assert stat.S_IMODE(copies.stat().st_mode) == 0o700
    assert stat.S_IMODE((copies / "databases/state/openclaw.sqlite").stat().st_mode) == 0o600
    # A run that was killed is taken up where it was: the copies are those of before.
    host.migrate()
    host.switch(NEW)
    again = host.begin()
    assert not again["changed"] and again["upgrade"] == done["upgrade"]
    assert rows(copies / "databases/state/openclaw.sqlite") == ["old"]


def test_a_database_that_is_being_written_is_copied_of_one_moment(host):
    with contextlib.closing(sqlite3.connect(host.state / "state/openclaw.sqlite")) as writer:
        writer.execute("INSERT INTO told VALUES ('committed')")
        writer.commit()
        writer.execute("INSERT INTO told VALUES ('not yet')")
        host.begin()
        writer.rollback()
    assert rows(host.state / ".upgrade/databases/state/openclaw.sqlite") == ["old", "committed"]


def test_files_that_a_gateway_removes_meanwhile_are_in_nobodys_way(host, monkeypatch):
    """They were listed, and are gone when they are looked at: a small one, and one that might hold sessions."""
    walk = os.walk

    def too_late(top):
        yield from walk(top)
        yield str(host.state / "cache/.staging-1"), [], ["page.js"]
        yield str(host.state / "agents/main/sessions"), [], ["sessions.json"]

    monkeypatch.setattr(os, "walk", too_late)
    assert host.begin()["changed"]
    copies = host.state / ".upgrade"
    assert rows(copies / "databases/state/openclaw.sqlite") == ["old"]
    assert (copies / "files/devices/paired.json").read_text() == '{"one": {}}'


def test_undone_the_old_release_reads_its_state_and_nothing_is_lost(host):
    host.begin()
    host.migrate()
    predicted = task.undo(host.work(check_mode=True))
    done = task.undo(host.work())
    assert done["put_back"] == predicted["put_back"] == ["state/openclaw.sqlite", "devices/paired.json"]
    assert done["taken_away"] == predicted["taken_away"] == ["agents/main/agent/openclaw-agent.sqlite"]
    assert done["upgrade"]["state"] == "undone"
    assert rows(host.state / "state/openclaw.sqlite") == ["old"]
    assert (host.state / "devices/paired.json").read_text() == '{"one": {}}'
    assert not (host.state / "agents/main/agent/openclaw-agent.sqlite").exists()
    newer = host.state / ".upgrade/newer"
    assert rows(newer / "state/openclaw.sqlite") == ["old", "new"]
    assert rows(newer / "agents/main/agent/openclaw-agent.sqlite") == ["new"]
    again = task.undo(host.work())
    assert (again["changed"], again["put_back"]) == (False, [])


def test_a_database_that_the_old_release_reads_keeps_what_came_into_it(host):
    host.begin()
    with contextlib.closing(sqlite3.connect(host.state / "state/openclaw.sqlite")) as live:
        live.execute("INSERT INTO told VALUES ('later')")
        live.commit()
    os.unlink(host.state / "devices/paired.json")
    done = task.undo(host.work())
    assert (done["put_back"], done["taken_away"]) == ([], [])
    assert rows(host.state / "state/openclaw.sqlite") == ["old", "later"]


def test_a_database_that_was_moved_away_comes_back_after_a_cut(host):
    host.begin()
    host.migrate()
    newer = host.state / ".upgrade/newer/state"
    newer.mkdir(parents=True)
    os.rename(host.state / "state/openclaw.sqlite", newer / "openclaw.sqlite")
    assert "state/openclaw.sqlite" in task.undo(host.work())["put_back"]
    assert rows(host.state / "state/openclaw.sqlite") == ["old"]


def test_databases_are_not_taken_from_under_a_gateway(host):
    host.begin()
    host.migrate()
    host.running = True
    with pytest.raises(Failure) as caught:
        task.undo(host.work())
    assert caught.value.code == "gateway_running"
    assert rows(host.state / "state/openclaw.sqlite") == ["old", "new"]


def test_proven_closes_it(host):
    host.begin()
    assert task.prove(host.work())["changed"]
    again = task.prove(host.work())
    assert (again["changed"], again["upgrade"]["state"]) == (False, "proven")
    host.switch(NEW)
    assert host.begin()["upgrade"] is None


def test_nothing_was_begun(host):
    host.switch(NEW)
    assert host.begin() == dict(host.begin(), changed=False, upgrade=None)
    assert not task.prove(host.work())["changed"]
    with pytest.raises(Failure) as caught:
        task.undo(host.work())
    assert caught.value.code == "nothing_to_undo"


def downgrade(host):
    database(host.state / "state/openclaw.sqlite", 18, "newer")
    host.switch(NEW)
    return OLD


def a_key(host):
    (host.root / "releases" / NEW / "says").write_text(
        '{"valid": false, "issues": [{"path": "gateway.foo", "message": "Unrecognized key"}]}')
    return NEW


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("spoil", "code", "names"),
    [
        (downgrade, "state_too_new", ["state/openclaw.sqlite", "schema 18", OLD]),
        (sessions, "legacy_sessions", ["agents/main/sessions/sessions.json", "2026.9.6/openclaw doctor --fix"]),
        (credentials, "legacy_credentials", ["agents/main/agent/auth-profiles.json", "does not start", "doctor --fix"]),
        (a_key, "config_refused", ["openclaw.json: gateway.foo", "Unrecognized key"]),
    ],
)
def test_what_stands_in_the_way_is_named_and_nothing_is_changed(host, spoil, code, names, check_mode):
    version = spoil(host)
    before = tree(host.home)
    with pytest.raises(Failure) as caught:
        host.begin(version=version, check_mode=check_mode)
    assert caught.value.code == "upgrade_refused"
    assert [one["code"] for one in caught.value.details["obstacles"]] == [code]
    for name in names:
        assert name in caught.value.sentence()
    assert tree(host.home) == before


@pytest.mark.parametrize("spoil, code", [
    (sessions, "legacy_sessions"),
    (credentials, "legacy_credentials"),
    (lambda host: database(host.state / "state/openclaw.sqlite", 19, "newer"), "state_too_new"),
], ids=["conversations", "credentials", "newer"])  # fmt: skip
def test_the_first_release_of_ours_is_refused_beside_what_it_cannot_read(host, spoil, code):
    os.unlink(host.root / "current")
    assert host.begin(legacy="accepted") == dict(host.begin(), changed=False, upgrade=None)
    spoil(host)
    before = tree(host.home)
    with pytest.raises(Failure, match="cannot take over from what is there") as caught:
        host.begin(legacy="accepted")
    assert [one["code"] for one in caught.value.details["obstacles"]] == [code]
    assert tree(host.home) == before


def test_the_first_release_of_ours_goes_on_where_another_has_taken_over_already(host):
    os.unlink(host.root / "current")
    sessions(host)
    database(host.state / "state/openclaw.sqlite", 18, "newer")
    assert not host.begin()["changed"]


def test_a_release_whose_command_does_not_work_hides_no_state_that_is_too_new(host):
    version = downgrade(host)
    command = host.root / "releases" / version / "openclaw"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text("#!/bin/sh\nexit 1\n")
    command.chmod(0o755)
    with pytest.raises(Failure) as caught:
        host.begin(version=version, check_mode=True)
    assert [one["code"] for one in caught.value.details["obstacles"]] == ["state_too_new"]


def test_nothing_begins_where_the_release_that_is_current_could_not_run_any_more(host):
    database(host.state / "state/openclaw.sqlite", 18, "newer")
    before = tree(host.home)
    assert host.begin() == dict(host.begin(), changed=False, upgrade=None)
    assert tree(host.home) == before


def test_an_empty_store_of_sessions_stands_in_nobodys_way(host):
    sessions(host)
    (host.state / "agents/main/sessions/sessions.json").write_text("{}")
    assert host.begin()["changed"]


def test_without_a_staged_release_nothing_begins(host):
    os.unlink(host.root / "releases" / NEW / "openclaw")
    assert host.begin(check_mode=True)["changed"]
    with pytest.raises(Failure) as caught:
        host.begin()
    assert caught.value.code == "release_not_staged"


def test_what_cannot_be_copied_leaves_no_half_copy(host):
    (host.state / "state/openclaw.sqlite").write_bytes(b"no database at all, but longer than a header" * 100)
    with pytest.raises(Failure) as caught:
        host.begin()
    assert caught.value.code == "state_unreadable"
    assert not (host.state / ".upgrade").exists()
    assert record.read(host.work().directory) is None
