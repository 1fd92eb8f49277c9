# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader against the json5 package: on the package's own test cases, and on texts that are easy to get wrong."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from json5_oracle import told
from json5_texts import TEXTS

TRICKY = (
    "\ufeff{a:1}", "{a:1}\ufeff", "{\ufeffa:1}", "\u00a0{a:1}\u3000", "{a:1}\u180e", "\x85{}", "\x1c{}", "{a:1}//x",
    "{}/**/", "{a:1,,}", "[,]", "[1,,2]", "{,}", "[1,]", "{a:1,}", "{'a':1,\"b\":2}", "{a-b:1}", "{1a:1}",
    "{a\u200db:1}", "{\u200da:1}", "{\\u{61}:1}", "{\\x61:1}", "{a\\u0020b:1}", "{\\u0031a:1}", "{a\u0301:1}",
    "{\u0301a:1}", "{a\u203f:1}", "{ℼ:1}", "{\U0001d4d0:1}", "{a:01}", "{a:-01}", "{a:00}", "{a:0b1}", "{a:0o7}",
    "{a:1_000}", "{a:.}", "{a:+.}", "{a:1.e5}", "{a:.e5}", "{a:1e}", "{a:1e+}", "{a:0x}", "{a:0xg}", "{a:-0x10}",
    "{a:+Infinity}", "{a:+NaN}", "{a:infinity}", "{a:- 1}", "{a:--1}", "{a:1.}", "{a:1.2.3}", "{a:0x1.8}",
    "{a:0x1e3}", "{a:1a}", "{a:truex}", "{a:true1}", "{a:nullb}", "{a:NaNb}", "{a:Infinityx}", "{a:1/**/2}", "{a:٣}",
    "{a:0x" + "f" * 300 + "}", "{a:" + "9" * 400 + "}", "{a:1e999}", "{a:1e-999}", "{a:4.9e-324}", "{a:0.1e-400}",
    "{a:9007199254740993}", "{a:0x20000000000001}", "{a:179769313486231580793e289}", "{a:'\\\n'}", "{a:'\\\r\n'}",
    "{a:'\\\r'}", "{a:'\\\u2028'}", "{a:'\\\u2029x'}", "{a:'\u2028'}", "{a:'\n'}", "{a:'\r'}", "{a:'\t'}", "{a:'\0'}",
    "{a:'\\0'}", "{a:'\\00'}", "{a:'\\0٣'}", "{a:'\\8'}", "{a:'\\a\\q\\/'}", "{a:'\\u00e9\\xe9'}", "{a:'\\U0041'}",
    "{a:'\\ud83d\\ude00'}", "{a:'\\ud83d'}", "{a:'\\ude00\\ud83d'}", "{a:'\\ud83d\U0001f600'}", "{a:'\\u{1f600}'}",
    "{a:'\\\\'}", "{a:'\\'", "{a:'}", "{/*}", "{/*/}", "{/**/}", "{/***/}", "{a:1/*\n*/}", "//\r{}", "//\u2028{}",
    "//\u2029{}", "//\x85{}", "/ /{}", "{__proto__:1}", "{\"__proto__\":{a:1}}", "{constructor:1}", "{toString:1}",
    "{'':1}", "{a:{}}", "[[]]", "", " ", "{}{}", "{} x", "undefined", "{a:undefined}", "`a`", "{a:(1)}", "{a=1}",
    "{a:1;}", "{'a' 1}", "{a:1 b:2}", "{a}", "{[a]:1}", "{true:1,null:2,NaN:3,if:4}", "[" * 99 + "]" * 99,
    "{a:" * 99 + "1" + "}" * 99,
)  # fmt: skip


@pytest.fixture(scope="module")
def answers(oracle):
    return dict(zip(TEXTS + TRICKY, oracle.read(TEXTS + TRICKY)))


@pytest.mark.parametrize("text", TEXTS + TRICKY, ids=ascii)
def test_same_value_or_same_refusal(answers, text):
    kind, answer = answers[text]
    try:
        own = told(json5.loads(text))
    except json5.Json5Error as error:
        assert kind == "error", "refused (%s), but json5 reads it as %s" % (error, answer)
    else:
        assert (kind, answer) == ("value", own)


@pytest.mark.parametrize("text, problem", [
    ("{a:1,a:2}", "duplicate key 'a'"), ("{a:1,'a':2}", "duplicate key 'a'"), ("{a:1,\\u0061:2}", "duplicate key 'a'"),
    ("[" * 101 + "]" * 101, "nested deeper than 100 levels"),
    ("{a:" * 101 + "1" + "}" * 101, "nested deeper than 100 levels"),
])
def test_what_json5_lets_pass_and_we_do_not(oracle, text, problem):
    assert oracle.read([text])[0][0] == "value"
    with pytest.raises(json5.Json5Error) as caught:
        json5.loads(text)
    assert caught.value.problem == problem
