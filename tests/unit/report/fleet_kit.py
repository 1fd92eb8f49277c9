# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of fleets that do not exist but could: healthy ones, broken ones, big ones, hostile ones."""
import copy
from pathlib import Path

import yaml
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records

FILES = sorted((Path(__file__).resolve().parents[3] / "roles/audit/files/checks").glob("*.yml"))
#: What a report is told of a check.
_KEYS = ("id", "title", "severity", "layer", "why", "impact", "diagnosis", "step", "requirements", "repair")
#: (severity, step) of the checks that the tests below count on, whatever the catalogue comes to think of them.
_PINNED = {
    "OCG-" + ident: {"severity": severity, "step": step}
    for ident, severity, step in (
        ("TOKEN-001", "error", 3), ("TOKEN-002", "error", 3), ("TOKEN-005", "error", 3), ("TOKEN-006", "warning", 3),
        ("GATEWAY-006", "error", 4), ("PORT-001", "error", 4), ("SERVICE-012", "error", 4),
        ("SERVICE-013", "warning", 4),
        ("LOG-001", "warning", 2), ("LOG-003", "warning", 4), ("HOST-002", "warning", 1), ("HOST-003", "warning", 1),
        ("VERSION-001", "error", 4), ("VERSION-007", "info", 1), ("CONFIG-008", "warning", 3),
        ("FLEET-001", "error", 2), ("FLEET-005", "error", 3),
    )
}
#: The collection's own catalogue, read without the package that judging takes: a target has none.
CHECKS = [dict({key: check.get(key) for key in _KEYS}, **_PINNED.get(check["id"], {}))
          for path in FILES for check in yaml.safe_load(path.read_text("utf-8"))]
BY_ID = {check["id"]: check for check in CHECKS}
#: Checks about several hosts, or about the audit itself, are no finding of a host.
OF_HOSTS = [check for check in CHECKS if records.area(check["id"]) not in ("FLEET", "WAIVER")]
RUN = {
    "id": "20261122T060000Z-1f2e",
    "started": "2026-11-22T06:00:00Z",
    "finished": "2026-11-22T06:00:06Z",
    "inventory": "inventory/minis.yml",
    "command": "ansible-playbook -i inventory/minis.yml clawops.openclaw.audit",
}
TOOL = {"name": "clawops.openclaw", "version": "0.1.0"}
METRICS = {
    "token_sources": 1, "log_hours": 24.0, "auth_failures": {"gateway": 0, "provider": 0}, "pairing_attempts": 2,
    "pairing_successes": 2, "closes": {"1000": 41, "1006": 3}, "starts": 1, "pending_devices": 0,
}


def finding(ident, host, result="fail", **more):
    """One finding in the shape judging gives it."""
    check = BY_ID[ident]
    told = result in ("fail", "unknown", "waived")
    given = {
        "checkId": ident, "host": host, "result": result, "severity": check["severity"], "layer": check["layer"],
        "title": check["title"], "message": check["title"], "path": "", "step": check["step"],
        "fixHint": "Deploy this host again." if told else "",
        "diagnosis": check["diagnosis"].replace("{port}", "18789") if told else "",
        "evidence": None, "waiver": None, "drift": None,
        "repair": {"kind": "deploy", "commands": ["ansible-playbook clawops.openclaw.deploy -e target=%s" % host]},
        "requirements": check["requirements"],
    }
    return dict(given, **more)


def host(name, *odd, **more):
    """A host whose every check passes, but for the odd findings (the two about a GUI session do not apply)."""
    ids = {item["checkId"] for item in odd}
    absent = ("OCG-HOST-005", "OCG-HOST-006")
    normal = [finding(check["id"], name, "not_applicable" if check["id"] in absent else "pass")
              for check in OF_HOSTS if check["id"] not in ids]
    given = {"name": name, "class": "daemon", "environment": "production", "unreachable": False, "reason": None,
             "openclaw": "2026.9.6", "macos": "15.7.1", "ms": 118, "metrics": METRICS, "findings": [*odd, *normal]}
    return dict(given, **more)


def dead(name):
    return {"name": name, "class": "daemon", "environment": "production", "unreachable": True,
            "reason": "unreachable: connect to %s port 22: Operation timed out" % name}


def two_tokens(name):
    """Somebody tried something in a shell profile, and set a token for the whole domain."""
    return host(
        name,
        finding("OCG-TOKEN-001", name, message="3 places supply a token: config, launchctl setenv, ~/.zshrc",
                path="launchctl getenv OPENCLAW_GATEWAY_TOKEN", drift="corrective",
                evidence={"value": 3, "want": 1},
                fixHint="Leave one source; the runbook's step 3 removes the others."),
        finding("OCG-TOKEN-005", name, message="launchctl setenv holds a token", drift="corrective",
                path="gui/501", repair={"kind": "remediate", "commands": [
                    "ansible-playbook clawops.openclaw.remediate -e target=%s -e openclaw_runbook_until=3" % name]}),
        finding("OCG-TOKEN-006", name, message="/Users/openclaw/.zshrc line 14 exports a token", drift="corrective",
                path="/Users/openclaw/.zshrc:14", repair={"kind": "manual", "commands": [
                    "ssh %s sed -i '' 14d /Users/openclaw/.zshrc" % name,
                    "ssh %s launchctl unsetenv OPENCLAW_GATEWAY_TOKEN" % name]}),
        finding("OCG-GATEWAY-006", name, message="its own commands present another token than the Gateway takes",
                path="self", drift="corrective"),
        metrics=dict(METRICS, token_sources=3, auth_failures={"gateway": 214, "provider": 0},
                     closes={"1000": 12, "1006": 31, "1008": 214}),
    )


