# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of openclaw_config share with tests/integration/config, where the tools are."""
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in ("tests/integration/config", "tests/integration/probe", "tests/lab"):
    sys.path.insert(0, str(ROOT / folder))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

# Only now there is a collection to import from; the tests take these from here.
from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5, paths  # noqa: F401 (others import it from here)  # pylint: disable=unused-import


@pytest.fixture(scope="session")
def runner(tmp_path_factory):
    from module_runner import Runner

    own = Runner(tmp_path_factory.mktemp("runner"))
    yield own
    own.close()


@pytest.fixture(scope="session")
def cached():
    """(directory of Node, directory of OpenClaw) in the lab's cache, filled first where it is empty."""
    from lablib import cache
    from lablib.paths import DEFAULT_OPENCLAW

    return cache.ensure(DEFAULT_OPENCLAW, print)


@pytest.fixture(scope="session")
def oracle(cached):
    from json5_oracle import Oracle

    return Oracle(cached[0] / "bin/node", cached[1])
