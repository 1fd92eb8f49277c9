# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rehearsal of `make conformance` on a Mac: the program that runs there, with a double for the Mac's launchd.

It must leave the Mac as it was, whatever becomes of it, and never touch a job that is not its own.
"""

import json
import os
import signal
import subprocess
import sys

import pytest
from harness import LAB, wait_for
from mac import LOOKING, PREFIX, RealMac, Refused

PROGRAM = os.path.join(LAB, "conformance", "on_a_mac.py")
GATEWAY = "ai.openclaw.gateway"
SCALE = 0.15

pytestmark = pytest.mark.needs_root


@pytest.fixture
def somebodys(fresh):
    """A Mac on which a Gateway runs: (the double, pid of the Gateway)."""
    made = fresh(26, time_scale=SCALE)
    made.load(label=GATEWAY, KeepAlive=True)
    return made, made.field("system/" + GATEWAY, "pid")


def start(made, macos="26.3"):
    environment = {"PATH": "/usr/bin:/bin", "LAUNCHCTL": made.launchctl, "CONFORMANCE_TIME_SCALE": str(SCALE),
                   "CONFORMANCE_MACOS": macos}  # fmt: skip
    return subprocess.Popen([sys.executable, "-I", PROGRAM], env=environment, text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip


def holds_as_before(made, gateway):
    """Nothing of the tests is left, the Gateway is the same, and no call named anything but the tests' own."""
    jobs = made.ctl("status")["domains"]["system"]
    assert list(jobs) == [GATEWAY] and str(jobs[GATEWAY]["pid"]) == gateway and jobs[GATEWAY]["runs"] == 1
    words = made.run("print-disabled", "system").out
    assert words.count(" => ") <= 1 and "=> disabled" not in words
    begun = [row for row in made.calls() if row["argv"][0] not in LOOKING]
    strange = [row["argv"] for row in begun[1:] if PREFIX not in row["argv"][-1]]
    assert not strange


def test_it_holds_and_leaves_nothing(somebodys):
    made, gateway = somebodys
    running = start(made)
    said, dummy = running.communicate(timeout=300)
    assert running.returncode == 0, said
    assert "\nOK\n" in said and "\n0 differences from the double" in said
    holds_as_before(made, gateway)
    path = said.rpartition("what was said: ")[2].strip()
    with open(path, encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    os.unlink(path)
    assert len(rows) > 50 and all(set(row) == {"argv", "rc", "stdout", "stderr"} for row in rows)
    assert GATEWAY not in str(rows) and made.directory not in str(rows), "what else there is, is nobody's business"


def test_a_difference_is_told(somebodys):
    """Taken for another release, this Mac says other things; all that the collection relies on still holds."""
    made, gateway = somebodys
    running = start(made, "11.7.10")
    said, dummy = running.communicate(timeout=300)
    assert running.returncode == 0, said
    told = [line for line in said.splitlines() if line.startswith("DIFFERS  ")]
    assert "DIFFERS  'Bad request.': True here, False by the double's macOS 11" in told
    assert "DIFFERS  bootout of a running job: 0 here, 36 by the double's macOS 11" in told
    holds_as_before(made, gateway)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_it_leaves_nothing(somebodys, number):
    made, gateway = somebodys
    running = start(made)
    wait_for(lambda: len(made.ctl("status")["domains"]["system"]) > 1, what="a job of the tests")
    running.send_signal(number)
    said, dummy = running.communicate(timeout=60)
    assert running.returncode == 130, said
    holds_as_before(made, gateway)


def test_what_a_killed_run_left_is_taken_away_by_the_next(somebodys):
    made, gateway = somebodys
    running = start(made)
    wait_for(lambda: len(made.ctl("status")["domains"]["system"]) > 1, what="a job of the tests")
    running.kill()
    running.communicate()
    assert len(made.ctl("status")["domains"]["system"]) > 1
    os.environ["CONFORMANCE_TIME_SCALE"] = str(SCALE)
    mac = RealMac(made.launchctl)
    try:
        wait_for(lambda: list(made.ctl("status")["domains"]["system"]) == [GATEWAY], what="the end of what was left")
    finally:
        mac.close()
        del os.environ["CONFORMANCE_TIME_SCALE"]
    assert made.field("system/" + GATEWAY, "pid") == gateway


STRANGE = (
    ("bootout", "system/" + GATEWAY), ("kickstart", "-k", "system/" + GATEWAY), ("disable", "system/com.apple.x"),
    ("bootstrap", "system", "/Library/LaunchDaemons/%s.plist" % GATEWAY), ("bootout", "system"), ("kill", "9", "x"),
    ("remove", GATEWAY), ("setenv", "A", "B"), ("bootout", "system/" + PREFIX + "other"),
)  # fmt: skip


@pytest.mark.parametrize("words", STRANGE, ids=" ".join)
def test_it_refuses_to_touch_what_is_not_its_own(fresh, words):
    # The one of all tests has labels of theirs for ever, in its table of disabled jobs: a sweep would wait for them.
    made = fresh(26)
    mac = RealMac(made.launchctl)
    before = len(made.calls())
    try:
        with pytest.raises(Refused):
            mac.run(*words)
        assert len(made.calls()) == before
    finally:
        mac.close()


def test_it_needs_no_more_than_the_standard_library_of_39():
    """What a Mac has: no pytest, no third-party module, and nothing newer than its Python."""
    target = os.path.join(LAB, "..", "..", "build/venv/target/bin/python")
    python = target if os.path.exists(target) else sys.executable
    code = "import sys; sys.modules['pytest'] = None; sys.path[:0] = sys.argv[1:]; import on_a_mac, mac, reader"
    done = subprocess.run([python, "-I", "-S", "-B", "-c", code, os.path.dirname(PROGRAM), LAB], text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
