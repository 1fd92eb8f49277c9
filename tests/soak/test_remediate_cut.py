# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the runbook that are cut off at any moment, and two at once: the host is never left between two states."""

from __future__ import annotations

import json
import os
import plistlib
import signal
import time
from typing import NamedTuple

import pytest
from faults_fleet import DAEMONS, FAULTS, Fleet
from rotate_kit import lab_of
from soak_kit import EVERY, ROUNDS, chance_of

A_ROUND = 1
OF = {fault.name: fault for fault in FAULTS}
#: A host in trouble of every step: configuration, token, rights, job.
TROUBLE = ("managed setting changed", "token in .env", "credentials readable", "throttle changed")
LOCK = "/var/db/clawops.openclaw/openclaw/ai.openclaw.gateway/run.json"
#: Seconds within which a whole run is cut off at some moment.
WHOLE_S = 25.0


class Cut(NamedTuple):
    """What ends a run, and after how many seconds."""

    how: str
    after: float


def moments():
    chance = chance_of("remediate cut")
    ways = ["controller", "ssh", "power"]
    found = [Cut(ways[number % 3], round(chance.uniform(1.0, WHOLE_S), 1)) for number in range(30)]
    return found if EVERY else chance.sample(found, A_ROUND * ROUNDS)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    lab = lab_of("remediate-cut")
    try:
        yield Fleet(lab, tmp_path_factory.mktemp("cut"), [DAEMONS[0]])
    finally:
        lab("down")


@pytest.fixture
def host(fleet):
    broken = fleet.hosts[DAEMONS[0]]
    for name in TROUBLE:
        broken.break_(OF[name])
    yield broken
    for name in reversed(TROUBLE):
        broken.mend(OF[name])


def begin(fleet, scratch):
    return fleet.begin("remediate", [DAEMONS[0]], remediate_doctor=False, remediate_evidence_dir=str(scratch))


def walk(fleet, scratch):
    return fleet.playbook("remediate", [DAEMONS[0]], remediate_doctor=False, remediate_evidence_dir=str(scratch))


def cut_off(host, process, cut):
    """End a run the hard way, if it has not come to its end before that."""
    time.sleep(cut.after)
    if cut.how == "ssh":
        host.sh("pkill -9 -f '^sshd: admin' || :")
    elif cut.how == "power":
        host.cut_power()
    if cut.how == "controller":
        os.killpg(process.pid, signal.SIGKILL)
        # What runs on the host has lost its connection, too.
        host.sh("pkill -9 -f '^sshd: admin' || :")
    return process.communicate(timeout=600)[0]


@pytest.mark.parametrize("cut", moments(), ids=lambda cut: "%s after %.1f s" % cut)
def test_the_next_run_finishes_the_job(fleet, host, tmp_path, cut):
    said = cut_off(host, begin(fleet, tmp_path), cut)
    definition = plistlib.loads((host.root / host.plist().lstrip("/")).read_bytes())
    config = json.loads((host.root / "Users/openclaw/.openclaw/openclaw.json").read_text())
    assert definition["ProgramArguments"] and config["gateway"]["auth"]["token"], said
    run = walk(fleet, tmp_path)
    told = fleet.audit([host.name])[host.name]
    again = walk(fleet, tmp_path)
    everything = said + run.out + again.out
    assert run.rc == 0, everything
    assert {name for name in told["fail"] if not name.startswith(("OCG-LOG", "OCG-SERVICE-013"))} == set(), everything
    assert again.rc == 0 and again.recap[host.name]["changed"] == 0, everything
    assert not (host.root / LOCK.lstrip("/")).exists(), everything


def test_of_two_at_once_one_works_and_the_other_leaves_with_a_clear_word(fleet, host, tmp_path):
    first = begin(fleet, tmp_path)
    deadline = time.monotonic() + 60
    while not (host.root / LOCK.lstrip("/")).exists():
        assert time.monotonic() < deadline and first.poll() is None, "no lock: %s" % first.communicate()[0]
        time.sleep(0.05)
    second = walk(fleet, tmp_path)
    said = first.communicate(timeout=600)[0]
    assert second.rc == 2 and "is at work on this host since" in second.out and second.recap[host.name]["changed"] == 0
    assert first.returncode == 0, said
    assert fleet.audit([host.name])[host.name]["fail"] == {}, said
