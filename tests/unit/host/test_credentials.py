# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of providers, and plugins. No key ever comes out."""
import collections
import json
import os
import sqlite3

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import credentials, registered, state_database
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

ME = collections.namedtuple("Account", "name uid gid home")("me", os.geteuid(), os.getegid(), "/home/me")
NOW = 1795300000.0
KEY = "sk-canary-0123456789abcdefghij"
PROFILES = {"version": 1, "profiles": {
    "anthropic:default": {"type": "api_key", "provider": "anthropic", "key": KEY},
    "openai:work": {"type": "oauth", "provider": "openai", "access": KEY + "-a", "refresh": KEY + "-r",
                    "expires": (NOW - 5) * 1000},
    "xai:t": {"type": "token", "provider": "xai", "token": KEY + "-t", "expires": (NOW + 60) * 1000},
    "google:ref": {"type": "api_key", "provider": "google", "keyRef": {"source": "env", "provider": "d", "id": "X"}},
}}  # fmt: skip
TOLD = [
    {"provider": "anthropic", "kind": "api_key", "fingerprint": fingerprint(KEY), "expires_in_s": None},
    {"provider": "openai", "kind": "oauth", "fingerprint": fingerprint(KEY + "-a"), "expires_in_s": None},
    {"provider": "xai", "kind": "token", "fingerprint": fingerprint(KEY + "-t"), "expires_in_s": 60},
    {"provider": "google", "kind": "api_key", "fingerprint": None, "expires_in_s": None},
]


def describe(tmp_path, config=None, shared=None, environment=()):
    found = credentials.describe(ME, str(tmp_path), config, shared, set(environment), NOW)
    assert KEY not in json.dumps(found)
    return found


@pytest.fixture
def agent(tmp_path):
    directory = tmp_path / "agents/main/agent"
    directory.mkdir(parents=True)
    return directory


def in_database(agent, text):
    connection = sqlite3.connect(str(agent / "openclaw-agent.sqlite"))
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("CREATE TABLE auth_profile_store (store_key TEXT NOT NULL PRIMARY KEY, "
                       "store_json TEXT NOT NULL, updated_at INTEGER NOT NULL)")
    connection.execute("INSERT INTO auth_profile_store VALUES ('default', ?, 1)", (text,))
    connection.commit()
    return connection


def test_the_stores_of_all_releases(tmp_path, agent):
    with in_database(agent, json.dumps(PROFILES)):
        (agent / "auth-profiles.json").write_text(json.dumps({"openrouter": {"apiKey": KEY + "-o"}}))
        found = describe(tmp_path, shared=json.dumps(PROFILES))
    assert [(store["agent"], store["store"]) for store in found["agents"]] == [
        (None, "shared"), ("main", "sqlite"), ("main", "json")]  # fmt: skip
    assert found["agents"][0]["credentials"] == found["agents"][1]["credentials"] == TOLD
    assert found["agents"][2]["credentials"] == [
        {"provider": "openrouter", "kind": "api_key", "fingerprint": fingerprint(KEY + "-o"), "expires_in_s": None}]
    assert found["problems"] == [] and found["missing"] == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"profiles": []}', '{"profiles": {"a": 5, "b": {"type": []}}}'])
def test_a_store_that_makes_no_sense(tmp_path, agent, text):
    (agent / "auth-profiles.json").write_text(text)
    assert describe(tmp_path)["agents"][0]["store"] == "json"


def test_who_lacks_what(tmp_path, agent):
    (agent / "auth-profiles.json").write_text(json.dumps(PROFILES))
    config = {
        "agents": {"defaults": {"model": {"primary": "anthropic/a", "fallbacks": ["mistral/b", "ollama/c", "groq/d"]}},
                   "entries": {"work": {"model": "anthropic/x"}, "idle": {}}},
        "models": {"providers": {"own": {"baseUrl": "http://127.0.0.1:1/v1"}}},
        "env": {"vars": {"GROQ_API_KEY": KEY}},
    }  # fmt: skip
    found = describe(tmp_path, config)
    lacks = [(one["agent"], one["provider"]) for one in found["missing"]]
    assert sorted(lacks) == [("idle", "anthropic"), ("idle", "mistral"), ("main", "mistral"), ("work", "anthropic")]
    assert found["configured"] == ["anthropic", "groq", "mistral", "ollama", "own"]
    found = describe(tmp_path, config, json.dumps(PROFILES), ["MISTRAL_API_KEY"])
    assert found["missing"] == []


def test_what_could_not_be_read_lacks_nothing_for_sure(tmp_path, agent):
    (agent / "openclaw-agent.sqlite").write_bytes(b"rubbish" * 100)
    found = describe(tmp_path, {"agents": {"defaults": {"model": "mistral/b"}}})
    assert found["missing"] is None and "openclaw-agent.sqlite" in found["problems"][0]


