# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drifted hosts: what deploy.yml --check --diff says it would change is what a run then changes; the next changes none.

States are single faults that a deploy puts right, pairs of them, and declarations that have moved.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import NamedTuple

import pytest
from faults_fleet import DAEMONS, FAULTS, Fleet
from rotate_kit import lab_of
from soak_kit import EVERY, ROUNDS, chance_of

A_ROUND = 2
OF = {fault.name: fault for fault in FAULTS}
#: Faults that a deploy puts right: none that it only tells of, or that stops it before it touches anything.
IN_CONFIG = (
    "config missing", "mode missing", "bind on the LAN", "bind missing", "port changed", "managed setting changed",
    "origin added",
)  # fmt: skip
IN_TOKEN = (
    "token in .env", "token in gateway.env", "token in the env block", "token by launchctl setenv", "token gone",
)  # fmt: skip
IN_JOB = (
    "booted out", "property list removed", "throttle changed", "exit timeout changed", "PATH of the job changed",
    "not kept alive", "program of npm -g", "job of a changed copy", "provider's key in the property list",
    "property list of openclaw", "label disabled", "another account", "process type", "files limit",
    "property list garbled", "older release is current",
)  # fmt: skip
#: Declarations that have moved.
MOVED = {
    "throttle": {"gateway_throttle_interval": 45},
    "exit timeout": {"gateway_exit_timeout": 20},
    "setting": {"gateway_settings": {"logging": {"level": "warn"}}},
    "setting that restarts": {"gateway_settings": {"gateway": {"controlUi": {"enabled": False}}}},
    "port": {"gateway_port": 18791},
    "token": {"gateway_token": "another-declared-token-for-this-host-0000"},
}
PAIRS = [
    ("managed setting changed", "throttle changed"), ("origin added", "token in .env"),
    ("token in the env block", "exit timeout changed"), ("bind on the LAN", "booted out"),
    ("token in gateway.env", "PATH of the job changed"), ("port changed", "property list removed"),
    ("token by launchctl setenv", "process type"), ("origin added", "token in gateway.env"),
]  # fmt: skip


class State(NamedTuple):
    """Names of faults, and the name of a declaration or None."""

    faults: tuple
    moved: str | None

    def __str__(self):
        return " and ".join([*self.faults, *(["declared: " + self.moved] if self.moved else [])])


STATES = [
    *(State((name,), None) for name in itertools.chain(IN_CONFIG, IN_TOKEN, IN_JOB)),
    *(State(pair, None) for pair in PAIRS),
    *(State((), moved) for moved in MOVED),
    State(("exit timeout changed",), "throttle"),
    State(("token in .env",), "token"),
]
TRIED = STATES if EVERY else chance_of("fidelity").sample(STATES, A_ROUND * ROUNDS)
#: Longer than a Gateway takes on a busy machine.
PATIENT = {"gateway_ready_timeout": 240}


def test_there_are_enough():
    assert len(STATES) >= 40 and len({str(state) for state in STATES}) == len(STATES)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    lab = lab_of("check-fidelity")
    try:
        yield Fleet(lab, tmp_path_factory.mktemp("fidelity"), list(DAEMONS if EVERY else DAEMONS[:1]))
    finally:
        lab("down")


class Deploys:
    """Deploys, and what each changed, by the plan that the collection itself writes."""

    def __init__(self, fleet, monkeypatch):
        self.fleet, self.plan = fleet, fleet.scratch / "changes.json"
        monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "clawops.openclaw.openclaw_changes")
        monkeypatch.setenv("OPENCLAW_CHANGES", str(self.plan))

    def run(self, names, *words):
        """Return {host: [(task, path, diff)]}, and how many tasks Ansible counts as changed."""
        run = self.fleet.playbook("deploy", names, "--diff", *words, **PATIENT)
        assert run.rc == 0, run.out
        told = {host["name"]: host["changed"] for host in json.loads(self.plan.read_text())["hosts"]}
        counted = {name: run.recap[name]["changed"] for name in names}
        assert counted == {name: len(told[name]) for name in names}
        return {name: [(one["task"], one["path"], _lines(one["diff"])) for one in told[name]] for name in names}


def _lines(diff):
    """The lines of a diff that say something: not where it was written down."""
    return [line for line in (diff or "").splitlines() if re.match(r"[+-](?!\+\+ |-- )", line)]


@pytest.fixture(scope="module")
def deploys(fleet):
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Deploys(fleet, monkeypatch)


@pytest.fixture(scope="module")
def went(fleet, deploys):
    """What came of each state: {its name: (foretold, done, done again)}. Each host is in another one at a time."""
    found = {}
    for number in range(0, len(TRIED), len(fleet.names)):
        now = dict(zip(fleet.names, TRIED[number:], strict=False))
        found.update({str(state): ways for state, ways in _one(fleet, deploys, now)})
    return found


def _one(fleet, deploys, now):
    fleet.declare({name: MOVED[state.moved] for name, state in now.items() if state.moved})
    for name, state in now.items():
        for fault in state.faults:
            fleet.hosts[name].break_(OF[fault])
    names = list(now)
    ways = deploys.run(names, "--check"), deploys.run(names), deploys.run(names)
    fleet.declare({})
    for name, state in now.items():
        for fault in state.faults:
            fleet.hosts[name].undo(OF[fault])
        fleet.hosts[name].settle()
    return [(now[name], tuple(way[name] for way in ways)) for name in names]


@pytest.mark.parametrize("state", TRIED, ids=str)
def test_what_is_foretold_is_what_is_done(went, state):
    foretold, done, again = went[str(state)]
    assert foretold, "nothing has drifted"
    assert done == foretold
    assert again == []
