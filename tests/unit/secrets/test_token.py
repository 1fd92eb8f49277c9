# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tokens are refused, which are kept, and which are made."""

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import policy
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.decide import decide, findings
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import Source

GOOD = "a-perfectly-good-token-of-40-characters."

REFUSED = {
    "": "token_empty",
    "  ": "token_empty",
    "undefined": "token_placeholder",
    "null": "token_placeholder",
    "None": "token_placeholder",
    "__OPENCLAW_REDACTED__": "token_placeholder",
    "${OPENCLAW_GATEWAY_TOKEN}": "token_unresolved",
    "prefix-prefix-prefix-${X}": "token_unresolved",
    "{{ vault_gateway_token_of_the_fleet }}": "token_unresolved",
    "with-a-newline-at-its-very-end\n": "token_unprintable",
    " with-a-blank-at-its-very-begin": "token_unprintable",
    "with-a-bell-in-the-middle\x07-of-it": "token_unprintable",
    "x" * 23: "token_short",
}


@pytest.mark.parametrize("value", REFUSED)
def test_bad_values_are_refused_without_being_quoted(value):
    with pytest.raises(Failure) as caught:
        decide({}, value, policy.MIN_LENGTH)
    assert caught.value.code == REFUSED[value]
    assert len(value.strip()) < 10 or value not in caught.value.message


@pytest.mark.parametrize("value", ["x" * 24, GOOD, "ünïcödé-is-fine-when-printable"])
def test_good_values_are_taken(value):
    assert decide({}, value, policy.MIN_LENGTH) == (value, False, None)


def test_short_ones_may_be_allowed():
    assert decide({}, "x", 1).token == "x"


@pytest.mark.parametrize("bad", ["undefined", "", "short", "${V}x"])
def test_a_bad_token_in_the_file_is_replaced_by_a_generated_one(bad):
    decision = decide({"gateway": {"auth": {"token": bad}}}, None, policy.MIN_LENGTH)
    assert decision.generated and decision.replaced.startswith("token_")
    assert policy.objection(decision.token) is None


def test_a_good_token_in_the_file_is_kept():
    assert decide({"gateway": {"auth": {"mode": "token", "token": GOOD}}}, None, 24) == (GOOD, False, None)


def test_a_declared_token_wins_over_the_one_in_the_file():
    assert decide({"gateway": {"auth": {"token": "undefined"}}}, GOOD, 24) == (GOOD, False, "token_placeholder")


def test_generated_tokens_are_good_and_never_the_same():
    made = {decide({}, None, 24).token for _attempt in range(50)}
    assert len(made) == 50
    assert all(policy.objection(token) is None and len(token) >= 40 for token in made)


@pytest.mark.parametrize(
    "reference", ["${OPENCLAW_GATEWAY_TOKEN}", {"source": "env", "provider": "default", "id": "X"}]
)
def test_a_reference_is_not_thrown_away_silently(reference):
    config = {"gateway": {"auth": {"token": reference}}}
    with pytest.raises(Failure) as caught:
        decide(config, None, 24)
    assert caught.value.code == "token_is_reference"
    assert decide(config, GOOD, 24).token == GOOD


@pytest.mark.parametrize("mode", ["none", "password", "trusted-proxy"])
def test_modes_that_ignore_the_token_are_refused(mode):
    with pytest.raises(Failure) as caught:
        decide({"gateway": {"auth": {"mode": mode}}}, GOOD, 24)
    assert caught.value.code == "auth_mode_conflict"
    assert mode in caught.value.message


def test_findings_name_place_and_next_step():
    said = findings(
        [
            Source("config", "/c", 3, True, "sha256:a"),
            Source("dotenv", "/e", 7, True, "sha256:b"),
            Source("config_remote_reference", "/c", 9, False, None),
        ]
    )
    assert [(entry["code"], entry["location"], entry["line"], entry["live"]) for entry in said] == [
        ("token_source_dotenv", "/e", 7, True),
        ("token_source_config_remote", "/c", 9, False),
    ]
    assert all(entry["hint"].endswith(".") and "/" in entry["message"] for entry in said)
