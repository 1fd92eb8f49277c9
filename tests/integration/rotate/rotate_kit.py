# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab with deployed hosts, and openclaw_token as Ansible runs it on one of them."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LABEL = "ai.openclaw.gateway"
THROTTLE_S = 10
#: Waits in the background for the moment in which openclaw.json has been written, then runs a command.
ONCE_WRITTEN = (
    "(cd /Users/openclaw/.openclaw; was=$(stat -c %%i openclaw.json); "
    "while [ $(stat -c %%i openclaw.json) = $was ]; do sleep 0.02; done; %s) >/dev/null 2>&1 &"
)
#: Tells the process of a module at work: with pipelining, Python reads it from its input, and it has no other name.
MODULE = "pgrep -xf /usr/bin/python3"
LOSE_CONNECTION = ONCE_WRITTEN % "pkill -9 -f '^sshd: admin'"


def lab_of(name):
    """Return the handle of a lab, as the tests of playbooks have it."""
    spec = importlib.util.spec_from_file_location("deploy_kit", ROOT / "tests/integration/deploy/conftest.py")
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    return kit.Lab(name)


def fleet_of(lab, scratch, hosts, scope="daemon", version=None):
    """Bring hosts up, deploy a Gateway on each, and return the :class:`Mini` of each."""
    words = ["--openclaw", version] if version else []
    lab.inventory = lab("up", "--hosts", str(hosts), *words).split()[-1]
    names = ["mini%02d" % (number + 1) for number in range(hosts)]
    if scope == "agent":
        for name in names:
            lab("login", name)
    # launchd makes each restart wait for the rest of that interval, and there are many here.
    run = lab.playbook("deploy", gateway_scope=scope, gateway_throttle_interval=THROTTLE_S)
    assert run.rc == 0, run.out
    return [Mini(lab, name, scratch, scope) for name in names]


class Mini:
    """One host of a lab.

    :ivar plist: path of the job's property list. :ivar domain: launchd domain of the job.
    """

    def __init__(self, lab, name, scratch, scope="daemon"):
        self.lab, self.name, self.scratch = lab, name, scratch
        self.uid = self.sh("id -u openclaw").strip()
        self.plist = "/Library/LaunchDaemons/%s.plist" % LABEL
        self.domain = "system"
        if scope == "agent":
            self.plist = "/Users/openclaw/Library/LaunchAgents/%s.plist" % LABEL
            self.domain = "gui/" + self.uid

    def token(self, *words, **options):
        """Run the module; returns its result. C(words) are further words for ansible (C(--check))."""
        argv = [
            str(Path(sys.executable).with_name("ansible")), self.name, "--inventory=" + self.lab.inventory,
            "--module-name=clawops.openclaw.openclaw_token",
            "--args=" + json.dumps(dict({"user": "openclaw"}, **options)),
            "--tree=%s" % self.scratch, "--diff", *words,
        ]  # fmt: skip
        environment = dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), LC_ALL="C.UTF-8")
        done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        try:
            result = json.loads((self.scratch / self.name).read_text())
            (self.scratch / self.name).unlink()
            # That file has everything else.
            return dict(result, diff=[line for line in done.stdout.splitlines() if line[:1] in ("+", "-")])
        except (OSError, ValueError):
            raise AssertionError(done.stdout + done.stderr) from None

    def sh(self, script, user=None):
        words = ["--user", user] if user else []
        return self.lab("exec", self.name, *words, "--", "sh", "-c", script)

    def pid(self):
        return self.sh("launchctl print %s/%s | awk '$1 == \"pid\" {print $3}'" % (self.domain, LABEL)).strip()

    def load_anew(self):
        """Have launchd load the property list as it is now, and wait for the Gateway."""
        self.sh(
            "launchctl bootout %(d)s/%(l)s; "
            "for i in $(seq 100); do launchctl print %(d)s/%(l)s >/dev/null 2>&1 || break; sleep 0.1; done; "
            "launchctl bootstrap %(d)s %(p)s; for i in $(seq 300); do "
            "curl -fsS -o /dev/null http://127.0.0.1:18789/healthz 2>/dev/null && break; sleep 0.2; done"
            % {"d": self.domain, "l": LABEL, "p": self.plist}
        )
