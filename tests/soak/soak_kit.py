# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For how long, and with which seed: SOAK_ROUNDS and SOAK_SEED of the environment."""
import os
import random

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
SEED = int(os.environ.get("SOAK_SEED", "20260906"))


def chance_of(name):
    """Return random numbers that are the same for the same seed and name."""
    return random.Random(f"{SEED} {name}")
