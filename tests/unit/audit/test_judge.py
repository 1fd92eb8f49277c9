# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a finding, its texts for persons and shells, and what an unknown one says."""
import json
import shlex

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import functions, judge, texts
from catalogue_fixtures import BY_ID, CHECKS, HEALTHY, POLICY, changed, judged

#: The names that OpenClaw's own `doctor --lint --json` has for the same things.
OPENCLAW = {"checkId", "severity", "message", "path", "fixHint"}
KEYS = OPENCLAW | {
    "diagnosis", "host", "result", "layer", "title", "step", "repair", "evidence", "requirements", "waiver", "drift",
}  # fmt: skip


def test_every_check_of_a_host_yields_one_finding_in_order():
    found = judge.judge(HEALTHY, POLICY, CHECKS, "mini01")
    assert [one["checkId"] for one in found] == [check.id for check in CHECKS if check.of == "host"]
    assert {frozenset(one) for one in found} == {frozenset(KEYS | {"policyDigest"})}
    assert {one["host"] for one in found} == {"mini01"}
    assert json.loads(json.dumps(found)) == found


def test_nothing_is_known_of_a_host_that_said_nothing():
    results = {one["result"] for one in judge.judge({}, POLICY, CHECKS, "mini01")}
    assert results == {"unknown", "not_applicable"}


def test_without_a_policy_nothing_fails_on_a_healthy_host():
    failing = [one["checkId"] for one in judge.judge(HEALTHY, {}, CHECKS, "mini01") if one["result"] == "fail"]
    assert failing == []


def test_a_policy_may_be_of_ansibles_own_kinds():
    class Text(str):
        """As Ansible's text from a variable file."""

    class Texts(list):
        """As its list."""

    policy = dict(POLICY, allowed_origins=Texts([Text("https://claw.example.com")]))
    found = {one["checkId"]: one["result"] for one in judge.judge(HEALTHY, policy, CHECKS, "mini01")}
    assert found["OCG-CONFIG-012"] == "pass"


def test_unknown_says_what_was_not_seen_and_what_to_do():
    found = judged({"config": None, "privilege/is_root": False, "privilege/uid": 501})["OCG-CONFIG-001"]
    assert found["message"] == "Cannot be told: the observation has no section 'config'."
    assert found["fixHint"] == "run the audit with become (as root): this run was user id 501."
    found = judged({"config/error": "openclaw.json: Permission denied."})["OCG-CONFIG-001"]
    assert "section 'config' of the observation: openclaw.json: Permission denied." in found["message"]
    assert "this run did not see config.exists." in judged({"config/exists": None})["OCG-CONFIG-001"]["message"]


def test_unknown_says_the_code_of_the_gateway():
    change = {"gateway/verdicts/auth/verdict": "unknown", "gateway/verdicts/auth/code": "token_missing"}
    assert judged(change)["OCG-GATEWAY-003"]["message"].endswith(" (token_missing)")


def test_a_query_that_cannot_be_answered_is_unknown():
    found = judged({"logs/counters/storms": "many"})["OCG-LOG-003"]
    assert found["result"] == "unknown"


def test_fault_beats_blindness():
    """What was seen to be wrong is wrong, however much else was not seen."""
    unseen = {"location": "/Users/openclaw/.zshrc", "reason": "Permission denied"}
    found = judged({"token_sources/count": 2, "token_sources/unreadable": [unseen]})["OCG-TOKEN-001"]
    assert found["result"] == "fail"


def test_commands_can_be_copied_whatever_a_host_calls_its_files():
    path = "/Users/openclaw/.openclaw/a b; touch $(id).lock"
    found = judged({"locks/stale": [path, "/x.lock"]})["OCG-LOCK-001"]
    assert [shlex.split(command) for command in found["repair"]["commands"]] == [["sudo", "rm", path, "/x.lock"]]


