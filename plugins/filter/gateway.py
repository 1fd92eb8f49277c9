# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure judgements and tables of plugin_utils, as filters. Each is documented beside this file."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.plugin_utils import _preflight, _table


class FilterModule:
    def filters(self):
        return {
            "deploy_refusals": _preflight.deploy_refusals,
            "refusals_text": _preflight.refusals_text,
            "fleet_table": _table.fleet_table,
            "first_problem": _table.first_problem,
        }