def storming(name):
    """The port is somebody else's, and launchd starts the Gateway again and again."""
    return host(
        name,
        finding("OCG-PORT-001", name, message="18789 is held by node (pid 812), not by our job", path="127.0.0.1:18789",
                drift="corrective", evidence={"value": 812, "want": 4711}),
        finding("OCG-SERVICE-012", name, message="launchd has started it 57 times in the last hour", drift="corrective",
                path="system/ai.openclaw.gateway"),
        finding("OCG-SERVICE-013", name, message="last exit 1 after 14 s", path="system/ai.openclaw.gateway"),
        finding("OCG-LOG-003", name, "unknown", message="the log of the Gateway cannot be read: permission denied",
                path="/Users/openclaw/.openclaw/logs/gateway.log"),
        finding("OCG-HOST-003", name, "waived", message="sleep is 10 minutes", path="pmset sleep", waiver={
            "check": "OCG-HOST-003", "owner": "ops@example.com", "reason": "a laptop until the mini is back",
            "expires": "2026-12-31"}),
        metrics=dict(METRICS, starts=57),
    )


def behind(name):
    """The declaration moved on, and nobody deployed it here."""
    return host(
        name,
        finding("OCG-VERSION-001", name, message="OpenClaw 2026.8.2 is current, 2026.9.6 is declared", drift="pending",
                path="/opt/openclaw/current"),
        finding("OCG-CONFIG-008", name, message="logging.level is \"debug\", declared is \"info\"", drift="pending",
                path="/Users/openclaw/.openclaw/openclaw.json: logging.level",
                evidence={"value": "debug", "want": "info"}),
        finding("OCG-HOST-002", name, message="swap in use: 6.1 GiB of 7.0 GiB"),
        openclaw="2026.8.2",
    )


def blind(name):
    """Looked at without the privilege it takes."""
    ids = ("OCG-TOKEN-001", "OCG-TOKEN-003", "OCG-FILE-002", "OCG-SERVICE-006", "OCG-HOST-009")
    return host(name, *(finding(ident, name, "unknown", message="may not be read by this user") for ident in ids))


BROKEN = (two_tokens, storming, behind)


def named(number):
    return "mini%02d.example.net" % number


def healthy(size):
    return [host(named(number)) for number in range(1, size + 1)]


def broken(size):
    """Hosts of a fleet of which three are broken in different ways and one is dead."""
    hosts = healthy(size)
    for make, number in ((two_tokens, 7), (storming, 23), (behind, 31), (dead, 42)):
        hosts[number - 1] = make(named(number))
    return hosts


def bad_morning(size):
    """Hosts of a big fleet of which one in four is in some trouble."""
    kinds = (two_tokens, storming, behind, blind, dead)
    return [kinds[number // 4 % len(kinds)](named(number)) if number % 4 == 0 else host(named(number))
            for number in range(1, size + 1)]


def shared_token(*names):
    return finding("OCG-FLEET-005", None, message="%s have the same Gateway token" % " and ".join(names), repair={
        "kind": "rotate", "commands": ["ansible-playbook clawops.openclaw.rotate_token -e target=%s" % names[1]]})


PLAN = {"hosts": [
    {"name": named(31), "changed": [
        {"task": "Install OpenClaw", "module": "openclaw_release", "path": "/opt/openclaw", "diff": [
            {"before": "current: 2026.8.2\n", "after": "current: 2026.9.6\n"}]},
        {"task": "Converge openclaw.json", "module": "openclaw_config",
         "path": "/Users/openclaw/.openclaw/openclaw.json",
         "diff": {"before": "logging:\n  level: debug\n", "after": "logging:\n  level: info\n"}},
    ]},
    {"name": named(1), "changed": []},
]}


def build(hosts, **more):
    return records.build(copy.deepcopy(hosts), CHECKS, dict(RUN), tool=TOOL, **more)


def morning(size=50):
    """The record a person opens in the morning: three broken, one dead, a shared token, compared with yesterday."""
    yesterday = healthy(size)
    yesterday[30] = behind(named(31))
    yesterday[11] = storming(named(12))
    before = build(yesterday)
    before["run"]["finished"] = "2026-11-21T06:00:05Z"
    return build(broken(size), previous=before, fleet=[shared_token(named(3), named(4))], plan=PLAN)


#: What a host might be called, or say, to get out of the place it is printed in.
HOSTILE = (
    "</script><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>&amp;",
    "line one\nline two\r\n| a | b |",
    "`code` ```fence``` [link](javascript:alert(1)) *b* <b>",
    "right \u202e to left \u2066 isolate \u05d0\u05d1",
    "bell \x07 escape \x1b[31m nul \x00 \x85 \u2028 \ufffe \ud800",
    "quote \" back \\ slash \\n {label=\"x\"} ]]> <!-- -- -->",
)


def hostile():
    """A record in which every text a host can choose is out to do harm."""
    hosts = []
    for text in HOSTILE:
        odd = finding("OCG-TOKEN-001", text, message=text, path=text, fixHint=text, evidence={text: [text]}, repair={
            "kind": text, "commands": [text, text]}, title=text, waiver=None, drift="corrective")
        waived = finding("OCG-TOKEN-002", text, "waived", message=text, waiver={
            "owner": text, "reason": text, "expires": "2026-12-31"})
        hosts.append(host(text, odd, waived, openclaw=text, macos=text, environment=text, **{"class": text}))
    plan = {"hosts": [{"name": text, "changed": [{"task": text, "module": text, "path": text, "diff": text}]}
                      for text in HOSTILE]}
    record = build(hosts, previous=build(healthy(2)), plan=plan)
    record["run"].update(command=HOSTILE[0], inventory=HOSTILE[1], reports={"html": HOSTILE[2]})
    return record
