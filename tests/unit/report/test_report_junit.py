# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit: what the readers of build servers accept, one suite a host, one case a check, and no text that breaks it."""
import xml.etree.ElementTree as tree
from collections import Counter

import fleet_kit as kit
import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import junit

#: Element -> (attributes it must have, attributes it may have, children in the order they may come).
RULES = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, set(), ["testsuite"]),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"}, set(),
                  ["properties", "testcase"]),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"name", "classname", "time"}, set(), ["skipped", "error", "failure", "system-out"]),
    "failure": ({"type", "message"}, set(), []),
    "error": ({"type", "message"}, set(), []),
    "skipped": ({"message"}, set(), []),
    "system-out": (set(), set(), []),
}


def follow_the_rules(element):
    must, may, children = RULES[element.tag]
    assert must <= set(element.attrib) <= must | may
    order = [children.index(child.tag) for child in element]
    assert order == sorted(order)
    if element.tag == "testcase":
        assert len(element) <= 1
    for name in ("tests", "failures", "errors", "skipped"):
        if name in element.attrib:
            assert int(element.get(name)) >= 0
    if "time" in element.attrib:
        assert float(element.get("time")) >= 0
    for child in element:
        follow_the_rules(child)


def kinds(suite):
    return Counter(case[0].tag if len(case) else "passed" for case in suite.iter("testcase"))


RECORDS = {
    "morning": kit.morning(), "clean": kit.build(kit.healthy(3)), "none": kit.build([]), "hostile": kit.hostile(),
    "bad": kit.build(kit.bad_morning(40)),
}


@pytest.mark.parametrize("name", RECORDS)
def test_it_is_what_readers_accept(name):
    root = tree.fromstring(junit.render(RECORDS[name]).encode("utf-8"))
    follow_the_rules(root)
    totals = Counter()
    for suite in root:
        seen = kinds(suite)
        told = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
        assert told == {"tests": sum(seen.values()), "failures": seen["failure"], "errors": seen["error"],
                        "skipped": seen["skipped"]}
        totals.update(told)
    assert {key: int(root.get(key)) for key in totals} == dict(totals)


def test_a_suite_is_a_host_and_a_case_is_a_check():
    record = kit.morning()
    root = tree.fromstring(junit.render(record))
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {host["name"] for host in record["hosts"]} | {"fleet"}
    passed = len(kit.OF_HOSTS) - 3 - 1 - 3
    assert kinds(suites[kit.named(23)]) == {"failure": 3, "error": 1, "skipped": 3, "passed": passed}
    assert len(suites[kit.named(1)].findall("testcase")) == len(kit.OF_HOSTS)
    (case,) = suites[kit.named(42)].iter("testcase")
    assert (case[0].tag, case[0].get("type")) == ("error", "unreachable")
    assert case[0].get("message") == "unreachable: connect to %s port 22: Operation timed out" % kit.named(42)
    failure = suites[kit.named(7)].find(".//failure")
    assert failure.get("message") == "3 places supply a token: config, launchctl setenv, ~/.zshrc"
    assert "ansible-playbook" in failure.text and "where: launchctl getenv" in failure.text


def test_what_only_informs_fails_nothing():
    host = kit.host("a", kit.finding("OCG-VERSION-007", "a", message="macOS 12"))
    root = tree.fromstring(junit.render(kit.build([host])))
    assert (root.get("failures"), root.find(".//system-out").text) == ("0", "macOS 12")


def test_texts_come_out_as_they_went_in_but_for_what_xml_cannot_hold():
    host = kit.host("a", kit.finding("OCG-LOG-001", "a", message="<&\"'\n\t]]> \x00\x1b\ufffe \u202e \U0001f980"))
    root = tree.fromstring(junit.render(kit.build([host])))
    assert root.find(".//failure").get("message") == "<&\"'\n\t]]> \ufffd\ufffd\ufffd \u202e \U0001f980"
