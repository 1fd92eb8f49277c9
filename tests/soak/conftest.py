# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long and with which seed: SOAK_ROUNDS and SOAK_SEED. The seed of a run is printed, so that it can be repeated."""
import pytest
from soak_kit import ROUNDS, SEED, chance_of


def pytest_report_header():
    return f"soak: SOAK_ROUNDS={ROUNDS} SOAK_SEED={SEED}"


@pytest.fixture
def rounds():
    return ROUNDS


@pytest.fixture
def chance(request):
    """Random numbers that are the same for the same seed and test."""
    return chance_of(request.node.name)
