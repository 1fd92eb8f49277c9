# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed host on which tokens are put where they should not be, and openclaw_token as Ansible runs it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HOSTS = 2


def _deploy_kit():
    spec = importlib.util.spec_from_file_location("deploy_kit", ROOT / "tests/integration/deploy/conftest.py")
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    return kit


class Mini:
    """One host of the lab."""

    def __init__(self, lab, name, scratch):
        self.lab, self.name, self.scratch = lab, name, scratch

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
            # That file has everything else.
            return dict(result, diff=[line for line in done.stdout.splitlines() if line[:1] in ("+", "-")])
        except (OSError, ValueError):
            raise AssertionError(done.stdout + done.stderr) from None

    def sh(self, script, user=None):
        words = ["--user", user] if user else []
        return self.lab("exec", self.name, *words, "--", "sh", "-c", script)

    def pid(self):
        return self.sh("launchctl print system/ai.openclaw.gateway | awk '$1 == \"pid\" {print $3}'").strip()


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    lab = _deploy_kit().Lab("rotate-tests")
    lab.inventory = lab("up", "--hosts", str(HOSTS)).split()[-1]
    run = lab.playbook("deploy")
    assert run.rc == 0, run.out
    yield [Mini(lab, "mini%02d" % (number + 1), tmp_path_factory.mktemp("tree")) for number in range(HOSTS)]
    lab("down")


@pytest.fixture
def mini(fleet):
    """A host with one good token in openclaw.json, and a Gateway that takes it."""
    host = fleet[0]
    host.sh("rm -f /Users/openclaw/.openclaw/.env /Users/openclaw/.zshenv")
    result = host.token()
    assert result.get("proof") == "proven", result
    return host
