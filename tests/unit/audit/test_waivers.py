# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accepted faults: read, applied, expired, needed by nothing."""
import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import catalogue, waivers
from catalogue_fixtures import CHECKS, HEALTHY, POLICY, changed, judge

TODAY = "2026-11-22"


def findings(*hosts, change=None):
    document = changed(HEALTHY, change or {"headless/sleep": 10})
    return [one for host in hosts for one in judge.judge(document, POLICY, CHECKS, host)]


def waiver(**said):
    usual = {"check": "OCG-HOST-003", "hosts": ["mini*"], "owner": "ops", "reason": "on a desk",
             "expires": "2026-12-31"}
    return dict(usual, **said)


def applied(found, *given, **facts):
    told = waivers.apply(found, list(given), TODAY, CHECKS, **facts)
    asked = {(one["host"], one["result"]) for one in told if one["checkId"] == "OCG-HOST-003"}
    return asked, [one["message"] for one in told if one["checkId"] == waivers.ABOUT], told


def test_a_waiver_covers_its_hosts_and_says_so():
    asked, about, told = applied(findings("mini01", "desk01"), waiver())
    assert asked == {("mini01", "waived"), ("desk01", "fail")}
    assert about == []
    covered = next(one for one in told if one["result"] == "waived")
    assert covered["waiver"] == {"owner": "ops", "reason": "on a desk", "expires": "2026-12-31"}


def test_it_holds_to_the_end_of_its_last_day():
    assert applied(findings("mini01"), waiver(expires=TODAY))[0] == {("mini01", "waived")}


@pytest.mark.parametrize(("given", "hosts", "change", "said"), [
    (waiver(expires="2026-11-21"), ["mini01"], None, "(owner ops) has expired on 2026-11-21."),
    (waiver(expires="2026-11-21"), ["mini01"], {"headless/sleep": 0}, "and nothing needs it any more"),
    (waiver(hosts=["mac*"]), ["mini01"], None, "matches no host"),
    (waiver(check="OCG-HOST-399"), ["mini01"], None, "names no check that there is"),
    (waiver(), ["mini01"], {"headless/sleep": 0}, "is needed by nothing any more"),
])  # fmt: skip
def test_what_is_wrong_with_a_waiver(given, hosts, change, said):
    asked, about, _told = applied(findings(*hosts, change=change), given)
    assert len(about) == 1 and said in about[0]
    assert ("mini01", "waived") not in asked


@pytest.mark.parametrize(("change", "facts"), [
    ({"headless/sleep": None}, {}),
    ({"headless/sleep": 0}, {"known": ["mini01", "mini02"]}),
])  # fmt: skip
def test_what_is_not_known_is_not_called_useless(change, facts):
    assert applied(findings("mini01", change=change), waiver(), **facts)[1] == []


def test_unknown_is_not_waived():
    assert applied(findings("mini01", change={"headless/sleep": None}), waiver())[0] == {("mini01", "unknown")}


def test_reading(tmp_path):
    path = tmp_path / "own.yml"
    path.write_text("waivers:\n  - {check: OCG-HOST-003, owner: ops, reason: on a desk, expires: 2026-12-31}\n")
    assert waivers.load([str(path)]) == [waiver(hosts=["*"], file=str(path))]
    path.write_text("checks: []\n")
    assert waivers.load([str(path)]) == []


@pytest.mark.parametrize(("text", "key", "said"), [
    ("waivers: 3", "waivers", "expected a list"),
    ("waivers: [3]", "waivers", "holds 3"),
    ("waivers: [{check: X-1, owner: a, expires: 2026-12-31}]", "reason", "is missing"),
    ("waivers: [{check: X-1, owner: a, reason: b, expires: soon}]", "expires", "is 'soon'; expected the last day"),
    ("waivers: [{check: X-1, owner: a, reason: b}]", "expires", "is None"),
    ("waivers: [{check: X-1, owner: a, reason: b, expires: 2026-12-31, host: c}]", "host", "is unknown in a waiver"),
    ("waivers: [{check: X-1, owner: a, reason: b, expires: 2026-12-31, hosts: c}]", "hosts", "list of patterns"),
])  # fmt: skip
def test_what_cannot_be_read_says_where(tmp_path, text, key, said):
    path = tmp_path / "own.yml"
    path.write_text(text + "\n")
    with pytest.raises(catalogue.AuditError, match=said) as caught:
        waivers.load([str(path)])
    assert (caught.value.file, caught.value.key) == (str(path), key)
