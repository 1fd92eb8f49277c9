# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim of log reading: the last bytes of a log and of what it was rotated to, with the rights of the account.

Bounded in every direction: bytes, files, the length of a line, and time. What was not read is said.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._host.log_lines import Tally

#: Longest line taken, in bytes. Longer ones are counted as unreadable.
MAX_LINE = 256 * 1024
#: Files of one log that are looked at.
MAX_FILES = 16
#: Entries of a directory that are looked at.
_MAX_ENTRIES = 4096
_CHUNK = 64 * 1024
#: The Gateway's own log: a file a day, C(.1) and so on before the ending when one grew too large. Group 1 is what all
#: days have in common.
_DAILY = re.compile(r"(openclaw(?:-[a-z0-9][a-z0-9_-]*?)?)-\d{4}-\d\d-\d\d(?:\.\d+)?\.log\Z", re.IGNORECASE)
_COMPRESSED = re.compile(r"\.(?:gz|bz2|xz|zst)\Z")


class Bounds(NamedTuple):
    """How much of a log is read: so many bytes, no lines before C(since) (epoch seconds), so many seconds at most."""

    size: int
    since: float
    seconds: float = 10.0


def family(name, names):
    """Return which of the names in a directory are files of the same log as C(name), and which of them are packed."""
    daily = _DAILY.match(name)
    if daily:
        found = [other for other in names if (match := _DAILY.match(other)) and match.group(1) == daily.group(1)]
        return found, []
    rotated = re.compile(r"%s(?:\.\d+)?(?:\.(?:gz|bz2|xz|zst))?\Z" % re.escape(name))
    found = [other for other in names if rotated.match(other)]
    packed = [other for other in found if _COMPRESSED.search(other)]
    return [other for other in found if other not in packed], packed


class _Opened(NamedTuple):
    path: str
    stream: object
    size: int
    changed: float


def read(log, path, account, bounds, clock=time.monotonic):
    """Count what the end of a log says.

    :param log: what to call it in the result. :param path: of its present file. :param account: whose rights to use.
    :param bounds: :class:`Bounds`.
    :returns: mapping of plain data: C(log), C(path), C(read) (C(None) where there is no log), C(complete), C(notes)
        (why something was left out), C(files), C(bytes), C(lines), C(unreadable), C(undated), C(suppressed),
        C(first), C(last), and C(counters), C(signatures), C(plugins) as those of :class:`Tally` (C(None) where nothing
        could be read).
    """
    notes = []
    with acting_as(account), contextlib.ExitStack() as stack:
        opened = _open_all(path, bounds, stack, notes)
        if not opened:
            return _told(log, path, notes, [], 0, None)
        tally, taken = Tally(bounds.since), 0
        deadline = clock() + bounds.seconds
        for one, size in reversed(_shares(opened, bounds.size, notes)):
            taken += _take(one, size, tally, deadline, clock, notes)
    return _told(log, path, notes, [one.path for one in opened], taken, tally)


def _open_all(path, bounds, stack, notes):
    """Open the files of a log that may hold something of the time asked for, the newest first.

    All of them before the first is read: a rotation meanwhile renames them, and takes nothing away.
    """
    directory, name = os.path.split(path)
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry, _count in zip(entries, range(_MAX_ENTRIES))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        notes.append("%s: %s" % (directory, error.strerror))
        return []
    plain, packed = family(name, names)
    notes += ["%s is packed and not read" % os.path.join(directory, other) for other in sorted(packed)[:MAX_FILES]]
    opened = [found for other in plain if (found := _open(os.path.join(directory, other), stack, notes))]
    opened.sort(key=lambda one: (one.changed, one.path), reverse=True)
    opened = [one for one in opened if one.changed >= bounds.since]
    if len(opened) > MAX_FILES:
        notes.append("%d files, of which the newest %d are read" % (len(opened), MAX_FILES))
    return opened[:MAX_FILES]


def _open(path, stack, notes):
    try:
        # A FIFO must not hold us up, and a link must not turn our eyes elsewhere.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        link = error.errno == errno.ELOOP
        notes.append("%s: %s" % (path, "a symbolic link, which is not followed" if link else error.strerror))
        return None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        notes.append("%s: not a regular file" % path)
        return None
    stream = stack.enter_context(os.fdopen(handle, "rb", buffering=0))
    return _Opened(path, stream, facts.st_size, facts.st_mtime)


def _shares(opened, size, notes):
    """Return (file, bytes of its end to read), the newest first, as far as the bytes suffice."""
    shares = []
    for one in opened:
        share = min(one.size, size)
        size -= share
        shares.append((one, share))
        if share < one.size:
            notes.append("%s: the last %d of %d bytes are read" % (one.path, share, one.size))
    return shares


def _take(one, size, tally, deadline, clock, notes):
    """Feed the last lines of a file to a tally; returns the number of bytes read."""
    left, rest = size, b""
    # What is cut off at the front is no line, and neither is what is too long.
    skipping = size < one.size
    one.stream.seek(one.size - size)
    while left > 0:
        if clock() > deadline:
            notes.append("%s: no time for the last %d bytes" % (one.path, left))
            return size - left
        chunk = one.stream.read(min(_CHUNK, left))
        if not chunk:
            notes.append("%s: it was cut short while it was read" % one.path)
            break
        left -= len(chunk)
        if skipping:
            _cut_off, found, chunk = chunk.partition(b"\n")
            skipping = not found
        whole = chunk.rfind(b"\n") + 1
        if whole:
            tally.take_block(rest + chunk[:whole])
            rest = b""
        rest = b"" if skipping else rest + chunk[whole:]
        if len(rest) > MAX_LINE:
            tally.unreadable += 1
            skipping, rest = True, b""
    if not skipping and rest:
        tally.take(rest)
    return size - left


def _told(log, path, notes, files, taken, tally):
    told = {"log": log, "path": path, "read": tally is not None, "complete": tally is not None and not notes,
            "notes": notes, "files": sorted(files), "bytes": taken}
    if tally is None:
        return dict(told, lines=0, unreadable=0, undated=0, suppressed=0, first=None, last=None, counters=None,
                    signatures=None, plugins=None)
    return dict(
        told,
        lines=tally.lines,
        unreadable=tally.unreadable,
        undated=tally.undated,
        suppressed=tally.suppressed,
        first=_moment(tally.first),
        last=_moment(tally.last),
        counters=tally.counters(),
        signatures=dict(tally.signatures),
        plugins=dict(tally.plugins),
    )


def _moment(at):
    return None if at is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
