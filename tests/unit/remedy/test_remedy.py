# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From findings to a plan, from results to outcomes, from two audits to a proof: the thinking of the runbook."""
import json
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")
ROOT = Path(__file__).resolve().parents[3]

from ansible_collections.clawops.openclaw.plugins.plugin_utils._remedy import (
    evidence,
    outcome,
    plan,
    proof,
    summary,
    wishes,
    words,
)

TABLE = yaml.safe_load((ROOT / "roles/remediate/files/deeds.yml").read_text())
CHECKS = {
    check["id"]: check for path in sorted((ROOT / "roles/audit/files/checks").glob("*.yml"))
    for check in yaml.safe_load(path.read_text())
}


def finding(name, result="fail", **facts):
    check = CHECKS["OCG-" + name]
    return dict({
        "checkId": "OCG-" + name, "result": result, "severity": check["severity"], "layer": check["layer"],
        "message": "It is not so.", "fixHint": "Make it so.", "repair": {"kind": "manual", "commands": ["make it so"]},
    }, **facts)  # fmt: skip


def planned(*names):
    return plan.plan([finding(name) for name in names], TABLE)


def deeds(*names):
    return [deed["deed"] for deed in planned(*names)["deeds"]]


# ------------------------------------------------------------------------------------------------------- the table
def test_the_table_names_checks_that_there_are():
    named = {name for deed in TABLE["deeds"] for name in deed["answers"]} | set(TABLE["blocks"]) | set(TABLE["passes"])
    named |= set(TABLE["without_token"]) | set(TABLE["of_an_upgrade"])
    assert {"OCG-" + name for name in named} - set(CHECKS) == set()


def test_an_upgrade_is_left_to_a_person_with_the_deploy_as_next_command():
    found = [finding(name) for name in ("VERSION-001", "VERSION-003")]
    assert deeds("VERSION-001", "VERSION-003") == ["release", "service"]
    made = plan.plan(found, TABLE, TABLE["of_an_upgrade"])
    assert made["deeds"] == []
    assert [one["check"] for one in made["manual"]] == ["OCG-VERSION-001", "OCG-VERSION-003"]
    commands = [CHECKS["OCG-" + name]["repair"]["commands"] for name in TABLE["of_an_upgrade"]]
    assert all("clawops.openclaw.deploy" in told[-1] for told in commands)


def test_every_deed_is_done_by_a_file_of_its_name_in_the_order_of_the_steps():
    there = {path.stem for path in (ROOT / "roles/remediate/tasks/deeds").glob("*.yml")}
    assert {deed["deed"] for deed in TABLE["deeds"]} == there
    steps = [deed["step"] for deed in TABLE["deeds"]]
    assert steps == sorted(steps) and set(steps) <= {3, 4, 5}


def test_a_deed_answers_what_is_of_its_layers():
    """An answer of another layer would be dead letters: the plan leaves it out."""
    for deed in TABLE["deeds"]:
        strange = [name for name in deed["answers"] if CHECKS["OCG-" + name]["layer"] not in deed["layers"]]
        assert strange == [], deed["deed"]


@pytest.mark.parametrize("name", [name for name, check in CHECKS.items() if check["layer"] == "provider"])
def test_nothing_is_done_about_a_provider(name):
    """Whatever is wrong with a provider, neither the Gateway's token nor its process is touched for it."""
    assert deeds(name[len("OCG-"):]) == []
    assert all("provider" not in deed["layers"] for deed in TABLE["deeds"])


def test_no_finding_about_scopes_restarts_anything():
    assert deeds("GATEWAY-004") == []


# -------------------------------------------------------------------------------------------------------- the plan
def test_a_healthy_host_has_nothing_to_do():
    found = plan.plan([finding("CONFIG-001", "unknown")], TABLE)
    assert found["deeds"] == found["manual"] == found["blocked"] == [] and found["layer"] is None
    assert [one["check"] for one in found["unknown"]] == ["OCG-CONFIG-001"]


def test_deeds_come_in_the_order_of_the_runbook_and_each_once():
    assert deeds("SERVICE-005", "TOKEN-001", "CONFIG-003", "TOKEN-005", "FILE-003") == [
        "permissions", "config", "token", "service"]


def test_what_is_answered_by_nothing_is_for_a_person():
    found = planned("HOST-003", "LOG-001", "CONFIG-003")
    assert [one["check"] for one in found["manual"]] == ["OCG-HOST-003"]
    assert [one["check"] for one in found["passing"]] == ["OCG-LOG-001"]
    assert found["manual"][0]["commands"] == ["make it so"]


