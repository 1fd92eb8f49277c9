# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for the Gateway against the real one: the same visits to both, and answers of the same shape."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import visitor
from lab_command import LabCommand

PROGRAM = ("/opt/homebrew/bin/node", "/opt/homebrew/lib/node_modules/openclaw/dist/index.js", "gateway", "--port",
           str(visitor.PORT))  # fmt: skip
PLIST = {
    "Label": "ai.openclaw.gateway", "ProgramArguments": list(PROGRAM), "UserName": "openclaw", "RunAtLoad": True,
    "KeepAlive": True, "Umask": 0o077, "EnvironmentVariables": {
        "HOME": "/Users/openclaw", "PATH": "/opt/homebrew/bin:/usr/bin:/bin", "OPENCLAW_NO_RESPAWN": "1",
        "OPENCLAW_SUPERVISOR_MODE": "external"},
    "StandardOutPath": "/Users/openclaw/gateway.log", "StandardErrorPath": "/Users/openclaw/gateway.log",
}  # fmt: skip
REAL, LIGHT = "mini01", "mini02"
#: What says the same in both, word for word; of everything else only the shape is compared.
SAID = {"type", "event", "id", "ok", "code", "missingScope", "requiredScopes", "authReason", "message", "status",
        "ready", "failing", "method", "role", "scopes", "protocol", "valid", "exists", "close", "reason", "accept",
        "caching", "headers", "state", "recommendedNextStep", "maxPayload", "tickIntervalMs", "revised", "unchanged",
        "applied", "issues", "expectedProtocol", "minimumProbeProtocol", "runtimeVersion", "version",
        "path"}  # fmt: skip
#: What the stand-in leaves out: how much memory and how many workers a Node has, and what machine it runs on.
LEFT_OUT = {"processMemory", "workerPools"}
#: Where values come and go with the load of the machine: its keys alone are compared.
UNSTEADY = {"eventLoop"}


