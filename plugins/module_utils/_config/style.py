# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How a configuration file is written by its owner, and how to write new text the same way. Pure."""

from __future__ import annotations

import json
import math
import re

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
#: Longest list of plain values that is put on one line in a file that shows no habit of its own.
_INLINE_LIST = 80
#: Values looked at to learn the habits of a file; a large one shows them long before its end.
_SURVEYED = 5000


class Style:
    """The habits of one file.

    :ivar newline: line end. :ivar indent: one step of indentation. :ivar string_quote: quote of string values.
    :ivar key_quote: quote of keys, empty for bare keys. :ivar colon: text between key and value.
    :ivar gap: blank after a comma on one line. :ivar padding: blank inside the braces of an object on one line.
    :ivar trailing_comma: what follows the last member of an object spread over lines.
    :ivar spread_lists: whether lists of plain values stand one item a line.
    """

    def __init__(self):
        self.newline = "\n"
        self.indent = "  "
        self.string_quote = '"'
        self.key_quote = '"'
        self.colon = ": "
        self.gap = " "
        self.padding = " "
        self.trailing_comma = ""
        self.spread_lists = True

    @classmethod
    def of(cls, text, root):
        """Return the style of a parsed text; what the file does not show is as OpenClaw itself writes."""
        style = cls()
        seen = _Survey(text)
        seen.visit(root, 0)
        style.newline = "\r\n" if "\r\n" in text else "\n"
        style.indent = seen.most("indent", style.indent)
        style.key_quote = seen.most("key_quote", style.key_quote)
        style.string_quote = seen.most("string_quote", style.key_quote or '"')
        style.colon = seen.most("colon", style.colon)
        style.gap = seen.most("gap", " " if style.colon != ":" else "")
        style.padding = seen.most("padding", style.gap)
        style.trailing_comma = seen.most("trailing_comma", "")
        style.spread_lists = seen.most("spread_lists", style.key_quote == '"')
        return style

    def key(self, name, quote=None):
        """Return a key as source text, quoted as asked (default: the file's habit), always quoted where it must be."""
        quote = self.key_quote if quote is None else quote
        if not quote and _NAME.match(name):
            return name
        return _quoted(name, quote or self.string_quote)

    def inline(self, value):
        """Return a value as source text on one line."""
        if isinstance(value, dict):
            body = ("," + self.gap).join(self.key(key) + self.colon + self.inline(item) for key, item in value.items())
            return "{" + self.padding + body + self.padding + "}" if body else "{}"
        if isinstance(value, list):
            return "[" + ("," + self.gap).join(map(self.inline, value)) + "]"
        return self._scalar(value)

    def spread(self, value, margin):
        """Return a value as source text over several lines, its closing bracket indented by margin."""
        inner = margin + self.indent
        if isinstance(value, dict) and value:
            lines = [inner + self.key(key) + self.colon + self.spread(item, inner) for key, item in value.items()]
            return "{" + self._block(lines) + margin + "}"
        if isinstance(value, list) and value and not self._fits(value):
            return self.spread_list(value, margin)
        return self.inline(value)

    def spread_list(self, items, margin):
        """Return a list as source text with one item a line."""
        inner = margin + self.indent
        return "[" + self._block([inner + self.spread(item, inner) for item in items]) + margin + "]"

    def string(self, text, quote):
        """Return a string as source text in the given quotes."""
        return _quoted(text, quote)

    def _block(self, lines):
        return self.newline + ("," + self.newline).join(lines) + self.trailing_comma + self.newline

    def _fits(self, items):
        if self.spread_lists or any(isinstance(item, (dict, list)) for item in items):
            return False
        return len(self.inline(items)) <= _INLINE_LIST

    def _scalar(self, value):
        if isinstance(value, str):
            return _quoted(value, self.string_quote)
        if isinstance(value, float):
            if math.isnan(value):
                return "NaN"
            if value in (float("inf"), float("-inf")):
                return "Infinity" if value > 0 else "-Infinity"
            if value.is_integer() and abs(value) < 1e15:
                return str(int(value))
        return json.dumps(value)


def _quoted(text, quote):
    body = json.dumps(text, ensure_ascii=False)[1:-1]
    # json leaves these as they are; JSON5 readers warn about the first two, and UTF-8 cannot hold the third kind.
    body = body.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    body = re.sub("[\ud800-\udfff]", lambda match: "\\u%04x" % ord(match.group()), body)
    if quote == "'":
        body = body.replace('\\"', '"').replace("'", "\\'")
    return quote + body + quote


class _Survey:
    """Counts habits; the most frequent one wins, the first seen among equals."""

    def __init__(self, text):
        self.text = text
        self.votes = {}
        self.left = _SURVEYED

    def vote(self, topic, choice):
        counts = self.votes.setdefault(topic, {})
        counts[choice] = counts.get(choice, 0) + 1

    def vote_blank(self, topic, choice):
        if not choice.strip(" "):
            self.vote(topic, choice)

    def most(self, topic, default):
        counts = self.votes.get(topic)
        return max(counts, key=counts.get) if counts else default

    def visit(self, node, depth):
        self.left -= 1
        if self.left < 0:
            return
        if node.kind == "string" and depth:
            self.vote("string_quote", self.text[node.start])
        for item in node.items:
            self.visit(item, depth + 1)
        if node.items and not any(item.kind in ("object", "array") for item in node.items):
            self.vote("spread_lists", "\n" in self.text[node.start : node.items[0].start])
        if not node.members:
            return
        first, last = node.members[0], node.members[-1]
        between = self.text[node.start + 1 : first.key_start]
        if "\n" in between:
            self.vote("trailing_comma", "," if last.comma is not None else "")
            self._vote_indent(node, first)
        else:
            self.vote_blank("padding", between)
        for index, member in enumerate(node.members):
            char = self.text[member.key_start]
            self.vote("key_quote", char if char in "'\"" else "")
            colon = self.text[member.key_end : member.node.start]
            if not colon.strip(" :"):
                self.vote("colon", colon)
            if index + 1 < len(node.members):
                self.vote_blank("gap", self.text[member.comma + 1 : node.members[index + 1].key_start])
            self.visit(member.node, depth + 1)

    def _vote_indent(self, node, first):
        outer, inner = margin_of(self.text, node.start), margin_of(self.text, first.key_start)
        if inner.startswith(outer) and len(inner) > len(outer):
            self.vote("indent", inner[len(outer) :])


def margin_of(text, offset):
    """Return the blanks that begin the line on which offset stands."""
    start = text.rfind("\n", 0, offset) + 1
    return re.compile(r"[ \t]*").match(text, start).group()
