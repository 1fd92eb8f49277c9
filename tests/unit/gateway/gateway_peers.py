# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers to talk to: scripted ones on a socket pair, and a stand-in for a Gateway on a loopback port."""
import base64
import contextlib
import hashlib
import json
import socket
import struct
import threading

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TOKEN = "right-token-0123456789abcdef"


def read_head(sock):
    """Read an HTTP request head from the client; return it as text."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        piece = sock.recv(1)
        if not piece:
            return data.decode()
        data += piece
    return data.decode()


def header(head, name):
    for line in head.split("\r\n"):
        if line.lower().startswith(name.lower() + ":"):
            return line.split(":", 1)[1].strip()
    return None


def upgrade_answer(head, **changes):
    """The right answer to an upgrade request, with headers changed (None drops one)."""
    key = header(head, "Sec-WebSocket-Key") or ""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade",
               "Sec-WebSocket-Accept": base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()}
    headers.update(changes)
    lines = ["%s: %s" % item for item in headers.items() if item[1] is not None]
    return ("HTTP/1.1 101 Switching Protocols\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()


def frame(opcode, payload=b"", final=True, reserved=0, mask=None, size=None):
    """A server frame; `size` lies about the length, `mask` (4 bytes) sets the bit a server must not set."""
    first = (0x80 if final else 0) | (reserved << 4) | opcode
    count = len(payload) if size is None else size
    bit = 0x80 if mask else 0
    if count < 126:
        head = struct.pack("!BB", first, bit | count)
    elif count < 65536:
        head = struct.pack("!BBH", first, bit | 126, count)
    else:
        head = struct.pack("!BBQ", first, bit | 127, count)
    return head + (mask or b"") + payload


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise ConnectionError("client left")
        data += piece
    return data


def read_frame(sock):
    """Read one client frame; return (opcode, payload unmasked). Fails when the client did not mask."""
    first, second = read_exactly(sock, 2)
    assert second & 0x80, "a client must mask"
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack("!H", read_exactly(sock, 2))
    elif size == 127:
        (size,) = struct.unpack("!Q", read_exactly(sock, 8))
    key = read_exactly(sock, 4)
    return first & 0x0F, bytes(byte ^ key[at % 4] for at, byte in enumerate(read_exactly(sock, size)))


HELLO = {
    "type": "hello-ok", "protocol": 4,
    "server": {"version": "2026.9.6", "bootId": "boot-1", "connId": "c"},
    "snapshot": {"presence": [{"ip": "192.0.2.9"}], "appliedConfigHash": "h1", "uptimeMs": 60000},
    "auth": {"method": "token", "role": "operator", "scopes": ["operator.read"], "recoveryScope": "rs-secret",
             "deviceToken": "dt-secret"},
}
MISMATCH = {"code": "INVALID_REQUEST", "message": "unauthorized: gateway token mismatch (provide gateway auth token)",
            "details": {"code": "AUTH_TOKEN_MISMATCH"}}


UNPRESENTED = {"code": "NOT_PAIRED", "message": "device identity required",
               "details": {"code": "DEVICE_IDENTITY_REQUIRED"}}


class Refusal(Exception):
    """Raised by a handler of FakeGateway.rpc to answer with an error."""

    def __init__(self, error, close=None):
        super().__init__(error)
        self.error = error
        self.close = close


class FakeGateway:
    """Answers like a healthy Gateway with TOKEN. Tests change `http` and `rpc` to make it answer otherwise."""

    def __init__(self):
        self.http = {
            "/healthz": (200, "application/json; charset=utf-8", {"ok": True, "status": "live"}),
            "/readyz": (200, "application/json", {"ready": True, "failing": [], "uptimeMs": 60000}),
        }
        self.config = {"configRevisionHash": "h1", "appliedConfigHash": "h1", "valid": True, "exists": True}
        self.hello = json.loads(json.dumps(HELLO))
        self.rpc = {"connect": self.connect, "health": lambda params: {"ok": True},
                    "config.get": lambda params: self.config}
        self.connects, self.heads = [], []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def connect(self, params):
        self.connects.append(params)
        if "auth" not in params:
            raise Refusal(UNPRESENTED, 1008)
        if params["auth"].get("token") != TOKEN:
            raise Refusal(MISMATCH, 1008)
        return self.hello

    def _serve(self):
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(sock,), daemon=True).start()

    def _one(self, sock):
        with contextlib.suppress(OSError, ConnectionError), sock:
            sock.settimeout(5)
            head = read_head(sock)
            if not head:
                return
            self.heads.append(head)
            if header(head, "Upgrade"):
                self._websocket(sock, head)
                return
            status, kind, body = self.http.get(head.split(" ")[1], (200, "text/html", "<html>"))
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
            sock.sendall(b"HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                         % (status, kind.encode(), len(body), body))

    def _websocket(self, sock, head):
        sock.sendall(upgrade_answer(head))
        sock.sendall(frame(1, json.dumps({"type": "event", "event": "connect.challenge", "payload": {}}).encode()))
        while True:
            opcode, payload = read_frame(sock)
            if opcode == 8:
                return
            request = json.loads(payload)
            answer, close = {"type": "res", "id": request["id"]}, None
            try:
                answer.update(ok=True, payload=self.rpc[request["method"]](request["params"]))
            except Refusal as refusal:
                answer.update(ok=False, error=refusal.error)
                close = refusal.close
            sock.sendall(frame(1, json.dumps({"type": "event", "event": "tick"}).encode()))
            sock.sendall(frame(1, json.dumps(answer).encode()))
            if close:
                sock.sendall(frame(8, struct.pack("!H", close) + b"because"))
                return

    def close(self):
        self._listener.close()
