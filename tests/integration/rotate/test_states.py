# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts on which tokens are in the wrong places: one run ends with one source, proven, as the check run foretold."""

import json

import pytest

STATE = "/Users/openclaw/.openclaw"
CONFIG = STATE + "/openclaw.json"
STALE = "stale-canary-0123456789abcdef0123"
VARIABLE = "OPENCLAW_GATEWAY_TOKEN"
PLIST = "/Library/LaunchDaemons/ai.openclaw.gateway.plist"
#: Rewrites openclaw.json as data, atomically, with the rights of its owner.
EDIT = (
    "/usr/bin/python3 -c 'import json, os; p = \"%s\"; c = json.load(open(p)); %%s; "
    'open(p + ".x", "w").write(json.dumps(c, indent=2)); os.chmod(p + ".x", 0o600); os.rename(p + ".x", p)\'' % CONFIG
)
DOTENV = "umask 077; printf 'A=1\\n%s=%s\\n' >>%s/.env" % (VARIABLE, STALE, STATE)
REMOTE = EDIT % ('c["gateway"]["remote"] = {"url": "ws://192.0.2.1:1", "token": "%s"}' % STALE)
NO_TOKEN = EDIT % 'c["gateway"]["auth"] = {}'
VARIABLE_REFERENCE = EDIT % ('c["gateway"]["auth"]["token"] = "${%s}"' % VARIABLE)
SETENV = "launchctl setenv %s %s" % (VARIABLE, STALE)
INTO_PLIST = (
    "/usr/bin/python3 -c 'import plistlib; p = \"%s\"; d = plistlib.load(open(p, \"rb\")); "
    'd["EnvironmentVariables"]["%s"] = "%s"; plistlib.dump(d, open(p, "wb"))\'' % (PLIST, VARIABLE, STALE)
)
SHELL = "echo 'export %s=%s' >/Users/openclaw/.zshenv" % (VARIABLE, STALE)

#: name -> (what is done to the host: (command, account)), what the module does: applied)
STATES = {
    "all is well": ([], "nothing"),
    "dotenv": ([(DOTENV, "openclaw")], "nothing"),
    "remote token": ([(REMOTE, "openclaw")], "nothing"),
    "dotenv and remote": ([(DOTENV, "openclaw"), (REMOTE, "openclaw")], "nothing"),
    "plist": ([(INTO_PLIST, None)], "nothing"),
    "plist and dotenv": ([(INTO_PLIST, None), (DOTENV, "openclaw")], "nothing"),
    "launchctl setenv": ([(SETENV, None)], "restart"),
    "no token at all: the runtime-token trap": ([(NO_TOKEN, "openclaw"), ("sleep 15", None)], "restart"),
}
#: Seen by a run that may take its time.
PREDICTED = ("changed", "applied", "effect", "source", "generated", "due", "files", "diff")


@pytest.mark.parametrize("name", STATES)
def test_one_run_ends_with_one_proven_source(mini, name):
    commands, applied = STATES[name]
    for command, user in commands:
        mini.sh(command, user)
    before = mini.pid()
    foretold = mini.token("--check")
    result = mini.token()
    assert not result.get("failed"), result
    assert result["applied"] == applied
    assert {key: result[key] for key in PREDICTED} == {key: foretold[key] for key in PREDICTED}
    assert (result["proof"], result["source_count"]) == ("proven", 1)
    assert result["changed"] is bool(commands)
    assert (mini.pid() != before) is (applied == "restart") or result["restarts"] <= 1
    again = mini.token()
    assert (again["changed"], again["proof"], again["restarts"]) == (False, "proven", 0)
    assert again["fingerprint"] == result["fingerprint"]
    assert STALE not in json.dumps([foretold, result, again])
    assert STALE not in mini.sh("cat %s/.env 2>/dev/null; cat %s %s; launchctl getenv %s; true" % (
        STATE, CONFIG, PLIST, VARIABLE))  # fmt: skip


def test_what_else_is_in_such_a_file_stays(mini):
    mini.sh(DOTENV, "openclaw")
    assert mini.token()["changed"]
    assert mini.sh("cat %s/.env" % STATE) == "A=1\n"


def test_a_persons_shell_file_is_reported_with_its_line_and_left_alone(mini):
    mini.sh(SHELL, "openclaw")
    result = mini.token()
    assert not result["changed"]
    (report,) = [note for note in result["reports"] if note["kind"] == "shell"]
    assert (report["location"], report["line"]) == ("/Users/openclaw/.zshenv", 1)
    assert "/Users/openclaw/.zshenv" in report["command"]
    assert STALE in mini.sh("cat /Users/openclaw/.zshenv")


def test_another_source_is_declared_and_taken_back(mini):
    first = mini.token()["fingerprint"]
    moved = mini.token(source="file")
    assert (moved["proof"], moved["fingerprint"], moved["source_count"]) == ("proven", first, 1), moved
    assert mini.sh("stat -c %a " + STATE + "/secrets/gateway.json").strip() == "600"
    rotated = mini.token(source="file", state="rotated")
    assert (rotated["applied"], rotated["proof"], rotated["restarts"]) == ("reload", "proven", 0), rotated
    assert rotated["fingerprint"] != first and rotated["previous"] == first
    back = mini.token()
    assert (back["proof"], back["fingerprint"]) == ("proven", rotated["fingerprint"]), back
    assert not mini.token()["changed"]
