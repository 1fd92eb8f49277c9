# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices, channels and requests, from the stores of all releases; no token and no code ever comes out."""
import collections
import json
import os
import sqlite3

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import pairings, state_database

ME = collections.namedtuple("Account", "name uid gid home")("me", os.geteuid(), os.getegid(), "/")
NOW = 1795300000.0
CANARY = "canary-0123456789abcdefghij"
DEVICE = "a1b2c3d4e5f6" + "0" * 52

#: As OpenClaw 2026.9.6 makes them, shortened by columns that nobody reads.
SCHEMA = """
CREATE TABLE device_pairing_paired (device_id TEXT NOT NULL PRIMARY KEY, public_key TEXT NOT NULL, display_name TEXT,
  operator_label TEXT, platform TEXT, role TEXT, roles_json TEXT, scopes_json TEXT, approved_scopes_json TEXT,
  tokens_json TEXT, approved_via TEXT, created_at_ms INTEGER NOT NULL, approved_at_ms INTEGER NOT NULL,
  last_seen_at_ms INTEGER) STRICT;
CREATE TABLE device_pairing_pending (request_id TEXT NOT NULL PRIMARY KEY, device_id TEXT NOT NULL, role TEXT,
  roles_json TEXT, scopes_json TEXT, ts INTEGER NOT NULL, refreshed_at_ms INTEGER) STRICT;
CREATE TABLE channel_pairing_requests (channel_key TEXT NOT NULL, account_id TEXT NOT NULL, request_id TEXT NOT NULL,
  code TEXT NOT NULL, created_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, meta_json TEXT,
  PRIMARY KEY (channel_key, account_id, request_id)) STRICT;
CREATE TABLE channel_pairing_allow_entries (channel_key TEXT NOT NULL, account_id TEXT NOT NULL, entry TEXT NOT NULL,
  sort_order INTEGER NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (channel_key, account_id, entry)) STRICT;
""".replace(" STRICT", "")


def milliseconds(ago):
    return int((NOW - ago) * 1000)


@pytest.fixture
def database(tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    connection = sqlite3.connect(str(tmp_path / "state/openclaw.sqlite"))
    connection.execute("PRAGMA journal_mode=wal")
    connection.executescript(SCHEMA)
    yield connection
    connection.close()


def paired(connection, name, seen, **token):
    tokens = json.dumps({"operator": dict({"token": CANARY, "role": "operator"}, **token)})
    connection.execute(
        "INSERT INTO device_pairing_paired VALUES (?, ?, 'Mac', NULL, 'darwin', 'operator', '[\"operator\"]', '[]', "
        "'[\"operator.read\"]', ?, 'silent', 1, ?, ?)", (name, CANARY, tokens, milliseconds(seen), milliseconds(seen)))
    connection.commit()


def kept(tmp_path):
    return pairings.kept(ME, str(tmp_path), state_database.read(ME, str(tmp_path)))


def devices(tmp_path):
    found = pairings.devices(kept(tmp_path), NOW)
    assert CANARY not in json.dumps(found)
    return found


def test_a_database_of_2026_9(tmp_path, database):
    assert devices(tmp_path) == {
        "store": "sqlite", "paired": [], "paired_count": 0, "pending": [], "pending_count": 0,
        "oldest_pending_s": None, "expired_count": 0, "stale": [], "problem": None}  # fmt: skip
    paired(database, DEVICE, 100)
    paired(database, "old", 91 * 86400)
    paired(database, "revoked", 5, revokedAtMs=milliseconds(3))
    for name, age, refreshed in (("new", 200, None), ("kept up", 5000, 20), ("gone", 301, None)):
        database.execute("INSERT INTO device_pairing_pending VALUES (?, 'd', 'node', NULL, NULL, ?, ?)",
                         (name, milliseconds(age), refreshed and milliseconds(refreshed)))
    database.commit()
    found = devices(tmp_path)
    assert found["paired"][0] == {"id": DEVICE[:12], "name": "Mac", "roles": ["operator"], "scopes": ["operator.read"],
                                  "last_seen_s": 100, "revoked": False}
    assert found["stale"] == ["old", "revoked"] and found["paired_count"] == 3
    assert [(one["id"], one["age_s"], one["role"]) for one in found["pending"]] == [
        ("new", 200, "node"), ("kept up", 20, "node")]  # fmt: skip
    assert (found["pending_count"], found["oldest_pending_s"], found["expired_count"]) == (2, 200, 1)


def test_files_of_2026_7(tmp_path):
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices/paired.json").write_text(json.dumps({DEVICE: {
        "deviceId": DEVICE, "publicKey": CANARY, "displayName": "Mini", "role": "operator", "roles": ["operator"],
        "scopes": ["operator.admin"], "approvedAtMs": milliseconds(50),
        "tokens": {"operator": {"token": CANARY, "role": "operator", "createdAtMs": 5}}}}))
    (tmp_path / "devices/pending.json").write_text(json.dumps({"r": {
        "requestId": "r", "deviceId": "d", "role": "node", "ts": milliseconds(7)}}))
    found = devices(tmp_path)
    assert found["store"] == "json" and found["paired"][0]["scopes"] == ["operator.admin"]
    assert found["pending"] == [{"id": "r", "age_s": 7, "role": "node"}]


