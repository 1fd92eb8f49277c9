# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's own rules: what they can say, what is refused and how it is told, and what they change of ours."""
import pytest
import yaml
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import catalogue, functions, judge
from catalogue_fixtures import HEALTHY, POLICY, ROOT

OURS = [str(ROOT / "roles/audit/files/checks")]
RULE = {
    "id": "ACME-PORT-001", "title": "The port is ours", "why": "Firewalls know it.", "severity": "warning",
    "layer": "network", "query": "port.port", "expect": {"equals": 18789},
    "message": "The port is {value}, not {want}.", "hint": "Put it back.",
}  # fmt: skip


def load(tmp_path, content):
    path = tmp_path / "own.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path, catalogue.load(OURS, [str(path)])


def judged(checks, observation=HEALTHY):
    return {one["checkId"]: one for one in judge.judge(observation, POLICY, checks, "mini01")}


def test_a_rule_of_ones_own(tmp_path):
    _path, checks = load(tmp_path, {"checks": [RULE]})
    assert judged(checks)["ACME-PORT-001"]["result"] == "pass"
    found = judged(checks, dict(HEALTHY, port=dict(HEALTHY["port"], port=1)))["ACME-PORT-001"]
    assert (found["result"], found["message"]) == ("fail", "The port is 1, not 18789.")
    assert found["repair"] == {"kind": "manual", "commands": []}


@pytest.mark.parametrize(("change", "key", "said"), [
    ({"severity": "eror"}, "severity", "is 'eror'; expected one of error, warning, info"),
    ({"layer": "moon"}, "layer", "expected one of service, network"),
    ({"query": None}, "query", "is missing"),
    ({"expect": None}, "expect", "is missing"),
    ({"expect": {"equal": 3}}, "expect", "expected a mapping with one of equals, is, empty"),
    ({"expect": {"is": "yes"}}, "expect.is", "is text; expected a true or false"),
    ({"expect": {"at_most": True}}, "expect.at_most", "is true or false; expected a number"),
    ({"query": "port.["}, "query", "is no JMESPath expression"),
    ({"query": "port.prot"}, "query", r"nothing is called 'port.prot' \(is 'port' meant\?\)"),
    ({"query": "service.scopes.loaded"}, "query", r"is a list: write 'service.scopes\[\].loaded'"),
    ({"query": "!config.exists.x"}, "query", "binds tighter than the dot"),
    ({"query": "policy.port"}, "query", "touches nothing of the observation"),
    ({"query": "`3`"}, "query", "touches nothing of the observation"),
    ({"message": "It is {valeu}."}, "message", r"placeholder \{valeu\}"),
    ({"id": "OCG-ACME-001"}, "id", "another beginning than OCG-"),
    ({"id": "acme"}, "id", "expected capitals with a number"),
    ({"title": ["a"]}, "title", "is list; expected text"),
    ({"fix": "it"}, "fix", "is unknown"),
    ({"needs": ["moon"]}, "needs", "names 'moon', which is no section"),
    ({"step": 9}, "step", "is 9; expected one of 1, 2"),
    ({"repair": {"kind": "magic"}}, "repair.kind", "expected one of deploy, rotate"),
    ({"with": {"x": "port.nine"}}, "with.x", "nothing is called 'port.nine'"),
])  # fmt: skip
def test_what_is_wrong_with_a_rule_is_told(tmp_path, change, key, said):
    rule = {name: value for name, value in dict(RULE, **change).items() if value is not None}
    with pytest.raises(catalogue.AuditError, match=said) as caught:
        load(tmp_path, {"checks": [rule]})
    assert caught.value.file == str(tmp_path / "own.yml")
    assert caught.value.key == key
    if key != "id":
        assert caught.value.id == "ACME-PORT-001" and "own.yml: ACME-PORT-001: key '%s': " % key in str(caught.value)


@pytest.mark.parametrize(("text", "said"), [
    ("checks: [\n", "line 2, column 1: not YAML"),
    ("3", "holds whole number; expected a list of checks"),
    ("check: []", "key 'check': is unknown"),
    ("checks: {}", "key 'checks': is mapping; expected a list"),
    ("checks: [3]", "a check is whole number; expected a mapping"),
    ("overrides: {OCG-HOST-399: {severity: info, reason: a}}", "OCG-HOST-399: is overridden, but there is no such"),
    ("overrides: {OCG-HOST-003: {severity: info}}", "key 'reason': is missing"),
    ("overrides: {OCG-HOST-003: {query: a, reason: b}}", "key 'query': cannot be overridden"),
    ("overrides: {OCG-HOST-003: {severity: low, reason: b}}", "key 'severity': is 'low'"),
])  # fmt: skip
def test_what_is_wrong_with_a_file_is_told(tmp_path, text, said):
    with pytest.raises(catalogue.AuditError, match=said):
        load(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(catalogue.AuditError, match="gone.yml: cannot be read: No such file"):
        catalogue.load(OURS, [str(tmp_path / "gone.yml")])


def test_an_id_is_taken_once(tmp_path):
    with pytest.raises(catalogue.AuditError, match="ACME-PORT-001: key 'id': is taken by a check in .*own.yml"):
        load(tmp_path, {"checks": [RULE, RULE]})


def test_overrides_change_severity_or_switch_off_and_say_so(tmp_path):
    asleep = dict(HEALTHY, headless=dict(HEALTHY["headless"], sleep=10, autorestart=0))
    said = {"OCG-HOST-003": {"severity": "info", "reason": "they may sleep"},
            "OCG-HOST-004": {"disabled": True, "reason": "they are laptops"}}  # fmt: skip
    _path, checks = load(tmp_path, {"overrides": said})
    found = judged(checks, asleep)
    assert (found["OCG-HOST-003"]["result"], found["OCG-HOST-003"]["severity"]) == ("fail", "info")
    assert found["OCG-HOST-004"]["result"] == "not_applicable"
    assert found["OCG-HOST-004"]["message"] == "Switched off: they are laptops"


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path):
    path, first = load(tmp_path, {"checks": [RULE]})
    assert catalogue.load(OURS, [str(path)])[-1] is first[-1]
    path.write_text(yaml.safe_dump({"checks": [dict(RULE, title="Another")]}), encoding="utf-8")
    assert catalogue.load(OURS, [str(path)])[-1].title == "Another"


def test_without_jmespath_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(functions, "jmespath", None)
    with pytest.raises(ImportError, match="pip install jmespath"):
        functions.Expression("a")
