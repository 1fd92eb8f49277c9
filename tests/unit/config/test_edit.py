# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits by span: golden texts, then thousands of random documents against a model."""

import random

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import edit, json5
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

HAND_WRITTEN = """// head
{
  // the gateway
  gateway: {
    mode: 'local', // keep
    port: 18789,
    auth: { mode: "token" }, /* x */
  },
  channels: {},
  list: ["a", "b"],
}
"""

#: (name, text, settings, absent, expected text)
GOLDEN = [
    (
        "a file written by hand keeps its hand",
        HAND_WRITTEN,
        {
            "gateway": {"port": 18790, "bind": "loopback", "auth": {"token": "it's"}},
            "list": ["a", "c"],
            "channels": {"telegram": {"enabled": True, "x-y": ["a"]}},
        },
        [("gateway", "mode")],
        """// head
{
  // the gateway
  gateway: {
    // keep
    port: 18790,
    auth: { mode: "token", token: "it's" }, /* x */
    bind: "loopback",
  },
  channels: {
    telegram: {
      enabled: true,
      "x-y": ["a"],
    },
  },
  list: ["a", "c"],
}
""",
    ),
    ("minified stays minified", '{"a":1}', {"b": {"c": [1, 2]}, "a": 2}, [], '{"a":2,"b":{"c":[1,2]}}'),
    ("minified removal", '{"a":{"x":1,"y":2},"b":3}', {"a": {"z": 1}}, [("a", "y"), ("b",)], '{"a":{"x":1,"z":1}}'),
    ("empty root", "{}", {"a": {"b": 2}}, [], '{\n  "a": {\n    "b": 2\n  }\n}'),
    ("root with a comment only", "{ // note\n}", {"a": 1}, [], '{ // note\n  "a": 1\n}'),
    ("last member goes", '{\n  "a": 1,\n  "b": 2\n}\n', {}, [("b",)], '{\n  "a": 1\n}\n'),
    ("first member goes", '{\n  "a": 1,\n  "b": 2\n}\n', {}, [("a",)], '{\n  "b": 2\n}\n'),
    ("all members go", '{\n  "a": 1,\n  "b": 2\n}\n', {}, [("a",), ("b",)], "{\n}\n"),
    ("one goes, one comes", '{\n  "a": 1,\n  "b": 2\n}\n', {"c": {}}, [("b",)], '{\n  "a": 1,\n  "c": {}\n}\n'),
    ("all go, one comes", '{\n  "a": 1\n}\n', {"c": 1}, [("a",)], '{\n  "c": 1\n}\n'),
    (
        "CRLF and tabs",
        '{\r\n\t"a": 1 // x\r\n}\r\n',
        {"c": {"d": "v"}},
        [],
        '{\r\n\t"a": 1, // x\r\n\t"c": {\r\n\t\t"d": "v"\r\n\t}\r\n}\r\n',
    ),
    ("one line: middle goes", "{ a: 1, b: 2, c: 3 }", {}, [("b",)], "{ a: 1, c: 3 }"),
    ("one line: last goes", "{ a: 1, b: 2, c: 3 }", {}, [("c",)], "{ a: 1, b: 2 }"),
    ("one line: go and come", "{ a: 1, b: 2, c: 3 }", {"d": 4}, [("a",), ("c",)], "{ b: 2, d: 4 }"),
    ("trailing comma kept", "{\n  a: 1,\n}", {"b": 2}, [], "{\n  a: 1,\n  b: 2,\n}"),
    ("trailing comma kept on removal", "{\n  a: 1,\n  b: 2,\n}", {}, [("b",)], "{\n  a: 1,\n}"),
    ("leading commas", "{\n  a: 1\n  , b: 2\n}", {"c": 3}, [], "{\n  a: 1\n  , b: 2,\n  c: 3\n}"),
    ("quote of an old string", '{a: \'x\', b: "y", c: "z"}', {"a": "n'n"}, [], '{a: \'n\\\'n\', b: "y", c: "z"}'),
    ("list keeps its lines", '{\n  "a": [\n    1\n  ]\n}', {"a": [1, 2]}, [], '{\n  "a": [\n    1,\n    2\n  ]\n}'),
    (
        "list keeps its line",
        '{\n  "a": [1],\n  "b": [\n    2\n  ]\n}',
        {"a": [3]},
        [],
        '{\n  "a": [3],\n  "b": [\n    2\n  ]\n}',
    ),
    ("scalar becomes object", '{\n  "a": 1\n}', {"a": {"b": 2}}, [], '{\n  "a": {\n    "b": 2\n  }\n}'),
    ("object becomes scalar", '{\n  "a": {\n    "b": 2\n  }\n}', {"a": 5}, [], '{\n  "a": 5\n}'),
    ("comment beside a removed key stays", "{\n  a: 1, // why\n  b: 2\n}", {}, [("a",)], "{\n  // why\n  b: 2\n}"),
    ("comment above a removed key stays", "{\n  // why\n  a: 1,\n  b: 2\n}", {}, [("a",)], "{\n  // why\n  b: 2\n}"),
    ("comment before the comma", "{\n  a: 1 /* c */,\n  b: 2\n}", {}, [("a",)], "{\n  /* c */\n  b: 2\n}"),
    (
        "include and variables stay text",
        "{ $include: './x', a: '${V}' }",
        {"b": "${W}"},
        [],
        "{ $include: './x', a: '${V}', b: '${W}' }",
    ),
    ("BOM stays", '\ufeff{"a":1}', {"a": 2}, [], '\ufeff{"a":2}'),
    ("line separators are escaped", '{"a":1}', {"a": "\u2028"}, [], '{"a":"\\u2028"}'),
    ("no newline at the end stays so", '{\n  "a": 1\n}', {"a": 2}, [], '{\n  "a": 2\n}'),
]


