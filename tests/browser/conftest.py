# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One browser for all tests, and the pages they open."""
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
for place in ("tests/unit", "tests/unit/report", "tests/lab"):
    sys.path.insert(0, str(ROOT / place))


def _namespace(name, path):
    module = types.ModuleType(name)
    module.__path__ = [path] if path else []
    sys.modules[name] = module


# The collection by its real name, from this clone.
_namespace("ansible_collections", None)
_namespace("ansible_collections.clawops", None)
_namespace("ansible_collections.clawops.openclaw", str(ROOT))

import chromium
import fleet_kit as kit
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import html
from lablib import cache

AXE = ("axe-core", "4.14.1",
       "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==")
RECORDS = {
    "morning": kit.morning,
    "clean": lambda: kit.build(kit.healthy(50), previous=kit.build(kit.healthy(50))),
    "big": lambda: kit.build(kit.bad_morning(500), previous=kit.build(kit.healthy(500))),
    "hostile": kit.hostile,
    "none": lambda: kit.build([]),
}


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    found = chromium.Browser(tmp_path_factory.mktemp("profile"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """A function: the name of a record to the file of its page."""
    place = tmp_path_factory.mktemp("reports")

    def written(name):
        path = place / (name + ".html")
        if not path.exists():
            path.write_text(html.render(RECORDS[name]()), encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="session")
def axe():
    """The script of axe-core, which judges accessibility."""
    return (cache.npm_archive(*AXE, print) / "axe.min.js").read_text(encoding="utf-8")
