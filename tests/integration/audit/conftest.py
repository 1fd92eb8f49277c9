# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fleet for all tests of this directory: each breaks it as it needs, and puts it right again."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from audit_kit import Fleet


@pytest.fixture(scope="session")
def whole_fleet(tmp_path_factory):
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    yield fleet
    fleet.down()


@pytest.fixture
def fleet(whole_fleet):
    """The fleet, declared as it was deployed."""
    yield whole_fleet
    whole_fleet.declare({})


@pytest.fixture
def open_state(fleet):
    """mini02 with a state directory that others may read, as after a restore; puts it right afterwards."""
    fleet.lab("inject", "mini02", "state_dir_open")
    yield "OCG-FILE-001"
    fleet.sh("mini02", "chmod 0700 /Users/openclaw/.openclaw")
