# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only an answer that says it is JSON, and is, counts."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.http import get_json, printable
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import Deadline, Wire, WireError
from gateway_peers import read_head

JSON = b"Content-Type: application/json\r\n"


@pytest.mark.parametrize("answer, wanted", [
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 11\r\n\r\n" + b'{"ok":true}', (200, {"ok": True})),
    (b"HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\n\r\n{}", (200, {})),
    (b"HTTP/1.0 503\r\n" + JSON + b"\r\n" + b'{"ready":false}', (503, {"ready": False})),
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\n" + b'{"a":\r\n2\r\n1}\r\n0\r\n\r\n',
     (200, {"a": 1})),
    (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", "html_answer"),
    (b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html>", "html_answer"),
    (b"HTTP/1.1 200 OK\r\n\r\n{}", "not_json"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{}", "not_json"),
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"\r\n<html>", "garbage"),
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 5\r\n\r\n{}", "connection_closed"),
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 2, 3\r\n\r\n{}", "not_http"),
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: -1\r\n\r\n{}", "not_http"),
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 99999999999\r\n\r\n{}", "too_large"),
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", "too_large"),
    (b"HTTP/1.1 200 OK\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "not_http"),
    (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100 + b"\r\n{}", "too_large"),
    (b"HTTP/1.1 200 OK\r\n" + b"A: " + b"b" * 9000 + b"\r\n\r\n", "too_large"),
    (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "not_http"),
    (b"HTTP/1.1 999 OK\r\n\r\n", "not_http"),
    (b"HTTP/1.1 20 OK\r\n\r\n", "not_http"),
    (b"SSH-2.0-OpenSSH_9.9\r\n", "not_http"),
    (b"\x00\x01\x02\n", "not_http"),
    (b"", "connection_closed"),
])
def test_answers(peer, answer, wanted):
    def script(sock):
        read_head(sock)
        sock.sendall(answer)

    wire = Wire(peer(script), Deadline(2))
    if isinstance(wanted, tuple):
        assert get_json(wire, "/healthz", "127.0.0.1:1", {}) == wanted
    else:
        with pytest.raises(WireError) as caught:
            get_json(wire, "/healthz", "127.0.0.1:1", {})
        assert caught.value.code == wanted


def test_an_endless_body_is_not_kept(peer):
    def script(sock):
        read_head(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n" + JSON + b"\r\n")
        while True:
            sock.sendall(b" " * 65536)

    wire = Wire(peer(script), Deadline(5))
    with pytest.raises(WireError) as caught:
        get_json(wire, "/healthz", "h", {})
    assert caught.value.code == "too_large"
    wire.close()


def test_the_request(peer):
    heads = []

    def script(sock):
        heads.append(read_head(sock))
        sock.sendall(b"HTTP/1.1 200 OK\r\n" + JSON + b"\r\n{}")

    get_json(Wire(peer(script), Deadline(2)), "/readyz", "127.0.0.1:18789", {"X-Forwarded-For": "192.0.2.1"})
    lines = heads[0].split("\r\n")
    assert lines[0] == "GET /readyz HTTP/1.1"
    assert lines.count("Host: 127.0.0.1:18789") == 1
    assert "X-Forwarded-For: 192.0.2.1" in lines


def test_words_of_a_peer_become_one_short_line():
    assert printable("a\r\nb\x1b[31m\x00") == "a  b [31m "
    assert printable("x" * 300) == "x" * 200 + "..."
