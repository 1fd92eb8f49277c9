# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Who is at work on a host: what a lock says, and who may have it next. Pure.

A lock is a lease. Whoever holds it renews it before each piece of work and says how long that may take, so that a lock
whose time is over belongs to a run that is gone.
"""

from __future__ import annotations

import json
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Seconds by which the clock of a host may have jumped back before a lock from the future counts as none.
SLACK_S = 300


class Lock(NamedTuple):
    """:ivar run: id of the run that holds it. :ivar holder: who that is, for persons. :ivar controller: the machine it
    was started on. :ivar process: its process there. :ivar since, until: seconds since the epoch, by the host's clock.
    :ivar rollback_point: name of the snapshot that the run began with, or None."""

    run: str
    holder: str
    controller: str
    process: str
    since: float
    until: float
    rollback_point: str | None = None

    def told(self):
        """Return it as plain data, with times as text."""
        return dict(self._asdict(), since=_moment(self.since), until=_moment(self.until))


def _moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def dumps(lock):
    """Return a lock as text."""
    return json.dumps(lock._asdict(), indent=1, sort_keys=True) + "\n"


def loads(text):
    """Return the lock of a text, or None where it is none: then nobody holds it."""
    try:
        found = json.loads(text)
        lock = Lock(**found)
        float(lock.since), float(lock.until)
    except (ValueError, TypeError):
        return None
    return lock


def next_lock(known, asked, now, gone=None):
    """Return the lock that a run gets.

    :param known: the :class:`Lock` that is there, or None. :param asked: the one that the run asks for; its C(since)
        counts only where it is new. :param now: seconds since the epoch. :param gone: id of a run that somebody knows
        to be gone.
    :returns: (:class:`Lock`, the :class:`Lock` of a run that did not end, or None).
    :raises Failure: C(host_locked): another run is at work.
    """
    if known is None:
        return asked, None
    if known.run == asked.run:
        point = asked.rollback_point or known.rollback_point
        return asked._replace(since=known.since, rollback_point=point), None
    if known.run != gone and known.since - SLACK_S <= now < known.until:
        raise held(known, now)
    # What an interrupted run began with is what its successor goes back to.
    return asked._replace(rollback_point=known.rollback_point or asked.rollback_point), known


def without(known, run):
    """Return the lock that is left when a run releases its own: that of another, or None."""
    return None if known is None or known.run == run else known


def held(known, now):
    """Return the refusal of a run that has to wait for another."""
    return Failure(
        "host_locked",
        "%s is at work on this host since %s (run %s on %s)."
        % (known.holder, _moment(known.since), known.run, known.controller),
        "host",
        "wait for that run to end. If it is gone, its lock ends in %d s, at %s."
        % (max(0, round(known.until - now)), _moment(known.until)),
        lock=known.told(),
    )
