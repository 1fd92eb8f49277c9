# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever bytes a server sends: an answer or a WireError, in time, without keeping more than the limits allow."""
import json
import random
import socket
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import http, rpc, websocket
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import Deadline, Wire, WireError
from gateway_peers import HELLO, MISMATCH, frame

ROUNDS = 1500
SEED = 20261121

RESPONSES = [
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n" + b'{"ok":true,"status":"live"}',
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
]
CONVERSATIONS = [
    frame(1, json.dumps({"type": "event", "event": "connect.challenge"}).encode())
    + frame(1, json.dumps({"type": "res", "id": "1", "ok": True, "payload": HELLO}).encode()),
    frame(9, b"ping") + frame(1, json.dumps({"type": "res", "id": "1", "ok": False, "error": MISMATCH}).encode())
    + frame(8, b"\x03\xf0unauthorized"),
    frame(1, b'{"type":"res",', final=False) + frame(10) + frame(0, b'"id":"1","ok":true,"payload":{}}'),
]


def mutated(draw, data):
    """The bytes after one to four random injuries."""
    data = bytearray(data)
    for _injury in range(draw.randint(1, 4)):
        at = draw.randrange(len(data) + 1)
        kind = draw.randrange(5)
        if kind == 0 and data:
            data[at % len(data)] = draw.randrange(256)
        elif kind == 1:
            del data[at:at + draw.randrange(1, 40)]
        elif kind == 2:
            data[at:at] = bytes(draw.randrange(256) for _byte in range(draw.randrange(1, 40)))
        elif kind == 3:
            del data[at:]
        else:
            data += data[at:]
    return bytes(data)


def preloaded(data):
    """A connected socket with these bytes to read and then the end."""
    client, server = socket.socketpair()
    server.sendall(data)
    server.shutdown(socket.SHUT_WR)
    return client, server


@pytest.mark.parametrize("samples, talk", [
    (RESPONSES, lambda wire: http.get_json(wire, "/healthz", "h", {})),
    (CONVERSATIONS, lambda wire: rpc.Session(websocket.WebSocket(wire)).connect({"token": "t"})),
], ids=["http", "rpc"])
def test_injured_answers(samples, talk):
    draw, outcomes, start = random.Random(SEED), set(), time.monotonic()
    for turn in range(ROUNDS):
        data = mutated(draw, draw.choice(samples))
        client, server = preloaded(data)
        try:
            talk(Wire(client, Deadline(1.0)))
            outcomes.add("answer")
        except WireError as error:
            assert error.code != "timeout", "round %d of seed %d hung" % (turn, SEED)
            assert len(error.reason) < 400 and error.reason.isprintable()
            outcomes.add(error.code)
        finally:
            client.close()
            server.close()
    assert time.monotonic() - start < 20
    # The injuries must reach different corners, or the test tests nothing.
    assert len(outcomes) >= 5 and "answer" in outcomes
