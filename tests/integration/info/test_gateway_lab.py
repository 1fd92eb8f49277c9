# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Gateway's half of a look at a simulated Mac with a real Gateway: when all is well, and when something is not."""
import json

import observation
import pytest

STATE = "/Users/openclaw/.openclaw"
CANARY = "canary-0123456789abcdefghijklmnop"
SUM = "cd %s && find . -type f ! -path './cache/*' -exec sha256sum {} + -printf '%%p %%m %%u %%T@\\n' | sort" % STATE
#: As a device that asks to be paired, while the Gateway has the database open: the row is in the log only.
ASK = """
import sqlite3, time
db = sqlite3.connect("%s/state/openclaw.sqlite", timeout=20)
now = int(time.time() * 1000)
db.execute("INSERT INTO device_pairing_pending (request_id, device_id, public_key, role, ts) VALUES (?, ?, ?, ?, ?)",
           ("asking-0123456789", "d", "%s", "operator", now - 30000))
db.execute("INSERT INTO device_pairing_pending (request_id, device_id, public_key, role, ts) VALUES (?, ?, ?, ?, ?)",
           ("forgotten-0123456", "d", "%s", "operator", now - 400000))
db.commit()
""" % (STATE, CANARY, CANARY)


def test_when_all_is_well(deployed):
    found = deployed.look(settings=["gateway.port", "gateway.auth.token", "gateway.nothing"])
    assert list(observation.problems(found)) == []
    token = deployed.sh("sed -n 's/.*\\\"token\\\": \\\"\\(.*\\)\\\".*/\\1/p' %s/openclaw.json" % STATE).strip()
    assert len(token) > 24 and token not in json.dumps(found)
    config, tokens = found["config"], found["token_sources"]
    assert (config["problems"], config["unresolved"], config["legacy_keys"]) == ([], [], [])
    assert config["managed"]["gateway.port"] == 18789 and config["absent"] == ["gateway.nothing"]
    assert config["managed"]["gateway.auth.token"] == config["values"]["gateway.auth.token"] == tokens["fingerprint"]
    assert (tokens["count"], tokens["conflicts"], tokens["placeholder"], tokens["weak"]) == (1, False, [], [])
    assert 0 <= tokens["age_days"] < 1 and tokens["remote_fingerprint"] is None
    gateway = found["gateway"]
    assert (gateway["state"], gateway["self"]["state"], gateway["paths"]) == ("healthy", "healthy", {})
    assert gateway["server"]["version"] == found["port"]["version"] == "2026.9.6"
    roots = found["roots"]
    assert (roots["count"], roots["loaded"], roots["other_used"], roots["unreadable"]) == (
        1, STATE + "/openclaw.json", False, [])  # fmt: skip
    assert found["service"]["scopes"][0]["pid"] in [one["pid"] for one in roots["roots"][0]["used_by"]]
    assert (found["files"]["problems"], found["files"]["unreadable"]) == ([], [])
    what = {entry["what"] for entry in found["files"]["entries"]}
    assert {"state directory", "configuration", "state database", "service definition", "log of the service",
            "release"} <= what  # fmt: skip
    locks = found["locks"]
    assert (locks["stale"], locks["orphans"], locks["leftovers"], locks["unreadable"]) == ([], [], [], [])
    assert [one["alive"] for one in locks["locks"]] == [True, True]
    assert found["logs"]["complete"] and found["logs"]["counters"]["starts"] == {"process": 1, "ready": 1}
    assert found["logs"]["restart_causes"] == [] and found["logs"]["counters"]["storms"] == {}
    devices = found["devices"]
    assert (devices["store"], devices["pending_count"], devices["stale"], devices["problem"]) == ("sqlite", 0, [], None)
    assert (found["channels"]["configured"], found["channels"]["pending_count"]) == ([], 0)
    assert (found["backups"]["with_current_token"], found["providers"]["missing"]) == (0, [])
    assert found["providers"]["problems"] == found["plugins"]["stale"] == []


