# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single faults, one at a time, on healthy hosts: each raises its check and none that has nothing to do with it."""

from __future__ import annotations

import json

import pytest
from faults_fleet import AGENT, DAEMONS, FAULTS, Fleet
from rotate_kit import lab_of
from soak_kit import EVERY, ROUNDS, chance_of

#: How many faults a round are tried in a sample.
A_ROUND = 4
OF_DAEMONS = [fault for fault in FAULTS if fault.scope == "daemon"]
TRIED = FAULTS if EVERY else chance_of("audit faults").sample(OF_DAEMONS, A_ROUND * ROUNDS)


def test_there_are_enough():
    assert len(FAULTS) >= 100
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert len({json.dumps(fault.do) for fault in FAULTS}) == len(FAULTS), "the same under two names"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    lab = lab_of("audit-faults")
    try:
        yield Fleet(lab, tmp_path_factory.mktemp("audit"), [*DAEMONS, AGENT] if EVERY else [DAEMONS[0]])
    finally:
        lab("down")


@pytest.fixture(scope="module")
def healthy(fleet):
    return fleet.audit(fleet.names)


def lanes_of(names):
    """Return which faults befall which host, in turn."""
    daemons = [name for name in names if name != AGENT]
    lanes = {name: [] for name in names}
    for number, fault in enumerate(fault for fault in TRIED if fault.scope == "daemon"):
        lanes[daemons[number % len(daemons)]].append(fault)
    if AGENT in lanes:
        lanes[AGENT] = [fault for fault in TRIED if fault.scope == "agent"]
    return lanes


@pytest.fixture(scope="module")
def raised(fleet, healthy):
    """What each fault raised: {name: what the audit told}. Each host has another fault at the same time."""
    lanes, found = lanes_of(fleet.names), {}
    for number in range(max(map(len, lanes.values()))):
        now = {name: lane[number] for name, lane in lanes.items() if number < len(lane)}
        fleet.each("break", now)
        told = fleet.audit(list(now))
        fleet.each("mend", now)
        found.update({fault.name: told[name] for name, fault in now.items()})
    print("seconds: %s for %d faults" % ({key: round(value) for key, value in fleet.spent.items()}, len(found)))
    return found


def test_a_healthy_host_raises_none(healthy):
    assert {name: told["fail"] for name, told in healthy.items()} == dict.fromkeys(healthy, {})


@pytest.mark.parametrize("fault", TRIED, ids=lambda fault: fault.name)
def test_it_raises_its_check_and_no_other(raised, fault):
    told = raised[fault.name]["fail"]
    missed = sorted(set(fault.raises) - set(told))
    unrelated = {check: told[check] for check in sorted(told) if check not in fault.raises and check not in fault.also}
    assert (missed, unrelated) == ([], {})


def test_the_hosts_are_healthy_again(fleet, raised):
    again = fleet.audit(fleet.names)
    assert {name: told["fail"] for name, told in again.items()} == dict.fromkeys(again, {})
