# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""npm's engine ranges, evaluated without npm."""

from __future__ import annotations

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._release import engines

OLD = ">=22.22.3 <23 || >=24.15.0 <25 || >=25.9.0"
NEW = ">=24.16.0 <25 || >=26.1.0"


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        # What OpenClaw itself declares, on both sides of every edge.
        ("22.22.2", OLD, False),
        ("22.22.3", OLD, True),
        ("22.99.0", OLD, True),
        ("23.0.0", OLD, False),
        ("24.14.9", OLD, False),
        ("24.15.0", OLD, True),
        ("25.0.0", OLD, False),
        ("25.8.9", OLD, False),
        ("25.9.0", OLD, True),
        ("30.0.0", OLD, True),
        ("22.22.3", NEW, False),
        ("24.15.0", NEW, False),
        ("24.16.0", NEW, True),
        ("24.21.0", NEW, True),
        ("25.9.0", NEW, False),
        ("26.0.9", NEW, False),
        ("26.1.0", NEW, True),
        ("22.12.0", ">=22.12.0", True),
        ("22.11.9", ">=22.12.0", False),
        # The rest of the range language.
        ("18.2.0", "^18", True),
        ("19.0.0", "^18", False),
        ("0.2.4", "^0.2.3", True),
        ("0.3.0", "^0.2.3", False),
        ("0.0.4", "^0.0.3", False),
        ("0.5.0", "^0", True),
        ("0.1.0", "^0.0", False),
        ("1.2.9", "~1.2", True),
        ("1.3.0", "~1.2.3", False),
        ("1.9.9", "~1", True),
        ("2.0.0", "~>1", False),
        ("20.9.9", "18 - 20", True),
        ("21.0.0", "18 - 20", False),
        ("17.9.9", "18 - 20", False),
        ("3.0.0", "*", True),
        ("3.0.0", "", True),
        ("3.0.0", "x || 1", True),
        ("24.1.0", "24.x", True),
        ("25.1.0", "24.x", False),
        ("24.1.7", "24.1.*", True),
        ("25.0.0", ">24", True),
        ("24.9.0", ">24", False),
        ("24.9.0", "<=24", True),
        ("25.0.0", "<=24", False),
        ("24.9.0", "<24", False),
        ("24.1.0", ">= 24.1.0", True),
        ("24.1.0", "=24.1.0", True),
        ("24.1.1", "v24.1.0", False),
        # A range that means "before 25" is not met by the nightlies of 25.
        ("25.0.0-rc.1", ">=24 <25", False),
        ("25.0.0-rc.1", ">=25.0.0", False),
        ("25.0.0-rc.2", ">=25.0.0-rc.1", True),
        ("25.0.0-rc.10", ">25.0.0-rc.9", True),
    ],
)
def test_range(version, wanted, fits):
    assert engines.satisfies(version, wanted) is fits


@pytest.mark.parametrize("wanted", ["lts", ">=banana", "24.1.0.0", ">=24 <<25"])
def test_unreadable_range_is_named(wanted):
    with pytest.raises(ValueError, match="cannot read"):
        engines.satisfies("24.0.0", wanted)


@pytest.mark.parametrize("version", ["24", "24.1", "latest", "", "024.1.0", "24.1.0.0"])
def test_not_an_exact_version(version):
    with pytest.raises(ValueError, match="exact"):
        engines.parse_version(version)


@pytest.mark.parametrize(
    ("wanted", "suggested"),
    [
        (NEW, engines.PROVEN_NODE),
        (OLD, engines.PROVEN_NODE),
        (">=25.9.0 <26 || >=26.1.0", "26.1.0"),
        (">=25.9.0", "25.9.0"),
        ("^18.3", "18.3.0"),
        ("<10", None),
    ],
)
def test_suggestion_lies_in_the_range(wanted, suggested):
    assert engines.suggest(wanted) == suggested
    assert suggested is None or engines.satisfies(suggested, wanted)


@pytest.mark.parametrize(
    ("openclaw", "wanted"),
    [
        ("2026.1.1", None),
        ("2026.1.30", ">=22.12.0"),
        ("2026.3.1", ">=22.12.0"),
        ("2026.5.7", ">=22.14.0"),
        ("2026.6.11", ">=22.19.0"),
        ("2026.7.1", OLD),
        ("2026.9.1", OLD),
        ("2026.9.6", NEW),
        ("2027.1.1", NEW),
    ],
)
def test_known_engines(openclaw, wanted):
    assert engines.known_engines(openclaw) == wanted


def test_proven_node_runs_every_known_release():
    for _first, wanted in engines.KNOWN_ENGINES:
        assert engines.satisfies(engines.PROVEN_NODE, wanted)
