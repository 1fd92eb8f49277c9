# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Edits of managed paths by source span: what nobody manages stays as it is, byte for byte. Pure.

:func:`plan` compares wanted settings with a text and returns the changes and the new text. Comments are a person's
words and are never removed, not even those beside a removed key.
"""

from __future__ import annotations

import collections
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5, paths
from ansible_collections.clawops.openclaw.plugins.module_utils._config.style import Style, margin_of
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: The value of a key that is not there, before an addition or after a removal.
ABSENT = object()

#: C(path) is a tuple of keys; C(before) and C(after) are plain values or :data:`ABSENT`.
Change = collections.namedtuple("Change", "path before after")

#: C(text) is the new text, C(changes) the :class:`Change` list in file order.
Plan = collections.namedtuple("Plan", "text changes")

_BLANKS = re.compile(r"[ \t]*")
#: Comments that stand on the rest of a line and end on it; they belong to what the line holds.
_LINE_REST = re.compile(r"(?:[ \t]+|/\*[^\n\r]*?\*/){0,1000}(?://[^\n\r]*)?")
_NEWLINE = re.compile(r"\r?\n")


def plan(text, settings, absent=(), root=None):
    """Return the :class:`Plan` that makes settings true in text and removes the absent paths.

    :param text: JSON5 whose root is an object.
    :param settings: nested dict; dicts are merged, everything else (lists too) replaces.
    :param absent: iterable of path tuples.
    :param root: the parsed text, where the caller has it already.
    :raises Failure: C(root_not_object); C(setting_null), C(settings_conflict), C(absent_index) for bad wishes.
    :raises json5.Json5Error: when text cannot be read.
    """
    root = root or json5.parse(text)
    if root.kind != "object":
        raise Failure(
            "root_not_object",
            "the configuration is a JSON %s, not an object." % root.kind,
            "config",
            "restore the file from a backup or move it away; an OpenClaw configuration begins with '{'.",
        )
    wishes = _Wishes(settings, absent)
    editor = _Editor(text, root)
    editor.object(root, wishes.settings, wishes.absent, (), parent_spread=True)
    return Plan(editor.result(), editor.changes)


def plan_new(settings):
    """Return the :class:`Plan` of a new file that holds settings, written as OpenClaw itself would.

    :raises Failure: C(setting_null).
    """
    _refuse_null(settings, ())
    style = Style()
    changes = [Change((key,), ABSENT, value) for key, value in settings.items()]
    return Plan(style.spread(settings, "") + style.newline, changes)


class _Wishes:
    """Settings and absent paths, checked against each other. C(absent) becomes nested dicts that end in None."""

    def __init__(self, settings, absent):
        self.settings = settings
        self.absent = {}
        _refuse_null(settings, ())
        for path in absent:
            self._add(path)

    def _add(self, path):
        if any(isinstance(part, int) for part in path):
            raise Failure(
                "absent_index",
                "absent names the list element %s; removing by position is not repeatable." % paths.format_path(path),
                "input",
                "set the whole list in 'settings' instead.",
                path=paths.format_path(path),
            )
        if paths.value_at(self.settings, path, ABSENT) is not ABSENT:
            raise Failure(
                "settings_conflict",
                "%s is both in 'settings' and in 'absent'." % paths.format_path(path),
                "input",
                "take it out of one of them.",
                path=paths.format_path(path),
            )
        level = self.absent
        for part in path[:-1]:
            level = level.setdefault(part, {})
            if level is None:
                return
        level[path[-1]] = None


def _refuse_null(value, path):
    if value is None:
        raise Failure(
            "setting_null",
            "settings has no value for %s." % paths.format_path(path),
            "input",
            "give it a value, or list the path in 'absent' to remove the key: OpenClaw refuses null.",
            path=paths.format_path(path),
        )
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_null(item, path + (key,))


class _Editor:
    """Collects replacements of spans of one text. Spans never overlap: every object sees to its own members."""

    def __init__(self, text, root):
        self.text = text
        self.style = Style.of(text, root)
        self.changes = []
        self.spans = []

    def result(self):
        out = []
        pos = 0
        for start, end, new in sorted(self.spans, key=lambda span: span[:2]):
            out.append(self.text[pos:start])
            out.append(new)
            pos = end
        out.append(self.text[pos:])
        return "".join(out)

    # -- what changes

    def object(self, node, settings, absent, path, parent_spread):
        spread = self.is_spread(node, parent_spread)
        kept = []
        removed = []
        for member in node.members:
            here = path + (member.key,)
            if absent.get(member.key, ABSENT) is None:
                removed.append(member)
                self.changes.append(Change(here, json5.to_python(member.node), ABSENT))
                continue
            kept.append(member)
            self.member(member, settings.get(member.key, ABSENT), absent.get(member.key), here, spread)
        names = {member.key for member in node.members}
        added = {key: value for key, value in settings.items() if key not in names}
        self.changes.extend(Change(path + (key,), ABSENT, value) for key, value in added.items())
        trailing = bool(node.members) and node.members[-1].comma is not None
        for start, end in self.cuts(kept, removed, keep_last_comma=bool(added) or trailing):
            self.spans.append((start, end, ""))
        if added:
            comma = "," if (trailing if node.members else spread and self.style.trailing_comma) else ""
            if kept and kept[-1].comma is None:
                self.spans.append((kept[-1].node.end, kept[-1].node.end, ","))
            insert = self.insert_lines if spread else self.insert_inline
            insert(node, kept, added, comma)

    def member(self, member, wanted, absent, path, spread):
        node = member.node
        if node.kind == "object" and (isinstance(wanted, dict) or wanted is ABSENT):
            self.object(node, {} if wanted is ABSENT else wanted, absent or {}, path, spread)
        elif wanted is not ABSENT:
            before = json5.to_python(node)
            if not json5.same(before, wanted):
                self.changes.append(Change(path, before, wanted))
                self.spans.append((node.start, node.end, self.written(wanted, member, spread)))

    def is_spread(self, node, parent_spread):
        """Whether the members of an object stand, or should stand, one a line."""
        first = node.members[0].key_start if node.members else node.end
        return "\n" in self.text[node.start : first] or (parent_spread and not node.members)

    def written(self, value, member, spread):
        """Source text of a value that takes the place of the value of a member."""
        old = member.node
        if old.kind == "array" and old.items and isinstance(value, list):
            spread = "\n" in self.text[old.start : old.end]
            if spread and value:
                return self.style.spread_list(value, margin_of(self.text, old.start))
        if old.kind == "string" and isinstance(value, str):
            return self.style.string(value, self.text[old.start])
        if spread:
            return self.style.spread(value, margin_of(self.text, member.key_start))
        return self.style.inline(value)

    # -- members that go

    def cuts(self, kept, removed, keep_last_comma):
        spans = []
        for member in removed:
            spans.append((member.key_start, member.node.end))
            if member.comma is not None:
                spans.append((member.comma, member.comma + 1))
        if removed and kept and kept[-1].comma is not None and not keep_last_comma:
            spans.append((kept[-1].comma, kept[-1].comma + 1))
        for start, end in self.merged(sorted(spans)):
            yield self.widened(start, end)

    def merged(self, spans):
        """Join spans that only blanks separate."""
        out = []
        for start, end in spans:
            if out and not self.text[out[-1][1] : start].strip(" \t"):
                out[-1] = (out[-1][0], end)
            else:
                out.append((start, end))
        return out

    def widened(self, start, end):
        """Take the whole line where nothing else stands on it, else the blanks on one side."""
        if self.text[start:end] == ",":
            return start, end
        line = self.text.rfind("\n", 0, start) + 1
        after = _BLANKS.match(self.text, end).end()
        ending = _NEWLINE.match(self.text, after)
        if ending and line > 0 and not self.text[line:start].strip(" \t"):
            return line, ending.end()
        if ending or self.text[after : after + 1] == "}":
            return line + len(self.text[line:start].rstrip(" \t")), end
        return start, after

    # -- members that come

    def insert_lines(self, node, kept, added, comma):
        style = self.style
        margin = margin_of(self.text, node.start)
        inner = margin_of(self.text, node.members[0].key_start) if node.members else margin + style.indent
        quote = self.key_quote(node)
        lines = [
            inner + style.key(key, quote) + style.colon + style.spread(value, inner) for key, value in added.items()
        ]
        body = style.newline + ("," + style.newline).join(lines) + comma
        at = _after(kept[-1]) if kept else node.start + 1
        rest = _LINE_REST.match(self.text, at).end()
        if _NEWLINE.match(self.text, rest):
            # What is said beside the last member stays beside it.
            self.spans.append((rest, rest, body))
        elif node.members or self.text[at : node.end - 1].strip(" \t"):
            self.spans.append((at, at, body))
        else:
            self.spans.append((at, node.end - 1, body + style.newline + margin))

    def insert_inline(self, node, kept, added, comma):
        style = self.style
        quote = self.key_quote(node)
        items = [style.key(key, quote) + style.colon + style.inline(value) for key, value in added.items()]
        body = ("," + style.gap).join(items) + comma
        if kept:
            at = _after(kept[-1])
            self.spans.append((at, at, style.gap + body))
        elif node.members or self.text[node.start + 1 : node.end - 1].strip(" \t"):
            at = node.start + 1
            self.spans.append((at, at, style.padding + body))
        else:
            self.spans.append((node.start + 1, node.end - 1, style.padding + body + style.padding))

    def key_quote(self, node):
        """How keys of this object are quoted: bare as soon as one is, else as the first."""
        quotes = [self.text[member.key_start] for member in node.members]
        if not quotes:
            return self.style.key_quote
        return quotes[0] if all(quote in "'\"" for quote in quotes) else ""


def _after(member):
    return member.node.end if member.comma is None else member.comma + 1
