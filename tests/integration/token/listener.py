# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands where a client expects a Gateway, takes down what it presents, and refuses it as a Gateway does."""
import json
import socket
import struct
import threading
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.websocket import accept_key, mask

REFUSAL = {"code": "INVALID_REQUEST", "message": "unauthorized: gateway token mismatch",
           "details": {"code": "AUTH_TOKEN_MISMATCH", "canRetryWithDeviceToken": False}}


class Listener:
    """C(presented) is the list of C(auth) members of the connect requests that came in."""

    def __init__(self, port):
        self.presented = []
        self._server = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._server.close()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def wait(self, seconds):
        """The first C(auth) that came in, {} for a client that presented none; None when no client came."""
        end = time.monotonic() + seconds
        while not self.presented and time.monotonic() < end:
            time.sleep(0.05)
        return self.presented[0] if self.presented else None

    def _serve(self):
        while True:
            try:
                sock, _peer = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock):
        with sock, sock.makefile("rb") as stream:
            try:
                self._greet(sock, stream)
                request = json.loads(_receive(stream))
                self.presented.append(request["params"].get("auth") or {})
                _send(sock, {"type": "res", "id": request["id"], "ok": False, "error": REFUSAL})
                sock.sendall(b"\x88\x02" + struct.pack("!H", 1008))
                stream.read(2)
            except (OSError, ValueError, KeyError, EOFError):
                return

    @staticmethod
    def _greet(sock, stream):
        if not stream.readline():
            raise EOFError
        headers = {}
        while True:
            line = stream.readline().decode("latin-1").strip()
            if not line:
                break
            name, _colon, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        key = headers["sec-websocket-key"].encode("ascii")
        sock.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: %s\r\n\r\n" % accept_key(key)).encode("ascii"))
        _send(sock, {"type": "event", "event": "connect.challenge",
                     "payload": {"nonce": "00000000-0000-4000-8000-000000000000", "ts": int(time.time() * 1000)}})


def _send(sock, message):
    data = json.dumps(message).encode("utf-8")
    size = bytes((len(data),)) if len(data) < 126 else b"\x7e" + struct.pack("!H", len(data))
    sock.sendall(b"\x81" + size + data)


def _receive(stream):
    """One text message of a client, which masks it; whatever else it sends is passed over."""
    while True:
        first, second = _exactly(stream, 2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", _exactly(stream, 2))
        elif size == 127:
            (size,) = struct.unpack("!Q", _exactly(stream, 8))
        key = _exactly(stream, 4)
        payload = mask(_exactly(stream, size), key)
        if first & 0x0F == 1:
            return payload


def _exactly(stream, count):
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
