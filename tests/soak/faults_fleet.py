# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of single faults, and a fleet that they befall: what is declared of it, deployed and healthy."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration/rotate"))

from faults_kit import Host
from rotate_kit import THROTTLE_S

#: Hosts of each scope. The agent's is only there for what only befalls one.
DAEMONS, AGENT = ("mini01", "mini02"), "mini03"
ORIGINS = ["http://localhost:18789"]
AUTH = {"mode": "token", "allowTailscale": None}
#: What is declared of these hosts beyond the defaults, so that there is something to compare with.
DECLARED = {
    "gateway_throttle_interval": THROTTLE_S,
    "gateway_settings": {
        "logging": {"level": "info"},
        # The first heartbeat comes at any moment of half an hour, and makes the agent's directories.
        "agents": {"defaults": {"heartbeat": {"every": "0m"}}},
        "gateway": {"controlUi": {"allowedOrigins": ORIGINS}},
    },
    "audit_baseline": {"gateway": {"auth": AUTH}},
    "audit_operators": ["admin"],
    "audit_policy": {
        "environment": "lab", "class": "mini", "token_max_age_days": 180, "max_pending_age_s": 120,
        "allowed_origins": ORIGINS,
    },
}  # fmt: skip


class Fault(NamedTuple):
    """A row of audit_faults.yml. C(do) and C(then) are lists of words for the lab, C(undo) shell scripts."""

    name: str
    do: list
    raises: list
    also: dict
    reload: bool
    restart: bool
    undo: list
    then: list
    scope: str


_DELETE = (
    "/usr/bin/python3 -c \"import sqlite3; b = sqlite3.connect('/Users/openclaw/.openclaw/state/openclaw.sqlite', "
    "timeout=20); b.execute('DELETE FROM %s', %r); b.commit()\""
)


def _row(row):
    rows = [_DELETE % (table, ()) for table in row.get("rows", ())]
    rows += [_DELETE % ("config_machine_state WHERE state_key = ?", (key,)) for key in row.get("keys", ())]
    return Fault(
        row["name"], [words.split() for words in row["do"]], ["OCG-" + check for check in row["raises"]],
        {"OCG-" + check: why for check, why in row.get("also", {}).items()}, row.get("reload", False),
        row.get("restart", False), row.get("undo", []) + rows,
        [words.split() for words in row.get("then", ())], row.get("scope", "daemon"),
    )  # fmt: skip


FAULTS = [_row(row) for row in yaml.safe_load(Path(__file__).with_name("audit_faults.yml").read_text())["faults"]]


class Fleet:
    """Healthy hosts of a lab, deployed as declared. C(spent): seconds for breaking, auditing, mending."""

    def __init__(self, lab, scratch, names):
        self.lab, self.scratch, self.names = lab, scratch, names
        self.spent = {"break": 0.0, "audit": 0.0, "mend": 0.0}
        lab.inventory = lab("up", "--hosts", str(max(int(name[-2:]) for name in names))).split()[-1]
        self._declared = scratch / "declared.json"
        self.declare({})
        self._prepare()
        run = self.playbook("deploy", names)
        assert run.rc == 0, run.out
        # The fleet knows the tokens that its hosts made for themselves.
        self.declare({name: {"audit_policy": {"token_fingerprint": self._fingerprint(name)}} for name in names})
        domain = "gui/" + lab("exec", names[0], "--", "id", "-u", "openclaw").strip()
        self.hosts = {name: Host(lab, name, domain if name == AGENT else "system") for name in names}

    def declare(self, more):
        """Declare what is declared, and more: {host: variables}."""
        hosts = {}
        for name in self.names:
            of_host = dict(more.get(name, {}), gateway_scope="agent" if name == AGENT else "daemon")
            of_host["audit_policy"] = dict(DECLARED["audit_policy"], **of_host.get("audit_policy", {}))
            hosts[name] = of_host
        self._declared.write_text(json.dumps({"minis": {"vars": DECLARED, "hosts": hosts}}))

    def declare_tokens(self):
        """Declare the tokens themselves, as out of a vault, so that one that got lost can be put back."""
        self.declare({name: {"gateway_token": host.token()} for name, host in self.hosts.items()})

    def _prepare(self):
        """What the role of the host itself would do: power settings, and who is logged in."""
        for name in self.names:
            self.lab("exec", name, "--", "pmset", "-a", "sleep", "0", "disksleep", "0", "autorestart", "1", "womp", "1")
            if name == AGENT:
                self.lab("autologin", name, "openclaw")
                self.lab("login", name)

    def _fingerprint(self, name):
        config = json.loads(self.lab("exec", name, "--", "cat", "/Users/openclaw/.openclaw/openclaw.json"))
        return "sha256:" + hashlib.sha256(config["gateway"]["auth"]["token"].encode()).hexdigest()[:12]

    def playbook(self, playbook, names, *words, **variables):
        """Run a playbook of the collection on some of the hosts."""
        return self.lab.playbook(playbook, *self._words(words), target=":".join(names), **variables)

    def begin(self, playbook, names, *words, **variables):
        """Start one; returns its process."""
        return self.lab.begin(playbook, *self._words(words), target=":".join(names), **variables)

    def _words(self, words):
        return ("--inventory=%s" % self._declared, *words)

    def audit(self, names):
        """Return {host: {state, fail: {check: message}, unknown: {check: message}}}."""
        began = time.monotonic()
        report = self.scratch / "report"
        run = self.playbook("audit", names, audit_report_dir=str(report), audit_state_dir=str(self.scratch / "state"),
                            audit_sinks=["json"], audit_fail=False, audit_show=False)  # fmt: skip
        assert run.rc == 0, run.out
        found = [path for path in report.glob("**/*.json") if "hosts" in json.loads(path.read_text())]
        record = json.loads(max(found, key=lambda path: path.stat().st_mtime).read_text())
        self.spent["audit"] += time.monotonic() - began
        return {host["name"]: _told(host) for host in record["hosts"]}

    def each(self, what, now):
        """C(break) or C(mend) hosts at the same time: {host: fault}."""
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(len(self.names)) as pool:
            deeds = {"break": Host.break_, "mend": Host.mend}
            list(pool.map(lambda name: deeds[what](self.hosts[name], now[name]), now))
        self.spent[what] += time.monotonic() - began


def _told(host):
    by = {result: {f["checkId"]: f["message"] for f in host["findings"] if f["result"] == result}
          for result in ("fail", "unknown")}  # fmt: skip
    return dict(by, state=host["state"])
