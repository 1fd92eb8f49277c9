# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader against values and refusals that the json5 npm package (2.2.3) gives for the same texts."""

import math
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5

#: text -> value, as the npm package reads it
VALUES = {
    "{}": {},
    "{a:1}": {"a": 1},
    "{'a':1}": {"a": 1},
    '{"a":1,}': {"a": 1},
    "{$_:1,_$:2,a\\u0062:3}": {"$_": 1, "_$": 2, "ab": 3},
    "{ùńîċõďë:9}": {"ùńîċõďë": 9},
    "{null:1,true:2,Infinity:3}": {"null": 1, "true": 2, "Infinity": 3},
    "[]": [],
    "[1,[2,3],]": [1, [2, 3]],
    "null": None,
    "true": True,
    "false": False,
    "[0,0.,0e0]": [0, 0, 0],
    "[1,23,456,7890]": [1, 23, 456, 7890],
    "[-1,+1,-.1,-0]": [-1, 1, -0.1, 0],
    "[.1,.23,1.,1.e1]": [0.1, 0.23, 1, 10],
    "[1e0,1e1,1e01,1.e0,1.1e0,1e-1,1e+1]": [1, 10, 10, 1, 1.1, 0.1, 10],
    "[0x1,0x10,0xff,0xFF,-0xA]": [1, 16, 255, 255, -10],
    "[Infinity,-Infinity,+Infinity,1e400]": [math.inf, -math.inf, math.inf, math.inf],
    "'abc'": "abc",
    "['\"',\"'\"]": ['"', "'"],
    "'\\b\\f\\n\\r\\t\\v\\0\\x0f\\u01fF\\\n\\\r\n\\\r\\\u2028\\\u2029\\a\\'\\\"'": "\b\f\n\r\t\v\0\x0f\u01ffa'\"",
    "'\\ud83d\\ude00'": "\U0001f600",
    "'\u2028\u2029'": "\u2028\u2029",
    "'\t'": "\t",
    "{//c\n}": {},
    "{}//c": {},
    "{/*c\n**/a/**/:/**/1/**/}": {"a": 1},
    "\ufeff{a:1}": {"a": 1},
    "\t\v\f \u00a0\ufeff\n\r\u2028\u2029\u20031": 1,
    '{"__proto__":1}': {"__proto__": 1},
}

#: text -> (line, column) where it breaks
REFUSED = {
    "": (1, 1),
    "//a": (1, 4),
    "a": (1, 1),
    "/": (1, 1),
    "/*": (1, 1),
    "{a:1}/*": (1, 6),
    "tru": (1, 1),
    "truex": (1, 5),
    "undefined": (1, 1),
    "'\\\n": (1, 1),
    "'\n'": (1, 1),
    "'a": (1, 1),
    "'\\x0g'": (1, 2),
    "'\\u000g'": (1, 2),
    "'\\01'": (1, 2),
    "'\\1'": (1, 2),
    "01": (1, 2),
    "0x": (1, 2),
    "1a": (1, 2),
    "1e": (1, 2),
    ".": (1, 1),
    "--1": (1, 1),
    "+ 1": (1, 1),
    "{a 1}": (1, 4),
    "{a:1 b:2}": (1, 6),
    "{a:1,,}": (1, 6),
    "{,}": (1, 2),
    "{1a:1}": (1, 2),
    "{a-b:1}": (1, 3),
    "{\\u0031:1}": (1, 2),
    "{a:1": (1, 5),
    "[1": (1, 3),
    "[1,,2]": (1, 4),
    "{}}": (1, 3),
    "{a:1,\n  a:2}": (2, 3),
    "{'a':1,a:2}": (1, 8),
    "{\n  x: [\n    1 2\n  ]\n}": (3, 7),
}


@pytest.mark.parametrize("text", VALUES)
def test_reads_what_the_npm_package_reads(text):
    assert json5.same(json5.loads(text), VALUES[text])


@pytest.mark.parametrize("text", REFUSED)
def test_refuses_what_the_npm_package_refuses_and_says_where(text):
    with pytest.raises(json5.Json5Error) as caught:
        json5.loads(text)
    assert (caught.value.line, caught.value.column) == REFUSED[text]
    first, caret = caught.value.excerpt.split("\n")
    assert caret.strip() == "^"
    assert len(caret) <= len(first) + 1


def test_nan_is_read():
    assert math.isnan(json5.loads("NaN"))


def test_nesting_has_a_limit_and_stays_below_it():
    deep = json5.MAX_DEPTH
    assert json5.loads("[" * deep + "]" * deep)
    with pytest.raises(json5.Json5Error, match="deeper"):
        json5.loads("[" * 100000)
    with pytest.raises(json5.Json5Error, match="deeper"):
        json5.loads('{"a":' * 100000)


@pytest.mark.parametrize(
    "text",
    [
        "{gateway:{auth:{token: 'SECRETSECRET' 'x'}}}",
        "{token: SECRETSECRET}",
        "{token: 'SECRETSECRET}",
        "{token: 'SECRETSECRET', // SECRETSECRET\n}}",
        "{ // SECRETSECRET\n token 'SECRETSECRET'}",
        "{token:'SECRETSECRET\\xZZ'}",
    ],
)
def test_the_excerpt_never_shows_a_value_or_a_comment(text):
    with pytest.raises(json5.Json5Error) as caught:
        json5.loads(text)
    assert "SECRET" not in caught.value.excerpt
    assert "SECRET" not in str(caught.value)


def test_the_excerpt_shows_the_keys_and_the_place():
    with pytest.raises(json5.Json5Error) as caught:
        json5.loads("{\n  gateway: { port: 1 bind: 2 }\n}")
    assert caught.value.excerpt == "  gateway: { port: * ****: * }\n                     ^"


def test_spans_cover_the_source_of_each_token():
    text = "{ // c\n 'a b' : [1, {x: 'y'}] , z: null }"
    root = json5.parse(text)
    first, second = root.members
    assert text[root.start : root.end].startswith("{") and root.end == len(text)
    assert text[first.key_start : first.key_end] == "'a b'"
    assert text[first.node.start : first.node.end] == "[1, {x: 'y'}]"
    assert text[first.comma] == ","
    assert second.comma is None
    assert text[second.node.start : second.node.end] == "null"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, False, False),
        (float("nan"), float("nan"), True),
        (10**400, float("inf"), True),
        (10**400, 5, False),
        ({"a": [1, {"b": 2}]}, {"a": [1.0, {"b": 2}]}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
    ],
)
def test_same_compares_as_javascript_does(left, right, expected):
    assert json5.same(left, right) is expected


@pytest.mark.parametrize(
    "text",
    [
        "/*" * 200000,
        "/**/" * 100000,
        " " * 1000000,
        "'" + "\\" * 300001,
        "'" + "x" * 1000000,
        "{a:" + "9" * 100000,
        "\n" * 300000 + "}",
    ],
    ids=["open comments", "comments", "blanks", "escapes", "string", "digits", "lines"],
)
def test_hostile_texts_end_soon(text):
    began = time.process_time()
    with pytest.raises(json5.Json5Error):
        json5.loads(text)
    assert time.process_time() - began < 2


def test_a_thousand_keys_are_cheap():
    text = "{" + ",".join("k%d:{a:'%s',b:[1,2,3]}" % (index, "x" * 20) for index in range(1000)) + "}"
    began = time.process_time()
    assert len(json5.loads(text)) == 1000
    assert time.process_time() - began < 1
