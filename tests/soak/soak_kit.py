# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For how long, and with which seed: SOAK_ROUNDS and SOAK_SEED of the environment."""
import os
import random

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
SEED = int(os.environ.get("SOAK_SEED", "20260906"))
#: So many rounds are meant to take their time: then every case is tried, else a sample.
EVERY = ROUNDS >= 10


def chance_of(name):
    """Return random numbers that are the same for the same seed and name."""
    return random.Random(f"{SEED} {name}")


def sample(name, cases, number):
    """Return so many of the cases, the last of which is in any case among them; the seed and the name draw the others.

    :param cases: without two alike.
    """
    *others, last = cases
    return [*chance_of(name).sample(others, min(number - 1, len(others))), last]
