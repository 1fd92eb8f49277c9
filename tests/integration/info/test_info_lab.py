# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a whole simulated Mac with a real Gateway: as the schema says, of everything, and without a trace."""
import json

import observation

LABEL = "ai.openclaw.gateway"
PLIST = "/Library/LaunchDaemons/%s.plist" % LABEL
PROGRAM = ["/opt/openclaw/current/node/bin/node", "/opt/openclaw/current/lib/node_modules/openclaw/dist/index.js",
           "gateway", "--port", "18789"]  # fmt: skip
DECLARED = {"program_arguments": PROGRAM, "throttle_interval": 30, "exit_timeout": 30, "scope": "daemon"}


#: Somebody edits our property list, and loads a forerunner's job into the GUI session.
BESIDE = """set -e
cp -p %(plist)s /tmp/kept.plist
sed -i 's/<integer>30</<integer>31</' %(plist)s
agents=/Users/openclaw/Library/LaunchAgents
mkdir -p $agents
cat > $agents/bot.clawdbot.gateway.plist <<'END'
<plist version="1.0"><dict><key>Label</key><string>bot.clawdbot.gateway</string>
<key>ProgramArguments</key><array><string>/bin/sleep</string><string>999</string></array></dict></plist>
END
chown -R openclaw:staff $agents
chmod 644 $agents/bot.clawdbot.gateway.plist
launchctl bootstrap gui/502 $agents/bot.clawdbot.gateway.plist
"""


def errors(found):
    return {name: part["error"] for name, part in found.items() if isinstance(part, dict) and part["error"]}


def test_a_healthy_host(deployed):
    found = deployed.look(operators=["admin"], settings=["gateway.port"], **DECLARED)
    assert list(observation.problems(found)) == [] and errors(found) == {}
    service, (daemon, agent) = found["service"], found["service"]["scopes"]
    assert daemon["loaded"] and daemon["state"] == "running" and not agent["loaded"]
    assert (service["owner"], service["drift"], service["loaded_is_stale"]) == ("ours", [], False)
    assert (service["loaded_count"], service["definition_count"], service["others"]) == (1, 1, [])
    port = found["port"]
    assert (port["foreign"], port["elsewhere"], port["others"], port["answers"]) == ([], [], [], True)
    assert {item["pid"] for item in port["listeners"]} == {daemon["pid"]}
    installs = found["installs"]
    assert installs["service"]["engines_ok"] is True and installs["skew"] is False
    assert installs["service"]["openclaw_version"] == port["version"] == installs["versions"][0]
    assert set(installs["path"]) == {"service", "login", "operator:admin"} and installs["unreadable"] == []
    assert found["release"]["node_version"] == installs["service"]["node_version"]
    assert found["headless"]["filevault"] is False and found["headless"]["sleep"] is not None
    assert found["memory"]["pressure"] and found["privilege"] == dict(found["privilege"], uid=0, may_read_account=True)


def test_no_program_is_asked_twice(deployed):
    def calls():
        records = map(json.loads, deployed.lab("log", "mini01").splitlines())
        return [(record["source"], tuple(record["argv"])) for record in records if record["source"] != "launchd"]

    before = len(calls())
    deployed.look()
    asked = calls()[before:]
    assert len(asked) == len(set(asked)) <= 6, asked
    assert not [words for source, words in asked if source == "launchctl" and words[0] != "print"]


def test_a_look_leaves_no_trace(deployed):
    # What the Gateway writes by itself meanwhile is not the look's.
    own = ("Users/openclaw/.openclaw", "Users/openclaw/Library/Logs", "Users/openclaw/.cache", "private/var/db/sudo")

    def disk():
        lines = deployed.lab("checksum", "mini01", "--list").splitlines()
        return [line for line in lines if not any(path in line for path in own)]

    deployed.look()  # the first connection of the account leaves what sshd and sudo leave
    before = disk()
    deployed.look(operators=["admin"], **DECLARED)
    assert disk() == before and len(before) > 50


def test_without_root_what_was_not_seen_is_null(deployed):
    found = deployed.look(become=False, operators=["admin"], **DECLARED)
    assert list(observation.problems(found)) == []
    assert found["privilege"] == dict(found["privilege"], is_root=False, may_read_account=False)
    assert found["service"]["scopes"][0]["loaded"] is True
    agent = found["service"]["scopes"][1]
    assert agent["error"] and found["service"]["definition_count"] is None
    assert found["config"]["error"] and found["token_sources"]["count"] is None and found["gui"]["present"] is None
    assert found["port"]["foreign"] is None and found["port"]["others"] is None


def test_drift_a_stale_definition_and_a_second_supervisor(deployed):
    deployed.lab("login", "mini01")
    try:
        deployed.sh(BESIDE % {"plist": PLIST})
        found = deployed.look(**DECLARED)
        service = found["service"]
        assert service["loaded_is_stale"] is True and service["stale_keys"] == ["ExitTimeOut", "ThrottleInterval"]
        assert {(row["where"], row["key"]) for row in service["drift"]} == {
            ("file", "ExitTimeOut"), ("file", "ThrottleInterval")}  # fmt: skip
        assert [(item["label"], item["loaded"], item["domain"]) for item in service["others"]] == [
            ("bot.clawdbot.gateway", True, "gui/502")]  # fmt: skip
        assert found["gui"]["present"] is True and list(observation.problems(found)) == []
    finally:
        deployed.sh("cp -p /tmp/kept.plist %s; launchctl bootout gui/502/bot.clawdbot.gateway;"
                    " rm -f /Users/openclaw/Library/LaunchAgents/*.plist" % PLIST)  # fmt: skip
        deployed.lab("logout", "mini01")


def test_power_settings_and_an_operators_own_openclaw(deployed):
    deployed.sh("pmset -a sleep 0 autorestart 1;"
                " printf 'export PATH=/opt/homebrew/bin:$PATH\\n' > /Users/admin/.bash_profile;"
                " chown admin:staff /Users/admin/.bash_profile; mkdir -p /Users/admin/bin;")  # fmt: skip
    found = deployed.look(operators=["admin"])
    assert (found["headless"]["sleep"], found["headless"]["autorestart"]) == (0, 1)
    assert found["installs"]["path"]["operator:admin"].startswith("/opt/homebrew/bin:")
    # The release of this host links to what Homebrew has, so that it is the very same.
    assert found["installs"]["cli"]["openclaw"] == "/opt/homebrew/bin/openclaw" and found["installs"]["skew"] is False
