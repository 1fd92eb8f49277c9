# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulated Mac with a deployed Gateway, and looks at it as Ansible makes them."""
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/tools"))


class Mini:
    """The host mini01 of a lab."""

    def __init__(self, lab):
        self.lab = lab

    def sh(self, script, user="root"):
        return self.lab("exec", "mini01", "--user", user, "--", "/bin/sh", "-c", script)

    def look(self, become=True, **options):
        """Run openclaw_info; return what it returns, without what Ansible adds."""
        argv = [str(Path(sys.executable).with_name("ansible")), "mini01", "-i", self.lab.inventory, "-m",
                "clawops.openclaw.openclaw_info", "-a", json.dumps(dict(options, user="openclaw")),
                "-e", json.dumps({"ansible_become": become})]  # fmt: skip
        done = subprocess.run(
            argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            env=dict(os.environ, ANSIBLE_LOAD_CALLBACK_PLUGINS="1", ANSIBLE_STDOUT_CALLBACK="ansible.builtin.oneline",
                     ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build/collections"),
                     LC_ALL="C.UTF-8"),
        )  # fmt: skip
        head, arrow, body = done.stdout.partition("=>")
        assert arrow and "SUCCESS" in head, done.stdout + done.stderr
        found = json.loads(body.strip())
        assert found.pop("changed") is False
        return {name: value for name, value in found.items() if name not in ("ansible_facts", "warnings")}


@pytest.fixture(scope="session")
def mini():
    spec = importlib.util.spec_from_file_location("deploy_kit", ROOT / "tests/integration/deploy/conftest.py")
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    lab = kit.Lab("info-tests")
    lab.inventory = lab("up", "--hosts", "1").split()[-1]
    yield Mini(lab)
    lab("down")


@pytest.fixture(scope="session")
def deployed(mini):
    """The host with a Gateway that nobody has touched since."""
    run = mini.lab.playbook("deploy")
    assert run.rc == 0, run.out
    return mini
