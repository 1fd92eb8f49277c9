# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench compares is comparable: tasks and pyinfra ask the same, and a budget that is not kept is seen."""

import ast
import re
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[3] / "tests/bench"


@pytest.fixture(scope="module")
def cases():
    sys.path.insert(0, str(BENCH))
    try:
        import cases as found
    finally:
        sys.path.remove(str(BENCH))
    return found


def test_tasks_and_pyinfra_ask_the_same():
    tasks = re.findall(r"^    - name: (.*)$", (BENCH / "questions.yml").read_text(encoding="utf-8"), re.MULTILINE)
    tree = ast.parse((BENCH / "ask_pyinfra.py").read_text(encoding="utf-8"))
    tables = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    asked = [key.value for name in ("FILES", "COMMANDS") for key in tables[name].keys]
    assert sorted(asked) == sorted(tasks)
    assert len(set(tasks)) == len(tasks) == 35


def found_with(cases, **seconds):
    sizes = {size: {case.name: {"least": seconds.get(case.name, 1.0) * int(size)} for case in cases.CASES}
             for size in ("5", "50")}  # fmt: skip
    module = {"least_s": 0.2, "peak_mib": 30.0}
    return {
        "seconds": sizes, "module_runs": {"audit": 1, "deploy": 6}, "restarts": 0, "ladder": {"total_s": 20.0},
        "modules": dict.fromkeys(cases.MODULES, module),
    }  # fmt: skip


def test_budgets_that_are_kept_are_ok(cases):
    rows = cases.judged(found_with(cases))
    assert {row["ok"] for row in rows} == {True, None}
    assert [row["hosts"] for row in rows if row["name"] == "audit by ping, warm"] == [5, 50]


def test_a_budget_that_is_not_kept_is_over(cases):
    rows = cases.judged(found_with(cases, audit=1.6))
    assert {row["name"] for row in rows if row["ok"] is False} == {"audit by ping, warm"}


def test_what_was_not_measured_is_no_row(cases):
    found = found_with(cases)
    for told in found["seconds"].values():
        del told["pyinfra"]
    assert not any("pyinfra" in row["name"] for row in cases.judged(found))
