# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""JSON5 as OpenClaw reads it (the C(json5) npm package), into a tree that knows where every token stands.

Pure. The tree is what :mod:`edit` works on; :func:`loads` is for everybody who only wants values. Two things are
refused that the npm package lets pass, because an edit could not be honest about them: duplicate keys (the last one
wins silently) and nesting beyond :data:`MAX_DEPTH`.
"""

from __future__ import annotations

import collections
import gc
import json
import math
import re
import unicodedata

#: Deepest nesting accepted. Real configurations stay below 20.
MAX_DEPTH = 100
#: Most values accepted in one text; each costs a few hundred bytes of memory and some microseconds. Real configurations
#: have hundreds, one of 5 MB made of ordinary keys some 300,000.
MAX_VALUES = 500000

_SPACE = "\t\v\f \u00a0\ufeff\n\r\u2028\u2029\u1680\u2000-\u200a\u202f\u205f\u3000"
_SKIPPED = frozenset(_SPACE) | {"/", ""}
#: Blanks and comments matched in one go. The engine keeps some hundred bytes for each until the match is complete.
_PIECES = 1000
_SKIP = re.compile(r"(?:[%s]+|//[^\n\r\u2028\u2029]*|/\*(?s:.*?)\*/){0,%d}" % (_SPACE, _PIECES))
_NUMBER = re.compile(
    r"[+-]?(?:(?P<hex>0[xX][0-9a-fA-F]+)|(?P<word>Infinity|NaN)"
    r"|(?P<decimal>(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))"
)
_WORDS = {"null": None, "true": True, "false": False}
_WORD = re.compile(r"null|true|false")
_PLAIN = {'"': re.compile(r'[^"\\\n\r]*'), "'": re.compile(r"[^'\\\n\r]*")}
_ASCII_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_AFTER_NAME = frozenset(":, \n")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_HEX = {"x": re.compile("[0-9a-fA-F]{2}"), "u": re.compile("[0-9a-fA-F]{4}")}
_NAME_START = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nl"))
_NAME_PART = _NAME_START | frozenset(("Mn", "Mc", "Nd", "Pc"))


class Json5Error(ValueError):
    """The text is not the JSON5 that this collection accepts.

    :ivar line: 1-based line. :ivar column: 1-based column, in characters.
    :ivar excerpt: the line and a caret below it. Everything in it but punctuation and keys is starred out: the line
        may hold a secret.
    """

    def __init__(self, problem, line, column, excerpt):
        super().__init__("%s at line %d, column %d" % (problem, line, column))
        self.problem = problem
        self.line = line
        self.column = column
        self.excerpt = excerpt


class Node:
    """One value: C(kind) is object, array, string, number, boolean or null; C(text[start:end]) is its source."""

    __slots__ = ("end", "items", "kind", "members", "start", "value")

    def __init__(self, kind, start, end, value=None):
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value
        # Most values are neither objects nor arrays, and a large file has a great many of them.
        self.members = ()
        self.items = ()

    def member(self, key):
        """Return the member of that key, or None. For objects."""
        for member in self.members:
            if member.key == key:
                return member
        return None


class Member:
    """One C(key: value) of an object. C(comma) is the offset of the comma that follows it, or None."""

    __slots__ = ("comma", "key", "key_end", "key_start", "node")

    def __init__(self, key, key_start, key_end, node, comma=None):
        self.key = key
        self.key_start = key_start
        self.key_end = key_end
        self.node = node
        self.comma = comma


class _Reader:
    def __init__(self, text):
        self.text = text
        self.pos = 0
        self.keys = collections.deque(maxlen=64)
        self.left = MAX_VALUES

    # -- errors

    def fail(self, problem, at=None):
        at = self.pos if at is None else at
        start = self.text.rfind("\n", 0, at) + 1
        stop = self.text.find("\n", at)
        stop = len(self.text) if stop < 0 else stop
        left, right = max(start, at - 60), min(stop, at + 60)
        shown = "".join(
            char if char in "{}[],:'\" \t" or any(a <= index < b for a, b in self.keys) else "*"
            for index, char in enumerate(self.text[left:right].rstrip("\r"), left)
        )
        excerpt = "%s\n%s^" % (shown.replace("\t", " "), " " * (at - left))
        raise Json5Error(problem, self.text.count("\n", 0, at) + 1, at - start + 1, excerpt)

    def unexpected(self, wanted):
        if self.pos >= len(self.text):
            self.fail("unexpected end of file, expected %s" % wanted)
        self.fail("unexpected %r, expected %s" % (self.text[self.pos], wanted))

    # -- tokens

    def skip(self):
        """Go past blanks and comments; return the character that follows, empty at the end."""
        char = self.text[self.pos : self.pos + 1]
        if char not in _SKIPPED:
            return char
        begun = -_PIECES
        while self.pos - begun >= _PIECES:
            begun, self.pos = self.pos, _SKIP.match(self.text, self.pos).end()
        if self.text.startswith("/*", self.pos):
            self.fail("comment without end")
        return self.text[self.pos : self.pos + 1]

    def escape(self, out):
        """Append the meaning of the escape whose backslash stands at pos."""
        text, at = self.text, self.pos
        char = text[at + 1 : at + 2]
        if char in _HEX:
            digits = _HEX[char].match(text, at + 2)
            if not digits:
                self.fail("bad \\%s escape" % char)
            out.append(chr(int(digits.group(), 16)))
            self.pos = digits.end()
            return
        if char == "" or char in "123456789" or (char == "0" and "0" <= text[at + 2 : at + 3] <= "9"):
            self.fail("bad escape" if char else "string without end")
        if char == "\r" and text[at + 2 : at + 3] == "\n":
            self.pos = at + 3
            return
        if char not in "\n\r\u2028\u2029":
            out.append("\0" if char == "0" else _ESCAPES.get(char, char))
        self.pos = at + 2

    def string(self):
        quote = self.text[self.pos]
        begin = self.pos
        plain = _PLAIN[quote]
        self.pos += 1
        out = []
        while True:
            run = plain.match(self.text, self.pos)
            out.append(run.group())
            self.pos = run.end()
            char = self.text[self.pos : self.pos + 1]
            if char == quote:
                self.pos += 1
                return _join(out)
            if char != "\\":
                self.fail("string without end", begin)
            self.escape(out)

    def name(self):
        """An unquoted key (an ES5 identifier name, reserved words included)."""
        begin = self.pos
        out = []
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char in _AFTER_NAME:
                break
            run = _ASCII_NAME.match(self.text, self.pos) if not out else None
            if run:
                out.append(run.group())
                self.pos = run.end()
                continue
            if char == "\\" and self.text[self.pos + 1 : self.pos + 2] == "u":
                self.escape(out)
                char = out[-1]
                if not _is_name_char(char, first=len(out) == 1):
                    self.fail("bad character in a key", begin)
                continue
            if not _is_name_char(char, first=not out):
                break
            out.append(char)
            self.pos += 1
        if not out:
            self.unexpected("a key")
        return _join(out)

    # -- values

    def value(self, depth):
        char = self.skip()
        start = self.pos
        self.left -= 1
        if self.left < 0:
            self.fail("more than %d values" % MAX_VALUES)
        if char == "{" or char == "[":
            if depth >= MAX_DEPTH:
                self.fail("nested deeper than %d levels" % MAX_DEPTH)
            return self.object(depth + 1) if char == "{" else self.array(depth + 1)
        if char == '"' or char == "'":
            value = self.string()
            return Node("string", start, self.pos, value)
        word = _WORD.match(self.text, start)
        if word:
            self.pos = word.end()
            return Node("null" if word.group() == "null" else "boolean", start, self.pos, _WORDS[word.group()])
        number = _NUMBER.match(self.text, start)
        if number:
            self.pos = number.end()
            return Node("number", start, self.pos, _number(number))
        return self.unexpected("a value")

    def array(self, depth):
        node = Node("array", self.pos, None)
        node.items = []
        self.pos += 1
        while True:
            if self.skip() == "]":
                break
            node.items.append(self.value(depth))
            if self.skip() == ",":
                self.pos += 1
            elif self.text[self.pos : self.pos + 1] != "]":
                self.unexpected("',' or ']'")
        self.pos += 1
        node.end = self.pos
        return node

    def object(self, depth):
        node = Node("object", self.pos, None)
        node.members = []
        self.pos += 1
        seen = set()
        while True:
            char = self.skip()
            if char == "}":
                break
            start = self.pos
            key = self.string() if char in ("'", '"') else self.name()
            if key in seen:
                self.fail("duplicate key %r" % key, start)
            seen.add(key)
            self.keys.append((start, self.pos))
            end = self.pos
            if self.skip() != ":":
                self.keys.pop()
                self.unexpected("':'")
            self.pos += 1
            member = Member(key, start, end, self.value(depth))
            node.members.append(member)
            if self.skip() == ",":
                member.comma = self.pos
                self.pos += 1
            elif self.text[self.pos : self.pos + 1] != "}":
                self.unexpected("',' or '}'")
        self.pos += 1
        node.end = self.pos
        return node


def _join(parts):
    if len(parts) == 1:
        return parts[0]
    text = "".join(parts)
    if any("\ud800" <= char <= "\udfff" for part in parts if len(part) == 1 for char in part):
        # Two \u escapes may spell one character beyond the basic plane.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def _is_name_char(char, first):
    if char in "$_" or (not first and char in "\u200c\u200d"):
        return True
    return unicodedata.category(char) in (_NAME_START if first else _NAME_PART)


def _number(match):
    text = match.group().lstrip("+-")
    sign = -1 if match.group().startswith("-") else 1
    if match.group("word"):
        return sign * float("inf") if text == "Infinity" else float("nan")
    if match.group("hex"):
        return sign * int(text, 16)
    if text.isdigit():
        # int("9" * 5000) is refused by newer Pythons and pointless: JavaScript has doubles.
        return sign * (int(text) if len(text) < 300 else float(text))
    return sign * float(text)


def parse(text):
    """Return the root :class:`Node` of a JSON5 text (str, a leading BOM allowed).

    :raises Json5Error: with line, column and an excerpt.
    """
    reader = _Reader(text)
    # There are no cycles to find in a tree that only grows, and looking for them costs a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        root = reader.value(0)
        if reader.skip():
            reader.unexpected("the end of the file")
    finally:
        if collecting:
            gc.enable()
    return root


def to_python(node):
    """Return the plain value of a node: dict, list, str, int, float, bool or None."""
    if node.kind == "object":
        return {member.key: to_python(member.node) for member in node.members}
    if node.kind == "array":
        return [to_python(item) for item in node.items]
    return node.value


def loads(text):
    """Return the plain value of a JSON5 text. :raises Json5Error: see :func:`parse`."""
    return to_python(parse(text))


def reload(text):
    """Return the plain value of a text that is only looked at, or that :func:`parse` has accepted before.

    The same as :func:`loads`, only faster where the text is plain JSON: duplicate keys and depth are not judged.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return loads(text)


def same(left, right):
    """Whether JavaScript sees the same value: C(1) is C(1.0) but never C(true), and the order of keys is nothing."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        left, right = _double(left), _double(right)
        return left == right or (math.isnan(left) and math.isnan(right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def _double(number):
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
