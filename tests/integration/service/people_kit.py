# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose Gateway is ours, and a person who uses OpenClaw's own commands on it."""

from __future__ import annotations

import json

HOST, LABEL, HOME = "mini01", "ai.openclaw.gateway", "/Users/openclaw"
AGENT = "%s/Library/LaunchAgents/%s.plist" % (HOME, LABEL)
DIST = "/opt/homebrew/lib/node_modules/openclaw/dist"
#: OpenClaw minds launchd only where Node says that it runs on a Mac.
A_MAC = 'Object.defineProperty(process, "platform", {value: "darwin"});'
PATH = "/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin"


class Mini:
    """The host."""

    def __init__(self, lab):
        self.lab = lab

    def sh(self, script):
        return self.lab("exec", HOST, "--", "sh", "-c", script)

    def put(self, path, text):
        self.sh("cat > %s <<'TEXT'\n%s\nTEXT\nchmod 644 %s" % (path, text, path))

    def person(self, *words, **environment):
        """Run a command as the Gateway's account, in a shell of its own; returns (exit code, output)."""
        told = dict({"HOME": HOME, "USER": "openclaw", "LOGNAME": "openclaw", "PATH": PATH}, **environment)
        told["NODE_OPTIONS"] = "--require /Users/Shared/mac.cjs"
        pairs = " ".join("%s='%s'" % pair for pair in told.items())
        command = "cd %s; env -i %s %s 2>&1; echo \"exit code $?\"" % (HOME, pairs, " ".join(words))
        out = self.lab("exec", HOST, "--user", "openclaw", "--", "sh", "-c", command)
        out, dummy, code = out.rstrip().rpartition("exit code ")
        return int(code), out

    def deploy(self, *words, **variables):
        said = dict({"target": HOST, "gateway_scope": "agent", "gateway_ready_timeout": 600}, **variables)
        return self.lab.playbook("deploy", *words, **said)

    def audit(self, folder, **variables):
        """Return {check id: message} of what fails of the service."""
        said = {"target": HOST, "gateway_scope": "agent", "audit_report_dir": str(folder), "audit_sinks": ["json"]}
        run = self.lab.playbook("audit", **dict(said, audit_fail=False, **variables))
        assert run.rc == 0, run.out
        (host,) = json.loads((folder / "drift.json").read_text())["hosts"]
        return {item["checkId"]: item["message"] for item in host["findings"]
                if item["result"] == "fail" and "SERVICE" in item["checkId"]}  # fmt: skip

    def job(self, domain="gui/502"):
        """Return what launchd has of the Gateway."""
        return json.loads(self.lab("launchd", HOST, "status"))["domains"].get(domain, {}).get(LABEL)

    def loadings(self):
        """Return how many times somebody had launchd start the Gateway so far."""
        return len(self.lab.launchctl_calls(HOST, "bootstrap", "kickstart", "load"))
