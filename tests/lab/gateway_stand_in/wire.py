# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP and WebSocket as far as a Gateway's visitors need it: the server's side of RFC 6455, text only."""

import base64
import contextlib
import hashlib
import json
import socket
import struct
import time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_LONGEST = 1 << 20
_REASONS = {101: "Switching Protocols", 200: "OK", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
            405: "Method Not Allowed", 503: "Service Unavailable"}
_ALWAYS = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
           ("Permissions-Policy", "camera=(), microphone=(self), geolocation=()"))


class Gone(Exception):
    """The other side left, or broke the protocol."""


class Request:
    """A request's head. Names of headers are in lower case."""

    def __init__(self, line, headers):
        words = line.split(" ")
        if len(words) != 3:
            raise Gone
        self.method, self.path, self.headers = words[0], words[1].partition("?")[0], headers

    @property
    def stays(self):
        return self.headers.get("connection", "").lower() != "close"

    @property
    def upgrade(self):
        return self.headers.get("upgrade", "").lower() == "websocket"


class Line:
    """One connection."""

    def __init__(self, sock):
        self._sock = sock
        self._in = sock.makefile("rb")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def patience(self, seconds):
        self._sock.settimeout(seconds)

    def close(self):
        for end in (self._in, self._sock):
            with contextlib.suppress(OSError):
                end.close()

    def _exactly(self, size):
        data = self._in.read(size)
        if len(data) < size:
            raise Gone
        return data

    def _send(self, data):
        try:
            self._sock.sendall(data)
        except OSError:
            raise Gone from None

    def request(self):
        """Return the next :class:`Request`, its body read and dropped; None when the other side has finished."""
        first = self._in.readline(65536)
        if not first:
            return None
        headers = {}
        while True:
            row = self._in.readline(65536)
            if row in (b"\r\n", b"\n"):
                break
            name, colon, value = row.decode("latin-1").partition(":")
            if not colon or len(headers) > 200:
                raise Gone
            headers[name.strip().lower()] = value.strip()
        request = Request(first.decode("latin-1").strip(), headers)
        self._exactly(min(int(headers.get("content-length") or 0), _LONGEST))
        return request

    def answer(self, request, status, body, kind="application/json; charset=utf-8", extra=()):
        """Answer with C(body): text, or an object to be sent as JSON."""
        data = (body if isinstance(body, str) else dump(body)).encode("utf-8")
        stays = request.stays
        rows = [*_ALWAYS, *extra, ("Content-Type", kind), ("Content-Length", str(len(data))),
                ("Date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())),
                ("Connection", "keep-alive" if stays else "close")]
        head = "HTTP/1.1 %d %s\r\n" % (status, _REASONS[status]) + "".join("%s: %s\r\n" % row for row in rows) + "\r\n"
        self._send(head.encode("latin-1") + (b"" if request.method == "HEAD" else data))

    def upgrade(self, request):
        """Turn into a WebSocket."""
        key = request.headers.get("sec-websocket-key", "").encode("ascii")
        proof = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode("ascii")
        self._send(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: %s\r\n\r\n" % proof).encode("ascii"))

    def frame(self, opcode, payload):
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        self._send(head + payload)

    def say(self, message):
        self.frame(TEXT, dump(message).encode("utf-8"))

    def hang_up(self, code, reason=""):
        self.frame(CLOSE, struct.pack("!H", code) + reason.encode("utf-8")[:120])

    def hear(self):
        """Return the next text message; None when the other side said goodbye."""
        message = b""
        while True:
            first, second = self._exactly(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self._exactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._exactly(8))
            if size > _LONGEST or not second & 0x80:
                raise Gone
            key = self._exactly(4)
            payload = _unmasked(self._exactly(size), key)
            opcode = first & 0x0F
            if opcode == CLOSE:
                self.frame(CLOSE, payload[:2])
                return None
            if opcode == PING:
                self.frame(PONG, payload)
            elif opcode != PONG:
                message += payload
                if first & 0x80:
                    return message


def _unmasked(payload, key):
    if not payload:
        return payload
    repeated = (key * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
