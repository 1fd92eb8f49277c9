# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A WebSocket client (RFC 6455) over any connected socket: no extension, no subprotocol, text messages only."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import struct

from .http import UNTRUSTED, printable, read_body, read_head, request
from .wire import WireError

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#: Largest message taken. A healthy hello is about 16 KiB; a JSON text of this size decodes to less than 60 MiB.
MESSAGE = 1 << 20

_CONTINUATION, _TEXT, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x8, 0x9, 0xA


def accept_key(key):
    """Return the Sec-WebSocket-Accept value that proves a server read I(key) (bytes in, text out)."""
    return base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode("ascii")


def mask(payload, key):
    """Return I(payload) XORed with the repeated four byte I(key)."""
    if not payload:
        return b""
    repeated = (key * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")


def frame(opcode, payload, key):
    """Return one final masked client frame as bytes.

    :param key: four random bytes.
    """
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + key + mask(payload, key)


def _rude(reason):
    return WireError("websocket_violation", "the server broke the WebSocket protocol: %s." % reason)


def refusal_code(status, body):
    """Return the code for an upgrade answered with I(status) and I(body) instead of 101."""
    return UNTRUSTED.decode() if UNTRUSTED in body else "upgrade_refused_%d" % status


class WebSocket:
    """An open WebSocket. :meth:`open` makes one.

    :param wire: :class:`wire.Wire` on which the upgrade has been done.
    """

    def __init__(self, wire):
        self.wire = wire
        self._closed = False

    @classmethod
    def open(cls, wire, path, host, headers):
        """Do the opening handshake.

        :param host: value of the Host header.
        :param headers: mapping of further headers. No Origin is sent unless it is in there.
        :raises WireError: C(proxy_attribution_required), C(upgrade_refused_NNN), C(accept_key_wrong),
            C(websocket_violation), or what the wire raises.
        """
        key = base64.b64encode(os.urandom(16))
        wire.send(request("GET", path, host, dict({
            "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key.decode("ascii")}, **headers)))
        head = read_head(wire)
        if head.status != 101:
            try:
                body = read_body(wire, head)
            except WireError:  # the status alone already says it
                body = b""
            raise WireError(refusal_code(head.status, body),
                            "the upgrade to WebSocket was answered with HTTP %d." % head.status)
        if head.headers.get("upgrade", "").lower() != "websocket":
            raise _rude("101 without 'Upgrade: websocket'")
        if "upgrade" not in [part.strip() for part in head.headers.get("connection", "").lower().split(",")]:
            raise _rude("101 without 'Connection: Upgrade'")
        if head.headers.get("sec-websocket-accept") != accept_key(key):
            raise WireError("accept_key_wrong", "the server answered the upgrade without reading it "
                            "(wrong Sec-WebSocket-Accept).")
        if "sec-websocket-extensions" in head.headers or "sec-websocket-protocol" in head.headers:
            raise _rude("an extension or subprotocol nobody asked for")
        return cls(wire)

    def _goodbye(self, payload):
        self._closed = True
        with contextlib.suppress(WireError):
            self._send(_CLOSE, payload)

    def _send(self, opcode, payload):
        self.wire.send(frame(opcode, payload, os.urandom(4)))

    def send(self, text):
        """Send one text message.

        :raises WireError: what the wire raises.
        """
        self._send(_TEXT, text.encode("utf-8"))

    def _frame(self, room):
        """Read one frame of at most I(room) bytes. Return (final, opcode, payload)."""
        first, second = self.wire.exactly(2)
        final, opcode, size = bool(first & 0x80), first & 0x0F, second & 0x7F
        if first & 0x70:
            raise _rude("reserved bits set (a compressed frame nobody asked for?)")
        if second & 0x80:
            raise _rude("a masked frame")
        if opcode & 0x8:
            if not final or size > 125:
                raise _rude("a control frame that is fragmented or too long")
        elif size == 126:
            (size,) = struct.unpack("!H", self.wire.exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.wire.exactly(8))
        if size > room:
            raise WireError("too_large", "a message of more than %d bytes." % MESSAGE)
        return final, opcode, self.wire.exactly(size)

    def receive(self):
        """Return the next text message, answering pings on the way.

        :raises WireError: C(close_NNNN) when the server closed with a close frame, C(too_large),
            C(websocket_violation), or what the wire raises.
        """
        message, started = bytearray(), False
        while True:
            final, opcode, payload = self._frame(max(125, MESSAGE - len(message)))
            if opcode == _PING:
                self._send(_PONG, payload)
            elif opcode == _CLOSE:
                # The same code back (section 5.5.1), which is then what the server's log shows.
                self._goodbye(payload[:2])
                raise closed(payload)
            elif opcode in (_TEXT, _CONTINUATION):
                if started == (opcode == _TEXT):
                    raise _rude("fragments out of order")
                started = True
                message += payload
                if len(message) > MESSAGE:
                    raise WireError("too_large", "a message of more than %d bytes." % MESSAGE)
                if final:
                    return _text(message)
            elif opcode != _PONG:
                raise _rude("a frame of type %d" % opcode)

    def close(self):
        """Say goodbye and let go of the socket. Never raises: nothing is lost when the goodbye does not arrive."""
        if not self._closed:
            self._goodbye(struct.pack("!H", 1000))
        self.wire.close()


def _text(message):
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError:
        raise _rude("a text message that is no UTF-8") from None


def closed(payload):
    """Return the error that stands for a close frame with I(payload)."""
    if not payload:
        return WireError("close_1005", "the server closed the connection without a code.", close_code=1005)
    if len(payload) == 1:
        return _rude("a close frame of one byte")
    (code,) = struct.unpack("!H", payload[:2])
    text = printable(payload[2:].decode("utf-8", "replace"))
    return WireError("close_%d" % code, "the server closed the connection with %d%s."
                     % (code, " (%s)" % text if text else ""), close_code=code)
