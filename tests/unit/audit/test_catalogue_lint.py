# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no check may be without: examples of every result, a page, an answer that depends on the host, a repair that is
there; and the same words for the same thing in catalogue, coverage and fixtures."""
import copy
import re

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import catalogue, judge
from catalogue_fixtures import BY_ID, CHECKS, FIXTURES, HEALTHY, KINDS, POLICY, ROOT, cases, changed, judged

PAGES = {path.stem for path in (ROOT / "docs/checks").glob("*-*.md")}
HOST_CHECKS = [check for check in CHECKS if check.of == "host"]
COVERAGE = re.findall(r"^\| ([A-Z]\d+) \|.*?\| (.*) \|$", (ROOT / "docs/coverage.md").read_text("utf-8"), re.MULTILINE)


def examples(check):
    return {kind for kind in KINDS if FIXTURES.get(check.id, {}).get(kind)}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_nothing_is_missing(check):
    assert catalogue.lint(check, examples(check), PAGES) == []


def test_the_lint_refuses_what_is_missing():
    check = BY_ID["OCG-CONFIG-001"]
    assert catalogue.lint(check, {"pass", "unknown"}, PAGES) == ["has no example of a host on which it is 'fail'."]
    assert catalogue.lint(check, {"pass", "fail", "unknown"}, ()) == ["has no page: run 'make reference'."]


def test_there_are_as_many_as_promised():
    assert len(CHECKS) >= 100 and len(HOST_CHECKS) >= 60
    assert len(BY_ID) == len(CHECKS)


@pytest.mark.parametrize("check", HOST_CHECKS, ids=lambda check: check.id)
def test_its_query_depends_on_the_host(check):
    """On the healthy host, on one that fails, and on one of which nothing is known, a query says three things."""
    failing = next(change for name, change in cases("fail") if name == check.id)
    broken = changed(dict(HEALTHY, policy=POLICY), failing)
    policy = broken.pop("policy")
    results = [
        judge.judge(document, said, [check], "mini01")[0]["result"]
        for document, said in ((HEALTHY, POLICY), (broken, policy), ({}, policy))
    ]  # fmt: skip
    assert results in (["pass", "fail", "unknown"], ["not_applicable", "fail", "unknown"])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_its_repair_runs_playbooks_that_are_there(check):
    named = re.findall(r"clawops\.openclaw\.(\w+)", " ".join(check.commands))
    # The audit's own playbook is what the reader of a finding has just run.
    assert [name for name in named if name != "audit" and not (ROOT / f"playbooks/{name}.yml").is_file()] == []


#: Keys of which a second look at an unchanged host tells another value.
GROWING = frozenset(
    ("ms", "survey_ms", "age_s", "uptime_ms", "load1", "available_bytes", "swap_used_bytes", "free_bytes")
    + ("last_seen_s", "oldest_pending_s", "expires_in_s", "age_days", "bytes", "lines", "runs", "boot_id")
)


def later(value, key=""):
    """A copy of an observation as it would be a moment later: every growing number has grown, every counter too."""
    if isinstance(value, dict):
        return {name: later(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [later(item) for item in value]
    return value + 1 if key in GROWING and isinstance(value, (int, float)) else value


def grown(document):
    document = later(document)
    for counts in (document.get("logs") or {}).get("counters") or {}:
        counter = document["logs"]["counters"][counts]
        for name in counter or {}:
            counter[name] += 0 if counts in _COUNTED else 1
    return document


#: Counters of which the number decides a result: one more may rightly change it.
_COUNTED = ("gateway_auth_failures", "closes", "pairing", "plugin_failures")
#: Fixtures that stand on the very edge of a limit, where one more is the other side.
_EDGE = ("OCG-TOKEN-007", "OCG-SERVICE-012", "OCG-FILE-006", "OCG-HOST-002", "OCG-PROVIDER-005")


@pytest.mark.parametrize(("name", "change"), cases("fail"), ids=[name for name, _change in cases("fail")])
def test_two_audits_of_one_host_say_the_same(name, change):
    document = changed(dict(HEALTHY, policy=POLICY), change)
    policy = document.pop("policy")
    checks = [check for check in CHECKS if check.id == name or check.id not in _EDGE]
    again = grown(copy.deepcopy(document))
    if name == "OCG-FILE-006":
        again["storage"] = copy.deepcopy(document["storage"])
    first = judge.judge(document, policy, checks, "mini01")
    second = judge.judge(again, policy, checks, "mini01")
    assert [one for one, other in zip(first, second) if one != other] == []


def test_the_same_document_gives_the_same_findings():
    assert judged({}) == judged({})


def test_coverage_says_what_the_catalogue_says():
    """Both ways: no row without a check, no check that is missing from a row it cites."""
    rows = {row: set(re.findall(r"\((?:checks/)(OCG-[A-Z]+-\d+)\.md\)", cell)) for row, cell in COVERAGE}
    cited = {row: {check.id for check in CHECKS if row in check.requirements} for row in rows}
    assert rows == cited
    assert [row for row, found in rows.items() if not found] == []
    assert len(rows) == 43


def test_messages_and_hints_are_sentences():
    wrong = [check.id for check in CHECKS for text in (check.message, check.hint, check.why, check.impact)
             if not re.search(r"(?:[.?!)]|\{[a-z_]+\}\"?)$", text)]  # fmt: skip
    assert wrong == []
