# SPDX-License-Identifier: GPL-3.0-or-later
"""talk.py CONFIG PORT: the Gateway is live and ready, takes the configured token, and refuses another.

Plain sockets, HTTP and WebSocket written down byte by byte. Never prints the token.
"""
import base64
import json
import os
import re
import socket
import struct
import sys


def get(port, path):
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % path).encode())
        answer = b""
        while True:
            more = sock.recv(65536)
            if not more:
                break
            answer += more
    head, _blank, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    if b"chunked" in head.lower():
        body = body.partition(b"\r\n")[2].rpartition(b"\r\n0\r\n")[0]
    return status, json.loads(body.decode())


def exactly(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        assert more, "the Gateway hung up"
        data += more
    return data


def frame(sock):
    first, second = exactly(sock, 2)
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack(">H", exactly(sock, 2))
    elif size == 127:
        (size,) = struct.unpack(">Q", exactly(sock, 8))
    return first & 0x0F, exactly(sock, size)


def connect(port, token):
    """Return the answer to a connect with that token."""
    with socket.create_connection(("127.0.0.1", port), 15) as sock:
        key = base64.b64encode(os.urandom(16)).decode()
        sock.sendall((
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" % (port, key)
        ).encode())  # fmt: skip
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += exactly(sock, 1)
        assert b" 101 " in head.split(b"\r\n")[0], head
        request = {
            "type": "req", "id": "1", "method": "connect",
            "params": {
                "minProtocol": 3, "maxProtocol": 4, "role": "operator", "scopes": ["operator.read"], "caps": [],
                "client": {"id": "gateway-client", "version": "0.0.1", "platform": "darwin", "mode": "backend"},
                "auth": {"token": token},
            },
        }  # fmt: skip
        payload, mask = json.dumps(request).encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        sock.sendall(b"\x81" + struct.pack(">BH", 0x80 | 126, len(payload)) + mask + masked)
        while True:
            opcode, data = frame(sock)
            assert opcode != 8, "closed: %r" % data[2:]
            if opcode == 1 and json.loads(data.decode()).get("type") == "res":
                return json.loads(data.decode())


path, port = sys.argv[1], int(sys.argv[2])
with open(path) as stream:
    text = stream.read()
(token,) = re.findall(r'"?token"?\s*:\s*"([^"]+)"', text)
assert len(token) >= 24, "a short token"
assert get(port, "/healthz") == (200, {"ok": True, "status": "live"})
status, ready = get(port, "/readyz")
assert (status, ready["ready"]) == (200, True), ready
good = connect(port, token)
assert good["ok"] and good["payload"]["auth"]["scopes"] == ["operator.read"], good.get("error")
bad = connect(port, "x" * 43)
assert not bad["ok"] and bad["error"]["details"]["code"] == "AUTH_TOKEN_MISMATCH", "another token was not refused"
print(good["payload"]["server"]["version"])
