# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of tokens share with tests/integration/token, where the tools are."""
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in ("tests/integration/token", "tests/lab"):
    sys.path.insert(0, str(ROOT / folder))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

# Only now there is a collection to import from; the tests take these from here.
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import winner_table  # noqa: F401 (others import it from here)  # pylint: disable=unused-import


@pytest.fixture(scope="session")
def release_of():
    """Function of a version: (directory of Node, directory of that OpenClaw) in the lab's cache, filled first."""
    from lablib import cache

    return lambda version: cache.ensure(version, print)
