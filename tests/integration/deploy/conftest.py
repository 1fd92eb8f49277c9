# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of its own, and the playbooks run against it as an operator runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


class Run:
    """What came of a playbook: exit code, output, and Ansible's counters for each host."""

    def __init__(self, done):
        self.rc = done.returncode
        self.out = done.stdout + done.stderr
        self.recap = {
            match.group(1): {key: int(count) for key, count in re.findall(r"(\w+)=(\d+)", match.group(2))}
            for match in re.finditer(r"^(\S+)\s+: (ok=.*)$", done.stdout, re.M)
        }


class Lab:
    """tests/lab/lab for one name."""

    def __init__(self, name):
        self.name = name

    def __call__(self, *words):
        argv = [str(ROOT / "tests/lab/lab"), "--name", self.name, *words]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, "lab %s: %s" % (" ".join(words), done.stderr)
        return done.stdout

    def playbook(self, name, *words, **variables):
        """Run playbooks/NAME.yml; keyword arguments become extra variables."""
        argv, options = self._command(name, words, variables)
        return Run(subprocess.run(argv, capture_output=True, check=False, **options))

    def begin(self, name, *words, **variables):
        """Start the same in a session of its own; returns the process, whose output has all that it says."""
        argv, options = self._command(name, words, variables)
        return subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, **options)

    def _command(self, name, words, variables):
        argv = [
            str(Path(sys.executable).with_name("ansible-playbook")),
            "--inventory=" + self.inventory,
            "--extra-vars=" + json.dumps(variables),
            str(ROOT / "playbooks" / (name + ".yml")),
            *words,
        ]
        environment = dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), LC_ALL="C.UTF-8")
        return argv, {"cwd": ROOT, "env": environment, "text": True}

    def launchctl_calls(self, host, *verbs):
        """Return the launchctl calls of a host so far that used one of the verbs."""
        records = [json.loads(line) for line in self("log", host).splitlines()]
        return [record["argv"] for record in records if record["source"] == "launchctl" and record["argv"][0] in verbs]


@pytest.fixture(scope="session")
def lab():
    lab = Lab("deploy-tests")
    lab.inventory = lab("up", "--hosts", "2").split()[-1]
    yield lab
    lab("down")


@pytest.fixture
def mini(lab):
    """A virgin host."""
    lab("reset", "mini01")
    return "mini01"
