# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook against faults, alone and together: mended, proven, one restart at most, and nothing else touched.

What a run must leave is known to the byte: whatever the fault did not touch is as it was when the host was healthy.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from faults_fleet import DAEMONS, FAULTS, Fleet
from faults_kit import between
from rotate_kit import LABEL, lab_of
from soak_kit import EVERY, ROUNDS, chance_of

#: How many faults a round are tried in a sample.
A_ROUND = 3
TABLE = yaml.safe_load(Path(__file__).with_name("remedies.yml").read_text())
OF = {fault.name: fault for fault in FAULTS}
MENDED, REFUSED, PERSONS = TABLE["mended"], TABLE["refused"], TABLE["persons"]
#: What OpenClaw itself writes when it starts, or when it has taken another configuration. Their rights are the audit's.
RECORDS = re.compile(
    r"Users/openclaw/(\.npm|\.openclaw/(openclaw\.json\.last-good|config-health\.json|(logs|state|agents|tmp)(/.*)?))\Z"
)


class State(NamedTuple):
    """Faults that befall a host together."""

    faults: tuple

    @property
    def name(self):
        return " + ".join(self.faults)


def combinations(size, many):
    """Return random sets of faults that can befall one host together."""
    chance, found = chance_of("remediate %d" % size), []
    while len(found) < many:
        names = chance.sample(TABLE["together"], size)
        if not any(set(pair) <= set(names) for pair in map(tuple, TABLE["apart"])):
            found.append(State(tuple(names)))
    return found


def touched(before, after):
    """Return what differs between two states of a host, but for what OpenClaw writes."""
    return [name for name in between(before, after) if not RECORDS.match(name)]


SINGLES = [State((name,)) for name in MENDED]
MANY = combinations(2, 100) + combinations(3, 20)
TRIED = SINGLES + MANY if EVERY else chance_of("remediate faults").sample(SINGLES, A_ROUND * ROUNDS) + MANY[:ROUNDS]
LEFT = PERSONS if EVERY else chance_of("remediate persons").sample(PERSONS, min(ROUNDS, len(PERSONS)))
HOPELESS = list(REFUSED) if EVERY else chance_of("remediate refused").sample(sorted(REFUSED), min(ROUNDS, len(REFUSED)))


def test_the_table_names_faults_that_there_are():
    assert set(MENDED) | set(REFUSED) | set(PERSONS) <= set(OF) and set(TABLE["together"]) <= set(MENDED)
    assert len(MENDED) >= 60


class Walk(NamedTuple):
    """What a run of the runbook came to on one host."""

    rc: int
    recap: dict
    restarts: int
    unrelated: list
    fail: dict
    again: dict
    out: str


class Patient:
    """A healthy host that is broken, walked through the runbook, looked at, and made healthy again."""

    def __init__(self, fleet, name, scratch):
        self.fleet, self.name, self.scratch = fleet, name, scratch
        self.host = fleet.hosts[name]

    def spawns(self):
        told = [json.loads(line) for line in self.fleet.lab("log", self.name).splitlines()]
        return sum(one.get("event") == "spawn" and one["target"].endswith("/" + LABEL) for one in told)

    def walk(self, *words):
        return self.fleet.playbook("remediate", [self.name], *words, remediate_doctor=False,
                                   remediate_evidence_dir=str(self.scratch / self.name))  # fmt: skip

    def befall(self, state):
        for name in state.faults:
            self.host.break_(OF[name])
        spawned, broken = self.spawns(), self.host.differs()
        run = self.walk()
        restarts = self.spawns() - spawned
        unrelated = [path for path in self.host.differs() if path not in broken and not RECORDS.match(path)]
        told = self.fleet.audit([self.name])[self.name]
        again = self.walk()
        self.search(run.out + again.out)
        return Walk(run.rc, run.recap.get(self.name, {}), restarts, unrelated, told["fail"],
                    again.recap.get(self.name, {}), run.out + again.out)  # fmt: skip

    def search(self, said):
        """Look for the host's token in what was said and kept on the controller: nobody but the Gateway has it."""
        token = self.host.token()
        kept = {path: path.read_text() for path in self.scratch.rglob("*") if path.is_file()}
        assert len(token) > 20 and len(kept) > 3, "there is nothing to search"
        assert [str(path) for path, text in kept.items() if token in text] == [] and token not in said

    def mend(self, state):
        for name in reversed(state.faults):
            self.host.mend(OF[name])


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    lab = lab_of("remediate-faults")
    try:
        fleet = Fleet(lab, tmp_path_factory.mktemp("remediate"), [DAEMONS[0]])
        fleet.declare_tokens()
        yield fleet
    finally:
        lab("down")


