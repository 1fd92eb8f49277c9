# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of starting states: each pair of conflicting sources, each release, each scope; a few of it by default."""
import itertools
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration/rotate"))

from rotate_kit import fleet_of, lab_of  # noqa: E402
from starting import CONFIGURED, LOADED, PLACES, hold, put  # noqa: E402

RELEASES = ("2026.9.6", "2026.7.1", "2026.6.1")
SCOPES = ("daemon", "agent")
#: The rounds from which on the whole matrix is run; fewer are so many states on two of its hosts.
LONG = 10
HOSTS = list(itertools.product(RELEASES, SCOPES))
if int(os.environ.get("SOAK_ROUNDS", "2")) < LONG:
    HOSTS = [("2026.9.6", "agent"), ("2026.7.1", "daemon")]
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


def test_there_are_enough():
    assert len(STATES) >= 40 and len(set(STATES)) == len(STATES)


@pytest.mark.parametrize(("version", "scope"), HOSTS)
def test_one_run_ends_with_one_proven_source(version, scope, rounds, chance, tmp_path):
    states = STATES if rounds >= LONG else TRAP + chance.sample(STATES, rounds)
    lab = lab_of("token-states")
    wrong = []
    try:
        (mini,) = fleet_of(lab, tmp_path, 1, scope, version)
        for places, loaded in states:
            try:
                put(mini, places, loaded)
                hold(mini)
            except AssertionError as error:
                wrong.append("%s%s: %s" % (" and ".join(places), ", started from it" if loaded else "", error))
    finally:
        lab("down")
    assert not wrong, "%d of %d states:\n%s" % (len(wrong), len(states), "\n\n".join(wrong))