def test_literal_keys_and_servers_of_ones_own(tmp_path):
    found = describe(tmp_path, {
        "models": {"providers": {
            "far": {"baseUrl": "https://api.example.com/v1", "apiKey": KEY, "api": "openai-completions"},
            "named": {"baseUrl": "https://api.example.com/v1", "apiKey": "FAR_API_KEY"},
            "ref": {"baseUrl": "https://x.example.com", "apiKey": {"source": "env", "provider": "default", "id": "A"}},
            "own": {"baseUrl": "http://me:%s@10.0.0.5:8000/v1" % KEY, "apiKey": "dummy", "api": "openai-completions",
                    "models": [{"id": "m", "compat": {"requiresStringContent": True}}, {"id": "n"}]}}},
        "plugins": {"entries": {"x": {"apiKey": KEY}}},
        "env": {"OPENAI_API_KEY": KEY, "HARMLESS": "x"},
    })  # fmt: skip
    assert found["inline"] == ["models.providers.far.apiKey", "plugins.entries.x.apiKey", "env.OPENAI_API_KEY"]
    assert [(one["provider"], one["api"]) for one in found["local_backends"]] == [("own", "openai-completions")]
    assert found["local_backends"][0]["models"] == [
        {"id": "m", "requires_string_content": True, "supports_tools": None},
        {"id": "n", "requires_string_content": None, "supports_tools": None}]  # fmt: skip


def test_long_context(tmp_path, agent):
    (agent / "auth-profiles.json").write_text(json.dumps(PROFILES))
    models = {"anthropic/a": {"params": {"context1m": True}}, "openai/b": {"params": {"context1m": False}}}
    found = describe(tmp_path, {"agents": {"defaults": {"models": models}}})
    assert found["long_context"] == [{"path": "agents.defaults.models.anthropic/a.params.context1m",
                                      "provider": "anthropic", "credential_kind": "api_key"}]


# ----------------------------------------------------------------------------------------------------------- plugins
INDEX = {"revision": 1, "index": {"installRecords": {"mine": {"source": "npm", "installPath": "GONE"}}, "plugins": [
    {"pluginId": "telegram", "origin": "bundled", "enabled": True, "rootDir": "HERE"},
    {"pluginId": "slack", "origin": "bundled", "enabled": True, "rootDir": "GONE"},
    {"pluginId": "unused", "origin": "bundled", "enabled": False, "rootDir": "GONE"},
    {"pluginId": "local", "origin": "config", "enabled": True, "rootDir": "HERE"},
]}}  # fmt: skip


def test_plugins_that_are_gone(tmp_path):
    index = json.dumps(INDEX).replace("GONE", str(tmp_path / "gone")).replace("HERE", str(tmp_path))
    config = {"plugins": {"entries": {"telegram": {"enabled": True}, "odd": {}, "off": {"enabled": False}},
                          "load": {"paths": [str(tmp_path), str(tmp_path / "no.js")]},
                          "installs": {"off": {"installPath": str(tmp_path / "gone")}}}}
    found = registered.describe(ME, config, index)
    assert found["stale"] == ["mine", "odd", "slack"]
    assert {one["id"]: (one["enabled"], one["exists"]) for one in found["entries"]} == {
        "telegram": (True, True), "odd": (True, False), "off": (False, False), "mine": (True, False),
        "slack": (True, False), "unused": (False, False), "local": (True, True)}  # fmt: skip
    assert [one["exists"] for one in found["load_paths"]] == [True, False]


REGISTERED = {"pluginId": "local", "origin": "config", "rootDir": "/"}
RECORDS = {"installRecords": {"odd": {}}, "plugins": [{"pluginId": "telegram", "origin": "bundled", "rootDir": "/"}]}


@pytest.mark.parametrize(
    "index",
    [None, "{", json.dumps({"index": {"plugins": []}}), json.dumps({"plugins": [REGISTERED]}), json.dumps(RECORDS)],
)
def test_whether_a_plugin_is_there_takes_a_register(index):
    found = registered.describe(ME, {"plugins": {"entries": {"odd": {}}}}, index)
    entries = [one for one in found["entries"] if one["id"] != "local"]
    assert (found["stale"], entries) == ([], [{"id": "odd", "enabled": True, "path": None, "exists": None}])


@pytest.mark.parametrize("index", [None, "", "{", "[]", '{"plugins": 5, "installRecords": []}'])
def test_a_register_that_makes_no_sense(index):
    assert registered.describe(ME, {"plugins": []}, index) == {"entries": [], "stale": [], "load_paths": []}


def test_what_the_database_keeps_for_all(tmp_path):
    assert state_database.read(ME, str(tmp_path)) == (None, None)
    (tmp_path / "state").mkdir()
    connection = sqlite3.connect(str(tmp_path / "state/openclaw.sqlite"))
    connection.execute("CREATE TABLE config_machine_state (state_key TEXT PRIMARY KEY, value_json TEXT, u INTEGER)")
    connection.executemany("INSERT INTO config_machine_state VALUES (?, ?, 0)", [
        ("authProfiles.store", "profiles"), ("plugins.installedIndex", "index")])  # fmt: skip
    connection.commit()
    state = state_database.read(ME, str(tmp_path))
    assert (state.shared_credentials(), state.plugins(), state.problem) == ("profiles", "index", None)
    connection.executescript("""DROP TABLE config_machine_state;
        CREATE TABLE auth_profile_stores (store_key TEXT PRIMARY KEY, store_json TEXT, updated_at INTEGER);
        CREATE TABLE installed_plugin_index (index_key TEXT PRIMARY KEY, install_records_json TEXT, plugins_json TEXT);
        INSERT INTO auth_profile_stores VALUES ('x', 'older', 0);
        INSERT INTO installed_plugin_index VALUES ('x', '{"a": {}}', '[]');""")
    connection.close()
    state = state_database.read(ME, str(tmp_path))
    assert state.shared_credentials() == "older"
    assert json.loads(state.plugins()) == {"installRecords": {"a": {}}, "plugins": []}