@pytest.fixture
def patient(fleet, tmp_path):
    return Patient(fleet, fleet.names[0], tmp_path)


@pytest.mark.parametrize("state", TRIED, ids=lambda state: state.name)
def test_mended_and_proven(patient, state):
    try:
        walk = patient.befall(state)
    finally:
        patient.mend(state)
    history = {"OCG-" + name for name in TABLE["history"]}
    assert walk.rc == 0, walk.out
    assert set(walk.fail) - history == set(), walk.out
    assert walk.restarts <= 1, walk.out
    assert walk.unrelated == []
    assert walk.again["changed"] == 0 and walk.again["failed"] == 0, walk.out


@pytest.mark.parametrize("name", HOPELESS)
def test_what_cannot_be_mended_is_left_as_it_was_with_the_reason(patient, name):
    state = State((name,))
    try:
        patient.host.break_(OF[name])
        before = patient.host.state()
        run = patient.walk()
        after = patient.host.state()
    finally:
        patient.mend(state)
    assert run.rc == 2, run.out
    assert "Next: " in run.out and REFUSED[name] in run.out, run.out
    assert touched(before, after) == []


@pytest.mark.parametrize("name", LEFT)
def test_what_is_for_a_person_is_told_with_what_to_do_and_left(patient, name):
    fault, state = OF[name], State((name,))
    try:
        patient.host.break_(fault)
        before, spawned = patient.host.state(), patient.spawns()
        run = patient.walk()
        after, restarts = patient.host.state(), patient.spawns() - spawned
    finally:
        patient.mend(state)
    told = re.search(r"Left for a person:(.*)", run.out, re.DOTALL)
    assert told and all(check in told.group(1) for check in fault.raises) and "Next: " in told.group(1), run.out
    assert run.rc == (2 if "(error)" in told.group(1) else 0) and run.recap[patient.name]["changed"] == 0, run.out
    assert touched(before, after) == [] and restarts == 0, run.out


def test_what_a_repair_would_have_to_fetch_and_cannot_is_left_with_the_reason(patient):
    """The wrong Node, and no network to get the right one from."""
    state, nowhere = State(("Node too old",)), "http://127.0.0.1:9/"
    offline = {
        "gateway_install": "npm", "gateway_npm_registry": nowhere, "gateway_node_sha256": 64 * "0",
        "gateway_node_url": nowhere + "node-v{version}-darwin-{arch}.tar.gz",
    }  # fmt: skip
    try:
        patient.host.break_(OF["Node too old"])
        before = patient.host.state()
        run = patient.walk("--extra-vars", json.dumps(offline))
        after = patient.host.state()
    finally:
        patient.mend(state)
    assert run.rc == 2 and nowhere in run.out and "Next: " in run.out, run.out
    assert touched(before, after) == []


def test_a_token_in_a_locked_keychain_is_replaced_only_where_another_place_has_it(fleet, patient):
    """Whoever declares the token can have it put back; nobody else learns what the keychain holds, or makes another."""
    state = State(("token in a locked keychain",))
    fleet.declare({})
    try:
        patient.host.break_(OF[state.name])
        before = patient.host.state()
        refused = patient.walk()
        after = patient.host.state()
        fleet.declare_tokens()
        mended, again = patient.walk(), patient.walk()
    finally:
        patient.mend(state)
        fleet.declare_tokens()
    # Of the files only: launchd goes on starting what cannot start.
    assert refused.rc == 2 and touched(before[:1], after[:1]) == [], refused.out
    assert "Next: " in refused.out and "security unlock-keychain" in refused.out, refused.out
    assert mended.rc == 0 and again.recap[patient.name]["changed"] == 0, mended.out + again.out


def test_a_healthy_host_walks_through_untouched(patient):
    spawned, before = patient.spawns(), patient.host.state()
    run = patient.walk()
    assert run.rc == 0 and run.recap[patient.name]["changed"] == 0, run.out
    assert patient.spawns() == spawned and touched(before, patient.host.state()) == []


def test_a_check_run_changes_nothing_and_shows_what_a_run_does(patient):
    state = State(("managed setting changed", "throttle changed"))
    try:
        for name in state.faults:
            patient.host.break_(OF[name])
        before = patient.host.state()
        said = patient.walk("--check", "--diff")
        assert said.rc == 0 and touched(before, patient.host.state()) == [], said.out
        done = patient.walk()
        assert done.rc == 0, done.out
    finally:
        patient.mend(state)
    plans = [re.findall(r"\d\. step \d, .*", run.out) for run in (said, done)]
    assert plans[0] == plans[1] and len(plans[0]) == 2
