# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole probes against a stand-in for a Gateway: what is asked, what is answered, and what is not."""
import json
import socket
import struct
import threading
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe, probe, verdict
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from gateway_peers import TOKEN, Refusal

UNAVAILABLE = {"code": "UNAVAILABLE", "message": "starting", "details": {"reason": "startup-sidecars"},
               "retryAfterMs": 50}


class Hanging(tuple):
    """An answer that takes its time: the stand-in unpacks it when it is about to answer."""

    def __new__(cls, seconds):
        made = super().__new__(cls, (200, "application/json", {"ready": True}))
        made.seconds = seconds
        return made

    def __iter__(self):
        time.sleep(self.seconds)
        return super().__iter__()


@pytest.fixture(autouse=True)
def own_addresses(monkeypatch):
    """Knock on an address of our own choice: what this machine is connected to is not under test."""
    monkeypatch.setattr(observe, "addresses", lambda: ["127.0.0.9"])


def ask(to, **changes):
    request = probe.Request(path=observe.tcp_path("127.0.0.1", to), port=to, credential=Credential({"token": TOKEN}),
                            config_path=None, wait_for=None, expect=(), timeout=5.0, request_timeout=2.0)
    return probe.probe(request._replace(**changes))


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_healthy(gateway):
    result, failure = ask(gateway.port, expect=verdict.NAMES)
    assert failure is None and result["state"] == "healthy"
    assert [result["verdicts"][name]["verdict"] for name in verdict.NAMES] == ["ok"] * 8
    assert result["server"] == {"version": "2026.9.6", "boot_id": "boot-1", "uptime_ms": 60000}
    assert (result["attempts"], result["lives"], result["boot_ids"], result["unmet"]) == (1, 1, ["boot-1"], [])
    assert gateway.connections == 3 and len(gateway.connects) == 1


def test_nothing_secret_comes_back(gateway):
    text = json.dumps(ask(gateway.port))
    for secret in (TOKEN, "rs-secret", "dt-secret", "192.0.2.9"):
        assert secret not in text


def test_scopes_that_are_no_text(gateway):
    gateway.hello["auth"]["scopes"] = [None, 5, {"operator.read": 1}]
    assert ask(gateway.port)[0]["verdicts"]["scope"]["code"] == "MISSING_SCOPE"


def test_a_stage_that_hangs_leaves_time_for_the_others(gateway, monkeypatch):
    monkeypatch.setitem(observe.PHASES, "ready", 0.2)
    patient = gateway.http["/readyz"]
    gateway.http["/readyz"] = Hanging(0.6)
    result, failure = ask(gateway.port)
    assert failure is None and result["verdicts"]["ready"]["code"] == "timeout"
    assert result["verdicts"]["ready"]["ms"] < 400 and result["verdicts"]["auth"]["verdict"] == "ok"
    gateway.http["/readyz"] = patient


def test_no_origin_and_no_token_in_any_head(gateway):
    ask(gateway.port)
    for head in gateway.heads:
        assert "origin:" not in head.lower() and TOKEN not in head
        assert head.count("Host: 127.0.0.1:%d" % gateway.port) == 1


def test_a_closed_port_is_told_at_once_and_nothing_more_is_sent(closed_port):
    start = time.monotonic()
    result, failure = ask(closed_port)
    assert time.monotonic() - start < 0.2
    assert failure is None and result["state"] == "down"
    assert result["verdicts"]["exposure"]["verdict"] == "ok"
    assert [name for name in verdict.NAMES if result["verdicts"][name]["verdict"] == "skipped"] == [
        "live", "ready", "auth", "scope", "rpc", "config_applied"]


@pytest.mark.parametrize("wait_for, expect", [(None, ()), (None, ("auth",)), ("authenticated", ()), ("ready", ()),
                                              ("ready", ("auth", "rpc", "exposure")), ("live", ())])
def test_a_wrong_token_is_presented_once(gateway, wait_for, expect):
    result, failure = ask(gateway.port, credential=Credential({"token": "wrong"}), wait_for=wait_for, expect=expect)
    assert len(gateway.connects) == 1
    assert result["state"] == "locked_out"
    assert (failure is None) == (wait_for != "authenticated" and not expect)
    if failure:
        assert (failure.code, failure.layer) == ("AUTH_TOKEN_MISMATCH", "auth")
        assert failure.details["verdict"] == "auth"
        assert result["waited_s"] < 2