@pytest.mark.parametrize("name", TABLE["blocks"])
def test_what_blocks_leaves_the_host_alone(name):
    found = planned(name, "CONFIG-003", "SERVICE-001")
    assert found["deeds"] == [] and [one["check"] for one in found["blocked"]] == ["OCG-" + name]
    assert "OCG-CONFIG-003" in [one["check"] for one in found["manual"]]


@pytest.mark.parametrize(("names", "layer"), [
    (["TOKEN-001"], "auth"), (["TOKEN-001", "SERVICE-001"], "service"), (["FILE-001", "SERVICE-001"], "host"),
    (["LOG-002"], "provider"), (["LOG-002", "CONFIG-003"], "config"), (["FILE-006", "CONFIG-003"], "config"),
])  # fmt: skip
def test_the_trouble_is_put_down_to_the_lowest_layer_with_an_error(names, layer):
    assert planned(*names)["layer"] == layer


def test_what_another_finding_explains_is_not_acted_upon():
    """Nobody answers because launchd has no job: that the token gets no answer is no matter of the token."""
    found = planned("SERVICE-001", "GATEWAY-003", "GATEWAY-001")
    assert [deed["deed"] for deed in found["deeds"]] == ["service"]
    assert [one["check"] for one in found["explained"]] == ["OCG-GATEWAY-003", "OCG-GATEWAY-001"]
    assert found["manual"] == [] and deeds("GATEWAY-003") == ["token"]


def test_what_no_deed_can_answer_on_this_host_is_for_a_person():
    found = [finding("TOKEN-004"), finding("CONFIG-004")]
    made = plan.plan(found, TABLE, TABLE["without_token"])
    assert [deed["deed"] for deed in made["deeds"]] == ["config"]
    assert [one["check"] for one in made["manual"]] == ["OCG-TOKEN-004"]


@pytest.mark.parametrize(("settings", "baseline", "settings_then", "absent"), [
    ({}, {}, {}, []),
    ({"a": {"b": 1}}, {}, {"a": {"b": 1}}, []),
    ({}, {"a": {"b": 1, "c": None}}, {"a": {"b": 1}}, ["a.c"]),
    ({"a": {"b": 2}}, {"a": {"b": 1, "d": [1]}}, {"a": {"b": 2, "d": [1]}}, []),
    ({"a": {"c": 3}}, {"a": {"c": None}}, {"a": {"c": 3}}, []),
    ({"a": 5}, {"a": {"c": None}}, {"a": 5}, []),
    ({}, {"a": {"x.y": None}}, {}, ['a["x.y"]']),
    ({}, {"a": {}}, {"a": {}}, []),
    ({"a": {"b": None}}, {"a": {"b": 1}}, {"a": {"b": None}}, []),
])  # fmt: skip
def test_the_baseline_of_a_class_lies_below_what_the_host_says(settings, baseline, settings_then, absent):
    assert wishes.wishes(settings, baseline) == {"settings": settings_then, "absent": absent}


def test_what_is_explained_has_to_pass_in_the_end():
    after = {"OCG-SERVICE-001": "pass", "OCG-GATEWAY-003": "fail"}
    before = dict.fromkeys(after, "fail")
    found = proof.proof(before, after, planned("SERVICE-001", "GATEWAY-003"), HEALTHY, (None, None), [])
    assert found["unmended"] == ["OCG-GATEWAY-003"]


def test_a_check_of_a_user_is_for_a_person():
    mine = dict(finding("CONFIG-003"), checkId="ACME-CONFIG-003")
    found = plan.plan([mine], TABLE)
    # Nobody knows what it asks, whatever its number.
    assert [one["check"] for one in found["manual"]] == ["ACME-CONFIG-003"]


# ---------------------------------------------------------------------------------------------------- the outcomes
def came_to(deed, **result):
    return outcome.outcome(result, {"deed": deed})


