# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of starting states: each pair of conflicting sources, each release, each scope; a few of it by default."""
import itertools
import sys
from pathlib import Path

import pytest
from soak_kit import EVERY, ROUNDS, chance_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration/rotate"))

from rotate_kit import fleet_of, lab_of
from starting import CONFIGURED, LOADED, PLACES, hold, put

RELEASES = ("2026.9.6", "2026.7.1", "2026.6.1")
SCOPES = ("daemon", "agent")
#: The whole matrix is run in a soak; a sample is as many states as rounds, on two of its hosts.
SAMPLE = [("2026.9.6", "agent"), ("2026.7.1", "daemon")]
HOSTS = list(itertools.product(RELEASES, SCOPES)) if EVERY else SAMPLE
#: A legacy key keeps the Gateway from starting, and without a token it invents one: neither is a state to start from.
DEAD = ("legacy", *CONFIGURED)

PAIRS = [((one, other), False) for one, other in itertools.combinations(PLACES, 2)]
STARTED = [((one,), True) for one in LOADED] + [
    ((one, other), True) for one in LOADED for other in PLACES if other != one and other not in DEAD
]
AMISS = [((wrong, *more), False) for wrong in CONFIGURED for more in ((), ("dotenv",), ("plist",))]
TRAP = [(("none",), True)]
#: (places with a token, whether the Gateway was started from them).
STATES = PAIRS + STARTED + AMISS + TRAP
TRIED = STATES if EVERY else TRAP + chance_of("states").sample(STATES[:-1], ROUNDS)


def name_of(state):
    places, loaded = state
    return " and ".join(places) + (", started from it" if loaded else "")


def test_there_are_enough():
    assert len(STATES) >= 40 and len(set(STATES)) == len(STATES)


@pytest.fixture(scope="module", params=HOSTS, ids="-".join)
def mini(request, tmp_path_factory):
    """A host that goes from state to state, as hosts do."""
    version, scope = request.param
    lab = lab_of("token-states")
    try:
        host = fleet_of(lab, tmp_path_factory.mktemp("states"), 1, scope, version)[0]
        host.version = version
        yield host
    finally:
        lab("down")


@pytest.mark.parametrize("state", TRIED, ids=name_of)
def test_one_run_ends_with_one_proven_source(mini, state):
    places, _loaded = state
    put(mini, *state)
    result = hold(mini)
    # The Gateway may have handed it on to its children, which present it.
    if mini.version != RELEASES[0] and not {"dotenv", "gateway.env", "env block"}.isdisjoint(places):
        assert result["applied"] == "restart"
