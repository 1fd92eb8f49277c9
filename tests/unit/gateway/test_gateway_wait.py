# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting on a clock of our own."""
import itertools

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import goals, wait
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.verdict import NAMES


class Clock:
    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Look:
    def __init__(self, alive=True, boot_id=None, started=None, retry_after=None, how=None):
        self.alive, self.boot_id, self.started, self.retry_after, self.how = alive, boot_id, started, retry_after, how


def run(looks, seconds=60.0, request=10.0, cost=0.0, draws=None, processes=None):
    clock, allowed, looks = Clock(), [], iter(looks)
    told = None if processes is None else iter(processes)

    def look(limit):
        allowed.append(limit)
        clock.now += cost
        return next(looks)

    end = wait.wait(look, lambda seen: seen.how, seconds, request, clock, clock.sleep,
                    itertools.repeat(1.0) if draws is None else iter(draws),
                    None if told is None else lambda: wait.Process(*next(told)))
    return end, clock, allowed


def test_delays_are_fully_jittered_and_grow_to_the_cap():
    highs = []
    series = wait.delays(lambda low, high: highs.append((low, high)) or high)
    drawn = [next(series) for _count in range(8)]
    assert highs[0] == (0.0, wait.BASE) and all(low == 0.0 for low, _high in highs)
    assert drawn[:3] == [wait.BASE, wait.BASE * 2, wait.BASE * 4]
    assert drawn[-1] == wait.CAP
    assert all(0 <= delay <= wait.CAP for delay, _turn in zip(wait.delays(), range(200)))


def test_reached_at_once_waits_for_nothing():
    end, clock, _allowed = run([Look(how="reached")])
    assert (end.how, end.attempts, end.waited, clock.slept) == ("reached", 1, 0.0, [])


def test_it_looks_until_reached():
    end, clock, _allowed = run([Look(False), Look(False), Look(how="reached")])
    assert (end.how, end.attempts, clock.slept) == ("reached", 3, [1.0, 1.0])


def test_a_hopeless_look_is_the_last():
    assert run([Look(False), Look(how="hopeless")])[0].how == "hopeless"


def test_the_invitation_to_come_back_later_is_kept():
    _end, clock, _allowed = run([Look(retry_after=2.5), Look(retry_after=0.25), Look(how="reached")], draws=[0.5, 0.5])
    assert clock.slept == [2.5, 0.5]


def test_the_deadline():
    end, clock, allowed = run(itertools.repeat(Look(False)), seconds=3.5, request=2.0)
    assert end.how == "timeout" and end.waited == pytest.approx(3.5)
    assert clock.slept == [1.0, 1.0, 1.0, 0.5]
    # The last look still gets a second, so that it says what is wrong and not that time is up.
    assert allowed == [2.0, 2.0, 1.5, 1.0, 1.0]


def test_slow_looks_count_against_the_deadline():
    end, _clock, _allowed = run(itertools.repeat(Look()), seconds=20.0, cost=10.0)
    assert (end.how, end.attempts) == ("timeout", 2)


def test_zero_seconds_is_one_look():
    assert run(itertools.repeat(Look()), seconds=0.0)[0].attempts == 1


@pytest.mark.parametrize("looks, lives", [
    ([Look(False), Look(True), Look(True)], 1),
    ([Look(True, "a"), Look(True, "a")], 1),
    ([Look(True, "a"), Look(True), Look(True, "a")], 1),
    ([Look(True, "a"), Look(True, "b")], 2),
    ([Look(True), Look(False), Look(True)], 2),
    ([Look(True, None, 100.0), Look(True, None, 101.5)], 1),
    ([Look(True, None, 100.0), Look(True, None, 130.0)], 2),
    ([Look(True, None, 100.0), Look(False), Look(True, None, 130.0)], 2),
    ([Look(True, None, 100.0), Look(False), Look(True), Look(True, "b", 130.0)], 2),
])
def test_lives(looks, lives):
    counted = wait.Lives()
    for look in looks:
        counted.note(look.alive, look.boot_id, look.started)
    assert counted.count == lives


def test_the_third_life_is_a_storm():
    end, _clock, _allowed = run([Look(True, "a"), Look(False), Look(True, "b"), Look(False), Look(True, "c"), Look()])
    assert (end.how, end.attempts, end.lives.boot_ids) == ("storm", 5, ["a", "b", "c"])


def test_one_restart_is_no_storm():
    assert run([Look(True, "a"), Look(False), Look(True, "b", how="reached")])[0].how == "reached"


def vector(**changed):
    result = {name: {"verdict": "ok", "code": None} for name in NAMES}
    for name, code in changed.items():
        result[name] = {"verdict": "skipped" if code == "not_reached" else "fail", "code": code}
    return result


@pytest.mark.parametrize("seen, names, hopeless", [
    (vector(), goals.GOALS["authenticated"], None),
    (vector(tcp="connection_refused", live="not_reached", auth="not_reached"), goals.GOALS["authenticated"], None),
    (vector(tcp="name_unknown"), goals.GOALS["live"], "tcp"),
    (vector(live="html_answer"), goals.GOALS["live"], "live"),
    (vector(auth="AUTH_TOKEN_MISMATCH"), goals.GOALS["authenticated"], "auth"),
    (vector(auth="AUTH_TOKEN_MISMATCH"), goals.GOALS["ready"], None),
    (vector(auth="NOBODY_KNOWS"), goals.GOALS["authenticated"], "auth"),
    (vector(auth="UNAVAILABLE", rpc="UNAVAILABLE"), goals.GOALS["authenticated"], None),
    (vector(auth="config_fresh"), goals.GOALS["authenticated"], None),
    (vector(config_applied="config_pending"), ("config_applied",), None),
    (vector(config_applied="config_invalid"), ("config_applied",), "config_applied"),
])
def test_what_waiting_will_not_mend(seen, names, hopeless):
    assert goals.hopeless(seen, names) == hopeless


def test_stopped_is_a_refusal_and_nothing_else():
    assert goals.stopped(vector(tcp="connection_refused"))
    assert not goals.stopped(vector(tcp="timeout")) and not goals.stopped(vector())


@pytest.mark.parametrize("processes, lives", [
    ([(10, 1), (None, 1), (11, 2), (None, 2), (12, 3)], 3),           # each seen
    ([(None, 7), (None, 8), (None, 9), (None, 10)], 3),               # none seen, but counted
    ([(10, None), (11, None), (12, None)], 3),                        # a supervisor that does not count
])
def test_a_process_that_ends_before_it_listens_is_a_storm(processes, lives):
    end, _clock, _allowed = run([Look(False)] * len(processes), processes=processes)
    assert (end.how, end.lives.count, end.attempts) == ("storm", lives, len(processes))


def test_a_gateway_that_begins_anew_inside_its_process_is_no_storm():
    looks = [Look(True, "a"), Look(False), Look(True, "b"), Look(False), Look(True, "c")]
    end, _clock, _allowed = run([*looks, Look(True, "c", how="reached")], processes=[(10, 4)] * 6)
    assert (end.how, end.lives.count) == ("reached", 1)


def test_a_process_that_stays_is_waited_for():
    end, _clock, _allowed = run([Look(False)] * 5 + [Look(how="reached")], processes=[(10, 4)] * 5)
    assert (end.how, end.lives.count) == ("reached", 1)
