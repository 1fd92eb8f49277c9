# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Shell start files, and the env file that OpenClaw's wrapper sources: just enough of the shell's grammar. Pure.

Start files are read line by line, so that one odd quote hides nothing; what stands in a here-document is reported as
well. An env file is read as a whole, as the shell reads it.
"""

from __future__ import annotations

import collections
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: One word of a command.
Word = collections.namedtuple("Word", "start end text")
#: An assignment; C(alone) says that it can be cut out without touching what else the command does.
Found = collections.namedtuple("Found", "name raw start end alone")

_TOKEN = re.compile(
    r"""(?P<blank>(?:[ \t\r]|\\\n)+)"""
    r"""|(?P<separator>[\n;&|()]+)"""
    r"""|(?P<word>(?:'[^']*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|\\[\s\S]|[^ \t\r\n;&|()'"\\])+)"""
    r"""|(?P<odd>[\s\S])"""
)
_COMMENT = re.compile(r"[^\n]*")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_PIECE = re.compile(r"""'([^']*)'|"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|\\([\s\S])|([^'"\\]+|[\s\S])""")
_ESCAPED = re.compile(r'\\([$`"\\\n])')
#: Words that declare variables.
DECLARING = ("export", "typeset", "declare", "readonly", "local", "setopt")


def commands(text, start=0, end=None):
    """Return the commands of a shell text: lists of :class:`Word`. Never fails; an odd quote is a word of its own."""
    end = len(text) if end is None else end
    position, command, every = start, [], []
    while position < end:
        if text[position] == "#":
            position = min(end, _COMMENT.match(text, position).end())
            continue
        match = _TOKEN.match(text, position, end)
        position = match.end()
        if match.lastgroup == "separator":
            every.append(command)
            command = []
        elif match.lastgroup in ("word", "odd"):
            if command and command[-1].end == match.start():
                command[-1] = Word(command[-1].start, position, command[-1].text + match.group())
            else:
                command.append(Word(match.start(), position, match.group()))
    return [command for command in every + [command] if command]


def value_of(raw):
    """Return what the shell makes of a word, or None when it depends on something else (C($X), C(`date`))."""
    pieces = []
    outside = re.sub(r"""'[^']*'|\\[\s\S]""", "", raw)
    if "$" in outside or "`" in outside:
        return None
    for single, double, escaped, plain in _PIECE.findall(raw):
        pieces.append(single or _ESCAPED.sub(lambda match: match.group(1).strip("\n"), double) or escaped or plain)
    return "".join(pieces)


def assignments(command, names):
    """Return the :class:`Found` of one command."""
    leading, declaring, found = True, False, []
    for word in command:
        if leading and not _ASSIGNED.match(word.text):
            leading, declaring = False, word.text in DECLARING
        name, equals, raw = word.text.partition("=")
        name = name[:-1] if name.endswith("+") else name
        if equals and name in names:
            found.append(Found(name, raw, word.start, word.end, leading or declaring))
    return found


def setenv(words, names):
    """Return (name, raw value) of the variables that the words of a command hand to C(launchctl setenv)."""
    for index, text in enumerate(words):
        if text.rpartition("/")[2] == "launchctl" and words[index + 1 : index + 2] == ["setenv"]:
            pairs = words[index + 2 :]
            return [(name, raw) for name, raw in zip(pairs[::2], pairs[1::2]) if name in names]
    return []


def from_shell(text, location, names=None, live=False, owner="person"):
    """Sources in a shell start file.

    Not live, as launchd jobs never read these: only clients started from a shell do. (C(live): OpenClaw is told to
    import the login shell's environment.)
    """
    names = sources.VARIABLES if names is None else names
    found, line, counted = [], 1, 0
    for start, end in _lines_with(text, names):
        line += text.count("\n", counted, start)
        counted = start
        for kind, name, raw in _in_line(text, start, end, names):
            value = value_of(raw)
            if value == "":
                continue
            found.append(
                sources.Source(
                    kind,
                    location,
                    line,
                    live and kind == "shell",
                    None if value is None else fingerprint(value),
                    owner=owner,
                    name=name,
                    credential=names[name],
                )
            )
    return sorted(found, key=lambda source: (source.kind, source.line))


def _lines_with(text, names):
    """Yield the bounds of the lines that hold one of the names, each once."""
    pattern = re.compile("|".join(map(re.escape, sorted(names))) or r"(?!)")
    match = pattern.search(text)
    while match:
        start = text.rfind("\n", 0, match.start()) + 1
        newline = text.find("\n", match.end())
        end = len(text) if newline < 0 else newline
        yield start, end
        match = pattern.search(text, end)


def _in_line(text, start, end, names):
    found = []
    for command in commands(text, start, end):
        own = assignments(command, names)
        found += [("shell", item.name, item.raw) for item in own]
        found += [("shell_launchctl", name, raw) for name, raw in setenv([word.text for word in command], names)]
        spans = {item.start for item in own}
        for word in command:
            if word.start not in spans:
                found += _quoted(word.text, names)
    return found


def _quoted(text, names):
    """Assignments inside a quoted word, as in alias x='NAME=value openclaw'."""
    for name in names:
        for match in re.finditer(r"(?<![A-Za-z0-9_])%s=([^\s'\";&|]+)" % re.escape(name), text):
            yield "shell", name, match.group(1)


def from_service_env(text, location, live, names=None):
    """Sources in a file of assignments that a service's wrapper sources."""
    names = sources.VARIABLES if names is None else names
    if not any(name in text for name in names):
        return []
    every = [item for command in commands(text) for item in assignments(command, names) if item.alone]
    last = {item.name: item for item in every}
    found, line, counted = [], 1, 0
    for item in every:
        line += text.count("\n", counted, item.start)
        counted = item.start
        value = value_of(item.raw)
        if value == "":
            continue
        found.append(
            sources.Source(
                "service_env",
                location,
                line,
                live and last[item.name] is item,
                None if value is None else fingerprint(value),
                owner="openclaw",
                name=item.name,
                credential=names[item.name],
            )
        )
    return found
