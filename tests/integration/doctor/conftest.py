# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host in order for each release of OpenClaw, with a real Gateway that has lived there."""
import runpy
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from doctor_kit import RELEASES, ROOT, Patient

runpy.run_path(str(ROOT / "tests/unit/conftest.py"))


@pytest.fixture(scope="session", params=RELEASES)
def patient(request, tmp_path_factory):
    made = Patient(request.param, tmp_path_factory.mktemp("patient"))
    yield made
    made.stop()
