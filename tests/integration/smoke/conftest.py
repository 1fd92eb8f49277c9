# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated Mac with a Gateway, and one that does not answer."""

from __future__ import annotations

import json
import runpy
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration/rotate"))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

from rotate_kit import lab_of

HOST, LABEL = "mini01", "ai.openclaw.gateway"
TOKEN = "canary-token-0123456789abcdef-smoke"
TOP = "/Library/Application Support/clawops.openclaw"
STATUS = TOP + "/" + LABEL + "/status/smoke.json"
#: What a Gateway that nobody asks anything writes on its own, now and then.
ITS_OWN = tuple("/Users/openclaw/" + name for name in (".openclaw/", ".npm/", ".cache/", "Library/Logs/"))


class Mini:
    """The host with the Gateway."""

    def __init__(self, lab):
        self.lab = lab

    def sh(self, script):
        return self.lab("exec", HOST, "--", "sh", "-c", script)

    def disk(self):
        lines = self.lab("checksum", HOST, "--list").splitlines()
        return {line for line in lines if not line.startswith(ITS_OWN)}

    def play(self, name, *words, **variables):
        said = dict({"target": HOST, "gateway_ready_timeout": 600, "gateway_token": TOKEN}, **variables)
        run = self.lab.playbook(name, *words, **said)
        assert TOKEN not in run.out
        return run

    def status(self):
        return json.loads(self.sh("cat '%s'" % STATUS))

    def wait(self, reached, seconds=60):
        """Wait until the status is as wanted, and return it."""
        end = time.monotonic() + seconds
        while True:
            status = self.status()
            if reached(status):
                return status
            assert time.monotonic() < end, status
            time.sleep(0.5)

    def stop(self):
        self.sh("launchctl bootout system/%s" % LABEL)

    def start(self):
        self.sh(
            "launchctl bootstrap system /Library/LaunchDaemons/%s.plist; for i in $(seq 300); do "
            "curl -fsS -o /dev/null http://127.0.0.1:18789/readyz 2>/dev/null && break; sleep 0.2; done" % LABEL
        )

    def launchd(self, *words):
        return self.lab("launchd", HOST, *words)


@pytest.fixture(scope="session")
def mini(tmp_path_factory):
    lab = lab_of("smoke-tests")
    lab.inventory = lab("up", "--hosts", "1").split()[-1]
    mini = Mini(lab)
    run = mini.play("deploy")
    assert run.rc == 0, run.out
    yield mini
    lab("down")
