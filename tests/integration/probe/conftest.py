# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection importable from this clone, and one real Gateway for all tests of this folder."""
import runpy

import pytest
from real_gateway import ROOT, RealGateway

runpy.run_path(str(ROOT / "tests/unit/conftest.py"))


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    real = RealGateway(tmp_path_factory.mktemp("gateway") / "home")
    yield real
    real.stop()


@pytest.fixture(scope="session")
def collections(tmp_path_factory):
    return tmp_path_factory.mktemp("collections")
