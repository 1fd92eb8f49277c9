# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Dotted paths: C(gateway.auth.token), C(channels["my.bot"].enabled), C(agents.list[0].id). Pure."""

from __future__ import annotations

import re

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

_PART = re.compile(
    r"""(?P<plain>[^.\[\]"'\s]+)
      | \[(?P<index>[0-9]+)\]
      | \[(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\]
      | (?P<bare>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""",
    re.VERBOSE | re.DOTALL,
)
_SIMPLE = re.compile(r"""[^.\[\]"'\s\\]+\Z""")


def parse_path(text):
    """Return the parts of a dotted path: str for keys, int for C([0]).

    :raises Failure: C(path_invalid), naming the path and the character where it breaks.
    """
    parts = []
    pos = 0
    while True:
        # A bracket may follow directly; everything else needs the dot that the end of this loop ate.
        match = _PART.match(text, pos)
        if not match:
            raise _invalid(text, pos)
        parts.append(_part(match))
        pos = match.end()
        if pos == len(text):
            return tuple(parts)
        if text[pos] == ".":
            pos += 1
        elif text[pos] != "[":
            raise _invalid(text, pos)


def _part(match):
    if match.group("index") is not None:
        return int(match.group("index"))
    quoted = match.group("quoted") or match.group("bare")
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)
    return match.group("plain")


def _invalid(text, pos):
    return Failure(
        "path_invalid",
        "%r is not a path: it breaks at character %d." % (text, pos + 1),
        "input",
        'write keys joined by dots and quote the odd ones, as in channels["my.bot"].enabled.',
        path=text,
    )


def format_path(parts):
    """Return the dotted form of path parts; the inverse of :func:`parse_path`."""
    out = ""
    for part in parts:
        if isinstance(part, int):
            out += "[%d]" % part
        elif _SIMPLE.match(part):
            out += ("." if out else "") + part
        else:
            out += '["%s"]' % part.replace("\\", "\\\\").replace('"', '\\"')
    return out


def value_at(tree, parts, default=None):
    """Return the value at path parts in nested dicts and lists, or default where the path ends early."""
    for part in parts:
        if (
            isinstance(tree, dict)
            and part in tree
            or isinstance(tree, list)
            and isinstance(part, int)
            and part < len(tree)
        ):
            tree = tree[part]
        else:
            return default
    return tree
