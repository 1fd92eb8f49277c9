# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated Mac on which nothing has been deployed."""

from __future__ import annotations

import json
import re
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration/rotate"))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

from rotate_kit import lab_of

HOST = "mini01"


class Mini:
    """The host."""

    def __init__(self, lab):
        self.lab = lab

    def sh(self, script):
        return self.lab("exec", HOST, "--", "sh", "-c", script)

    def there(self, *paths):
        """Return those of the paths at which something is, a link that leads nowhere too."""
        script = 'for path; do if [ -e "$path" ] || [ -L "$path" ]; then echo "$path"; fi; done'
        return self.lab("exec", HOST, "--", "sh", "-c", script, "sh", *paths).splitlines()

    def disk(self):
        return self.lab("checksum", HOST, "--list").splitlines()

    def play(self, *words, **variables):
        return self.lab.playbook("mac_host", *words, **dict({"target": HOST}, **variables))

    def knob(self, name, text):
        """Have a double answer something else."""
        self.sh("mkdir -p /private/var/db/lab; echo '%s' > /private/var/db/lab/%s" % (text, name))

    def calls(self, *programs):
        """Return the calls of doubles so far, as (program, words)."""
        records = [json.loads(line) for line in self.lab("log", HOST).splitlines()]
        return [(one["program"], one["argv"]) for one in records
                if one["source"] == "program" and one["program"] in programs]  # fmt: skip

    def setting_calls(self):
        """Return the calls of doubles so far that set something."""
        told = self.calls("pmset", "dscl", "tmutil", "sysctl", "softwareupdate")
        setting = re.compile(r"-a |-c |.* -create |addexcl|removeexcl|kern\.\S+=|-i ")
        return [(program, words) for program, words in told if setting.match(" ".join(words))]


def changes(run):
    """Return the lines of a diff."""
    return [line for line in run.out.splitlines() if re.match(r"[+-](?!\+\+ |-- )", line)]


@pytest.fixture(scope="session")
def lab():
    lab = lab_of("mac-host-tests")
    lab.inventory = lab("up", "--hosts", "1").split()[-1]
    yield lab
    lab("down")


@pytest.fixture
def mini(lab):
    """A virgin host."""
    lab("reset", HOST)
    return Mini(lab)


@pytest.fixture
def diff_of():
    return changes
