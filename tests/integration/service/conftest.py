# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated Mac whose Gateway is an agent of ours."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests/integration/rotate")]
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

from people_kit import A_MAC, HOST, Mini
from rotate_kit import lab_of


@pytest.fixture(scope="session")
def mini():
    lab = lab_of("service-tests")
    lab.inventory = lab("up", "--hosts", "1").split()[-1]
    mini = Mini(lab)
    lab("login", HOST, "openclaw")
    # Seconds of launchd are counted, not waited.
    lab("launchd", HOST, "set", "time_scale=0.1")
    mini.put("/Users/Shared/mac.cjs", A_MAC)
    mini.put("/Users/Shared/restart.mjs", (Path(__file__).parent / "restart_by_hand.mjs").read_text())
    run = mini.deploy()
    assert run.rc == 0, run.out
    yield mini
    lab("down")
