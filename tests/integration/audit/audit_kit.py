# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet in order, and the audit of it as an operator runs it: by the name it has once the collection is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: A secret of each kind that an audit gets from the controller. None may ever be seen.
CANARIES = {
    "token": "canary-token-0123456789abcdef-of-mini01",
    "setting": "canary-setting-0123456789abcdef",
    "consumer": "canary-consumer-0123456789abcdef",
}
SINKS = ["html", "json", "junit", "markdown", "prometheus", "text"]
#: With pipelining, each module that runs on a host is one SSH command that starts the host's Python.
MODULE_RUN = re.compile(r"^<(\S+)> SSH: EXEC .*/usr/bin/python3", re.MULTILINE)
#: What a Gateway that nobody asks anything writes on its own, now and then; a while after a first start its web pages.
OF_A_RUNNING_GATEWAY = re.compile(r"/Users/openclaw/\.openclaw/(state/openclaw\.sqlite(-wal|-shm)?|cache(/\S*)?) ")
#: launchctl verbs that only look.
LOOKING = {"print", "list", "print-disabled", "getenv", "managerpid", "manageruid", "managername"}


def deploy_kit():
    """The handle of a lab, as the tests of playbooks have it."""
    spec = importlib.util.spec_from_file_location("deploy_kit", ROOT / "tests/integration/deploy/conftest.py")
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    return kit


KIT = deploy_kit()


class Audit:
    """What came of an audit: exit code, all output, and the record (None if none was written)."""

    def __init__(self, done, folder):
        self.rc, self.out = done.returncode, done.stdout + done.stderr
        written = folder / "drift.json"
        self.record = json.loads(written.read_text()) if written.exists() else None

    def host(self, name):
        return next(host for host in self.record["hosts"] if host["name"] == name)

    def failing(self, name):
        """Return {check id: finding} of what fails on a host."""
        return {item["checkId"]: item for item in self.host(name)["findings"] if item["result"] == "fail"}


class Fleet:
    """A lab with two deployed hosts, and what is declared about them in an inventory beside the lab's."""

    def __init__(self, folder):
        self.folder = folder
        self.lab = KIT.Lab("audit-tests")
        self.lab.inventory = self.lab("up", "--hosts", "2").split()[-1]
        self.declared = folder / "declared.json"
        self.declare({})
        for name in ("mini01", "mini02"):
            # What a role for the host itself would set. A virgin Mac goes to sleep.
            self.lab("exec", name, "--", "pmset", "-a", "sleep", "0", "autorestart", "1")
        done = self.playbook("clawops.openclaw.deploy", gateway_ready_timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr

    def declare(self, variables, dead=()):
        """Write the inventory: the canaries, further variables for all hosts, and hosts that do not answer."""
        settings = {"env": {"vars": {"AUDIT_CANARY": CANARIES["setting"]}}}
        minis = {
            "vars": dict({"gateway_settings": settings}, **variables),
            "hosts": {name: {"ansible_host": "127.0.0.9", "ansible_port": 9} for name in dead},
        }  # fmt: skip
        minis["hosts"]["mini01"] = {"gateway_token": CANARIES["token"]}
        self.declared.write_text(json.dumps({"minis": minis}))

    def playbook(self, name, *words, command=None, environment=None, **variables):
        """Run a playbook of the collection by its name; keyword arguments become extra variables."""
        argv = [
            str(command or Path(sys.executable).with_name("ansible-playbook")), "--inventory=" + self.lab.inventory,
            "--inventory=%s" % self.declared, "--extra-vars=" + json.dumps(variables), name, *words,
        ]  # fmt: skip
        told = dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), LC_ALL="C.UTF-8",
                    ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build/collections"), **(environment or {}))  # fmt: skip
        return subprocess.run(argv, cwd=self.folder, env=told, capture_output=True, text=True, check=False)

    def audit(self, folder, *words, command=None, **variables):
        """Audit into a folder; its state lies there too, so that each test begins without a past."""
        chosen = dict({"audit_report_dir": str(folder), "audit_sinks": SINKS}, **variables)
        return Audit(self.playbook("clawops.openclaw.audit", *words, command=command, **chosen), folder)

    def sh(self, host, script):
        return self.lab("exec", host, "--", "sh", "-c", script)

    def disk(self, host):
        """Return what is on the disk of a host: a line for each path with mode, owner, time and digest."""
        listing = self.lab("checksum", host, "--list").splitlines()
        return {line for line in listing if not OF_A_RUNNING_GATEWAY.match(line)}

    def calls(self, host):
        """Return the launchctl calls of a host so far."""
        records = [json.loads(line) for line in self.lab("log", host).splitlines()]
        return [record["argv"] for record in records if record["source"] == "launchctl"]

    def down(self):
        self.lab("down")
