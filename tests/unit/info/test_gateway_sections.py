# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Gateway's half of a look, whole: no secret comes out, no byte changes, and what may not be read is not fine."""
import hashlib
import json
import os
import pwd
import sqlite3
import time
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import gateway_config
from ansible_collections.clawops.openclaw.plugins.module_utils._info import observe
from ansible_collections.clawops.openclaw.plugins.module_utils._info.wanted import Wanted

CANARY = "canary-%d-0123456789abcdefghijklmnop"
OURS = ("config", "locks", "files", "devices", "channels", "plugins", "logs", "token_sources", "backups", "roots",
        "providers", "gateway")  # fmt: skip


class Canaries:
    """Secrets, each of which is planted once."""

    def __init__(self):
        self.planted = []

    def __call__(self):
        self.planted.append(CANARY % len(self.planted))
        return self.planted[-1]

    def in_text(self, text):
        return [canary for canary in self.planted if canary in text]


@pytest.fixture
def canary():
    return Canaries()


@pytest.fixture
def state(tmp_path, canary):
    """A state directory as the releases leave it, with a secret wherever one can be."""
    state = tmp_path / "state"
    profiles = {"version": 1, "profiles": {"a": {"type": "api_key", "provider": "anthropic", "key": canary()}}}
    device = {"deviceId": "d", "role": "operator", "tokens": {"operator": {"token": canary(), "role": "operator"}}}
    config = {
        "gateway": {"mode": "local", "port": 1, "bind": "loopback", "auth": {"mode": "token", "token": canary()},
                    "remote": {"url": "ws://x/?token=" + canary(), "token": canary()}},
        "models": {"providers": {"far": {"baseUrl": "https://u:%s@far.example/v1" % canary(), "apiKey": canary(),
                                         "headers": {"X-Own": canary()}}}},
        "channels": {"telegram": {"botToken": canary(), "dmPolicy": "pairing"}},
        "plugins": {"entries": {"p": {"apiKey": canary(), "env": {"P": canary()}}}},
        "env": {"vars": {"OPENAI_API_KEY": canary()}},
        "logging": {"file": str(state / "own.log")},
        "secrets": {"providers": {"own": {"source": "file", "path": str(state / "secrets.json"), "mode": "json"}}},
    }
    # Lines that are older than a day are not counted.
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    texts = {
        "openclaw.json": json.dumps(config, indent=2),
        "openclaw.json.bak": json.dumps({"gateway": {"auth": {"token": canary()}}}),
        "openclaw.json.clobbered.2026": "{token: '%s'" % canary(),
        ".env": "OPENCLAW_GATEWAY_PASSWORD=%s\nTELEGRAM=%s\n" % (canary(), canary()),
        "secrets.json": json.dumps({"gateway": {"token": canary()}}),
        "gateway-token.since.json": "{}",
        "agents/main/agent/auth-profiles.json": json.dumps(profiles),
        "devices/paired.json": json.dumps({"d": device}),
        "devices/pending.json": "{}",
        "credentials/telegram-pairing.json": json.dumps({"requests": [{"id": "1", "code": canary()}]}),
        "credentials/whatsapp/a/creds.json": json.dumps({"key": canary()}),
        "identity/device.json": json.dumps({"privateKeyPem": canary()}),
        "tmp/openclaw-502/gateway.1.lock": json.dumps({"pid": 2**22 + 5, "ownerId": canary()}),
        "own.log": "%s [agent/embedded] 401 Incorrect API key provided: %s\n" % (now, canary()),
    }
    for name, text in texts.items():
        path = state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (state / "state").mkdir()
    connection = sqlite3.connect(str(state / "state/openclaw.sqlite"))
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("CREATE TABLE config_machine_state (state_key TEXT PRIMARY KEY, value_json TEXT, u INTEGER)")
    connection.execute("INSERT INTO config_machine_state VALUES ('authProfiles.store', ?, 0)", (json.dumps(profiles),))
    connection.execute("CREATE TABLE device_identities (id TEXT, private_key_pem TEXT)")
    connection.execute("INSERT INTO device_identities VALUES ('a', ?)", (canary(),))
    connection.commit()
    for place, _directories, names in os.walk(str(state)):
        os.chmod(place, 0o700)
        for name in names:
            os.chmod(os.path.join(place, name), 0o600)
    yield state
    connection.close()


def look(state, name=None, **options):
    wanted = Wanted(name or pwd.getpwuid(os.geteuid()).pw_name, str(state), "ai.openclaw.test", 1,
                    str(state.parent / "root"), "/none", str(state.parent), str(state.parent), **options)
    return observe.observe(wanted, {name: observe.SECTIONS[name] for name in OURS})


