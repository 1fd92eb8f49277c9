# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that behave badly, each in a way of its own that a random number decides.

A server answers the connections of one look like a healthy Gateway, until a vice takes over. A vice is a function of
the server's socket, the random numbers and the bytes that would have been right.
"""
import contextlib
import json
import socket
import struct
import threading
import time

from gateway_peers import HELLO, frame, header, read_frame, read_head, upgrade_answer

HEALTH = json.dumps({"ok": True, "status": "live", "ready": True, "failing": [], "uptimeMs": 60000}).encode()
PAYLOADS = {"connect": HELLO, "health": {"ok": True},
            "config.get": {"configRevisionHash": "h1", "appliedConfigHash": "h1", "valid": True, "exists": True}}
#: Seconds after which a server gives up by itself: longer than any look of these tests.
_PATIENCE = 5.0
_MEGABYTE = b"x" * (1 << 20)


def _noise(chance, most):
    return bytes(chance.randrange(256) for _byte in range(chance.randrange(1, most)))


def _silent(sock, _chance, _right):
    sock.recv(1)
    while sock.recv(4096):
        pass


def _gone(_sock, _chance, _right):
    """The end, without a word."""


def _reset(sock, _chance, right):
    sock.sendall(right[:1])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _cut(sock, chance, right):
    sock.sendall(right[:chance.randrange(len(right))])


def _drip(sock, chance, right):
    for at in range(len(right)):
        sock.sendall(right[at:at + 1])
        time.sleep(chance.random() / 200)


def _noisy(sock, chance, _right):
    sock.sendall(_noise(chance, 4000))


def _injured(sock, chance, right):
    data = bytearray(right)
    for _injury in range(chance.randint(1, 5)):
        at = chance.randrange(len(data))
        data[at:at + chance.randrange(3)] = _noise(chance, 4)
    sock.sendall(bytes(data))


def _late(sock, chance, right):
    time.sleep(chance.random() / 5)
    sock.sendall(right)


def _for_ever(piece):
    def vice(sock, _chance, _right):
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            sock.sendall(piece)
    return vice


def _endless(beginning, piece):
    def vice(sock, chance, right):
        sock.sendall(beginning)
        _for_ever(piece)(sock, chance, right)
    return vice


def _says(data):
    def vice(sock, _chance, _right):
        sock.sendall(data)
    return vice


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANYWHERE = [_silent, _gone, _reset, _cut, _drip, _noisy, _injured, _late, _for_ever(_MEGABYTE), _for_ever(b"\r\n"),
            _for_ever(b"a")]
IN_HTTP = ANYWHERE + [
    _endless(_OK, b"A: b\r\n"),
    _endless(_OK + b"A: ", _MEGABYTE),
    _endless(_OK + b"\r\n", _MEGABYTE),
    _endless(_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    _says(_OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
    _says(_OK + b"Content-Length: 18446744073709551616\r\n\r\n{}"),
    _says(_OK + b"Content-Length: 4\r\n\r\nnull"),
    _says(_OK + b"\r\n" + b"[" * 60000),
    _says(_OK + b"\r\n" + b'{"uptimeMs": ' + b"9" * 60000 + b"}"),
    _says(_OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0"),
    _says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"),
    _says(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n"),
    _says(b"HTTP/1.1 500 No\r\nContent-Type: application/json\r\n\r\n{}"),
]


def _wrong_upgrade(**changes):
    def vice(sock, _chance, right):
        sock.sendall(upgrade_answer("", **changes) if changes else right.replace(b"Accept: ", b"Accept: x"))
    return vice


IN_UPGRADE = ANYWHERE + [
    _wrong_upgrade(),
    _wrong_upgrade(Upgrade=None),
    lambda sock, _chance, right: sock.sendall(right.replace(
        b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")),
    _says(b"HTTP/1.1 403 No\r\nContent-Type: application/json\r\n\r\n" + b'{"error":"proxy_attribution_required"}'),
    _endless(b"HTTP/1.1 503 No\r\n\r\n", _MEGABYTE),
]
IN_FRAMES = ANYWHERE + [
    _says(frame(1, b"\x78\x9c", reserved=4)),
    _says(frame(1, b"{}", mask=b"abcd")),
    _says(frame(1, b"", size=(1 << 63) - 1)),
    _says(frame(1, b"x", size=1 << 20)),
    _says(frame(8, b"\x03")),
    _says(frame(9, b"x" * 125, final=False)),
    _says(frame(0, b"{}")),
    _says(frame(2, b"{}")),
    _says(frame(3, b"{}")),
    _says(frame(1, b"\xff\xfe")),
    _says(frame(1, b"[" * 100000)),
    _says(frame(1, b'{"type":"res","id":"1","ok":true,"payload":{"n":' + b"9" * 500000 + b"}}")),
    _for_ever(frame(9, b"ping")),
    _for_ever(frame(10)),
    _for_ever(frame(1, b'{"type":"event","event":"tick"}')),
    _for_ever(frame(1, b'{"type":"res","id":"no","ok":true}')),
    _endless(frame(1, b"", final=False), frame(0, b"", final=False)),
    _endless(frame(1, b"x", final=False), frame(0, b"x" * 60000, final=False)),
    lambda sock, chance, _right: sock.sendall(frame(8, _noise(chance, 99))),
]


ODD = [None, True, -1, 1e308, "", "x" * 3000, "\x1b[31m\n", [], [[]], {}, {"code": 5}, [None] * 50]


def strange(chance, value):
    """A value with some of its parts of another kind than they should be."""
    if chance.random() < 0.15:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: strange(chance, item) for key, item in value.items()}
    return [strange(chance, item) for item in value] if isinstance(value, list) else value


class HostileServer:
    """Answers the connections of one look. C(tempted) says how likely a vice is at each point where one can be."""

    def __init__(self, chance, tempted):
        self.chance, self.tempted = chance, tempted
        self.vices, self.tokens = 0, 0
        self._threads = []

    def dial(self, _seconds):
        client, server = socket.socketpair()
        server.settimeout(_PATIENCE)
        thread = threading.Thread(target=self._serve, args=(server,), daemon=True)
        thread.start()
        self._threads.append(thread)
        return client

    def end(self):
        for thread in self._threads:
            thread.join(2 * _PATIENCE)
            assert not thread.is_alive(), "the server still talks to somebody who has gone"

    def _serve(self, sock):
        with contextlib.suppress(OSError, ConnectionError, AssertionError, ValueError), sock:
            head = read_head(sock)
            if header(head, "Upgrade"):
                self._talk(sock, head)
            else:
                self._say(sock, IN_HTTP, _OK + b"Content-Length: %d\r\n\r\n%s" % (len(HEALTH), HEALTH))

    def _say(self, sock, vices, right):
        """Say what is right, or give in. Returns whether it was right."""
        if self.chance.random() >= self.tempted:
            sock.sendall(right)
            return True
        self.vices += 1
        self.chance.choice(vices)(sock, self.chance, right)
        return False

    def _talk(self, sock, head):
        if not self._say(sock, IN_UPGRADE, upgrade_answer(head)):
            return
        event = frame(1, json.dumps({"type": "event", "event": "connect.challenge", "payload": {}}).encode())
        if not self._say(sock, IN_FRAMES, event):
            return
        while True:
            opcode, payload = read_frame(sock)
            if opcode == 8:
                return
            request = json.loads(payload)
            self.tokens += request["method"] == "connect" and "auth" in request["params"]
            answer = {"type": "res", "id": request["id"], "ok": True, "payload": PAYLOADS[request["method"]]}
            if self.chance.random() < self.tempted:
                self.vices += 1
                answer = strange(self.chance, answer)
            if not self._say(sock, IN_FRAMES, frame(1, json.dumps(answer).encode())):
                return
