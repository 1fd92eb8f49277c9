# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed host whose state directory, job and release can be compared with how they were."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "rotate"))

from rotate_kit import fleet_of, lab_of


@pytest.fixture(scope="session")
def mini(tmp_path_factory):
    lab = lab_of("snapshot-tests")
    yield fleet_of(lab, tmp_path_factory.mktemp("tree"), 1)[0]
    lab("down")
