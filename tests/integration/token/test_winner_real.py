# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who wins, asked of the real releases. The whole matrix is tests/soak/test_token_winners.py."""
import pytest
from trials import RELEASES, Trial, hold, name_of

NEWEST = RELEASES[-1]
TELLING = [
    Trial("server", NEWEST, ("config", "environment")),
    Trial("server", NEWEST, ("config_remote",)),
    Trial("server", "2026.7.1", ("config", "environment")),
    Trial("server", "2026.6.1", ("config", "environment")),
    Trial("local_client", NEWEST, ("config", "environment")),
    Trial("local_client", "2026.7.1", ("environment", "config")),
    Trial("local_client", "2026.6.1", ("environment", "config")),
    Trial("local_client", NEWEST, ("secretref_env", "environment"), ("secretref_env",)),
    Trial("remote_client", NEWEST, ("config_remote", "environment")),
    Trial("node_host", NEWEST, ("environment", "config")),
]


@pytest.mark.parametrize("trial", TELLING, ids=name_of)
def test_the_table_says_what_openclaw_does(trial, release_of, tmp_path):
    hold(trial, tmp_path, *release_of(trial.version))
