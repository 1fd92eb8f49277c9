# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import values
from ansible_collections.clawops.openclaw.plugins.module_utils._config.edit import ABSENT, Change

REF = {"source": "env", "provider": "default", "id": "X"}

BAD = [
    ("numeric_string", ("gateway", "port"), "18789"),
    ("numeric_string", ("gateway", "auth", "rateLimit", "windowMs"), " 60000 "),
    ("numeric_string", ("agents", "defaults", "maxConcurrent"), "4"),
    ("numeric_string", ("agents", "defaults"), {"timeoutSeconds": "600.5"}),
    ("boolean_string", ("cron",), {"enabled": "True"}),
    ("boolean_string", ("cron", "enabled"), "no"),
    ("secret_placeholder", ("models", "providers", "p", "apiKey"), "__OPENCLAW_REDACTED__"),
    ("secret_placeholder", ("tools", "list"), [{"url": "https://u:__OPENCLAW_REDACTED__@h/"}]),
    ("plain_secret", ("channels", "x"), {"serviceAccount": "plain", "serviceAccountRef": REF}),
]
GOOD = [
    (("gateway", "port"), 18789),
    (("gateway", "port"), "${PORT}"),
    (("session", "maxDiskBytes"), "100"),
    (("channels", "telegram", "maxRetries"), "3"),
    (("env", "PORT"), "1"),
    (("mcp", "servers", "a", "env", "maxCount"), "1"),
    (("plugins", "entries", "p", "config", "timeoutMs"), "1"),
    (("agents", "defaults", "name"), "7"),
    (("cron", "enabled"), True),
    (("channels", "x"), {"serviceAccountRef": REF}),
    (("channels", "x"), {"serviceAccount": "${SA}", "serviceAccountRef": REF}),
    (("gateway", "auth", "token"), REF),
]


def judged(path, value, before=ABSENT, replaced=()):
    after = value
    for key in reversed(path):
        after = {key: after}
    return [finding.code for finding in values.findings([Change(path, before, value)], after, replaced)]


@pytest.mark.parametrize(("code", "path", "value"), BAD, ids=repr)
def test_bad(code, path, value):
    assert judged(path, value) == [code]


@pytest.mark.parametrize(("path", "value"), GOOD, ids=repr)
def test_good(path, value):
    assert judged(path, value) == []


def test_every_code_has_a_case():
    assert {row[0] for row in values.VALUES} == {code for code, _path, _value in BAD}


@pytest.mark.parametrize("before", [REF, "${TOKEN}"])
def test_a_reference_does_not_become_plain_by_accident(before):
    path = ("gateway", "auth", "token")
    assert judged(path, "plain", before) == ["plain_secret"]
    assert judged(path, "plain", before, replaced=(("gateway", "auth", "token"),)) == []
    assert judged(path, "${OTHER}", before) == []
    assert judged(path, "plain", "plain too") == []


def test_what_goes_is_not_judged():
    assert values.findings([Change(("gateway", "port"), "1", ABSENT)], {}) == []
