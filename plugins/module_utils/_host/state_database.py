# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What the collection reads of a Gateway's own database, C(state/openclaw.sqlite): read once, for all that need it."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._host import sqlite_pages

TABLES = (
    "device_pairing_paired",
    "device_pairing_pending",
    "channel_pairing_requests",
    "channel_pairing_allow_entries",
    "config_machine_state",
    # Up to 2026.7.
    "auth_profile_stores",
    "installed_plugin_index",
)


class State(NamedTuple):
    """:ivar rows: table -> list of rows, None for one that is not there; None where there is no database, or where it
    could not be read. :ivar problem: why it could not, or None."""

    rows: dict | None
    problem: str | None

    def table(self, name):
        return (self.rows or {}).get(name) or []

    def machine(self, key):
        """Return the text that the database keeps under a key, or None."""
        return next((row["value_json"] for row in self.table("config_machine_state") if row["state_key"] == key), None)

    def shared_credentials(self):
        """Return the text of the store of credentials that all agents share, or None."""
        rows = self.table("auth_profile_stores")
        return self.machine("authProfiles.store") or (rows[0]["store_json"] if rows else None)

    def plugins(self):
        """Return the text of the register of plugins, or None."""
        for row in self.table("installed_plugin_index"):
            return json.dumps({"installRecords": _decoded(row["install_records_json"]),
                               "plugins": _decoded(row["plugins_json"])})
        return self.machine("plugins.installedIndex")


def _decoded(text):
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        return None


def read(account, state_dir):
    """Return the :class:`State` of a state directory, read with the rights of the account."""
    path = os.path.join(state_dir, "state", "openclaw.sqlite")
    with acting_as(account):
        try:
            return State(sqlite_pages.read(path, TABLES), None)
        except FileNotFoundError:
            return State(None, None)
        except OSError as error:
            return State(None, "%s: %s" % (path, error.strerror))
        except sqlite_pages.NotReadable as error:
            return State(None, str(error))
