# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""launchd property lists that run a Gateway: what they hand it, and how to take that away. Pure.

An XML list is edited in its text, so that everything else keeps its bytes. A binary one is written anew with the
same values.
"""

from __future__ import annotations

import collections
import plistlib
import re
from xml.parsers import expat

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import shells, sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: What a plist tells besides its sources: its Label, ProgramArguments (list of str), EnvironmentVariables (dict), and
#: whether it runs a Gateway of OpenClaw.
Job = collections.namedtuple("Job", "label arguments environment gateway generated")

_BINARY = b"bplist"
_NAMES = ("openclaw", "clawdbot", "moltbot")
_WORD = re.compile(rb"openclaw|clawdbot|moltbot|&#", re.IGNORECASE)


def may_concern(data, label):
    """Whether it is worth parsing these bytes: cheap, and true at least for every list that runs a Gateway."""
    return bool(_WORD.search(data)) or label.encode() in data or data[:2] in (b"\xff\xfe", b"\xfe\xff")


def load(data):
    """Return the :class:`Job` of the bytes of a plist, or None for one that describes no job.

    :raises ValueError: when it is no property list.
    """
    plist = _loads(data)
    if not isinstance(plist, dict) or not isinstance(plist.get("Label"), str):
        return None
    arguments = plist.get("ProgramArguments")
    arguments = [item for item in arguments if isinstance(item, str)] if isinstance(arguments, list) else []
    environment = plist.get("EnvironmentVariables")
    environment = environment if isinstance(environment, dict) else {}
    command = "\n".join([str(plist.get("Program", ""))] + arguments).lower()
    gateway = "gateway" in arguments and any(name in command for name in _NAMES)
    marked = environment.get("OPENCLAW_SERVICE_KIND") == "gateway"
    generated = any(item.endswith("-env-wrapper.sh") for item in arguments) or (
        plist.get("Comment") == "OpenClaw Gateway"
    )
    return Job(plist["Label"], arguments, environment, gateway or marked, generated)


def _loads(data):
    try:
        return plistlib.loads(data)
    except Exception as error:  # plistlib lets ExpatError, struct.error, OverflowError and more through
        raise ValueError(type(error).__name__ if isinstance(error, RecursionError) else str(error)) from None


def from_plist(data, location, label, names=None):
    """Sources in the bytes of a launchd plist whose Label is the given one, or that runs a Gateway under another.

    :returns: (sources, program arguments); both empty for a plist that is neither. Another label's are not live.
    :raises ValueError: when it is no property list.
    """
    job = load(data)
    if job is None or not (job.label == label or job.gateway):
        return [], []
    return sources_of(job, data, location, label, names), job.arguments


def sources_of(job, data, location, label, names=None):
    """Sources in a :class:`Job` that C(data) (bytes) describes."""
    names = sources.VARIABLES if names is None else names
    ours = job.label == label
    owner = "person" if not ours else "openclaw" if job.generated else "ours"
    found = []
    for name, credential in names.items():
        value = job.environment.get(name)
        if isinstance(value, str) and value.strip():
            line = _line(data, ("<key>%s</key>" % name).encode())
            found.append(
                sources.Source(
                    "plist_environment", location, line, ours, fingerprint(value.strip()), owner, name, credential
                )
            )
    for option, value in option_values(job.arguments):
        line = _line(data, ("<string>%s" % option).encode())
        found.append(
            sources.Source(
                "plist_argument", location, line, ours, fingerprint(value), owner, option, sources.OPTIONS[option]
            )
        )
    return found


def setenv_sources(job, data, location, names):
    """Sources in a job of whatever kind that runs C(launchctl setenv) with one of these variables."""
    if not any("setenv" in item for item in job.arguments):
        return []
    commands = [job.arguments]
    for item in job.arguments:
        if "setenv" in item and " " in item:
            commands += [[word.text for word in command] for command in shells.commands(item)]
    return [
        sources.Source(
            "plist_setenv",
            location,
            _line(data, b"setenv"),
            False,
            None if shells.value_of(raw) is None else fingerprint(shells.value_of(raw)),
            "person",
            name,
            names[name],
        )
        for command in commands
        for name, raw in shells.setenv(command, names)
    ]


def _line(data, needle):
    place = -1 if data.startswith(_BINARY) else data.find(needle)
    return None if place < 0 else data.count(b"\n", 0, place) + 1


def option_values(arguments):
    """Return (option, value) of C(--token VALUE) and C(--token=VALUE) in a list of program arguments.

    Looked for in the text of C(sh -c) as well.
    """
    found = []
    for index, item in enumerate(arguments):
        option, equals, value = item.partition("=")
        if option in sources.OPTIONS and equals:
            found.append((option, value))
        elif item in sources.OPTIONS and index + 1 < len(arguments):
            found.append((item, arguments[index + 1]))
        elif any(name + " " in item or name + "=" in item for name in sources.OPTIONS):
            for command in shells.commands(item):
                words = [shells.value_of(word.text) or "" for word in command]
                found += option_values(words) if words != [item] else []
    return [(option, value) for option, value in found if value]


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
    before = _loads(data)
    after = _cleaned(before, names)
    if after == before:
        return data
    if data.startswith(_BINARY):
        return plistlib.dumps(after, fmt=plistlib.FMT_BINARY, sort_keys=False)
    edited = _cut(data, _Spans.of(data), names)
    return edited if _same(edited, after) else plistlib.dumps(after, sort_keys=False)


def _same(data, value):
    try:
        return _loads(data) == value
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
