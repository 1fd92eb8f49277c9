# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make test` draws from long tables, and what it says in the end of what failed."""

import sys

from tree import ROOT

sys.path[:0] = [str(ROOT / "tests/tools"), str(ROOT / "tests/soak")]
import run_tests
from soak_kit import sample

MOLECULE = """
TASK [Gathering Facts] *********************************************************
ok: [mini01]

TASK [clawops.openclaw.gateway : Install it] ***********************************
fatal: [mini01]: FAILED! => {"changed": false, "msg": "404"}

TASK [See whether it is there] *************************************************
fatal: [mini01]: FAILED! => {"changed": false, "msg": "nobody there"}
...ignoring

TASK [Take the lab down] *******************************************************
changed: [localhost]
"""


def test_a_sample_has_the_last_and_is_the_same_again():
    cases = list("abcdefgh")
    drawn = sample("a table", cases, 3)
    assert len(set(drawn)) == 3 and drawn[-1] == "h" and set(drawn) < set(cases)
    assert sample("a table", cases, 3) == drawn
    assert len({tuple(sample(str(number), cases, 3)) for number in range(20)}) > 5


def test_a_sample_larger_than_the_table_is_the_table():
    assert sorted(sample("x", [1, 2, 3], 9)) == [1, 2, 3]
    assert sample("x", [1], 1) == [1]


def test_a_play_that_failed_is_named_with_its_task():
    said = run_tests.refusals(MOLECULE.splitlines())
    assert said[0] == "TASK [clawops.openclaw.gateway : Install it]"
    assert said[1].startswith("fatal: [mini01]") and "404" in said[1]
    assert not any(word in line for line in said for word in ("Take the lab down", "Gathering", "nobody there"))


def test_of_many_failures_the_first_are_named():
    assert len(run_tests.refusals(MOLECULE.splitlines() * 100)) == 60
    assert run_tests.refusals([]) == []
