# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How to take from a launchd property list what hands a Gateway a secret. Pure.

An XML list is edited in its text, so that everything else keeps its bytes. A binary one is written anew with the
same values.
"""

from __future__ import annotations

import plistlib
from xml.parsers import expat

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import plists


def without_arguments(arguments, options):
    """Return a list of arguments without these options and what follows them."""
    gone = _indexes(arguments, options)
    return [item for index, item in enumerate(arguments) if index not in gone]


def _indexes(arguments, options):
    gone = set()
    for index, item in enumerate(arguments):
        if index in gone or not isinstance(item, str):
            continue
        if item in options and index + 1 < len(arguments):
            gone |= {index, index + 1}
        elif item.partition("=")[0] in options and "=" in item:
            gone.add(index)
    return gone


def without(data, names):
    """Return the bytes of a plist without these variables in EnvironmentVariables and these options.

    :param names: set of names of variables and of options (C(--token)).
    :raises ValueError: when it is no property list.
    """
    before = plists.loads(data)
    after = _cleaned(before, names)
    if after == before:
        return data
    if data.startswith(plists.BINARY):
        return plistlib.dumps(after, fmt=plistlib.FMT_BINARY, sort_keys=False)
    edited = _cut(data, _Spans.of(data), names)
    return edited if _same(edited, after) else plistlib.dumps(after, sort_keys=False)


def _same(data, value):
    try:
        return plists.loads(data) == value
    except ValueError:
        return False


def _cleaned(plist, names):
    if not isinstance(plist, dict):
        return plist
    plist = dict(plist)
    environment = plist.get("EnvironmentVariables")
    if isinstance(environment, dict):
        plist["EnvironmentVariables"] = {key: value for key, value in environment.items() if key not in names}
    arguments = plist.get("ProgramArguments")
    if isinstance(arguments, list):
        plist["ProgramArguments"] = without_arguments(arguments, names)
    return plist


class _Spans:
    """Where the members of the two interesting containers stand in the XML, as (text, start, end) in bytes."""

    def __init__(self):
        self.environment, self.arguments = [], []
        self._depth, self._key, self._inside, self._text, self._start = 0, None, None, [], 0
        self._parser = None

    @classmethod
    def of(cls, data):
        spans = cls()
        parser = spans._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = spans._begin
        parser.EndElementHandler = spans._end
        parser.CharacterDataHandler = spans._text.append
        spans._data = data
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise ValueError(str(error)) from None
        return spans

    def _begin(self, name, _attributes):
        self._depth += 1
        # plist is 1, its dict 2, the keys and values of that 3, and what is in those 4.
        if self._depth == 3 and name in ("dict", "array"):
            self._inside = {"EnvironmentVariables": "dict", "ProgramArguments": "array"}.get(self._key) == name
        if self._depth in (3, 4):
            self._text.clear()
            self._start = self._parser.CurrentByteIndex

    def _end(self, name):
        if self._depth == 3:
            self._key = "".join(self._text) if name == "key" else None
            self._inside = False
        if self._depth == 4 and self._inside:
            container = self.environment if self._key == "EnvironmentVariables" else self.arguments
            container.append((name, "".join(self._text), self._start, self._stop()))
        self._depth -= 1

    def _stop(self):
        """The end of the element that is ending: behind its end tag, or behind C(<string/>)."""
        index = self._parser.CurrentByteIndex
        if self._data[index - 2 : index] == b"/>" and self._data[index : index + 2] != b"</":
            return index
        return self._data.find(b">", index) + 1


def _cut(data, spans, names):
    cuts = []
    members = spans.environment
    for key, value in zip(members[::2], members[1::2]):
        if key[0] == "key" and key[1] in names:
            cuts.append((key[2], value[3]))
    gone = _indexes([text if name == "string" else None for name, text, _start, _end in spans.arguments], names)
    cuts += [spans.arguments[index][2:] for index in gone]
    kept, position = [], 0
    for start, end in sorted(cuts):
        # The blanks before an element are its own, those behind it belong to the next.
        while start > position and data[start - 1 : start] in (b" ", b"\t", b"\n", b"\r"):
            start -= 1
        kept.append(data[position:start])
        position = end
    return b"".join(kept) + data[position:]
