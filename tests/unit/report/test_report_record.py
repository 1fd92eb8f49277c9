# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record: states, order, scores, the hash, the comparison with an earlier run, and what a run ends with."""
import copy
import random

import fleet_kit as kit
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import log_lines
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records


def test_the_most_drifted_host_comes_first_and_every_host_is_a_row():
    record = kit.build(kit.broken(50))
    told = [(host["name"], host["state"]) for host in record["hosts"][:5]]
    assert told == [
        (kit.named(7), "drift"), (kit.named(23), "drift"), (kit.named(31), "drift"),
        (kit.named(42), "unreachable"), (kit.named(1), "clean"),
    ]
    summary = record["summary"]
    assert {key: summary[key] for key in records.STATES} == {"drift": 3, "unreachable": 1, "unknown": 0, "clean": 46}
    assert summary["findings"] == {"error": 6, "warning": 4, "info": 0}
    assert (summary["hosts"], summary["waived"], summary["unknown_findings"]) == (50, 1, 1)


def test_mini9_comes_before_mini10():
    hosts = [kit.host(name) for name in ("mini10", "mini9", "mini", "10", "9b", "9")]
    assert [host["name"] for host in kit.build(hosts)["hosts"]] == ["9", "9b", "10", "mini", "mini9", "mini10"]


STATES = [
    ((), {}, "clean", 100),
    (("OCG-VERSION-007", "fail"), {}, "clean", 99),
    (("OCG-LOG-001", "fail"), {}, "drift", 99),
    (("OCG-TOKEN-001", "fail"), {}, "drift", 98),
    (("OCG-TOKEN-001", "waived"), {}, "clean", 100),
    (("OCG-TOKEN-001", "unknown"), {}, "unknown", 98),
    # Not even of a note that could not be looked at is it said that all is well.
    (("OCG-VERSION-007", "unknown"), {}, "unknown", 99),
    ((), {"unreachable": True, "findings": [], "reason": "no route"}, "unreachable", None),
    ((), {"findings": [], "reason": "sudo: a password is required"}, "unknown", None),
    ((), {"findings": []}, "unknown", None),
]


@pytest.mark.parametrize("odd,more,state,score", STATES)
def test_the_state_of_a_host(odd, more, state, score):
    found = [kit.finding(odd[0], "a", odd[1])] if odd else []
    (host,) = kit.build([kit.host("a", *found, **more)])["hosts"]
    assert (host["state"], host["score"]) == (state, score)
    assert host["reason"] or host["findings"] or host["passed"]


def test_a_host_of_which_nothing_is_known_says_so():
    (host,) = kit.build([{"name": "a"}])["hosts"]
    assert (host["state"], host["reason"], host["counts"]["pass"]) == ("unknown", "nothing was heard of it", 0)


def test_what_a_run_ends_with():
    clean, dead, blind, drift = kit.host("a"), kit.dead("b"), kit.blind("c"), kit.two_tokens("d")
    note = kit.host("e", kit.finding("OCG-VERSION-007", "e"))
    shared = [kit.shared_token("a", "b")]
    unsure = [kit.finding("OCG-FLEET-001", None, "unknown")]
    cases = [([clean], (), 0), ([clean, note], (), 0), ([clean, dead], (), 1), ([clean, blind], (), 1),
             ([clean, dead, drift], (), 2), ([clean], shared, 2), ([clean], unsure, 1), ([], (), 0)]
    assert [records.exit_code(kit.build(hosts, fleet=fleet)) for hosts, fleet, _code in cases] == [
        code for _hosts, _fleet, code in cases]


def test_each_check_counts_its_hosts():
    record = kit.build(kit.broken(50), fleet=[kit.shared_token("a", "b")])
    by_id = {check["id"]: check for check in record["checks"]}
    counted = {key: by_id["OCG-HOST-003"]["hosts_" + key] for key in ("passed", "failed", "unknown", "waived")}
    assert counted == {"passed": 48, "failed": 0, "unknown": 0, "waived": 1}
    assert by_id["OCG-HOST-005"]["hosts_not_applicable"] == 49
    assert (by_id["OCG-FLEET-005"]["fleet_failed"], by_id["OCG-FLEET-005"]["area"]) == (1, "FLEET")


