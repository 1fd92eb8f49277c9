# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure judgements and tables of plugin_utils, as filters. Each is documented beside this file."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.plugin_utils import _audit_task, _preflight, _smoke, _table
from ansible_collections.clawops.openclaw.plugins.plugin_utils._remedy import (
    outcome,
    plan,
    proof,
    summary,
    wishes,
    words,
)


class FilterModule:
    def filters(self):
        return {
            "deploy_refusals": _preflight.deploy_refusals,
            "refusals_text": _preflight.refusals_text,
            "fleet_table": _table.fleet_table,
            "first_problem": _table.first_problem,
            "remedy_plan": plan.plan,
            "remedy_outcome": outcome.outcome,
            "remedy_calls_for_restart": outcome.calls_for_restart,
            "remedy_proof": _proof,
            "remedy_text": words.plan,
            "remedy_lines": words.lines,
            "remedy_doubt": words.doubt,
            "remedy_summary": summary.summary,
            "remedy_window": outcome.window,
            "remedy_wishes": wishes.wishes,
            "smoke_row": _smoke.smoke_row,
        }


def _proof(planned, before, after, probe, doctors, table):
    return proof.proof(_results(before), _results(after), planned, probe, doctors, table["passes"])


def _results(audit):
    return {finding["checkId"]: finding["result"] for finding in _audit_task.unfolded(audit, "")}
