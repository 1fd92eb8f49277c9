# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The text of a unit file: words with their quotes and escapes, sections, keys. Pure."""

from __future__ import annotations

import re

#: What may stand in a word without quotes. Everything else is quoted, so that nobody has to know more of the rules.
_PLAIN = re.compile(r"[A-Za-z0-9_@:,./+=-]+")
_SECTION = re.compile(r"\[(?P<name>[^\[\]]+)\]\Z")
#: Inside double quotes, and outside of any: what a backslash is followed by stands for itself.
_WORD = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|[^\s"'\\])+""", re.DOTALL)
_PIECE = re.compile(
    r"""(?P<quote>["'])(?P<inner>(?:\\.|(?!(?P=quote)).)*)(?P=quote)|(?P<escaped>\\.)|(?P<plain>.)""", re.DOTALL
)


def quoted(word):
    """Return a word as a unit file has it: one word, whatever is in it, and no specifier.

    :param word: text without control characters.
    """
    text = word.replace("%", "%%")
    if _PLAIN.fullmatch(text):
        return text
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def argument(word):
    """Return a word of a command: systemd would put a variable in the place of C($NAME)."""
    return quoted(word.replace("$", "$$"))


def path(value):
    """Return a path as the keys have it that take one path and no quotes."""
    return value.replace("%", "%%")


def _unescaped(pair):
    return pair.group(0)[1]


def words(text):
    """Return the words of a value, without quotes and escapes; specifiers and variables stay as they are."""
    found = []
    for match in _WORD.finditer(text):
        pieces = []
        for piece in _PIECE.finditer(match.group(0)):
            inner = piece.group("inner")
            text_of = inner if inner is not None else piece.group("escaped") or piece.group("plain")
            pieces.append(re.sub(r"\\.", _unescaped, text_of, flags=re.DOTALL))
        found.append("".join(pieces))
    return found


def literal(word):
    """Return a word without the doubled signs; C(None) where systemd alone knows what a specifier means."""
    if "%" in word.replace("%%", ""):
        return None
    return word.replace("%%", "%")


def parse(text):
    """Return what a unit file says.

    :return: dictionary C(Section.Key) -> list of values as they stand there, in order. An empty value, which takes back
        what was said before, empties the list.
    """
    said, section = {}, ""
    for line in re.sub(r"\\\n[ \t]*", " ", text).splitlines():
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        head = _SECTION.match(line)
        if head:
            section = head.group("name")
            continue
        key, equals, value = line.partition("=")
        if equals:
            values = said.setdefault("%s.%s" % (section, key.strip()), [])
            values.append(value.strip())
            if not value.strip():
                del values[:]
    return {key: values for key, values in said.items() if values}


def render(sections):
    """Return the text of a unit file.

    :param sections: list of (section, list of (key, value)), values as they shall stand there.
    """
    parts = []
    for section, pairs in sections:
        parts.append("".join(["[%s]\n" % section] + ["%s=%s\n" % pair for pair in pairs]))
    return "\n".join(parts)
