# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long tables of cases: `make soak` has them whole, `make test` a seeded sample of each.

    @pytest.mark.sampled("row", 5)      of the values that the parameter `row` takes, five

The last value is always among them: of releases that is the newest.
"""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "soak"))

from soak_kit import EVERY, sample


def pytest_configure(config):
    config.addinivalue_line("markers", "sampled(parameter, number): so many values of a parameter, all in make soak")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if EVERY:
        return
    tables = {}
    for item in items:
        for table, case in _cases(item):
            tables.setdefault(table, set()).add(case)
    drawn = {table: sample(str(table), sorted(cases), table[-1]) for table, cases in tables.items()}
    left = [item for item in items if all(case in drawn[table] for table, case in _cases(item))]
    config.hook.pytest_deselected(items=[item for item in items if item not in left])
    items[:] = left


def _cases(item):
    """Yield (table, case) of an item: which test, which of its parameters, how many; and the number of the value."""
    for mark in item.iter_markers("sampled"):
        parameter, number = mark.args
        yield (item.path.name, item.originalname, parameter, number), item.callspec.indices[parameter]
