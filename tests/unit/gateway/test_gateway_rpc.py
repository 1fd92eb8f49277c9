# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connect handshake and the calls after it."""
import json
import struct

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import codes, rpc
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.websocket import WebSocket
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import Deadline, Wire, WireError
from gateway_peers import HELLO, MISMATCH, frame, read_frame, read_head, upgrade_answer


def session(peer, answers, requests=None):
    """A session whose peer answers each request with the next of `answers` (a function of the request's id)."""
    def script(sock):
        sock.sendall(upgrade_answer(read_head(sock)))
        for answer in answers:
            _opcode, payload = read_frame(sock)
            request = json.loads(payload)
            if requests is not None:
                requests.append(request)
            for message in answer(request["id"]):
                sock.sendall(message if isinstance(message, bytes) else frame(1, json.dumps(message).encode()))

    return rpc.Session(WebSocket.open(Wire(peer(script), Deadline(2)), "/", "h", {}))


def ok(payload):
    return lambda name: [{"type": "res", "id": name, "ok": True, "payload": payload}]


def refused(error, *more):
    return lambda name: [{"type": "res", "id": name, "ok": False, "error": error}, *more]


def test_the_handshake_presents_a_backend_and_no_device(peer):
    requests = []
    assert session(peer, [ok(HELLO)], requests).connect({"token": "t"}) == HELLO
    params = requests[0]["params"]
    assert requests[0]["type"] == "req" and requests[0]["method"] == "connect"
    assert (params["client"]["id"], params["client"]["mode"]) == ("gateway-client", "backend")
    assert (params["minProtocol"], params["maxProtocol"]) == (3, 4)
    assert params["role"] == "operator" and params["scopes"] == ["operator.read"]
    assert params["auth"] == {"token": "t"}
    assert "device" not in params


def test_nothing_is_presented_when_there_is_nothing(peer):
    requests = []
    session(peer, [ok(HELLO)], requests).connect({})
    assert "auth" not in requests[0]["params"]


def test_only_the_response_with_the_right_id_counts(peer):
    def answer(name):
        return [{"type": "event", "event": "tick", "id": name}, {"type": "res", "id": "other", "ok": True},
                {"type": "res", "id": int(name), "ok": True}, {"type": "req", "id": name, "ok": True},
                {"type": "res", "id": name, "ok": True, "payload": {"right": 1}}]

    assert session(peer, [answer]).call("health", {}) == {"right": 1}


def test_a_wrong_token(peer):
    close = frame(8, struct.pack("!H", 1008) + b"unauthorized")
    with pytest.raises(rpc.RpcError) as caught:
        session(peer, [refused(MISMATCH, close)]).connect({"token": "secret-value"})
    error = caught.value
    assert (error.code, error.close_code, error.retry_after) == ("AUTH_TOKEN_MISMATCH", 1008, None)
    assert "token mismatch" in error.reason and "secret-value" not in error.reason


@pytest.mark.parametrize("answer, code", [
    (lambda name: ["{"], "garbage"),
    (lambda name: [frame(1, b"not json")], "garbage"),
    (lambda name: [frame(1, b"[1]")], "garbage"),
    (ok({"type": "hello-no"}), "garbage"),
    (lambda name: [{"type": "res", "id": name, "ok": True, "payload": [1]}], "garbage"),
    (lambda name: [{"type": "res", "id": name, "ok": 1, "payload": HELLO}], "unspecified"),
    (lambda name: [{"type": "res", "id": name}], "unspecified"),
    (refused("text"), "unspecified"),
    (refused({"code": 5, "message": ["x"], "details": "y"}), "unspecified"),
    (refused({"code": "NEW_THING", "message": "?"}), "NEW_THING"),
    (refused({"code": "X", "details": {"code": "A\r\nB"}}), "A  B"),
    (lambda name: [frame(8, struct.pack("!H", 1000))], "close_1000"),
    (lambda name: [], "connection_closed"),
])
def test_answers_that_are_no_hello(peer, answer, code):
    with pytest.raises(WireError) as caught:
        session(peer, [answer]).connect({"token": "t"})
    assert caught.value.code == code


@pytest.mark.parametrize("error, seconds", [
    ({"code": "UNAVAILABLE", "retryAfterMs": 500}, 0.5),
    ({"code": "UNAVAILABLE", "details": {"reason": "startup-sidecars", "retryAfterMs": 250}}, 0.25),
    ({"code": "UNAVAILABLE", "retryAfterMs": 10 ** 12}, 60.0),
    ({"code": "UNAVAILABLE", "retryAfterMs": -1}, None),
    ({"code": "UNAVAILABLE", "retryAfterMs": True}, None),
    ({"code": "UNAVAILABLE", "retryAfterMs": "500"}, None),
    ({"code": "UNAVAILABLE", "retryAfterMs": float("nan")}, None),
    ({"code": "UNAVAILABLE"}, None),
])
def test_retry_after(error, seconds):
    assert rpc.error_of(error).retry_after == seconds


@pytest.mark.parametrize("error, code", [
    ({"code": "FORBIDDEN", "message": "missing", "details": {"code": "MISSING_SCOPE"}}, "MISSING_SCOPE"),
    ({"code": "INVALID_REQUEST", "message": "missing scope: operator.read"}, "MISSING_SCOPE"),
    ({"code": "INVALID_REQUEST", "message": "invalid role"}, "INVALID_ROLE"),
    ({"code": "INVALID_REQUEST", "message": "invalid connect params: at /client/id"}, "INVALID_CONNECT_PARAMS"),
    ({"code": "INVALID_REQUEST", "message": "unknown method: x"}, "UNKNOWN_METHOD"),
    ({"code": "INVALID_REQUEST", "message": "something else"}, "INVALID_REQUEST"),
    ({}, "unspecified"),
])
def test_the_most_telling_code(error, code):
    assert codes.code_of(error) == code