@pytest.mark.parametrize(("deed", "result", "by", "restarts", "wants"), [
    ("config", {"changed": True, "effect": "hot"}, None, 0, False),
    ("config", {"changed": True, "effect": "restart"}, "job", 0, True),
    ("config", {"changed": True, "effect": "in_process_restart"}, "gateway", 0, False),
    ("token", {"changed": True, "effect": "restart", "restarts": 1}, "token", 1, False),
    ("token", {"changed": True, "effect": "hot", "restarts": 0}, None, 0, False),
    ("release", {"changed": True, "switched": True}, "job", 0, True),
    ("service", {"changed": True, "actions": ["bootout system/x", "bootstrap system x.plist"]}, "job", 1, False),
    ("service", {"changed": False, "actions": []}, None, 0, False),
    ("restart", {"changed": True, "actions": ["kickstart -k system/x"]}, "job", 1, False),
])  # fmt: skip
def test_who_gives_the_gateway_a_new_process(deed, result, by, restarts, wants):
    found = came_to(deed, **result)
    assert (found["restarted_by"], found["restarts"], found["wants_restart"]) == (by, restarts, wants)


@pytest.mark.parametrize(("result", "changed"), [
    ({"changed": True}, True), ({"changed": False}, False), ({"changed": False, "diff": []}, False),
    ({"changed": False, "diff": {"before": "a", "after": "b"}}, True),
    ({"changed": False, "diff": {"before": "a", "after": "a"}}, False),
    ({"changed": False, "diff": [{"before": "", "after": ""}, {"prepared": "x"}]}, True),
    ({"changed": False, "results": [{"changed": False}, {"diff": {"before": {"state": "file"}, "after": {}}}]}, True),
    ({"skipped": True, "changed": False}, False),
])  # fmt: skip
def test_a_foretelling_changes_nothing_and_its_diff_tells(result, changed):
    assert came_to("config", **result)["changed"] is changed


@pytest.mark.parametrize(("probe", "calls"), [
    ({"failed": True, "msg": "it broke"}, False),
    ({"verdicts": {"live": {"verdict": "unknown"}}, "layer": "service"}, False),
    ({"verdicts": {"live": {"verdict": "fail"}}, "layer": "service"}, True),
    ({"verdicts": {"config_applied": {"verdict": "fail"}}, "layer": "config"}, True),
    ({"verdicts": {"rpc": {"verdict": "fail"}}, "layer": "auth"}, False),
    ({"verdicts": {"auth": {"verdict": "fail"}, "live": {"verdict": "ok"}}, "layer": "auth"}, False),
    ({"verdicts": {"live": {"verdict": "fail"}}, "layer": "network"}, False),
    ({"verdicts": {"live": {"verdict": "ok"}, "ready": {"verdict": "ok"}}}, False),
])  # fmt: skip
def test_what_a_new_process_can_end(probe, calls):
    assert outcome.calls_for_restart(probe) is calls


@pytest.mark.parametrize(("etime", "left"), [
    ("00:00", 31), ("      00:29\n", 2), ("00:30", 1), ("00:31", 0), ("01:00", 0), ("1-00:00:05", 0), ("02:00:05", 0),
    ("", 0), ("?", 0),
])  # fmt: skip
def test_what_is_left_of_a_throttle_window(etime, left):
    assert outcome.window(etime, 30) == left


# ------------------------------------------------------------------------------------------------------- the proof
PLAN = {"deeds": [{"deed": "config", "step": 3, "about": "", "findings": ["OCG-CONFIG-003"]}], "explained": []}
HEALTHY = {"state": "healthy"}
BEFORE = {"OCG-CONFIG-003": "fail", "OCG-TOKEN-001": "pass", "OCG-LOG-001": "pass", "OCG-HOST-003": "fail"}


def judged(after, probe=None, doctors=(None, None)):
    return proof.proof(BEFORE, dict(BEFORE, **after), PLAN, probe or HEALTHY, doctors, TABLE["passes"])


def test_what_was_to_be_mended_is_and_nothing_is_worse():
    found = judged({"OCG-CONFIG-003": "pass", "OCG-LOG-001": "fail"})
    assert found == {"proven": True, "worse": [], "mended": ["OCG-CONFIG-003"], "unmended": [], "disagree": []}


