# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A host that checks its Gateway by itself: where the parts of that lie, and what its status file says.

The status is in the hands of the Gateway's account, so nothing in it is taken on trust: every value is of the type that
it should be, or not told.
"""

from __future__ import annotations

import json
import os
import stat
from typing import NamedTuple

#: Apart from everything of OpenClaw's, which tidies its own directories.
TOP = "/Library/Application Support/clawops.openclaw"
#: What :mod:`_smoke.check` writes.
SCHEMA_VERSION = 1
#: Intervals without a word after which a check counts as silent, and seconds of the outages that are told.
SILENCE, DAY = 3, 86400
#: Seconds that a status may be ahead of the clock.
_AHEAD = 60
_LIMIT, _TEXT, _OUTAGES = 65536, 200, 16


class Place(NamedTuple):
    """Where the parts lie.

    :param label: launchd label of the job. :param directory: of all that belongs to one Gateway; root's.
    :param script: what the job runs. :param writable: the one directory that the Gateway's account may write to.
    :param status: the file in it.
    """

    label: str
    directory: str
    script: str
    writable: str
    status: str


def place(label, top=TOP):
    """Return the :class:`Place` of the check of a Gateway.

    :param label: launchd label of the Gateway.
    """
    directory = os.path.join(top, label)
    writable = os.path.join(directory, "status")
    return Place(label + ".smoke", directory, os.path.join(directory, "check.py"), writable,
                 os.path.join(writable, "smoke.json"))  # fmt: skip


def is_ours(definition, label):
    """Whether a definition is that of the check of a Gateway, and starts nothing but it."""
    where = place(label)
    arguments = (definition or {}).get("ProgramArguments")
    return (
        (definition or {}).get("Label") == where.label
        and "Program" not in definition
        and isinstance(arguments, list)
        and arguments[1:4] == ["-I", "-B", where.script]
    )


def describe(label, survey, domains, now):
    """Tell whether the host checks its Gateway, and what it saw.

    :param label: of the Gateway. :param survey: C(definitions.Survey).
    :param domains: C(jobs.Domain) of system and gui.
    :param now: seconds since the epoch.
    """
    where = place(label)
    ours = [seen for seen in survey.seen if is_ours(seen.definition, label)]
    installed = True if ours else None if survey.unseen else False
    services = [inside.services for inside in domains]
    loaded = True if any(where.label in (found or {}) for found in services) else None if None in services else False
    interval = _number((ours[0].definition or {}).get("StartInterval")) if ours else None
    told, problem = read(where.status)
    told = parsed(told, now) if told is not None else dict.fromkeys(_TOLD)
    silent, reason = _silent(installed, loaded, interval, told["age_s"], problem)
    return dict(told, label=where.label, path=where.status, installed=installed, loaded=loaded, interval=interval,
                silent=silent, problem=reason)  # fmt: skip


def _silent(installed, loaded, interval, age, problem):
    """Return whether nobody is heard of, and why, as a sentence part that does not change from look to look."""
    if installed is False:
        return True, "it is not installed"
    if loaded is False:
        return True, "launchd does not have its job"
    if problem == "absent":
        return True, "it has not written a status yet"
    if problem is not None:
        return None, "its status cannot be read (%s)" % problem
    if age is None:
        return True, "its status makes no sense"
    if age < -_AHEAD:
        return True, "its status is from the future"
    if interval is not None and age > SILENCE * interval:
        return True, "it has not written its status for more than %d of its intervals" % SILENCE
    return (None if None in (installed, loaded) else False), None


def read(path):
    """Return the bytes of a status, and why there are none: C(absent), or the words of the error."""
    try:
        # No link is followed and no pipe waited for: the account may put there what it likes.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return None, "it is no plain file"
            return stream.read(_LIMIT), None
    except (FileNotFoundError, NotADirectoryError):
        return None, "absent"
    except OSError as error:
        return None, (error.strerror or "it cannot be opened").lower()


_TOLD = ("age_s", "state", "since_s", "failures", "verdicts", "outages")


def parsed(data, now):
    """Return what a status says: C({age_s, state, since_s, failures, verdicts, outages}), null what makes no sense.

    C(outages) are those of the last day, the oldest first.
    """
    told = dict.fromkeys(_TOLD)
    try:
        status = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return told
    if not isinstance(status, dict) or status.get("schema_version") != SCHEMA_VERSION:
        return told
    verdicts, outages = status.get("verdicts"), status.get("outages")
    told.update(
        age_s=_ago(status.get("checked"), now),
        state=status["state"] if status.get("state") in ("healthy", "unhealthy") else None,
        since_s=_ago(status.get("since"), now),
        failures=_number(status.get("failures")),
    )
    if isinstance(verdicts, dict):
        told["verdicts"] = {name: _verdict(verdicts[name]) for name in ("live", "ready") if name in verdicts}
    if isinstance(outages, list):
        found = [_outage(one, now) for one in outages[-_OUTAGES:] if isinstance(one, dict)]
        told["outages"] = [one for one in found if one["lasts"] or (one["ended_s"] or 0) < DAY]
    return told


def _verdict(said):
    said = said if isinstance(said, dict) else {}
    return {name: _text(said.get(name)) for name in ("verdict", "code", "reason")}


def _outage(said, now):
    return {
        "code": _text(said.get("code")),
        "reason": _text(said.get("reason")),
        "checks": _number(said.get("checks")),
        "began_s": _ago(said.get("since"), now),
        "ended_s": _ago(said.get("until"), now),
        "lasts": said.get("until") is None,
    }


def _ago(when, now):
    when = _number(when)
    return None if when is None else round(now - when, 1)


def _number(value):
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53 else None


def _text(value):
    if not isinstance(value, str):
        return None
    return "".join(char if char.isprintable() else " " for char in value[:_TEXT])
