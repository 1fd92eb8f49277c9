# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the table of winners against the releases it was made for: all of them in a long run, else a few."""
import pytest
from soak_kit import EVERY
from token_kit import release_of, winner_table  # noqa: F401 (fixtures)  # pylint: disable=unused-import
from trials import RELEASES, hold, name_of, trials


@pytest.mark.parametrize("version", RELEASES)
@pytest.mark.parametrize("consumer", winner_table.CONSUMERS)
def test_every_row_of_the_table(consumer, version, release_of, rounds, chance, tmp_path):
    rows = trials(consumer, version)
    wrong = []
    for number, trial in enumerate(rows if EVERY else chance.sample(rows, min(rounds, len(rows)))):
        place = tmp_path / str(number)
        place.mkdir()
        try:
            hold(trial, place, *release_of(version))
        except AssertionError as error:
            wrong.append("%s: %s" % (name_of(trial), error))
    assert not wrong, "\n\n".join(wrong)
