# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading plain data quickly is reading it: the same values and the same refusals as by the reader of JSON5."""
import json
import sys

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5, plain

DEEP = 60
PLAIN = [
    "{}", "[]", "null", " \t\r\n7 ", '"x"', "-0", "-0.0", "1e400", "-1E-2", "[1, 2.5, true, false, null]", "1" * 99,
    r'{"a\u00e4\ud83d\ude00": "\ud800 \/ \b"}', '{"a": "\u2028"}', "NaN", "[-Infinity]",
    json.dumps({"gateway": {"port": 18789, "auth": {"mode": "token", "token": "x"}}, "agents": {"list": [{}, []]}}),
]
OTHER = [
    "{a: 1}", "{'a': 1,}", "// said\n{}", "\ufeff{}", "0x10", "+1", ".5", "5.", "1" * 400, "1" * 101,
    "[" * DEEP + "]" * DEEP, '{"a": "x\\\ny"}',
]
REFUSED = [
    "", "{", "[1 2]", '{"a": 1, "a": 2}', '[{"b": {"a": 1, "a": 1}}]', "[" * 200 + "]" * 200, "[" * 5000, '"a\nb"',
    "{} {}", "undefined", "01",
]


def told(read, text):
    try:
        # Types and signs count, and NaN is like itself.
        return repr(read(text))
    except ValueError as error:
        return type(error).__name__, str(error)


@pytest.mark.parametrize("text", PLAIN + OTHER + REFUSED, ids=lambda text: text[:12])
def test_the_same_as_json5(text):
    assert told(plain.loads, text) == told(json5.loads, text)
    assert isinstance(told(plain.loads, text), str) == (text not in REFUSED)


@pytest.mark.parametrize("text", PLAIN, ids=lambda text: text[:12])
def test_plain_json_needs_no_json5(monkeypatch, text):
    monkeypatch.setattr(json5, "loads", None)
    plain.loads(text)


def test_what_is_long_is_counted_by_json5(monkeypatch):
    monkeypatch.setattr(json5, "MAX_VALUES", 1000)
    with pytest.raises(json5.Json5Error, match="more than 1000 values"):
        plain.loads("[%s]" % ",".join(["1"] * 600000))


@pytest.fixture
def no_limit_of_digits():
    """As Apple's 3.9 is: without a limit of its own."""
    if not hasattr(sys, "set_int_max_str_digits"):
        yield
        return
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    yield
    sys.set_int_max_str_digits(limit)


@pytest.mark.usefixtures("no_limit_of_digits")
def test_a_number_without_end_is_never_computed():
    assert plain.loads("9" * 5000) == float("inf")
