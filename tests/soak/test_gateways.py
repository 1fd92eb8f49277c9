# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of a real Gateway, round after round: the probe sees each outage, and each time launchd brings it back."""
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAB = [str(ROOT / "tests/lab/lab"), "--name", "soak"]
HOST = "mini01"
SERVICE = "system/ai.openclaw.gateway"
#: Seconds; the role's default.
THROTTLE = 30


def lab(*words):
    done = subprocess.run([*LAB, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def inventory():
    """A lab of its own with one Mac and a Gateway on it."""
    path = lab("up", "--hosts", "1").strip()
    try:
        deployed = subprocess.run(
            ["ansible-playbook", "-i", path, str(ROOT / "playbooks/deploy.yml")],
            cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        yield path
    finally:
        lab("down")


def probe(inventory, **arguments):
    """The probe's result, as a play would get it; its own failure is a result too."""
    done = subprocess.run(
        ["ansible", HOST, "-i", inventory, "-m", "clawops.openclaw.openclaw_probe",
         "-a", json.dumps(dict(arguments, user="openclaw"))],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env=dict(os.environ, ANSIBLE_LOAD_CALLBACK_PLUGINS="1", ANSIBLE_STDOUT_CALLBACK="ansible.builtin.oneline"),
    )  # fmt: skip
    assert "=>" in done.stdout, done.stdout + done.stderr
    return json.loads(done.stdout.split("=>", 1)[1].strip())


def job():
    """What launchctl prints of the job: the first value of each key."""
    found = {}
    for line in lab("exec", HOST, "--", "launchctl", "print", SERVICE).splitlines():
        key, equals, value = line.strip().partition(" = ")
        if equals:
            found.setdefault(key, value)
    return found


def test_comes_back_each_time(inventory, rounds, chance):
    before = probe(inventory, wait_for="authenticated", timeout=120)
    assert before["state"] == "healthy"
    for number in range(1, rounds + 1):
        # Now and then a Gateway that had lived for longer than the interval, now and then one in its first seconds.
        time.sleep(chance.choice([0, 0, 3, 11]))
        was = job()
        killed = time.monotonic()
        lab("exec", HOST, "--", "kill", "-9", was["pid"])

        outage = probe(inventory)
        assert outage["state"] != "healthy", f"round {number}: the probe has not noticed"

        after = probe(inventory, wait_for="authenticated", expect=["ready", "exposure"], timeout=THROTTLE + 90)
        away = time.monotonic() - killed
        assert not after.get("failed"), f"round {number}: {after.get('failure')}"
        assert after["state"] == "healthy"
        assert after["server"]["boot_id"] != before["server"]["boot_id"]
        is_now = job()
        assert is_now["pid"] != was["pid"]
        assert int(is_now["runs"]) == int(was["runs"]) + 1
        print(f"round {number}: away for {away:.1f} s, outage seen as {outage['state']}")
        before = after
