# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a Gateway is asked whether it has taken up another token: in which order, how often, until when."""

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._token import host

OLD, NEW = "the-old-token", "the-new-token"
PATH = "/state/openclaw.json"


class Gateway(host.Gateway):
    """Takes the old token for some questions, then none, then the new one; remembers what it was asked."""

    def __init__(self, clock, old=0, none=0, code="AUTH_TOKEN_MISMATCH", applied=(None, "ok")):
        super().__init__(PATH, 60, lambda: True)
        self.clock, self.old, self.none, self.code = clock, old, none, code
        self.applied = applied
        self.asked, self.read = [], []

    def _probe(self, token, wait_for, expect, config_path=None):
        self.asked.append(token)
        self.read.append(config_path)
        self.clock.now += 0.01
        count = len(self.asked)
        takes = OLD if count <= self.old else None if count <= self.old + self.none else NEW
        failure = None
        if token != takes:
            failure = Failure(self.code, "refused.", "auth", "look.")
        elif expect and self.applied[1] != "ok":
            failure = Failure("config_pending", "not yet.", "config", "wait.")
        auth = "ok" if token == takes else "fail"
        return {"verdicts": {"auth": {"verdict": auth}, "config_applied": {"code": self.applied[0]}}}, failure


class Clock:
    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(host, "time", clock)
    return clock


def test_the_new_token_is_asked_for_once_the_old_one_is_refused(clock):
    gateway = Gateway(clock, old=12)
    gateway.require_accepted(NEW, OLD)
    assert gateway.asked == [OLD] * 13 + [NEW]
    # What it says of the old one shows that it has read the file, however young that is.
    assert gateway.read[-1] is None
    assert clock.now < 3


@pytest.mark.parametrize("former", [None, NEW])
def test_without_an_old_token_the_file_may_be_too_young_to_ask(clock, former):
    gateway = Gateway(clock)
    gateway.require_accepted(NEW, former)
    assert (gateway.asked, gateway.read) == ([NEW], [PATH])


def test_a_change_between_two_questions_is_no_refusal(clock):
    gateway = Gateway(clock, none=2)
    gateway.require_accepted(NEW, OLD)
    assert gateway.asked == [OLD, NEW, OLD, NEW]


@pytest.mark.parametrize(
    ("states", "asked"),
    [
        ({"none": 99}, [OLD, NEW, OLD, NEW]),
        ({"none": 99, "code": "connection_refused"}, [OLD, NEW]),
    ],
)
def test_what_is_refused_is_not_asked_for_ever(clock, states, asked):
    gateway = Gateway(clock, **states)
    with pytest.raises(Failure):
        gateway.require_accepted(NEW, OLD)
    assert gateway.asked == asked


def test_an_old_token_that_is_taken_on_and_on_ends_with_the_time(clock):
    gateway = Gateway(clock, old=10**6)
    with pytest.raises(Failure):
        gateway.require_accepted(NEW, OLD)
    assert gateway.asked[-1] == NEW and gateway.asked.count(NEW) == 1
    assert 60 < clock.now < 62


class Restarting(Gateway):
    """Is away for some questions; then says the same to all."""

    def __init__(self, clock, away, verdict, code="connection_refused"):
        super().__init__(clock)
        self.away, self.verdict, self.reason = away, verdict, code

    def _probe(self, token, wait_for, expect, config_path=None):
        self.asked.append(token)
        verdict = "skipped" if len(self.asked) <= self.away else self.verdict
        return {"verdicts": {"auth": {"verdict": verdict, "code": self.reason, "reason": "so it is"}}}, None


@pytest.mark.parametrize(
    ("away", "verdict", "code", "told", "questions"),
    [
        (0, "fail", "AUTH_TOKEN_MISMATCH", None, 1),
        (4, "fail", "AUTH_TOKEN_MISMATCH", None, 5),
        (4, "ok", None, "old_token_accepted", 5),
        (0, "unknown", "SOMETHING_NEW", "old_token_unproven", 1),
        (0, "unknown", "UNAVAILABLE", "old_token_unproven", 61),
        (99, "fail", "AUTH_TOKEN_MISMATCH", "old_token_unproven", 61),
    ],
)
def test_a_refusal_is_waited_for_while_the_gateway_is_away(clock, away, verdict, code, told, questions):
    gateway = Restarting(clock, away, verdict, code)
    if told is None:
        gateway.require_refused(OLD)
    else:
        with pytest.raises(Failure) as caught:
            gateway.require_refused(OLD)
        assert caught.value.code == told
    assert len(gateway.asked) == questions


@pytest.mark.parametrize(
    ("applied", "code"),
    [
        (("hash_missing", "unknown"), None),
        ((None, "ok"), None),
        (("config_pending", "fail"), "config_pending"),
    ],
)
def test_the_configuration_that_runs(clock, applied, code):
    gateway = Gateway(clock, applied=applied)
    if code is None:
        gateway.require_running(NEW, OLD)
    else:
        with pytest.raises(Failure) as caught:
            gateway.require_running(NEW, OLD)
        assert caught.value.code == code
    assert set(gateway.read) == {None}
