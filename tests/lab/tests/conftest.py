# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the lab's own tests: they need root, and bring labs of their own up and down."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab_command import LAB, LabCommand

sys.path.insert(0, str(LAB.parent))


@pytest.fixture(scope="session", autouse=True)
def _needs_root():
    if os.geteuid() != 0:
        pytest.skip("the lab needs root")


def _brought_up(name: str, hosts: int, *options: str):
    lab = LabCommand(name)
    lab.run("down")
    lab.ok("up", "--hosts", str(hosts), *options)
    return lab


@pytest.fixture(scope="session")
def lab():
    """A lab of two hosts that the tests share; each leaves them as found, or resets."""
    made = _brought_up(f"test-{os.getpid()}", 2)
    yield made
    made.ok("down")


@pytest.fixture
def other_lab():
    """A lab of one host of the test's own, of another macOS, that it may take down itself."""
    made = _brought_up(f"test-{os.getpid()}-other", 1, "--macos", "13")
    yield made
    made.ok("down")


@pytest.fixture
def fresh(lab):
    """The name of a virgin host."""
    lab.ok("reset", "mini01")
    return "mini01"


@pytest.fixture(scope="session")
def ansible(lab, tmp_path_factory):
    """Run an Ansible module on a host; returns what it returned."""
    program = next((p for p in (Path(sys.executable).parent / "ansible", shutil.which("ansible") or "") if p and
                    Path(p).exists()), None)  # fmt: skip
    if not program:
        pytest.skip("no ansible beside this Python nor on PATH")
    place = tmp_path_factory.mktemp("ansible")
    (place / "empty.cfg").touch()

    def run(host: str, *words: str) -> dict:
        env = {**os.environ, "ANSIBLE_CONFIG": str(place / "empty.cfg"), "HOME": str(place)}
        done = subprocess.run(
            [str(program), host, "-i", lab.ok("inventory").strip(), "-o", *words], env=env, cwd=place,
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.partition("=>")[2])

    return run
