# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a configuration is shown, and that no secret is."""
import json

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from ansible_collections.clawops.openclaw.plugins.module_utils._host import gateway_config, settings
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

CANARY = "canary-0123456789abcdefghij"
CONFIG = json5.loads("""{
  gateway: {mode: "local", port: 18789, auth: {mode: "token", token: "CANARY-1"}, trustedProxies: ["10.0.0.1"],
            remote: {url: "wss://user:CANARY-2@host/x?key=CANARY-3"}},
  models: {providers: {own: {baseUrl: "http://127.0.0.1:1/v1", apiKey: "CANARY-4", headers: {"X-Odd": "CANARY-5"},
           models: [{id: "a", compat: {requiresStringContent: true}}]}}},
  channels: {telegram: {botToken: "CANARY-6", dmPolicy: "pairing", allowFrom: [1, 2]}},
  secrets: {providers: {mine: {source: "file", path: "/s.json", mode: "json"}}},
  plugins: {entries: {x: {env: {ANYTHING: "CANARY-7"}, config: {clientSecret: "CANARY-8"}}}},
  env: {vars: {WHATEVER: "CANARY-9"}},
  agents: {defaults: {model: {primary: "own/a"}}},
  tools: {web: {apiKey: "CANARY-not-shown"}},
}""".replace("CANARY", CANARY))


def test_leaves_are_told_and_secrets_are_fingerprints():
    found, truncated = settings.leaves(CONFIG)
    assert not truncated and CANARY not in json.dumps(found)
    assert found["gateway.mode"] == "local" and found["gateway.port"] == 18789
    assert found["gateway.auth.token"] == fingerprint(CANARY + "-1")
    assert found["gateway.trustedProxies"] == ["10.0.0.1"]
    assert found["models.providers.own.models[0].compat.requiresStringContent"] is True
    assert found["channels.telegram.allowFrom"] == [1, 2]
    assert not any(path.startswith("tools") for path in found)


def test_only_so_many():
    found, truncated = settings.leaves({"gateway": {str(number): number for number in range(1000)}})
    assert truncated and len(found) == settings.MAX_LEAVES


def test_what_is_managed():
    reference = {"source": "env", "provider": "default", "id": "TOKEN"}
    config = {"gateway": {"auth": {"token": reference}, "port": 1, "bind": None}}
    paths = ["gateway.port", "gateway.auth.token", "gateway.mode", "gateway.bind"]
    found, absent, digest = settings.managed(config, paths)
    assert found == {"gateway.port": 1, "gateway.auth.token": reference, "gateway.mode": None, "gateway.bind": None}
    assert absent == ["gateway.mode"] and digest.startswith("sha256:")
    assert settings.managed({"gateway": {"port": 2}}, paths)[2] != digest
    assert settings.managed(config, list(reversed(paths)))[2] == digest
    assert settings.managed(config, []) == ({}, [], None)
    found = settings.managed(CONFIG, ["gateway", "models.providers.own.headers"])[0]
    assert CANARY not in json.dumps(found)


@pytest.mark.parametrize(("config", "found"), [
    ({"a": {"b": "x ${ONE} ${TWO}"}}, [("a.b", "ONE"), ("a.b", "TWO")]),
    ({"a": ["${ONE}"], "b": [{"c": "${TWO}"}]}, [("a", "ONE"), ("b[0].c", "TWO")]),
    ({"a": "$${NOT}", "b": "${lower}", "c": "$NAME", "d": 5, "e": {}}, []),
])
def test_variables(config, found):
    assert settings.variables(config) == found


def test_included_files_count(tmp_path):
    path = tmp_path / "openclaw.json"
    path.write_text('{gateway: {"$include": "./gateway.json5", port: 5}}')
    (tmp_path / "gateway.json5").write_text("{mode: 'local', port: 4}")
    facts, config = gateway_config.read(str(path))

    class Me:
        uid = gid = 0

    assert facts["port"] == 5 and facts["mode"] is None
    assert gateway_config.effective(str(path), config, Me) == (
        {"gateway": {"mode": "local", "port": 5}}, [str(tmp_path / "gateway.json5")])