@pytest.mark.parametrize(("after", "probe", "doctors", "key"), [
    ({}, HEALTHY, (None, None), "unmended"),
    ({"OCG-CONFIG-003": "unknown"}, HEALTHY, (None, None), "unmended"),
    ({"OCG-CONFIG-003": "pass", "OCG-TOKEN-001": "fail"}, HEALTHY, (None, None), "worse"),
    ({"OCG-CONFIG-003": "pass", "OCG-TOKEN-001": "unknown"}, HEALTHY, (None, None), "worse"),
    ({"OCG-CONFIG-003": "pass"}, {"state": "down", "reason": "nobody"}, (None, None), "disagree"),
    ({"OCG-CONFIG-003": "pass"}, {"failed": True, "msg": "it broke"}, (None, None), "disagree"),
    ({"OCG-CONFIG-003": "pass"}, HEALTHY,
     ({"findings": []}, {"findings": [{"judge": "doctor", "check": "x", "severity": "error"}]}), "disagree"),
    ({"OCG-CONFIG-003": "pass"}, HEALTHY,
     ({"judges": {"doctor": {"verdict": "ok"}}}, {"judges": {"doctor": {"verdict": "unknown"}}}), "disagree"),
    ({"OCG-CONFIG-003": "pass"}, HEALTHY,
     ({"judges": {"doctor": {"verdict": "findings"}}}, {"failed": True, "msg": "it broke"}), "disagree"),
])  # fmt: skip
def test_what_is_not_proven_says_who_says_so(after, probe, doctors, key):
    found = judged(after, probe, doctors)
    assert not found["proven"] and [name for name in ("worse", "unmended", "disagree") if found[name]] == [key]
    told = words.doubt(found, [finding("TOKEN-001"), finding("CONFIG-003"), finding("HOST-003")])
    assert told.startswith("The repair is not proven: ") and "HOST-003" not in told
    assert ("make it so" in told) is (key != "disagree")


def test_what_a_judge_said_before_is_no_disagreement():
    said = {"findings": [{"judge": "doctor", "check": "x", "severity": "error"}]}
    assert judged({"OCG-CONFIG-003": "pass"}, doctors=(said, said))["proven"]


# ------------------------------------------------------------------------------------------------------- the words
def test_a_plan_is_shown_with_its_effects():
    found = planned("CONFIG-003", "SERVICE-001", "HOST-003")
    foretold = [came_to("config", changed=True, effect="in_process_restart"), came_to("service", unforeseen="no file")]
    told = "\n".join(words.plan(found, foretold))
    assert "1. step 3, config" in told and "OCG-CONFIG-003" in told and "begin anew in itself" in told
    assert "no file" in told and "Left for a person:" in told and "make it so" in told


def test_a_blocked_plan_says_why_and_what_to_do():
    told = words.plan(planned("FILE-006", "CONFIG-003"), [])
    assert told[0] == "Nothing is done on this host:" and any("make it so" in line for line in told)


def test_nothing_to_do_is_said():
    assert words.plan(planned(), []) == ["Nothing to do."]


def test_a_summary_for_the_ticket():
    found = planned("CONFIG-003", "HOST-003")
    proven = {"proven": False, "mended": ["OCG-CONFIG-003"], "unmended": [], "worse": ["OCG-TOKEN-001"], "disagree": []}
    told = summary.summary(found, {
        "host": "mini07", "run": "r", "holder": "alice@desk", "began": "a", "ended": "b", "restarts": 1,
        "done": [came_to("config", changed=True, changes=[{"path": "/x/openclaw.json"}])], "proof": proven,
        "left": found, "probe": "healthy", "rollback_point": None, "metrics": [{"starts": 1}, {"starts": 2}],
    })  # fmt: skip
    for words_of_it in ("mini07: **not proven**", "alice@desk", "`/x/openclaw.json`", "OCG-TOKEN-001", "`make it so`",
                        "| starts in the log | 1 | 2 |", "unknown"):  # fmt: skip
        assert words_of_it in told, told


# ---------------------------------------------------------------------------------------------------- the evidence
ABOUT = {"run": "r", "host": "h", "step": 1, "name": "freeze", "at": "2026-11-22T12:00:00Z"}


def chain():
    texts = []
    for number in range(3):
        texts.append(evidence.entry(ABOUT, {"number": number}, texts[-1] if texts else None))
    return texts


def test_a_chain_holds():
    assert evidence.broken(chain()) is None
    assert json.loads(chain()[0])["previous"] is None


@pytest.mark.parametrize("spoil", [
    lambda texts: texts[1:], lambda texts: texts[:1] + texts[2:],
    lambda texts: [texts[0].replace("0", "1"), *texts[1:]],
    lambda texts: ["{}", *texts[1:]], lambda texts: [texts[1], texts[0], texts[2]], lambda texts: ["no json"],
])  # fmt: skip
def test_a_chain_that_was_touched_is_noticed(spoil):
    assert evidence.broken(spoil(chain()))
