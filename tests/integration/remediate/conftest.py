# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated Mac on which single tasks run as root, and its files as the machine sees them."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration/rotate"))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

from rotate_kit import lab_of


class Mac:
    """One host of a lab."""

    def __init__(self, lab, name, scratch):
        self.lab, self.name, self.scratch = lab, name, scratch
        pid = json.loads(lab("status", "--json"))["hosts"][name]["pid"]
        self.root = Path("/proc/%d/root" % pid)

    def sh(self, script):
        return self.lab("exec", self.name, "--", "sh", "-ec", script)

    def at(self, path):
        return self.root / path.lstrip("/")

    def task(self, module, *words, **options):
        """Run one task as root; returns its result."""
        argv = [
            str(Path(sys.executable).with_name("ansible")), self.name, "--inventory=" + self.lab.inventory, "--become",
            "--module-name=clawops.openclaw." + module, "--args=" + json.dumps(dict({"user": "openclaw"}, **options)),
            "--tree=%s" % self.scratch, *words,
        ]  # fmt: skip
        environment = dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), LC_ALL="C.UTF-8")
        done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        kept = self.scratch / self.name
        assert kept.exists(), done.stdout + done.stderr
        result = json.loads(kept.read_text())
        kept.unlink()
        return result


@pytest.fixture(scope="session")
def mac(tmp_path_factory):
    lab = lab_of("remediate-tasks")
    lab.inventory = lab("up", "--hosts", "1").split()[-1]
    yield Mac(lab, "mini01", tmp_path_factory.mktemp("tree"))
    lab("down")
