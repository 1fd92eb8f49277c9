# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large and hostile documents end in a right answer or in a clear refusal, and soon."""

import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import edit, json5

HOSTILE = {
    "nesting": "[" * 5000000,
    "nested objects": '{"a":' * 1000000,
    "values": "[" + "1," * 2500000 + "1]",
    "comment without end": "{/*" + "*" * 5000000,
    "string without end": '{"a":"' + "x" * 5000000,
    "number": "{a:" + "9" * 5000000 + "x}",
    "blanks": " " * 5000000,
    "escapes": '{"a":"' + "\\u00" * 500000,
    "key": "{" + "k" * 5000000,
    "backslashes": '{"a":"' + "\\\\" * 1000000,
}


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
def test_hostile_texts_are_refused_soon(text):
    begin = time.process_time()
    with pytest.raises(json5.Json5Error):
        json5.parse(text)
    assert time.process_time() - begin < 10


@pytest.mark.parametrize(
    "text",
    ["{a:'" + "x" * 5000000 + "'}", "{a:1}" + " " * 5000000, "{a:1}//" + "x" * 5000000, "{%s:1}" % ("k" * 1000000)],
    ids=["string", "blanks", "comment", "key"],
)
def test_large_pieces_are_read_and_edited_soon(text):
    begin = time.process_time()
    planned = edit.plan(text, {"b": 2})
    assert json5.reload(planned.text)["b"] == 2
    assert time.process_time() - begin < 10


def test_what_was_written_is_read_again_as_the_parser_reads_it():
    for text in ('{"a": [1, 2.5, null, true, "\\u00fc"]}', "{a: 'b', c: 0x10,}", '\ufeff{"a": 1}', '{"a": 1e400}'):
        assert json5.reload(text) == json5.loads(text)
