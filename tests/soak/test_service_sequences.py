# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""500 random lives of a Gateway's job under launchd: what a person does, what we do, and what goes wrong meanwhile.

After each of our runs the job is as declared or the failure says why not; there is never a second supervisor, never a
job lost that was there before; check mode has foreseen it, and a second run changes nothing. A few of them in `make
test`, all in a long run. SOAK_SEQUENCE='{"profile": ...}' replays one that is printed here.
"""
import json
import os
import random

import pytest
import service_kit
from service_sequences import some_sequence
from soak_kit import EVERY, SEED

MANY, FEW = 500, 15
PARTS = 10


@pytest.fixture(autouse=True)
def needs_root():
    if os.geteuid() != 0:
        pytest.skip("a launchd that starts jobs of another account needs root")


def live_through(sequence):
    complaint = service_kit.verdict(sequence)
    if complaint is None:
        return
    least = service_kit.shrunk(sequence, complaint)
    pytest.fail("%s\nSOAK_SEQUENCE='%s'" % (service_kit.verdict(least) or complaint, json.dumps(least)), pytrace=False)


@pytest.mark.parametrize("part", range(PARTS))
def test_random_sequences(part):
    many = MANY if EVERY else FEW
    for number in range(part, many, PARTS):
        live_through(some_sequence(random.Random("%s %d" % (SEED, number))))


@pytest.mark.skipif("SOAK_SEQUENCE" not in os.environ, reason="no sequence to replay")
def test_one_sequence():
    live_through(json.loads(os.environ["SOAK_SEQUENCE"]))
