# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret of a file or of a task is in what a run tells, wherever it stands."""

import json

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import edit, json5
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import report
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import (
    fingerprint,
    secrets_in,
    secrets_in_option,
    shown_option,
)

OLD, NEW = "old-secret-0123456789", "new-secret-9876543210"
REF = {"source": "env", "provider": "default", "id": "GATEWAY_TOKEN"}

CASES = [
    ({"gateway": {"auth": {"token": OLD}}}, {"gateway": {"auth": {"token": NEW}}}),
    ({"gateway": {"auth": {"token": REF}}}, {"gateway": {"auth": {"token": NEW}}}),
    ({"gateway": {"auth": {"token": OLD}}}, {"gateway": {"auth": {"token": REF}}}),
    ({}, {"models": {"providers": {"p": {"apiKey": NEW, "headers": {"Authorization": "Bearer " + NEW}}}}}),
    (
        {"models": {"providers": {"p": {"apiKey": OLD}}}},
        {"models": {"providers": {"p": {"baseUrl": "https://h/" + OLD}}}},
    ),
    ({"gateway": {"auth": {"token": OLD}}}, {"tools": {"list": [{"args": ["--token=" + OLD, OLD]}]}}),
    ({}, {"channels": {"x": {"botTokens": [NEW, {"deep": NEW}]}}}),
    ({}, {"channels": {"x": {"webhookUrl": "https://hooks/" + NEW}}}),
    ({}, {"mcp": {"servers": {"s": {"env": {"PAT": NEW}, "url": "https://user:" + NEW + "@h/"}}}}),
    ({}, {"secret": {"nested": {"anything": NEW}}}),
    ({"gateway": {"auth": {"token": OLD}}}, {"gateway": {"auth": {"token": OLD + "-longer"}}, "note": OLD + "-longer"}),
    ({"a": {"password": OLD}}, {"a": "was " + OLD}),
]


@pytest.mark.parametrize(("before", "settings"), CASES, ids=repr)
def test_nothing_of_a_secret_is_told(before, settings):
    planned = edit.plan(json.dumps(before), settings)
    hidden = secrets_in(before) | secrets_in(json5.loads(planned.text))
    rows = report.as_rows(planned.changes, hidden=hidden)
    assert rows
    told = json.dumps([rows, report.as_diff(rows, [], "/x")])
    assert OLD not in told and NEW not in told


def test_references_and_variables_stay_readable():
    planned = edit.plan("{}", {"gateway": {"auth": {"token": REF, "password": "${PASSWORD}"}}})
    told = json.dumps(report.as_rows(planned.changes))
    assert "GATEWAY_TOKEN" in told and "${PASSWORD}" in told


def test_a_text_loses_the_longest_secret_first():
    assert report.without("x" + OLD + "-longer", {OLD, OLD + "-longer"}) == "x" + fingerprint(OLD + "-longer")
    assert report.without("a short one", {"short"}) == "a short one"


NESTED = {"gateway": {"auth": {"token": NEW}}, "env": {"DEBUG": "1", "MODE": "production"}}
OPTIONS = [
    # as given, as shown, what is starred out wherever it occurs
    (None, None, set()),
    ({}, {}, set()),
    (NESTED, "masked", {NEW}),
    (json.dumps(NESTED), "masked", {NEW}),
    ({"mode": "report", "settings": NESTED}, "masked", {NEW}),
    ('{"gateway": "' + NEW, "(not shown: it is no mapping)", {'{"gateway": "' + NEW}),
    ("token=%s a=1" % NEW, "(not shown: it is no mapping)", {NEW, "1", "token=%s a=1" % NEW}),
    ([NEW, "short"], "(not shown: it is no mapping)", {NEW}),
    (json.dumps([NEW]), "(not shown: it is no mapping)", {NEW}),
    (5, "(not shown: it is no mapping)", set()),
]


@pytest.mark.parametrize(("given", "shown", "starred"), OPTIONS, ids=lambda value: str(value)[:30])
def test_arguments_are_shown_without_their_secrets_and_ordinary_words_stay(given, shown, starred):
    assert secrets_in_option(given) == starred
    found = shown_option(given)
    assert shown == "masked" or found == shown
    assert NEW not in str(found) and "production" not in str(found)
    assert (fingerprint("1") in str(found)) is (shown == "masked")
