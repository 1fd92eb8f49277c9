# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From the bytes of a Gateway's log to counters. Pure; takes lines one by one and keeps no more than counters.

A line is either text (what launchd keeps of the Gateway's output: time, subsystem in brackets, words; perhaps with
colours) or an object in JSON (what the Gateway itself keeps). A line without a time is of the time of the one before.
"""

from __future__ import annotations

import collections
import datetime
import json
import re
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.codes import LOG_ANCHORS, in_log
from ansible_collections.clawops.openclaw.plugins.module_utils._host import log_signatures as signatures

#: A storm: so many processes begun within so many seconds.
STORM = (5, 600.0)
#: Characters of a text that are looked at.
_LOOKED_AT = 8192
_COLOUR = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")
_DATED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)\s+")
_CLOCK = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d)?\s+")
_SUBSYSTEM = re.compile(r"\[([a-z][A-Za-z0-9/_-]{0,60})\] ")
#: Marks in front of a text that say how bad it is.
_MARKS = "⚠✗✘✖\ufe0f \t"
#: A line that holds none of these counts for nothing.
_ANCHORS = tuple(dict.fromkeys(anchor.encode() for anchor in signatures.ANCHORS))
_LOWER_ANCHORS = tuple(anchor.encode() for anchor in LOG_ANCHORS)
#: What must be looked at line by line: empty lines, and what is no text.
_ODD = (b"\0", b"\n\n", b"\n ", b"\n\t", b"\n\r")
_COLOUR_BYTES = re.compile(rb"\x1b\[[0-9;:?]*[ -/]*[@-~]")
_DATED_BYTES = re.compile(rb'(?:\{"[^\n]*?"time":")?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)')
#: Where the stack of an exception shows that it was a plugin's.
_PLUGIN = re.compile(r"/(?:extensions|plugins)/(?:@[a-z0-9-]+/)?([A-Za-z0-9][A-Za-z0-9_-]{0,39})/")


class Entry(NamedTuple):
    """A line of a log. C(at) is in seconds since the epoch, None where the line has no time."""

    at: float | None
    subsystem: str | None
    text: str
    fields: dict


class Unreadable(ValueError):
    """The line is no text and no whole object."""


def entry(line):
    """Return the :class:`Entry` of a line (bytes).

    :raises Unreadable: it is binary, or JSON that ends too soon.
    """
    if b"\0" in line:
        raise Unreadable
    text = line.decode("utf-8", "replace").strip()
    return _of_object(text) if text.startswith('{"') else _of_text(_COLOUR.sub("", text)[:_LOOKED_AT])


def _of_object(text):
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable from None
    meta = found.get("_meta")
    said = found.get("message")
    numbered = [found[key] for key in sorted(found) if key.isdigit()]
    if not isinstance(said, str):
        said = next((value for value in reversed(numbered) if isinstance(value, str)), "")
    fields = next((value for value in numbered if isinstance(value, dict)), {})
    at = found.get("time")
    if not isinstance(at, str):
        at = meta.get("date") if isinstance(meta, dict) else None
    dated = _DATED.match(at + " ") if isinstance(at, str) else None
    subsystem = _subsystem(found.get("0"))
    text = _COLOUR.sub("", said[:_LOOKED_AT]).lstrip(_MARKS)
    # "shutdown completed" of the subsystem shutdown is "[shutdown] completed" in the other kind of log.
    repeated = subsystem.rsplit("/", 1)[-1] + " " if subsystem else ""
    return Entry(
        _seconds(dated),
        subsystem,
        text[len(repeated) :] if text.startswith(repeated) else text,
        {key: value for key, value in fields.items() if isinstance(value, str)},
    )


def _subsystem(first):
    try:
        named = json.loads(first) if isinstance(first, str) and first.startswith("{") else None
    except (ValueError, RecursionError):
        return None
    named = named.get("subsystem") if isinstance(named, dict) else None
    return named if isinstance(named, str) else None


def _of_text(text):
    dated = _DATED.match(text)
    rest = text[dated.end() :] if dated else text[_CLOCK.match(text).end() :] if _CLOCK.match(text) else text
    named = _SUBSYSTEM.match(rest)
    # "[openclaw] Unhandled promise rejection" is no subsystem, but how that line begins.
    subsystem = named.group(1) if named and named.group(1) != "openclaw" else None
    return Entry(_seconds(dated), subsystem, (rest[named.end() :] if subsystem else rest).lstrip(_MARKS), {})


def _seconds(dated):
    return None if dated is None else _epoch(dated.group(1), dated.group(2))


def _moment(moment, zone):
    return _epoch(moment.decode("ascii"), zone.decode("ascii"))


def _epoch(moment, zone):
    second, _dot, fraction = moment.partition(".")
    zone = "+00:00" if zone == "Z" else zone
    try:
        return datetime.datetime.fromisoformat(second + zone).timestamp() + float("0." + (fraction or "0"))
    except (ValueError, OverflowError):
        return None


def _telling(block):
    """Return the places (begin, end) of the lines of a block that may count for something, in order."""
    found = set()
    for text, anchors in ((block, _ANCHORS), (block.lower(), _LOWER_ANCHORS)):
        for anchor in anchors:
            position = text.find(anchor)
            while position >= 0:
                begin = text.rfind(b"\n", 0, position) + 1
                end = text.find(b"\n", position) + 1 or len(text)
                found.add((begin, end))
                position = text.find(anchor, end)
    return sorted(found)


def _is_odd(block):
    return block[:1].isspace() or any(odd in block for odd in _ODD)


class Tally:
    """Counts what lines mean, from a time on.

    :param since: seconds since the epoch. Lines before it are only read over.
    :ivar first, last: times of the first and the last line that counted.
    :ivar lines, unreadable, undated: lines that counted, that could not be read, and that came before any time.
    """

    def __init__(self, since):
        self._since, self._at = since, None
        self.first = self.last = None
        self.lines = self.unreadable = self.undated = self.suppressed = 0
        self._counters = {name: collections.Counter() for name in signatures.COUNTERS}
        #: None while no process is known to run, "" while one runs, else how it said that it ends.
        self._ending = None
        #: Whether that process was ever ready.
        self._served = True
        self._begun = collections.deque(maxlen=STORM[0])
        self._fatal_at = None
        #: Code of :mod:`codes` -> number of lines that say so.
        self.signatures = collections.Counter()
        #: Plugins whose exceptions have ended a process -> how often.
        self.plugins = collections.Counter()

    def take_block(self, block):
        """Count whole lines (bytes that end with a line break), as :meth:`take` does, but fast where nothing counts."""
        if b"\x1b" in block:
            block = _COLOUR_BYTES.sub(b"", block)
        done = 0
        for begin, end in _telling(block):
            self._pass_over(block[done:begin])
            self.take(block[begin:end])
            done = end
        self._pass_over(block[done:])

    def _pass_over(self, block):
        """Count lines that say nothing."""
        if not block:
            return
        if self._at is None or self._at < self._since or _is_odd(block):
            for line in block.split(b"\n"):
                self.take(line)
            return
        lines = block.splitlines()
        broken = sum(line[:2] == b'{"' and line[-1:] != b"}" for line in lines)
        self.unreadable += broken
        self.lines += len(lines) - broken
        self.first = self._at if self.first is None else self.first
        for line in reversed(lines):
            dated = _DATED_BYTES.match(line)
            if dated:
                self._at = self.last = _moment(dated.group(1), dated.group(2)) or self._at
                break

    def take(self, line):
        """Count a line (bytes without its line break)."""
        if not line.strip():
            return
        try:
            said = entry(line)
        except Unreadable:
            self.unreadable += 1
            return
        self._at = said.at if said.at is not None else self._at
        if self._at is None:
            self.undated += 1
            return
        if self._at < self._since:
            return
        self.first = self._at if self.first is None else self.first
        self.last = self._at
        self.lines += 1
        self._count(said)

    def _count(self, said):
        raised, step, ending = signatures.meaning(said.text, said.fields)
        for counter, name in raised:
            counts = self._counters[counter]
            counts[name if name in counts or len(counts) < signatures.MAX_NAMES else signatures.OTHER] += 1
        suppressed = re.search(r" suppressed=(\d{1,9})\b", said.text) if raised else None
        self.suppressed += int(suppressed.group(1)) if suppressed else 0
        lower = said.text.lower()
        if any(anchor in lower for anchor in LOG_ANCHORS):
            for code in in_log(said.text):
                self.signatures[code] += 1
        if step:
            getattr(self, "_" + step)(ending)
        if ending == "unhandled_rejection":
            self._fatal_at = self._at
        if self._fatal_at == self._at and self._fatal_at is not None:
            culprit = _PLUGIN.search(said.text)
            if culprit:
                self.plugins[culprit.group(1)] += 1
                # Of a stack the line that comes first says it.
                self._fatal_at = None

    def _begin(self, _ending):
        self._close_life("unexplained")
        self._ending, self._served = "", False
        self._counters["starts"]["process"] += 1
        self._begun.append(self._at)
        if len(self._begun) == STORM[0] and self._begun[-1] - self._begun[0] <= STORM[1]:
            self._counters["storms"]["seen"] += 1
            self._begun.clear()

    def _serve(self, _ending):
        self._served = True

    def _again(self, _ending):
        self._ending, self._served = "", False
        self._counters["starts"]["in_process"] += 1

    def _end(self, ending):
        if not self._ending or self._ending in signatures.BY_PLAN:
            self._ending = ending

    def _give_up(self, ending):
        # A Gateway that is refused early has not said that it begins. One that gives up later shuts down cleanly first;
        # one that served has shut down for good.
        if self._ending != "" and (self._served or self._ending not in signatures.BY_PLAN):
            self._begin(None)
        self._ending = ending

    def _close_life(self, unsaid):
        if self._ending is not None:
            self._counters["exits"][self._ending or unsaid] += 1
        self._ending = None

    def counters(self):
        """Return C({counter: {name: number}}) of everything taken so far."""
        counted = {name: dict(counts) for name, counts in self._counters.items()}
        if self._ending:
            counted["exits"][self._ending] = counted["exits"].get(self._ending, 0) + 1
        return counted
