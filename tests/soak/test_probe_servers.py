# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that misbehave in thousands of ways: the probe neither breaks nor hangs nor swells, and is never fooled."""
import random
import resource
import runpy
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/unit/gateway"))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe, probe, verdict
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from hostile import HostileServer

#: Behaviours in one round: 25 rounds are ten thousand.
BEHAVIOURS = 400
#: Seconds of one look, and how much later it may end on a machine that has other things to do.
DEADLINE, LATE = 0.15, 2.0
#: Seconds that are enough for every server without vices, on any machine.
PATIENT = 30.0
#: KiB by which the process, with all its servers, may grow.
GROWTH = 60 * 1024


def met(seed, seconds):
    """The server of a seed, and what a look of so many seconds at it comes to: (server, result, failure, seconds)."""
    server = HostileServer(random.Random(seed), tempted=0.25)
    path = observe.Path(server.dial, "127.0.0.1:18789")
    began = time.monotonic()
    result, failure = probe.probe(probe.Request(
        path=path, port=None, credential=Credential({"token": "t" * 32}), config_path=None, wait_for=None,
        expect=("live",), timeout=1.0, request_timeout=seconds))
    took = time.monotonic() - began
    server.end()
    return server, result, failure, took


def is_whole(result):
    """Whether all is well. Exposure is not asked for here, so the best that can be had is everything else."""
    return all(result["verdicts"][name]["verdict"] == "ok" for name in verdict.NAMES if name != "exposure")


def test_ten_thousand_behaviours(rounds, chance):
    states, codes, slowest, wholes, again = Counter(), Counter(), 0.0, 0, 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(rounds * BEHAVIOURS):
        seed = chance.random()
        server, result, failure, took = met(seed, DEADLINE)
        where = f"behaviour {number}, seed {seed}"
        assert took < DEADLINE + LATE, where
        assert server.tokens <= 1, where
        whole = is_whole(result)
        assert not whole or not failure, where
        for one in result["verdicts"].values():
            assert one["verdict"] in ("ok", "fail", "unknown", "skipped"), where
            assert len(one["reason"]) < 2000 and one["reason"].isprintable(), where
        if not whole and not server.vices:
            # On a machine that has other things to do, the best of servers may be too slow for such a deadline; with
            # more patience it comes either to its end, or to the first of its vices.
            patient, calm, _failure, _took = met(seed, PATIENT)
            assert is_whole(calm) or patient.vices, where
            again += 1
        wholes += whole
        states[result["state"]] += 1
        codes.update(one["code"] for one in result["verdicts"].values() if one["code"])
        slowest = max(slowest, took)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"slowest {slowest:.2f} s, grown by {grown} KiB, {wholes} whole, {again} looked at again, {dict(states)}, "
          f"{len(codes)} codes: {dict(codes)}")
    assert grown < GROWTH
    # They must have reached many corners, or the test tests nothing.
    assert len(codes) > 12 and len(states) > 4
