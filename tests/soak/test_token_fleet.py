# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation on five hosts, with something broken on one of them, at every stage."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration/rotate"))

from rotate_kit import LOSE_CONNECTION, MODULE, ONCE_WRITTEN, fleet_of, lab_of
from soak_kit import EVERY
from starting import STATE

HOSTS = 5
BROKEN = 2
#: What is wrong on one host -> (what breaks it, what mends it, what its failure has to name). Each strikes at another
#: stage: before anything, at the write, at the reading back of it, while it is applied, at the proof, at the delivery.
FAULTS = {
    "disk full": (lambda mini: mini.lab("inject", mini.name, "state_dir_full"), "umount " + STATE, "full"),
    "read-only": (lambda mini: mini.lab("inject", mini.name, "state_dir_readonly"), "umount " + STATE, "read-only"),
    "permission": (
        lambda mini: mini.sh("chown root %s" % STATE), "chown openclaw %s" % STATE, STATE),
    "lock held": (
        lambda mini: mini.sh('echo "{\\"pid\\": 1}" >%s/openclaw.json.lock' % STATE, "openclaw"),
        "rm %s/openclaw.json.lock" % STATE, "openclaw.json.lock"),
    "frozen": (lambda mini: mini.lab("inject", mini.name, "freeze_gateway"), "pkill -CONT -u openclaw", "nothing was"),
    "frozen in the middle": (
        lambda mini: mini.sh(ONCE_WRITTEN % ("kill -STOP " + mini.pid())),
        "pkill -CONT -u openclaw", "prove"),
    "connection lost": (
        lambda mini: mini.sh(LOSE_CONNECTION), "while %s; do sleep 0.2; done" % MODULE, "UNREACHABLE"),
    "no directory to deliver to": (lambda mini: mini.sh("rmdir /Users/openclaw/handed"), "true", "handed"),
}  # fmt: skip


def test_a_fleet_of_five(chance, tmp_path):
    lab = lab_of("token-fleet")
    faults = list(FAULTS) if EVERY else chance.sample(list(FAULTS), 1)
    try:
        fleet = fleet_of(lab, tmp_path, HOSTS if EVERY else 3)
        before = marks(fleet)
        run = lab.playbook("rotate_token")
        assert run.rc == 0, run.out
        told = [float(text) for text in re.findall(r"at most ([0-9.]+) s without", run.out)]
        print("seconds without a proven token, host by host: %s" % told)
        assert len(told) == len(fleet) and max(told) < 60
        after = marks(fleet)
        assert not set(before) & set(after)
        for fault in faults:
            strike(lab, fleet, fault, after)
    finally:
        lab("down")


def strike(lab, fleet, fault, before):
    """Rotate with one host broken: it keeps its token, says why, and nobody behind it is touched."""
    breaks, mends, words = FAULTS[fault]
    broken = fleet[BROKEN]
    for mini in fleet:
        mini.sh("install -d -o openclaw -m 700 /Users/openclaw/handed")
    breaks(broken)
    try:
        run = lab.playbook(
            "rotate_token", rotate_serial=1, rotate_timeout=20,
            rotate_deliver_to=[{"path": "/Users/openclaw/handed/token"}],
        )  # fmt: skip
    finally:
        broken.sh(mends + "; true")
    assert run.rc != 0, fault
    assert words in run.out and broken.name in run.out, "%s: %s" % (fault, run.out)
    now = marks(fleet)
    assert now[BROKEN:] == before[BROKEN:], fault
    assert not set(now[:BROKEN]) & set(before[:BROKEN]), fault
    before[:] = now


def marks(fleet):
    """Fingerprints of the tokens that are proven to work."""
    results = [mini.token() for mini in fleet]
    assert [result["proof"] for result in results] == ["proven"] * len(fleet), results
    return [result["fingerprint"] for result in results]
