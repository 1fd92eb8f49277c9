# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template for clients: alone, against a Gateway's stand-in, and as its page shows it."""
import re
import runpy
import sys
import types
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import codes, observe, rpc
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.websocket import WebSocket
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import Deadline, Wire, WireError

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/unit/gateway"))
from gateway_peers import MISMATCH, FakeGateway, Refusal

backoff = types.SimpleNamespace(**runpy.run_path(str(ROOT / "docs/dependents/backoff.py")))
#: Codes that the Gateway or the WebSocket says to a client; the others are words of this collection's own.
SAID = {code: row for code, row in codes.CODES.items() if code.isupper() or code.startswith("close_")}


class Enough(Exception):
    """A test has seen what it wants to see."""


class Clock:
    def __init__(self):
        self.now, self.slept = 1000.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def longest(low, high):
    return high


def run(ends, **options):
    """Run sessions that end as given: (seconds it lasted, what it raises or None). Returns clock and words said."""
    clock, said, ends = Clock(), [], iter(ends)

    def session():
        lasted, ended = next(ends, (0, Enough()))
        clock.now += lasted
        if ended:
            raise ended

    patient = backoff.Backoff(uniform=longest, **options)
    with pytest.raises((Enough, backoff.Refused)) as stopped:
        backoff.stay_connected(session, patient, said.append, clock, clock.sleep)
    return clock.slept, said, stopped.value


@pytest.mark.parametrize("code", sorted(SAID))
def test_what_may_pass_by_itself_is_tried_again_and_nothing_else(code):
    assert backoff.is_final(code) is not SAID[code].passing


def test_waits_double_up_to_the_cap():
    slept, said, _ended = run([(0, ConnectionRefusedError())] * 9)
    assert slept == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert said[0] == "the Gateway is away (ConnectionRefusedError); again in 1.0 s."


def test_half_of_a_wait_is_chance():
    seen = {round(backoff.Backoff(first=8).after(0), 3) for _time in range(50)}
    assert len(seen) > 10 and all(4 <= seconds <= 8 for seconds in seen)


def test_only_a_stable_connection_begins_anew():
    closed = backoff.Ended("close_1012")
    slept = run([(0, closed), (59, closed), (1, closed), (60, closed), (0, None), (3600, None)])[0]
    assert slept == [1, 2, 4, 1, 2, 1]


def test_no_sooner_than_the_gateway_asks():
    slept = run([(0, backoff.Ended("UNAVAILABLE", 7.5)), (0, backoff.Ended("UNAVAILABLE", 0.5))])[0]
    assert slept == [7.5, 2]


@pytest.mark.parametrize("code", ["AUTH_TOKEN_MISMATCH", "PAIRING_REQUIRED", "AUTH_RATE_LIMITED", "close_1008"])
def test_a_refusal_is_the_last_word(code):
    slept, _said, stopped = run([(0, backoff.Ended("close_1006")), (3600, backoff.Ended(code))])
    assert slept == [1] and code in str(stopped) and isinstance(stopped, backoff.Refused)


def test_a_defect_of_the_client_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        backoff.stay_connected(lambda: 1 / 0, say=print, sleep=lambda seconds: None)


def talk(port, token):
    """A client of the kind that the page speaks of: connects, and waits until the Gateway hangs up."""
    path = observe.tcp_path("127.0.0.1", port)
    wire = Wire(path.dial(2), Deadline(2))
    try:
        client = rpc.Session(WebSocket.open(wire, "/", path.host, path.headers))
        client.connect({"token": token})
        client.call("health", {})
    except rpc.RpcError as error:
        raise backoff.Ended(error.code, error.retry_after) from None
    except WireError as error:
        raise backoff.Ended(error.code) from None
    finally:
        wire.close()


def test_against_a_gateway_that_restarts_and_then_has_another_token():
    gateway, clock, said = FakeGateway(), Clock(), []
    starting = {"code": "UNAVAILABLE", "message": "starting", "retryable": True, "retryAfterMs": 1500}
    answers = [Refusal(starting), Refusal(starting), None, Refusal(MISMATCH, 1008)]

    def connect(params):
        answer = answers.pop(0)
        if answer:
            raise answer
        return gateway.hello

    gateway.rpc["connect"] = connect
    try:
        with pytest.raises(backoff.Refused, match="AUTH_TOKEN_MISMATCH"):
            backoff.stay_connected(
                lambda: talk(gateway.port, "x" * 24), backoff.Backoff(uniform=longest), said.append, clock, clock.sleep
            )
    finally:
        gateway.close()
    assert clock.slept == [1.5, 2, 4] and answers == []
    assert "UNAVAILABLE" in said[0] and "close_1000" in said[2]


def test_the_example_of_the_page_runs(monkeypatch, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/dependents.md").read_text("utf-8"), re.DOTALL)

    def refuse():
        raise backoff.Ended("AUTH_TOKEN_MISMATCH")

    monkeypatch.setitem(sys.modules, "my_client", types.SimpleNamespace(talk=refuse))
    monkeypatch.setitem(sys.modules, "backoff", backoff)
    with pytest.raises(SystemExit) as ended:
        exec(compile(example, "docs/dependents.md", "exec"), {})
    assert ended.value.code == 0 and "AUTH_TOKEN_MISMATCH" in capsys.readouterr().err