def shape(value, name=""):
    """Return C(value) with everything that may differ replaced by the name of its type."""
    if name in LEFT_OUT:
        return name
    if name in UNSTEADY:
        return sorted(value)
    if name == "snapshot":  # as it was when last looked at, and it grows in the first minute
        value = {key: one for key, one in value.items() if key not in ("health", "updateSchedule")}
    if name in SAID and not isinstance(value, dict):
        return value
    if isinstance(value, dict):
        return {key: shape(one, key) for key, one in sorted(value.items())}
    if isinstance(value, list):
        kinds = []
        for one in value:
            kind = shape(one)
            if kind not in kinds:
                kinds.append(kind)
        return kinds
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def differences(one, other, path=""):
    """Return where two shapes differ, as lines."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [line for key in sorted({*one, *other})
                for line in differences(one.get(key, "-"), other.get(key, "-"), f"{path}/{key}")]  # fmt: skip
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [line for at, pair in enumerate(zip(one, other)) for line in differences(*pair, f"{path}/{at}")]
    return [] if one == other else [f"{path}: real {one!r}, stand-in {other!r}"]


def edits(told):
    """What the edits say about each other, because the hashes themselves differ: which changed with the edit before."""
    before, found = {}, {}
    for name, said in told.items():
        found[name] = {
            "valid": said["valid"], "exists": said["exists"], "issues": said["issues"],
            "revised": said["revision"] is not None, "applied": said["revision"] == said["applied"],
            "unchanged": sorted(key for key in ("hash", "revision", "applied") if before.get(key) == said[key]),
        }
        before = said
    return found


@pytest.fixture(scope="module")
def pair():
    """A lab of its own: a real Gateway on the first host, the stand-in on the second."""
    made = LabCommand(f"test-{os.getpid()}-standin")
    made.run("down")
    made.ok("up", "--hosts", "2", "--real", "1")
    for host in (REAL, LIGHT):
        made.ok("exec", host, "--", "/usr/bin/python3", "-c", (
            "import json, plistlib, subprocess, sys\n"
            "plist = '/Library/LaunchDaemons/ai.openclaw.gateway.plist'\n"
            "plistlib.dump(json.loads(sys.argv[1]), open(plist, 'wb'))\n"
            "home = '/Users/openclaw/.openclaw'\n"
            "subprocess.run(['install', '-d', '-m', '700', '-o', '502', '-g', '20', home], check=True)\n"
            "open(home + '/openclaw.json', 'w').write(sys.argv[2])\n"
            "subprocess.run(['chown', '502:20', home + '/openclaw.json'], check=True)\n"
            "subprocess.run(['chmod', '600', home + '/openclaw.json'], check=True)\n"
            "subprocess.run(['launchctl', 'bootstrap', 'system', plist], check=True)\n"
        ), json.dumps(PLIST), visitor.configured())  # fmt: skip
    yield made
    made.ok("down")


@pytest.fixture(scope="module")
def told(pair):
    """Host -> what the visitor heard."""
    script = Path(visitor.__file__).read_text(encoding="utf-8")
    return {host: json.loads(pair.ok("exec", host, "--", "/usr/bin/python3", "-c", script)) for host in (REAL, LIGHT)}


def test_both_have_a_gateway_in_the_status(pair):
    assert {name: host["gateway"] for name, host in pair.status()["hosts"].items()} == {REAL: "real", LIGHT: "stand-in"}


@pytest.mark.parametrize("name", sorted([*visitor.HTTP, "through a proxy", "live, through a proxy", "invoke, wrong"]))
def test_pages_are_alike(told, name):
    assert differences(*(shape(told[host]["http"][name]) for host in (REAL, LIGHT))) == []


@pytest.mark.parametrize("name", sorted([*visitor.TALKS, "foreign origin", "through a proxy"]))
def test_conversations_are_alike(told, name):
    assert differences(*(shape(told[host]["talks"][name]) for host in (REAL, LIGHT))) == []


@pytest.mark.parametrize("name", ["as begun", "a comment", "a key", "broken", "unknown key", "as begun, again"])
def test_a_changed_file_is_told_of_alike(told, name):
    assert differences(*(edits(told[host]["edits"])[name] for host in (REAL, LIGHT))) == []


@pytest.mark.parametrize(("text", "code"), [
    ("", 78), ("{}", 78), ("{ broken", 78), ('{"gateway": {"mode": "remote"}}', 78),
    (visitor.configured(token="x"), 78), (visitor.configured(bind="lan", auth={"mode": "none"}), 78),
])  # fmt: skip
def test_what_keeps_a_gateway_from_starting_ends_both_alike(pair, told, text, code):
    for host in (REAL, LIGHT):
        done = pair.run("exec", host, "--user", "openclaw", "--", "/bin/sh", "-c", (
            "d=$(mktemp -d) && printf %s \"$1\" > $d/openclaw.json && "
            "HOME=$d OPENCLAW_STATE_DIR=$d exec timeout 60 \"$0\" \"$2\" gateway --port 18999"
        ), PROGRAM[0], text, PROGRAM[1])  # fmt: skip
        assert done.returncode == code, (host, done.stdout, done.stderr)


def test_the_same_processes_files_and_listener_are_seen(pair, told):
    seen = {}
    for host in (REAL, LIGHT):
        pid = pair.sh(host, "launchctl list ai.openclaw.gateway | sed -n 's/.*\"PID\" = \\([0-9]*\\);/\\1/p'").strip()
        seen[host] = {
            "words": pair.sh(host, f"tr '\\0' ' ' < /proc/{pid}/cmdline").split(),
            "listener": pair.sh(host, f"lsof -nP -iTCP:{visitor.PORT} -sTCP:LISTEN | tail -1 | cut -c1-9").strip(),
            "files": pair.sh(host, "cd /Users/openclaw/.openclaw && stat -c '%a %U %n' . openclaw.json "
                                   "config-journal-fingerprint.key state state/openclaw.sqlite tmp media"),
            "tables": pair.sh(host, "sqlite=/Users/openclaw/.openclaw/state/openclaw.sqlite; /usr/bin/python3 -c \"\n"
                                    "import sqlite3, sys\n"
                                    "d = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)\n"
                                    "for t in ('pairing_paired', 'pairing_pending', 'identities', 'auth_tokens'):\n"
                                    "    print(t, [c[1:3] for c in d.execute('pragma table_info(device_' + t + ')')],\n"
                                    "          d.execute('select count(*) from device_' + t).fetchone())\" $sqlite"),
        }  # fmt: skip
    assert differences(seen[REAL], seen[LIGHT]) == []


def test_the_stand_in_is_light(pair, told):
    peak = pair.sh(LIGHT, "sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$(lsof -t -nP "
                          f"-iTCP:{visitor.PORT} -sTCP:LISTEN)/status")  # fmt: skip
    assert int(peak) < 30 * 1024


def test_commands_of_openclaw_are_not_the_stand_ins(pair, told):
    assert pair.sh(LIGHT, f"{PROGRAM[0]} --version").strip() == pair.sh(REAL, f"{PROGRAM[0]} --version").strip()
    assert "2026." in pair.sh(LIGHT, f"HOME=/tmp {PROGRAM[0]} {PROGRAM[1]} --version")