@pytest.mark.parametrize(
    ("text", "settings", "absent", "expected"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN]
)
def test_golden(text, settings, absent, expected):
    done = edit.plan(text, settings, absent)
    assert done.text == expected
    again = edit.plan(done.text, settings, absent)
    assert (again.text, again.changes) == (expected, [])


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("{a: 1, b: 0x10, c: 'x', d: [1, 2.0]}", {"a": 1.0, "b": 16, "c": "x", "d": [1, 2]}),
        ("{a: {b: {c: 1}}}", {"a": {"b": {}}}),
        ("{a: '\\u0041'}", {"a": "A"}),
        ("{a: true}", {}),
    ],
)
def test_equal_values_are_left_as_they_are_written(text, settings):
    assert edit.plan(text, settings) == edit.Plan(text, [])


def test_absence_of_what_is_absent_changes_nothing():
    assert edit.plan(HAND_WRITTEN, {}, [("nope",), ("gateway", "auth", "x", "y"), ("list", "z")]).changes == []


@pytest.mark.parametrize(
    ("settings", "absent", "code"),
    [
        ({"a": {"b": None}}, [], "setting_null"),
        ({"a": {"b": 1}}, [("a", "b")], "settings_conflict"),
        ({"a": {"b": 1}}, [("a",)], "settings_conflict"),
        ({}, [("list", 0)], "absent_index"),
    ],
)
def test_contradicting_wishes_are_refused(settings, absent, code):
    with pytest.raises(Failure) as caught:
        edit.plan(HAND_WRITTEN, settings, absent)
    assert caught.value.code == code


def test_a_root_that_is_no_object_is_refused():
    with pytest.raises(Failure) as caught:
        edit.plan("[1]", {"a": 1})
    assert caught.value.code == "root_not_object"


def test_a_new_file_looks_as_openclaw_writes():
    done = edit.plan_new({"gateway": {"mode": "local", "list": ["a"], "empty": {}}})
    assert (
        done.text
        == '{\n  "gateway": {\n    "mode": "local",\n    "list": [\n      "a"\n    ],\n    "empty": {}\n  }\n}\n'
    )


# -- random documents against a model


