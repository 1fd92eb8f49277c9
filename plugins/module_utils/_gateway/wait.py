# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Waiting for a Gateway: exponential backoff with full jitter, one deadline, an end as soon as waiting is pointless."""

from __future__ import annotations

import random
import time
from typing import NamedTuple, Optional

from .goals import STORM

#: The first delay is drawn from 0 to BASE seconds, the next from twice that, up to CAP.
BASE, FACTOR, CAP = 0.2, 2.0, 2.0

#: Tolerance in seconds when two looks are compared by the start time that follows from the uptime they report.
_DRIFT = 2.0

#: No look is given less than this many seconds, so that the last one says what is wrong and not only that time is up.
_SHORTEST_LOOK = 1.0


def delays(draw=random.uniform):
    """Yield delays in seconds, for ever: full jitter, so that a fleet does not knock in step.

    :param draw: function of (low, high) that returns a float between.
    """
    ceiling = BASE
    while True:
        yield draw(0.0, ceiling)
        ceiling = min(CAP, ceiling * FACTOR)


class Process(NamedTuple):
    """What the supervisor says of the Gateway's process: its pid, and how often it was started, where that is told."""

    pid: Optional[int]
    runs: Optional[int]


class Lives:
    """Counts how many different lives of a Gateway a series of looks has met."""

    def __init__(self):
        self.boot_ids = []
        self._answering = 0
        self._alive = False
        self._started = None
        self._first = None
        self._runs = 0
        self._pids = set()

    @property
    def count(self):
        """Processes that the supervisor started; where it shows none, lives that answered, if those are more.

        A Gateway that takes another configuration begins anew inside its process, and may do so twice in a few seconds.
        """
        started = max(self._runs, len(self._pids))
        return started if self._pids else max(self._answering, started)

    def note_process(self, process):
        """Take a :class:`Process` into account: one that ends before it listens shows itself to nobody else."""
        if process.pid is not None:
            self._pids.add(process.pid)
        if process.runs is not None:
            if self._first is None:
                self._first = process.runs - (process.pid is not None)
            self._runs = process.runs - self._first

    def note(self, alive, boot_id=None, started=None):
        """Take one look into account.

        :param alive: whether anything took the connection.
        :param boot_id: identity of the run, where the look got that far.
        :param started: when it started, on the looks' own clock, in seconds, where the look got that far.
        """
        if alive:
            restarted = started is not None and self._started is not None and started - self._started > _DRIFT
            renamed = boot_id is not None and self.boot_ids and boot_id not in self.boot_ids
            if not self._alive or restarted or renamed:
                self._answering += 1
                self._started = None
            if started is not None:
                self._started = started
            if boot_id is not None and boot_id not in self.boot_ids:
                self.boot_ids.append(boot_id)
        self._alive = alive


class End:
    """How a wait ended.

    C(how) is C(reached), C(hopeless), C(storm) or C(timeout); C(look) the last look; C(attempts) int;
    C(waited) float seconds; C(lives) :class:`Lives`.
    """

    def __init__(self, how, look, attempts, waited, lives):
        self.how = how
        self.look = look
        self.attempts = attempts
        self.waited = waited
        self.lives = lives


def wait(look, decide, seconds, request_seconds, clock=time.monotonic, sleep=time.sleep, draws=None, process=None):
    """Look again and again until decided.

    :param look: function of the seconds allowed that returns an object with C(alive), C(boot_id), C(started) (see
        :meth:`Lives.note`) and C(retry_after) (seconds, or None).
    :param decide: function of a look that returns C(reached), C(hopeless) or None for "not yet".
    :param seconds: when these are over the last look begins.
    :param request_seconds: most seconds for one look.
    :param draws: iterator of delays in seconds, :func:`delays` unless given.
    :param process: function that returns a :class:`Process`, or None where there is no supervisor to ask.
    :returns: :class:`End`.
    """
    draws = delays() if draws is None else draws
    begin, lives, attempts = clock(), Lives(), 0
    while True:
        left = seconds - (clock() - begin)
        seen = look(min(request_seconds, max(left, _SHORTEST_LOOK)))
        attempts += 1
        lives.note(seen.alive, seen.boot_id, seen.started)
        how = decide(seen)
        if how is None and process:
            lives.note_process(process())
        if how is None and lives.count >= STORM:
            how = "storm"
        left = seconds - (clock() - begin)
        if how is None and left <= 0:
            how = "timeout"
        if how is not None:
            return End(how, seen, attempts, clock() - begin, lives)
        sleep(min(left, max(next(draws), seen.retry_after or 0.0)))
