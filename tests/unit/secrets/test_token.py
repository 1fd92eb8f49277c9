# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tokens are refused, which are kept, and which are made."""

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import policy
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.findings import findings
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import Source
from ansible_collections.clawops.openclaw.plugins.module_utils._token import choice

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


def choose(present=None, value=None, min_length=policy.MIN_LENGTH):
    return choice.choose(choice.Wish("present", value, min_length, "always", None, None), present)


@pytest.mark.parametrize("value", REFUSED)
def test_bad_values_are_refused_without_being_quoted(value):
    with pytest.raises(Failure) as caught:
        choose(value=value)
    assert caught.value.code == REFUSED[value]
    assert len(value.strip()) < 10 or value not in caught.value.message


@pytest.mark.parametrize("value", ["x" * 24, GOOD, "ünïcödé-is-fine-when-printable"])
def test_good_values_are_taken(value):
    assert choose(value=value) == (value, "given", None, None)


def test_short_ones_may_be_allowed():
    assert choose(value="x", min_length=1).token == "x"


@pytest.mark.parametrize("bad", ["undefined", "short", "${V}x"])
def test_a_bad_token_in_the_file_is_replaced_by_a_generated_one(bad):
    chosen = choose(bad)
    assert chosen.origin == "generated" and chosen.objection.startswith("token_")
    assert policy.objection(chosen.token) is None


def test_a_good_token_in_the_file_is_kept():
    assert choose(GOOD) == (GOOD, "kept", None, None)


def test_a_declared_token_wins_over_the_one_in_the_file():
    assert choose("undefined", GOOD) == (GOOD, "given", "token_placeholder", None)


def test_generated_tokens_are_good_and_never_the_same():
    made = {choose().token for _attempt in range(50)}
    assert len(made) == 50
    assert all(policy.objection(token) is None and len(token) >= 40 for token in made)


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