# ------------------------------------------------------------------------------------------------------------ the hash
def test_two_audits_of_an_unchanged_fleet_have_the_same_hash():
    hosts = kit.broken(50)
    later = copy.deepcopy(hosts)
    random.Random(6).shuffle(later)
    for host in later:
        host["ms"] = 500
        for item in host.get("findings", []):
            item["message"] = "seen again, pid 4712, 61 s ago"
            item["evidence"] = {"age_s": 61}
            item["drift"] = None
    second = dict(kit.RUN, id="another", finished="2026-11-23T06:00:09Z")
    record = records.build(later, kit.CHECKS[::-1], second, previous=kit.build(hosts))
    assert record["findingsHash"] == kit.build(hosts)["findingsHash"]
    assert record["previous"]["appeared"] == record["previous"]["gone"] == []


@pytest.mark.parametrize("change", [
    lambda hosts: hosts[6]["findings"][0].update(path="elsewhere"),
    lambda hosts: hosts[6]["findings"][0].update(result="waived"),
    lambda hosts: hosts[6]["findings"][0].update(severity="warning"),
    lambda hosts: hosts[6]["findings"].pop(0),
    lambda hosts: hosts.pop(6),
    lambda hosts: hosts[6].update(name="other"),
    lambda hosts: hosts[41].update(unreachable=False),
])
def test_another_finding_is_another_hash(change):
    hosts = kit.broken(50)
    change(hosts)
    assert kit.build(hosts)["findingsHash"] != kit.build(kit.broken(50))["findingsHash"]


# ------------------------------------------------------------------------------------------------------ the run before
def test_what_appeared_and_what_is_gone():
    before = kit.build([kit.host("a"), kit.two_tokens("b"), kit.behind("c"), kit.behind("d")])
    now = kit.build([kit.behind("a"), kit.host("b"), kit.behind("c"), kit.dead("d"), kit.host("e")], previous=before)
    seen = now["previous"]
    assert {item["host"] for item in seen["appeared"]} == {"a"}
    # The silence of the dead host d is no repair.
    assert {item["host"] for item in seen["gone"]} == {"b"}
    assert seen["same"] == 3
    assert (seen["hosts_new"], seen["hosts_lost"], seen["hosts_not_compared"]) == (["e"], [], ["d"])
    assert seen["findingsHash"] == before["findingsHash"]


def test_what_left_the_inventory_was_not_put_right():
    before = kit.build([kit.two_tokens("a"), kit.host("b")], fleet=[kit.shared_token("a", "b")])
    now = kit.build([kit.host("b")], previous=before)["previous"]
    assert now["gone"] == [{"host": None, "checkId": "OCG-FLEET-005"}]
    assert now["hosts_lost"] == ["a"]


# ------------------------------------------------------------------------------------------------------------- metrics
def test_the_numbers_for_dashboards():
    told = records.metrics({
        "token_sources": {"count": 2},
        "logs": {"hours": 12, "counters": {
            "gateway_auth_failures": {"token_mismatch": 2, "token_missing": 1},
            "provider_auth_failures": {"openai": 1, "other": 4}, "starts": {"process": 1, "in_process": 1},
            "pairing": {"asked": 8, "granted": 1, "granted_silently": 1, "refused": 2},
            "closes": {"1006/unauthorized": 2, "1006/unnamed": 1, "1008/pairing-required": 5}}},
        "devices": {"pending_count": 1},
    })
    assert told == {
        "token_sources": 2, "log_hours": 12, "auth_failures": {"gateway": 3, "provider": 5}, "starts": 2,
        "pairing_attempts": 9, "pairing_successes": 2, "closes": {"1006": 3, "1008": 5}, "pending_devices": 1,
    }


def test_the_counters_are_those_that_logs_have():
    """Where nothing was seen, all is nought: a counter of another name would be none."""
    tally = log_lines.Tally(0)
    told = records.metrics({"logs": {"hours": 24, "counters": tally.counters()}})
    assert told["auth_failures"] == {"gateway": 0, "provider": 0}
    assert (told["pairing_attempts"], told["pairing_successes"], told["starts"], told["closes"]) == (0, 0, 0, {})


@pytest.mark.parametrize("seen", [{}, {"logs": None, "token_sources": None}, {"logs": {"counters": None}}])
def test_what_could_not_be_counted_is_not_nought(seen):
    told = records.metrics(seen)
    assert told.pop("auth_failures") == {"gateway": None, "provider": None}
    assert set(told.values()) == {None}


def test_every_text_can_be_encoded():
    record = kit.build([kit.host("a", kit.finding("OCG-LOG-001", "a", message="caf\udce9", evidence=["\ud800"]))])
    (item,) = record["hosts"][0]["findings"]
    assert (item["message"], item["evidence"]) == ("caf\ufffd", ["\ufffd"])
