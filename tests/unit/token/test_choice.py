# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which token it shall be, and whether a rotation is due."""

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import since
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._token import choice

OLD, NEW, MADE = "old-token-" + "o" * 20, "new-token-" + "n" * 20, "made-token-" + "m" * 20
DAY = 86400


def wish(state="present", value=None, when="always", max_age=None, mark=None):
    return choice.Wish(state, value, 24, when, max_age, mark)


CASES = {
    "gone": (wish("absent"), OLD, None, (None, "removed", None, None)),
    "gone before": (wish("absent"), None, None, (None, "removed", None, None)),
    "kept": (wish(), OLD, None, (OLD, "kept", None, None)),
    "generated": (wish(), None, None, (MADE, "generated", None, None)),
    "a bad one is replaced": (wish(), "undefined", None, (MADE, "generated", "token_placeholder", None)),
    "a short one is replaced": (wish(), "short", None, (MADE, "generated", "token_short", None)),
    "given": (wish(value=NEW), OLD, None, (NEW, "given", None, None)),
    "given and there": (wish(value=NEW), NEW, None, (NEW, "kept", None, None)),
    "always": (wish("rotated"), OLD, None, (MADE, "generated", None, "always")),
    "always, given": (wish("rotated", NEW), OLD, None, (NEW, "given", None, "always")),
    "always, given, done before": (wish("rotated", NEW), NEW, None, (NEW, "kept", None, "always")),
    "nothing to rotate": (wish("rotated"), None, None, (MADE, "generated", None, "always")),
    "young": (wish("rotated", when="max_age", max_age=30 * DAY), OLD, 29 * DAY, (OLD, "kept", None, "young_enough")),
    "old": (wish("rotated", when="max_age", max_age=30 * DAY), OLD, 31 * DAY, (MADE, "generated", None, "too_old")),
    "age unknown": (wish("rotated", when="max_age", max_age=DAY), OLD, None, (MADE, "generated", None, "age_unknown")),
    "young, another given": (
        wish("rotated", NEW, when="max_age", max_age=DAY), OLD, 5, (OLD, "kept", None, "young_enough"),
    ),
    "the one to go": (
        wish("rotated", when="fingerprint", mark=fingerprint(OLD)), OLD, 5,
        (MADE, "generated", None, "fingerprint_matches"),
    ),
    "another than the one to go": (
        wish("rotated", when="fingerprint", mark=fingerprint(NEW)), OLD, 5, (OLD, "kept", None, "fingerprint_differs"),
    ),
    "not due, but bad": (
        wish("rotated", when="fingerprint", mark=fingerprint(NEW)), "null", 5,
        (MADE, "generated", "token_placeholder", "fingerprint_differs"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_token(case):
    wanted, present, age, expected = case
    assert tuple(choice.choose(wanted, present, age, lambda: MADE)) == expected


@pytest.mark.parametrize("present", [None, "undefined"])
def test_none_is_made_where_that_is_not_allowed(present):
    with pytest.raises(Failure) as caught:
        choice.choose(wish()._replace(generate=False), present)
    assert caught.value.code == "token_undeclared"
    assert choice.choose(wish()._replace(generate=False), OLD).origin == "kept"


@pytest.mark.parametrize("when", ["max_age", "fingerprint"])
def test_a_measure_is_needed(when):
    with pytest.raises(Failure) as caught:
        choice.choose(wish("rotated", when=when), OLD)
    assert caught.value.code == "rotation_unspecified" and when in caught.value.message


@pytest.mark.parametrize("state", ["present", "rotated"])
def test_a_bad_value_is_refused_and_not_repeated(state):
    with pytest.raises(Failure) as caught:
        choice.choose(wish(state, "hunter2"), OLD)
    assert caught.value.code == "token_short" and "hunter2" not in caught.value.sentence()


def test_what_is_generated_is_good_and_never_the_same():
    made = {choice.choose(wish(), None).token for _turn in range(5)}
    assert len(made) == 5 and min(map(len, made)) >= 40


def test_the_record_tells_the_age_of_its_token_only():
    record = since.record(OLD, 1000000000)
    assert OLD.encode() not in record
    assert since.age(record, fingerprint(OLD), 1000000000 + DAY) == DAY
    assert since.age(record, fingerprint(NEW), 1000000000 + DAY) is None
    assert since.age(record, fingerprint(OLD), 999999000) == 0


@pytest.mark.parametrize("data", [None, b"", b"[]", b"{}", b"\xff", b'{"fingerprint": 1}', b'{"fingerprint": "%s"}'])
def test_no_record_no_age(data):
    if data and b"%s" in data:
        data = data % fingerprint(OLD).encode()
    assert since.age(data, fingerprint(OLD), 5) is None