def test_commands_name_host_and_inventory():
    found = judged({"config/exists": False, "config/parseable": None})["OCG-CONFIG-001"]
    wanted = "ansible-playbook -i inventory.yml clawops.openclaw.deploy -e target=mini01"
    assert found["repair"] == {"kind": "deploy", "commands": [wanted + " --check --diff", wanted]}
    found = judged({"config/exists": False, "config/parseable": None, "policy/inventory": None})["OCG-CONFIG-001"]
    assert found["repair"]["commands"][1] == "ansible-playbook clawops.openclaw.deploy -e target=mini01"


def test_messages_are_printable_and_bounded():
    label = "com.openclaw\x1b[31m\n" + "x" * 400
    found = judged({"service/others": [{"label": label}] * 30})["OCG-SERVICE-011"]
    assert found["message"].isprintable() and len(found["message"]) < 1200
    assert found["message"].endswith("and 25 more.")
    assert len(found["evidence"]["value"]) == 20


@pytest.mark.parametrize(("value", "said"), [
    (None, "nothing"), (True, "yes"), (30, "30"), (30.0, "30"), ([], "nothing"), (["a", 1], "a, 1"),
    ({"b": 1, "a": None}, "b: 1"), ([{"a": 1, "b": 2}], "a: 1, b: 2"),
])  # fmt: skip
def test_plain_data_in_a_sentence(value, said):
    assert texts.said(value) == said


def test_the_digest_moves_with_the_declaration_alone():
    check = BY_ID["OCG-CONFIG-005"]
    now = judge.digest(check, POLICY)
    assert judge.digest(check, dict(POLICY, user="other")) == now
    assert judge.digest(check, dict(POLICY, port=1)) != now
    document = changed(HEALTHY, {"config/port": 1})
    assert judge.judge(document, POLICY, [check], "mini01")[0]["policyDigest"] == now


@pytest.mark.parametrize(("text", "document", "answer"), [
    ("differing(a, b)", {"a": {"x": 1, "y": 2}, "b": {"x": 1}}, ["y"]),
    ("differing(a, b)", {"a": {}, "b": None}, None),
    ("open_bits(a, '0077')", {"a": "0640"}, "40"),
    ("open_bits(a, '0077')", {"a": "0600"}, "0"),
    ("older(a, b)", {"a": "2026.7.1", "b": "2026.10.0"}, True),
    ("older(a, b)", {"a": "13.5", "b": "13.5"}, False),
    ("older(a, b)", {"a": "new", "b": "13.5"}, None),
    ("distinct(a)", {"a": ["b", None, "a", "b"]}, ["a", "b"]),
    ("where(a, 'k', b)", {"a": [{"k": 1}, {"k": [1, 2]}, {"k": 3}, 4], "b": 1}, [{"k": 1}, {"k": [1, 2]}]),
    ("where(a, 'k', b)", {"a": [], "b": None}, None),
    ("where_not(a, 'k', b)", {"a": [{"k": 1}, {"k": 3}], "b": 1}, [{"k": 3}]),
    ("concat([a, b])", {"a": [1], "b": [2]}, [1, 2]),
    ("concat([a, b])", {"a": [1], "b": None}, None),
    ("settled(a)", {"a": "skipped"}, None),
    ("settled(a)", {"a": "fail"}, "fail"),
    ("rows(a)", {"a": {"z": {"v": 1}, "b": None}}, [{"name": "b"}, {"v": 1, "name": "z"}]),
    ("counted(a, '1006/')", {"a": {"1006/x": 2, "1006/y": 3, "1008/x": 9}}, 5),
    ("mib(a)", {"a": 1048577}, 1),
    ("share(a, b)", {"a": 1, "b": 4}, 0.25),
    ("share(a, b)", {"a": 1, "b": 0}, None),
])  # fmt: skip
def test_functions_of_rules(text, document, answer):
    assert functions.Expression(text).of(document) == answer


def test_a_function_refuses_what_it_does_not_take():
    with pytest.raises(functions.Unanswerable):
        functions.Expression("differing(a, a)").of({"a": 3})
