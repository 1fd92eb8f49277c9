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

from soak_kit import ROUNDS, chance_of

#: From how many rounds on tables are tried whole.
LONG = 10


def pytest_configure(config):
    config.addinivalue_line("markers", "sampled(parameter, number): so many values of a parameter, all in make soak")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if ROUNDS >= LONG:
        return
    tables, left, out = {}, [], []
    for item in items:
        for mark in item.iter_markers("sampled"):
            tables.setdefault((item.path, item.originalname, *mark.args), set()).add(_case(item, mark))
    drawn = {table: _sample(table, cases) for table, cases in tables.items()}
    for item in items:
        wanted = all(
            _case(item, mark) in drawn[(item.path, item.originalname, *mark.args)]
            for mark in item.iter_markers("sampled")
        )
        (left if wanted else out).append(item)
    items[:] = left
    config.hook.pytest_deselected(items=out)


def _case(item, mark):
    return item.callspec.indices[mark.args[0]]


def _sample(table, cases):
    path, test, _parameter, number = table
    *others, last = sorted(cases)
    return {last, *chance_of(f"{path.name} {test}").sample(others, min(number - 1, len(others)))}
