# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Corrective against pending: what moved, the host or the declaration?"""
import json

from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import history
from catalogue_fixtures import CHECKS, HEALTHY, POLICY, changed, judge

PORT = "OCG-CONFIG-005"


def audit(state, change=None, host="mini01"):
    document = changed(dict(HEALTHY, policy=POLICY), change or {})
    policy = document.pop("policy")
    found, state = history.mark_drift(judge.judge(document, policy, CHECKS, host), state)
    return {one["checkId"]: (one["result"], one["drift"]) for one in found}, json.loads(json.dumps(state))


MOVED = {"config/port": 19001}
DECLARED = {"policy/port": 19001}


def test_a_host_that_moved_is_corrective():
    _found, state = audit(None)
    assert audit(state, MOVED)[0][PORT] == ("fail", history.CORRECTIVE)


def test_a_declaration_that_moved_is_pending_until_it_is_met():
    _found, state = audit(history.empty())
    found, state = audit(state, DECLARED)
    assert found[PORT] == ("fail", history.PENDING)
    assert audit(state, DECLARED)[0][PORT] == ("fail", history.PENDING)
    found, state = audit(state, dict(DECLARED, **MOVED))
    assert found[PORT] == ("pass", None)
    assert audit(state, DECLARED)[0][PORT] == ("fail", history.CORRECTIVE)


def test_what_never_passed_is_neither():
    found, state = audit(None, MOVED)
    assert found[PORT] == ("fail", None)
    assert audit(state, MOVED)[0][PORT] == ("fail", None)


def test_what_is_unknown_forgets_nothing():
    _found, state = audit(None)
    found, after = audit(state, {"config": None})
    assert found[PORT] == ("unknown", None) and after == state
    assert audit(after, MOVED)[0][PORT] == ("fail", history.CORRECTIVE)


def test_other_hosts_stay_in_the_record():
    _found, state = audit(None)
    _found, state = audit(state, host="mini02")
    assert sorted(state["hosts"]) == ["mini01", "mini02"]


def test_a_record_of_another_kind_counts_as_none():
    assert audit({"schemaVersion": 99, "hosts": {"mini01": {PORT: "x"}}}, MOVED)[0][PORT] == ("fail", None)


def test_findings_of_the_fleet_are_no_hosts():
    finding = {"host": None, "checkId": "OCG-FLEET-001", "result": "fail", "policyDigest": None, "drift": None}
    assert history.mark_drift([finding], None) == ([finding], history.empty())