@pytest.mark.parametrize("credential, connects", [
    (Credential({}, "token_missing", "none."), 1),
    (Credential({}, "token_reference", "ref."), 0),
    (Credential({}, "config_unreadable", "no."), 0),
])
def test_without_a_token(gateway, credential, connects):
    result, failure = ask(gateway.port, credential=credential, wait_for="authenticated")
    assert failure.code == credential.code and result["state"] == "unknown"
    assert len(gateway.connects) == connects and all("auth" not in params for params in gateway.connects)
    assert result["attempts"] == 1


def test_a_port_nobody_knows(gateway):
    result, failure = ask(gateway.port, path=observe.blind_path("127.0.0.1", "port_unknown", "no port."), port=None,
                          wait_for="ready")
    assert (result["state"], failure.code, gateway.connections) == ("unknown", "port_unknown", 0)
    assert result["verdicts"]["exposure"]["verdict"] == "skipped"


def test_starting_is_waited_for_and_the_invitation_is_kept(gateway):
    looks = []

    def connect(params):
        looks.append(time.monotonic())
        if len(looks) < 4:
            raise Refusal(UNAVAILABLE)
        return gateway.connect(params)

    gateway.rpc["connect"] = connect
    result, failure = ask(gateway.port, wait_for="authenticated")
    assert failure is None and result["state"] == "healthy" and result["attempts"] == 4
    assert all(later - earlier > 0.045 for earlier, later in zip(looks, looks[1:]))


def test_the_last_reason_is_in_the_error(gateway):
    gateway.http["/readyz"] = (503, "application/json", {"ready": False, "failing": ["telegram"]})
    result, failure = ask(gateway.port, wait_for="ready", timeout=0.5)
    assert failure.code == "not_ready" and "telegram" in failure.message
    assert "looks: %d, lives seen: 1" % result["attempts"] in failure.message
    assert result["verdicts"]["auth"]["verdict"] == "ok" and result["state"] == "degraded"
    assert result["attempts"] > 1


def test_never_up_says_that_nothing_listens(closed_port):
    result, failure = ask(closed_port, wait_for="authenticated", timeout=0.3)
    assert (failure.code, result["state"]) == ("connection_refused", "down")
    assert failure.details["unmet"] == ["tcp", "live", "auth", "scope", "rpc"]


def test_a_foreign_listener_ends_the_wait(gateway):
    gateway.http.clear()
    result, failure = ask(gateway.port, wait_for="ready", timeout=5)
    assert (failure.code, result["state"], result["attempts"]) == ("html_answer", "foreign", 1)
    assert "-iTCP:%d " % gateway.port in failure.hint and failure.hint == result["next"]
    assert result["waited_s"] < 1 and not gateway.connects


def story(result):
    return [(passage["state"], passage["code"]) for passage in result["passages"]]


def test_an_outage_that_was_sat_out_is_told(gateway):
    ready = gateway.http["/readyz"]
    gateway.http["/readyz"] = (503, "application/json", {"ready": False, "failing": ["startup-sidecars"]})
    threading.Timer(0.4, gateway.http.update, [{"/readyz": ready}]).start()
    result, failure = ask(gateway.port, wait_for="ready", timeout=10)
    assert failure is None
    assert story(result) == [("starting", "startup_sidecars"), (result["state"], result["code"])]
    assert result["passages"][0]["after_s"] < 0.3 <= result["passages"][1]["after_s"] <= result["waited_s"]


def test_a_single_look_has_one_passage(gateway):
    result, dummy = ask(gateway.port)
    assert story(result) == [("healthy", None)]


def test_stopped(closed_port):
    result, failure = ask(closed_port, wait_for="stopped")
    assert failure is None and result["state"] == "down"
    assert story(result) == [("down", "connection_refused")]


def test_not_stopped(gateway):
    result, failure = ask(gateway.port, wait_for="stopped", timeout=0.3)
    assert failure.code == "still_running" and result["state"] == "healthy"


def test_a_storm(gateway):
    boots = iter("abcdefgh")

    def hello(params):
        gateway.hello["server"]["bootId"] = next(boots)
        gateway.hello["snapshot"]["uptimeMs"] = 10
        return gateway.hello

    gateway.rpc["connect"] = hello
    gateway.config["configRevisionHash"] = "h2"
    result, failure = ask(gateway.port, wait_for="authenticated", expect=("config_applied",))
    assert (failure.code, result["lives"], result["boot_ids"]) == ("respawning", 3, ["a", "b", "c"])


def test_config_is_waited_for(gateway):
    gateway.config["configRevisionHash"] = "h2"
    threading.Timer(0.4, gateway.config.update, [{"configRevisionHash": "h1"}]).start()
    result, failure = ask(gateway.port, wait_for="authenticated", expect=("config_applied",))
    assert failure is None and result["attempts"] > 1 and result["waited_s"] >= 0.3