class _Maker:
    """Makes JSON5 texts in which every comment is unique, so that its survival can be checked."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.comments = []

    def blank(self):
        kind = self.random.randrange(9)
        if kind == 0:
            self.comments.append("/*c%d*/" % len(self.comments))
            return self.comments[-1]
        if kind == 1:
            self.comments.append("//c%d" % len(self.comments))
            return self.comments[-1] + "\n"
        return ("", "", " ", "\n", "\n  ", "\t", "\r\n")[kind - 2]

    def scalar(self):
        return self.random.choice(["1", "0x1F", "-.5", "'a'", '"b"', "true", "null", "'{,}'", "'//n'", '"${V}"', "1.0"])

    def value(self, depth):
        kind = self.random.randrange(4)
        if kind == 0 and depth:
            return self.object(depth - 1)
        if kind == 1:
            return (
                "["
                + self.blank()
                + ",".join(self.scalar() + self.blank() for _item in range(self.random.randrange(3)))
                + "]"
            )
        return self.scalar()

    def object(self, depth):
        keys = self.random.sample(["a", "b", "'c'", '"d e"', "f", "$g"], self.random.randrange(6))
        body = ",".join(
            self.blank() + key + self.blank() + ":" + self.blank() + self.value(depth) + self.blank() for key in keys
        )
        return "{" + body + (self.random.choice(["", ","]) if keys else "") + self.blank() + "}"

    def document(self):
        return self.blank() + self.object(3) + self.blank()

    def wishes(self, tree, depth=0):
        """Random settings and absent paths over an existing tree."""
        settings, absent = {}, []
        for key in list(tree) + ["new%d" % depth, "n w"]:
            choice = self.random.randrange(7)
            if choice == 0:
                settings[key] = self.random.choice([1, "x", True, [1, "y"], [], {}, {"k": {"l": 2}}, "it's", 0.5])
            elif choice == 1:
                absent.append((key,))
            elif choice == 2 and isinstance(tree.get(key), dict):
                inner, gone = self.wishes(tree[key], depth + 1)
                if inner:
                    settings[key] = inner
                absent += [(key,) + path for path in gone]
        return settings, absent


def _merged(tree, settings):
    if not (isinstance(tree, dict) and isinstance(settings, dict)):
        return settings
    out = dict(tree)
    for key, value in settings.items():
        out[key] = _merged(out[key], value) if key in out else value
    return out


def _without(tree, path):
    if isinstance(tree, dict) and path[0] in tree:
        tree = dict(tree)
        if len(path) == 1:
            del tree[path[0]]
        else:
            tree[path[0]] = _without(tree[path[0]], path[1:])
    return tree


@pytest.mark.parametrize("batch", range(8))
def test_random_documents(batch):
    for seed in range(batch * 250, batch * 250 + 250):
        maker = _Maker(seed)
        text = maker.document()
        tree = json5.loads(text)
        settings, absent = maker.wishes(tree)
        expected = _merged(tree, settings)
        for path in absent:
            expected = _without(expected, path)
        done = edit.plan(text, settings, absent)
        assert json5.same(json5.loads(done.text), expected), (seed, text, settings, absent, done.text)
        again = edit.plan(done.text, settings, absent)
        assert (again.text, again.changes) == (done.text, []), (seed, text, settings, absent)
        assert bool(done.changes) == (done.text != text), (seed, text, settings, absent)
        _assert_unmanaged_survive(seed, maker, text, done, settings, absent)


def _assert_unmanaged_survive(seed, maker, text, done, settings, absent):
    """Tokens and comments outside replaced and removed values are all there, in their order."""
    touched = {change.path for change in done.changes}
    kept = [text[start:end] for start, end in _tokens(json5.parse(text), (), touched)]
    position = 0
    for token in kept:
        position = done.text.find(token, position)
        assert position >= 0, (seed, token, text, done.text, settings, absent)
        position += len(token)
    lost = [comment for comment in maker.comments if comment not in done.text]
    spans = list(_values(json5.parse(text), (), touched))
    for comment in lost:
        at = text.index(comment)
        assert any(start <= at < end for start, end in spans), (seed, comment, text, done.text, settings, absent)


def _tokens(node, path, touched):
    for member in node.members:
        here = path + (member.key,)
        if here in touched:
            continue
        yield member.key_start, member.key_end
        if member.node.kind == "object":
            yield from _tokens(member.node, here, touched)
        else:
            yield member.node.start, member.node.end


def _values(node, path, touched):
    """Spans that a change may rewrite: from the key of a touched member to the end of its value."""
    for member in node.members:
        here = path + (member.key,)
        if here in touched:
            yield member.key_start, member.node.end
        elif member.node.kind == "object":
            yield from _values(member.node, here, touched)
