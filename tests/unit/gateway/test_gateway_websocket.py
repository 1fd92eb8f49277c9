# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RFC 6455 from the client's side, against servers that keep it and servers that do not."""
import struct
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import websocket
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import Deadline, Wire, WireError
from gateway_peers import frame, read_frame, read_head, upgrade_answer


def opened(peer, script, seconds=2, **changes):
    def run(sock):
        sock.sendall(upgrade_answer(read_head(sock), **changes))
        script(sock)

    return websocket.WebSocket.open(Wire(peer(run), Deadline(seconds)), "/", "127.0.0.1:1", {})


def error_of(call, *args):
    with pytest.raises(WireError) as caught:
        call(*args)
    return caught.value


def test_the_examples_of_the_rfc():
    assert websocket.accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert websocket.frame(1, b"Hello", b"\x37\xfa\x21\x3d") == bytes.fromhex("818537fa213d7f9f4d5158")


@pytest.mark.parametrize("size", [0, 1, 5, 125, 126, 127, 65535, 65536, 70001])
def test_messages_of_every_length_form_go_both_ways(peer, size):
    def echo(sock):
        opcode, payload = read_frame(sock)
        sock.sendall(frame(opcode, payload))
        read_frame(sock)

    socket, text = opened(peer, echo, 5), "x" * size
    socket.send(text)
    assert socket.receive() == text
    socket.close()


@pytest.mark.parametrize("changes, code", [
    ({"Sec-WebSocket-Accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "accept_key_wrong"),
    ({"Sec-WebSocket-Accept": None}, "accept_key_wrong"),
    ({"Upgrade": None}, "websocket_violation"),
    ({"Upgrade": "h2c"}, "websocket_violation"),
    ({"Connection": "keep-alive"}, "websocket_violation"),
    ({"Sec-WebSocket-Extensions": "permessage-deflate"}, "websocket_violation"),
    ({"Sec-WebSocket-Protocol": "chat"}, "websocket_violation"),
])
def test_a_handshake_that_is_none(peer, changes, code):
    with pytest.raises(WireError) as caught:
        opened(peer, lambda sock: None, **changes)
    assert caught.value.code == code


@pytest.mark.parametrize("answer, code", [
    (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", "upgrade_refused_200"),
    (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 44\r\n\r\n" + b'{"error":{"type":"proxy_attribution_required',
     "proxy_attribution_required"),
    (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "upgrade_refused_403"),
    (b"HTTP/1.1 503 X\r\nContent-Length: 9999999999\r\n\r\n", "upgrade_refused_503"),
    (b"SSH-2.0-x\r\n", "not_http"),
    (b"", "connection_closed"),
])
def test_no_upgrade(peer, answer, code):
    def script(sock):
        read_head(sock)
        sock.sendall(answer)

    assert error_of(websocket.WebSocket.open, Wire(peer(script), Deadline(2)), "/", "h", {}).code == code


def test_fragments_with_pings_in_between(peer):
    seen = []

    def script(sock):
        sock.sendall(frame(1, b"one ", final=False) + frame(9, b"are you there"))
        seen.append(read_frame(sock))
        sock.sendall(frame(0, b"two ", final=False) + frame(10, b"") + frame(0, b"", final=False) + frame(0, b"three"))

    assert opened(peer, script).receive() == "one two three"
    assert seen == [(10, b"are you there")]


@pytest.mark.parametrize("sent, code", [
    (frame(1, b"x", reserved=4), "websocket_violation"),                       # compressed, not asked for
    (frame(1, b"x", mask=b"abcd"), "websocket_violation"),
    (frame(0, b"x"), "websocket_violation"),                                   # nothing to continue
    (frame(1, b"x", final=False) + frame(1, b"y"), "websocket_violation"),
    (frame(9, b"x", final=False), "websocket_violation"),
    (frame(9, b"x" * 126), "websocket_violation"),
    (frame(3, b"x"), "websocket_violation"),
    (frame(2, b"x"), "websocket_violation"),                                   # binary: the Gateway speaks text
    (frame(1, b"\xff\xfe"), "websocket_violation"),
    (frame(8, b"x"), "websocket_violation"),
    (frame(1, b"", size=websocket.MESSAGE + 1), "too_large"),
    (frame(1, b"", size=1 << 62), "too_large"),
    (frame(1, b"", size=(1 << 64) - 1), "too_large"),
    ((frame(1, b"x" * 60000, final=False) + frame(0, b"x" * 60000, final=False) * 20), "too_large"),
    (frame(1, b"abc", size=10), "connection_closed"),
    (b"\x81", "connection_closed"),
    (b"", "connection_closed"),
    (frame(8), "close_1005"),
    (frame(8, struct.pack("!H", 1008) + b"unauthorized: gateway token mismatch"), "close_1008"),
    (frame(8, struct.pack("!H", 1012)), "close_1012"),
    (frame(8, struct.pack("!H", 4999) + b"\xff"), "close_4999"),
])
def test_rude_and_parting_servers(peer, sent, code):
    def script(sock):
        sock.sendall(sent)

    error = error_of(opened(peer, script).receive)
    assert error.code == code
    assert error.close_code == (int(code[6:]) if code.startswith("close_") else None)


def test_a_close_is_answered_with_its_own_code_once(peer):
    seen = []

    def script(sock):
        sock.sendall(frame(8, struct.pack("!H", 1008) + b"no"))
        seen.append(read_frame(sock))
        seen.append(sock.recv(100))

    socket = opened(peer, script)
    error_of(socket.receive)
    socket.close()
    for _turn in range(100):
        if len(seen) == 2:
            break
        time.sleep(0.01)
    assert seen == [(8, struct.pack("!H", 1008)), b""]


@pytest.mark.parametrize("piece", [frame(9, b"x"), frame(10), frame(0, b"", final=False)])
def test_a_server_that_only_keeps_busy_meets_the_deadline(peer, piece):
    def script(sock):
        sock.settimeout(0.01)
        sock.sendall(frame(1, b"", final=False))
        while True:
            sock.sendall(piece * 100)
            try:
                sock.recv(65536)
            except TimeoutError:
                pass
            except OSError as error:
                if "timed out" not in str(error):
                    raise

    socket, start = opened(peer, script, 0.5), time.monotonic()
    assert error_of(socket.receive).code in ("timeout", "connection_reset")
    assert time.monotonic() - start < 1.5
    socket.close()