def test_the_token_is_held_back_while_the_file_is_fresh(gateway, tmp_path):
    path = tmp_path / "openclaw.json"
    path.write_text("{}")
    start = time.monotonic()
    result, failure = ask(gateway.port, config_path=str(path), wait_for="authenticated", settle=0.5)
    assert failure is None and result["attempts"] == 2 and len(gateway.connects) == 1
    assert 0.4 < time.monotonic() - start < 1.5
    # A Gateway that started after the change has read it.
    gateway.http["/readyz"] = (200, "application/json", {"ready": True, "uptimeMs": 1})
    path.write_text("{ }")
    time.sleep(0.01)
    result, failure = ask(gateway.port, config_path=str(path), wait_for="authenticated", settle=0.5)
    assert result["attempts"] == 1 and result["state"] == "healthy"


def test_another_configuration_file_is_told(gateway, tmp_path):
    own, other = tmp_path / "a.json", tmp_path / "b.json"
    for path in (own, other):
        path.write_text("{}")
    (tmp_path / "link.json").symlink_to(own)
    gateway.http["/readyz"] = (200, "application/json", {"ready": True, "uptimeMs": 0})
    gateway.config["path"] = str(tmp_path / "link.json")
    assert ask(gateway.port, config_path=str(own))[0]["verdicts"]["config_applied"]["code"] != "other_config"
    gateway.config["path"] = str(other)
    result, failure = ask(gateway.port, config_path=str(own), expect=("config_applied",))
    assert failure.code == "other_config" and str(other) in failure.message and str(own) in failure.message


def test_exposed(gateway, monkeypatch):
    monkeypatch.setattr(observe, "addresses", lambda: ["127.0.0.1", "127.0.0.9"])
    result, failure = ask(gateway.port, expect=("exposure",))
    assert (result["state"], failure.code) == ("exposed", "port_open")
    assert "127.0.0.1" in failure.message and "127.0.0.9" not in result["verdicts"]["exposure"]["reason"]


def test_addresses_that_cannot_be_listed_are_unknown(gateway, monkeypatch):
    def broken():
        raise OSError("no")

    monkeypatch.setattr(observe, "addresses", broken)
    result, _failure = ask(gateway.port)
    assert (result["state"], result["verdicts"]["exposure"]["code"]) == ("unknown", "addresses_unknown")


def test_a_server_that_takes_connections_and_says_nothing_meets_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as server:
        start = time.monotonic()
        result, _failure = ask(server.getsockname()[1], request_timeout=0.3)
        assert time.monotonic() - start < 1.0
    assert (result["state"], result["code"]) == ("unresponsive", "timeout")


def test_a_hello_full_of_nonsense(gateway):
    gateway.hello.update(server=[1], snapshot={"uptimeMs": float("inf"), "appliedConfigHash": 5}, auth={"scopes": "x"})
    gateway.config.update(configRevisionHash={}, path=7, valid="no")
    result, _failure = ask(gateway.port)
    assert result["server"] == {"version": None, "boot_id": None, "uptime_ms": 60000}
    assert result["state"] == "degraded" and result["verdicts"]["scope"]["code"] == "MISSING_SCOPE"


def test_a_peer_that_resets():
    with socket.create_server(("127.0.0.1", 0)) as server:
        def reset():
            sock, _address = server.accept()
            sock.recv(10)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

        thread = threading.Thread(target=reset, daemon=True)
        thread.start()
        result, _failure = ask(server.getsockname()[1])
        thread.join(2)
    assert (result["state"], result["code"]) == ("unresponsive", "connection_reset")


def test_a_host_short_of_memory_is_asked_less_and_it_is_said(gateway):
    light = {"deferred": ("health", "config"), "because": "memory pressure is critical"}
    result, failure = ask(gateway.port, **light)
    told = {name: result["verdicts"][name] for name in ("rpc", "config_applied")}
    assert failure is None and {one["code"] for one in told.values()} == {"deferred"}
    assert all("memory pressure is critical" in one["reason"] and one["ms"] is None for one in told.values())
    assert result["verdicts"]["auth"]["verdict"] == "ok"
    assert (result["state"], result["code"]) == ("unknown", "deferred")
    # What somebody asks for by name is asked for all the same.
    result, failure = ask(gateway.port, wait_for="authenticated", **light)
    assert failure is None and result["verdicts"]["rpc"]["verdict"] == "ok"
    assert result["verdicts"]["config_applied"]["code"] == "deferred"