def tree(state):
    found = {}
    for place, directories, names in os.walk(str(state)):
        for name in directories + names:
            path = os.path.join(place, name)
            facts = os.stat(path)
            content = b"" if name in directories else Path(path).read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            found[path] = (facts.st_mode, facts.st_uid, facts.st_mtime_ns, facts.st_ino, digest)
    return found


def test_no_secret_comes_out_and_no_byte_changes(state, canary):
    before = tree(state)
    assert str(state / "state/openclaw.sqlite-shm") in before
    found = look(state, settings=("gateway.auth.token", "gateway.port", "models"))
    assert tree(state) == before
    assert canary.in_text(json.dumps(found)) == [] and len(canary.planted) > 20
    assert {name: found[name]["error"] for name in OURS} == dict.fromkeys(OURS)
    assert found["locks"]["stale"] and found["backups"]["with_secrets"] == 2
    assert found["devices"]["paired_count"] == 1 and found["devices"]["store"] == "json"
    assert [store["store"] for store in found["providers"]["agents"]] == ["shared", "json"]
    assert found["providers"]["inline"] == ["models.providers.far.apiKey", "plugins.entries.p.apiKey",
                                            "env.vars.OPENAI_API_KEY"]
    assert found["config"]["managed"]["gateway.port"] == 1 and found["config"]["absent"] == []
    assert found["logs"]["logs"][1]["path"] == str(state / "own.log") and found["logs"]["logs"][1]["lines"] == 1
    assert found["files"]["problems"] == [] and found["files"]["unreadable"] == []


def test_a_configuration_with_faults(state):
    (state / "openclaw.json").write_text(
        "{gateway: {token: 'x', bind: 'lan', auth: {mode: 'none'}, port: '${PORT}', remote: {url: '${KNOWN}'}}}")
    (state / ".env").write_text("KNOWN=1\n")
    found = look(state)["config"]
    assert found["legacy_keys"] == ["gateway.token"] and found["unresolved"] == ["gateway.port"]
    assert {"gateway_mode_missing", "bind_without_auth", "legacy_gateway_token"} <= {
        one["code"] for one in found["problems"]}  # fmt: skip
    (state / "openclaw.json").write_text('{gateway: {mode: "local", "$include": "./none.json5"}}')
    found = look(state)["config"]
    assert [one["code"] for one in found["problems"]] == ["include_unreadable"] and found["mode"] == "local"
    (state / "openclaw.json").write_text("{gateway: ")
    found = look(state)["config"]
    assert found["parseable"] is False and found["managed"] is None and found["values"] == {}


def test_no_state_directory_at_all(tmp_path):
    found = look(tmp_path / "none")
    assert {name: found[name]["error"] for name in OURS} == dict.fromkeys(OURS)
    assert found["config"]["exists"] is False and found["devices"]["store"] == "none"
    assert found["token_sources"]["fingerprint"] is None and found["files"]["entries"] == []
    assert found["gateway"]["state"] == "down" and found["roots"]["roots"][0]["config_exists"] is False


def test_a_section_reads_the_configuration_once(state, monkeypatch):
    read, calls = gateway_config.read, []
    monkeypatch.setattr(gateway_config, "read", lambda path: calls.append(path) or read(path))
    look(state)
    assert len(calls) == 1


def unprivileged(function):
    """Return what a function returns that runs as another account."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
            os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
            with os.fdopen(writer, "w") as stream:
                json.dump(function(), stream)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another account takes root")
def test_without_privilege_nothing_is_called_fine(state, tmp_path):
    for path in [tmp_path, *tmp_path.parents][:3]:
        path.chmod(0o755)
    found = unprivileged(lambda: look(state, pwd.getpwuid(0).pw_name))
    assert "Permission denied" in found["config"]["error"]
    assert found["token_sources"]["count"] is None and found["token_sources"]["unreadable"]
    assert found["devices"]["paired_count"] is None and found["channels"]["pending_count"] is None
    assert found["backups"]["count"] is None and found["backups"]["with_current_token"] is None
    assert found["files"]["unreadable"] and not found["files"]["complete"]
    assert found["locks"]["unreadable"] and found["locks"]["stale"] is None and found["locks"]["leftovers"] is None
    assert found["roots"]["count"] is None and found["providers"]["missing"] is None
    assert found["logs"]["counters"] is None and found["plugins"]["problem"]
    assert found["gateway"]["verdicts"]["auth"]["verdict"] in ("unknown", "skipped")