def test_not_a_byte_of_the_state_changes(deployed):
    """Of a Gateway that stands still, so that whatever changes would be the look's."""
    pid = deployed.sh("launchctl print system/ai.openclaw.gateway | sed -n 's/^\\tpid = //p'").strip()
    deployed.sh("kill -STOP %s" % pid)
    try:
        before = deployed.sh(SUM)
        found = deployed.look(probe=False)
        assert deployed.sh(SUM) == before and "openclaw.sqlite-shm" in before and "openclaw.sqlite-wal" in before
    finally:
        deployed.sh("kill -CONT %s" % pid)
    assert found["gateway"]["asked"] is False and found["devices"]["store"] == "sqlite"


FAULTS = {
    "modes": ("chmod 755 {0}; chmod 644 {0}/openclaw.json", "chmod 700 {0}; chmod 600 {0}/openclaw.json",
              lambda found: set(found["files"]["problems"]) >= {STATE, STATE + "/openclaw.json"}),
    "a second token": ("cd {0}; echo OPENCLAW_GATEWAY_TOKEN=undefined > .env; chown openclaw .env; chmod 600 .env",
                       "rm {0}/.env", lambda found: found["token_sources"]["conflicts"] is True
                       and found["token_sources"]["count"] == 2
                       and found["token_sources"]["placeholder"] == ["dotenv"]),
    "left behind": (
        "echo '{{gateway: {{auth: {{token: \"%s\"}}}}}}' > {0}/openclaw.json.clobbered.1;"
        " echo '{{\"pid\": 4194000}}' > {0}/openclaw.json.lock" % CANARY,
        "rm {0}/openclaw.json.clobbered.1 {0}/openclaw.json.lock",
        lambda found: [one["kind"] for one in found["locks"]["leftovers"]] == ["clobbered"]
        and found["locks"]["stale"] == [STATE + "/openclaw.json.lock"] and found["backups"]["with_secrets"] == 1),
    "a second root": ("mkdir -m 700 {0}-work; echo '{{}}' > {0}-work/openclaw.json", "rm -r {0}-work",
                      lambda found: found["roots"]["count"] == 2 and found["roots"]["other_used"] is False),
    "a device asks": ("cat > /private/tmp/ask.py <<'END'\n%s\nEND\nsudo -u openclaw python3 /private/tmp/ask.py" % ASK,
                      "rm /private/tmp/ask.py", lambda found: found["devices"]["pending_count"] == 1
                      and 30 <= found["devices"]["oldest_pending_s"] < 300 and found["devices"]["expired_count"] == 1),
    "a broken file": ("cp -p {0}/openclaw.json /private/tmp/kept.json; echo '{{' > {0}/openclaw.json",
                      "cp -p /private/tmp/kept.json {0}/openclaw.json",
                      lambda found: found["config"]["parseable"] is False and found["config"]["managed"] is None
                      and found["gateway"]["verdicts"]["auth"]["code"] == "config_unparseable"
                      and found["gateway"]["verdicts"]["live"]["verdict"] == "ok"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_when_something_is_wrong(deployed, fault):
    break_it, mend, seen = FAULTS[fault]
    deployed.sh(break_it.format(STATE))
    try:
        found = deployed.look()
    finally:
        deployed.sh(mend.format(STATE))
    assert list(observation.problems(found)) == [] and CANARY not in json.dumps(found)
    assert seen(found), json.dumps({name: found[name] for name in (
        "files", "token_sources", "locks", "backups", "roots", "devices", "config", "gateway")})  # fmt: skip


def test_without_root_nothing_is_called_fine(deployed):
    found = deployed.look(become=False)
    assert list(observation.problems(found)) == []
    assert found["config"]["error"] and found["token_sources"]["count"] is None
    assert found["gateway"]["verdicts"]["live"]["verdict"] == "ok"
    assert found["gateway"]["verdicts"]["auth"]["verdict"] == "unknown" and found["gateway"]["state"] == "unknown"
    assert found["gateway"]["self"]["state"] == "unknown"
    assert found["devices"]["paired_count"] is None and found["channels"]["pending_count"] is None
    assert found["backups"]["count"] is None and found["logs"]["counters"] is None
    assert found["providers"]["missing"] is None and found["files"]["unreadable"] and found["locks"]["unreadable"]
    assert found["locks"]["stale"] is None and found["roots"]["other_used"] is None
    assert found["roots"]["count"] is None and found["plugins"]["problem"]
