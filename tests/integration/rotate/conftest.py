# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of two, and a host of it in order."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rotate_kit import fleet_of, lab_of


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    lab = lab_of("rotate-tests")
    yield fleet_of(lab, tmp_path_factory.mktemp("tree"), 2)
    lab("down")


@pytest.fixture
def mini(fleet):
    """A host with one good token in openclaw.json, and a Gateway that takes it."""
    host = fleet[0]
    host.sh("rm -f /Users/openclaw/.openclaw/.env /Users/openclaw/.zshenv")
    result = host.token()
    assert result.get("proof") == "proven", result
    return host
