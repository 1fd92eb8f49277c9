# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""C(.env) files, read as OpenClaw reads them (the npm package dotenv), and freed of single assignments. Pure."""

from __future__ import annotations

import bisect
import collections
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: OpenClaw skips a larger file.
MAX_BYTES = 1024 * 1024

#: C(start) to C(end) are whole lines, the line break included; C(line) is that of the name, from 1.
Assignment = collections.namedtuple("Assignment", "name value start end line")

_HEAD = re.compile(r"[^\S\n]*(?:export\s+)?(?P<name>[\w.-]+)(?:\s*=|:\s)", re.ASCII)
_BLANKS = re.compile(r"\s*")
_TAIL = re.compile(r"[^\S\n]*(?:#[^\n]*)?$", re.MULTILINE)
_PLAIN = re.compile(r"[^#\n]*")
_QUOTED = re.compile(r"(['\"`])([\s\S]*)\1\Z")
_QUOTES = "'\"`"


def assignments(text):
    """Return every :class:`Assignment` of a text, in order. Linear in the length of the text."""
    # Of the same length, so that places in the one are places in the other.
    shadow = text.replace("\r\n", " \n").replace("\r", "\n")
    closing = {}
    found, position, line, counted = [], int(text.startswith("\ufeff")), 1, 0
    while position < len(shadow):
        head = _HEAD.match(shadow, position)
        begin, end = head.span("name") if head else (position, position)
        if head:
            value, end = _value(text, shadow, head.end(), closing)
            line += shadow.count("\n", counted, begin)
            counted = begin
        newline = shadow.find("\n", end)
        after = len(shadow) if newline < 0 else newline + 1
        if head:
            found.append(Assignment(head.group("name"), value, position, after, line))
        position = after
    return found


def _value(text, shadow, start, closing):
    """Return (value, end) of what follows the equals sign; C(closing) remembers where quotes may end."""
    opened = _BLANKS.match(shadow, start).end()
    quote = shadow[opened : opened + 1]
    if quote and quote in _QUOTES:
        if quote not in closing:
            closing[quote] = [match.start() for match in re.finditer(r"(?<!\\)" + quote, shadow)]
        index = bisect.bisect_right(closing[quote], opened)
        if index < len(closing[quote]):
            end = closing[quote][index] + 1
            if _TAIL.match(shadow, end):
                return _unquoted(text[opened:end].replace("\r\n", "\n").replace("\r", "\n")), end
    match = _PLAIN.match(shadow, start)
    return _unquoted(match.group().strip()), match.end()


def _unquoted(text):
    match = _QUOTED.match(text)
    inner = match.group(2) if match else text
    return inner.replace("\\n", "\n").replace("\\r", "\r") if text.startswith('"') else inner


def from_dotenv(text, location, live, kind="dotenv", names=None):
    """Sources in the text of a C(.env) file. Of two assignments to one name the last counts; the first is not live.

    :param names: variables to look for, as :data:`sources.VARIABLES`.
    """
    names = sources.VARIABLES if names is None else names
    if not any(name in text for name in names):
        return []
    every = [item for item in assignments(text) if item.name in names and item.value.strip()]
    last = {item.name: item for item in every}
    return [
        sources.Source(
            kind,
            location,
            item.line,
            live and last[item.name] is item,
            fingerprint(item.value.strip()),
            owner=sources.KINDS[kind],
            name=item.name,
            credential=names[item.name],
        )
        for item in every
    ]


def without(text, names):
    """Return the text without the lines that assign one of these names; every other character stays."""
    kept, position = [], 0
    for item in assignments(text):
        if item.name in names:
            kept.append(text[position : item.start])
            position = item.end
    return "".join(kept) + text[position:]
