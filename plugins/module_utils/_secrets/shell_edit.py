# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How to take an assignment from a shell start file, or from the env file that OpenClaw's wrapper sources. Pure.

The text is read as a whole, as the shell reads it.
"""

from __future__ import annotations

import re

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import shells

_BLANKS = re.compile(r"[ \t]*")
_REST = re.compile(r"[ \t]*;?[ \t\r]*(?:#[^\n]*)?(?:\n|\Z)")
_SEMICOLON = re.compile(r"[ \t]*;(?!;)[ \t]*")


def without(text, names):
    """Return the text without the assignments to these names, as the shell reads it; every other character stays.

    A line that held nothing else goes as a whole. Words that merely look like an assignment stay.
    """
    cuts = []
    for command in shells.commands(text):
        mine = [item for item in shells.assignments(command, names) if item.alone]
        if not mine:
            continue
        gone = {item.start for item in mine}
        rest = [word for word in command if word.start not in gone]
        if all(word.text in shells.DECLARING or word.text.startswith("-") for word in rest):
            cuts.append(_command(text, command[0].start, command[-1].end))
        else:
            cuts += [(item.start, _BLANKS.match(text, item.end).end(), "") for item in mine]
    kept, position = [], 0
    for start, end, instead in cuts:
        kept += [text[position:start], instead]
        position = max(position, end)
    return "".join(kept) + text[position:]


def _command(text, start, end):
    """Return (start, end, replacement) for cutting a whole command out.

    With its line where that holds nothing else, or with the semicolon behind it. Where the shell wants a command
    (beside C(&&), in parentheses), the one that does nothing takes its place.
    """
    begin = text.rfind("\n", 0, start) + 1
    rest = _REST.match(text, end)
    if not text[begin:start].strip() and rest and not text[max(0, begin - 80) : begin].rstrip().endswith(("&", "|")):
        return begin, rest.end(), ""
    before, behind = text[begin:start].rstrip(), _SEMICOLON.match(text, end)
    if behind and (not before or before.endswith(";")):
        return start, behind.end(), ""
    if rest and before.endswith(";"):
        return start, end, ""
    return start, end, ":"
