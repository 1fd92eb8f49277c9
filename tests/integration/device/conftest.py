# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real Gateway of each way OpenClaw has kept devices: SQLite since 2026.9, JSON files before."""
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
for folder in ("tests/integration/config", "tests/integration/probe", "tests/lab"):
    sys.path.insert(0, str(ROOT / folder))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

from device_kit import Device, PairingGateway
from lablib import cache
from lablib.paths import DEFAULT_OPENCLAW
from module_runner import Runner

VERSIONS = (DEFAULT_OPENCLAW, "2026.7.1")


@pytest.fixture(scope="session")
def gateways(tmp_path_factory):
    """The Gateways by version. They start side by side."""
    made = {}
    for version in VERSIONS:
        made[version] = PairingGateway(tmp_path_factory.mktemp("gateway") / "home", *cache.ensure(version, print))
        made[version].launch()
    yield made
    for gateway in made.values():
        gateway.stop()


@pytest.fixture(params=VERSIONS)
def gateway(gateways, request):
    """A Gateway without devices."""
    real = gateways[request.param]
    real.await_ready()
    yield real
    real.forget_devices()


@pytest.fixture
def new_device(gateway):
    return lambda: Device(gateway)


@pytest.fixture(scope="session")
def runner(tmp_path_factory):
    own = Runner(tmp_path_factory.mktemp("runner"), ROOT / "plugins/modules/openclaw_device.py")
    yield own
    own.close()