def test_an_empty_database_beside_files_that_are_in_use(tmp_path, database):
    test_files_of_2026_7(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 5}', '{"x": {"deviceId": 7}}'])
def test_files_that_make_no_sense(tmp_path, text):
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices/paired.json").write_text(text)
    found = devices(tmp_path)
    assert found["store"] == "json" and (found["paired_count"] == 0 or found["problem"])


def test_nothing_there_is_no_device_and_nothing_readable_is_none(tmp_path):
    assert devices(tmp_path)["store"] == "none" and devices(tmp_path)["paired_count"] == 0
    (tmp_path / "state").mkdir()
    (tmp_path / "state/openclaw.sqlite").write_bytes(b"no database" * 50)
    found = devices(tmp_path)
    assert (found["store"], found["paired_count"], found["pending_count"]) == (None, None, None)
    assert "database" in found["problem"]
    assert pairings.channels(kept(tmp_path), {}, NOW)["pending_count"] is None


CONFIG = {"channels": {
    "defaults": {"groupPolicy": "open"},
    "telegram": {"botToken": CANARY, "dmPolicy": "pairing", "allowFrom": ["1", "2"]},
    "discord": {"enabled": False, "dm": {"policy": "open", "allowFrom": ["*"]}},
    "slack": {},
}}  # fmt: skip


def test_channels(tmp_path, database):
    for channel, age in (("telegram", 60), ("telegram", 3700), ("slack", 5)):
        moment = pairings.time.strftime("%Y-%m-%dT%H:%M:%S.000Z", pairings.time.gmtime(NOW - age))
        database.execute("INSERT INTO channel_pairing_requests VALUES (?, 'a', ?, ?, ?, ?, ?)",
                         (channel, str(age), CANARY, moment, moment, CANARY))
    database.execute("INSERT INTO channel_pairing_allow_entries VALUES ('telegram', 'a', '77', 0, 0)")
    database.commit()
    found = pairings.channels(kept(tmp_path), CONFIG, NOW)
    assert CANARY not in json.dumps(found)
    assert found["configured"] == [
        {"name": "telegram", "enabled": True, "dm_policy": "pairing", "allow_from_count": 3, "open": False},
        {"name": "discord", "enabled": False, "dm_policy": "open", "allow_from_count": 1, "open": True},
        {"name": "slack", "enabled": True, "dm_policy": None, "allow_from_count": 0, "open": False},
    ]
    assert found["pending_count"] == 2
    assert sorted(found["pairing_pending"], key=str) == [
        {"channel": "slack", "age_s": 5}, {"channel": "telegram", "age_s": 60}]  # fmt: skip
    assert pairings.channels(kept(tmp_path), None, NOW)["configured"] is None


def test_senders_in_files(tmp_path):
    (tmp_path / "credentials").mkdir()
    requests = [{"id": "1", "code": CANARY, "createdAt": "2026-11-21T00:00:00Z", "lastSeenAt": "rubbish"}]
    (tmp_path / "credentials/telegram-pairing.json").write_text(json.dumps({"version": 1, "requests": requests}))
    (tmp_path / "credentials/telegram-allowFrom.json").write_text(json.dumps({"version": 1, "allowFrom": ["5"]}))
    found = pairings.channels(kept(tmp_path), CONFIG, NOW)
    assert found["pairing_pending"] == [{"channel": "telegram", "age_s": None}] and CANARY not in json.dumps(found)
    assert found["configured"][0]["allow_from_count"] == 3
