# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of the catalogue on a healthy host, and on hosts that differ from it in one thing."""
import copy

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import paths
from catalogue_fixtures import BY_ID, CHECKS, FIXTURES, HEALTHY, cases, judged

HOST_CHECKS = [check for check in CHECKS if check.of == "host"]

#: What makes a row of a list: a reader that has the row knows these.
ROW = frozenset(
    ("kind", "location", "line", "path", "name", "id", "credential", "live", "label", "key", "code", "provider")
    + ("agent", "what", "used_by", "reference", "where", "command", "port", "channel", "message", "plists")
)


def names(cases):
    return [name for name, _change in cases]


def failing(found):
    return {name for name, finding in found.items() if finding["result"] == "fail"}


def test_a_healthy_host_raises_none():
    found = judged({})
    told = {name: one["message"] for name, one in found.items() if one["result"] not in ("pass", "not_applicable")}
    assert told == {}
    assert len(found) == len(HOST_CHECKS)


@pytest.mark.parametrize(("name", "change"), cases("pass"), ids=names(cases("pass")))
def test_it_passes(name, change):
    found = judged(change, [BY_ID[name]])
    assert found[name]["result"] == "pass", found[name]["message"]


@pytest.mark.parametrize(("name", "change"), cases("fail"), ids=names(cases("fail")))
def test_it_fails_and_no_unrelated_one(name, change):
    found = judged(change)
    assert found[name]["result"] == "fail", found[name]["message"]
    assert failing(found) == {name, *change.get("also", ())}
    assert change.get("says", "") in found[name]["message"]


@pytest.mark.parametrize(("name", "change"), cases("unknown"), ids=names(cases("unknown")))
def test_it_is_unknown(name, change):
    found = judged(change, [BY_ID[name]])[name]
    assert found["result"] == "unknown", found["message"]
    assert found["message"].startswith("Cannot be told: ")
    assert found["fixHint"]


@pytest.mark.parametrize(("name", "change"), cases("not_applicable"), ids=names(cases("not_applicable")))
def test_it_does_not_apply(name, change):
    assert judged(change, [BY_ID[name]])[name]["result"] == "not_applicable"


@pytest.mark.parametrize("check", HOST_CHECKS, ids=lambda check: check.id)
def test_what_could_not_be_seen_is_never_pass(check):
    """A section with an error and nothing else, and a section that is missing."""
    for section in check.sections:
        blind = dict.fromkeys(HEALTHY[section]) if isinstance(HEALTHY[section], dict) else {}
        for seen in (dict(blind, error="permission denied"), None):
            found = judged({section: seen}, [check])[check.id]
            assert found["result"] in ("unknown", "not_applicable"), (section, found["message"])


def blanked(document, path):
    """A copy of a document in which what a path leads to is null, and whether it led to anything."""
    document = copy.deepcopy(document)
    return document, _blank(document, path)


def _blank(here, path):
    key, rest = path[0], path[1:]
    if key == paths.ANY:
        keys = list(range(len(here))) if isinstance(here, list) else list(here or {})
    else:
        keys = [key] if isinstance(here, dict) and here.get(key) is not None else []
    if not rest:
        for one in keys:
            here[one] = None
        return bool(keys)
    return sum(_blank(here[one], rest) for one in keys) > 0


@pytest.mark.parametrize("check", HOST_CHECKS, ids=lambda check: check.id)
def test_a_null_is_never_taken_for_an_answer(check):
    """Whatever a check reads becomes null, one part at a time; a fixture says where null means something."""
    meant = FIXTURES[check.id].get("blank", {})
    told = {}
    named = {query for _name, query in check.extra}
    read = {path for query in check.queries if query not in named for path in query.paths}
    for path in sorted(read):
        if path[0] == "policy" or (paths.ANY in path and path[-1] in ROW):
            continue
        document, led = blanked(HEALTHY, path)
        if led:
            told[paths.shown(path)] = judged(document, [check])[check.id]["result"]
    wrong = {path: result for path, result in told.items() if result != meant.get(path, "unknown")}
    assert {path: result for path, result in wrong.items() if result != "not_applicable"} == {}


@pytest.mark.parametrize(("name", "change"), cases("fail"), ids=names(cases("fail")))
def test_repair_can_be_copied(name, change):
    found = judged(change, [BY_ID[name]])[name]
    assert found["fixHint"] and "{" not in found["fixHint"] + found["message"] + found["path"]
    assert found["diagnosis"] and "{" not in found["diagnosis"]
    for command in found["repair"]["commands"]:
        assert "{" not in command and "nothing" not in command.split(), command


def test_every_check_is_in_a_fixture_and_every_fixture_is_of_a_check():
    assert set(FIXTURES) == {check.id for check in HOST_CHECKS}
    assert {name for name in FIXTURES if not {"pass", "fail", "unknown"} <= set(FIXTURES[name])} == set()
    assert {other for _name, change in cases("fail") for other in change.get("also", ())} <= set(BY_ID)
