# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test_stand_in.py runs inside a host: visits to its Gateway, written down as JSON. It uses the stdlib alone."""

import base64
import json
import os
import socket
import struct
import sys
import time

CONFIG = "/Users/openclaw/.openclaw/openclaw.json"
TOKEN = "visitor-token-of-the-lab-0123456789"
PORT = 18789


def page(path, method="GET", **headers):
    """One request; returns its status, kind and body."""
    rows = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": "0", **headers}
    text = "%s %s HTTP/1.1\r\n%s\r\n" % (method, path, "".join("%s: %s\r\n" % row for row in rows.items()))
    with socket.create_connection(("127.0.0.1", PORT), timeout=10) as sock:
        sock.sendall(text.encode("ascii"))
        with sock.makefile("rb") as stream:
            head, _blank, body = stream.read().partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:])
    kind = fields.get("content-type", "").partition(";")[0]
    shown = json.loads(body) if kind == "application/json" and body else kind
    # What browsers are told besides is no visitor's business.
    names = [] if kind == "text/html" else sorted(set(fields) - {"content-security-policy", "x-frame-options"})
    return {"status": int(lines[0].split()[1]), "body": shown, "headers": names, "caching": fields.get("cache-control")}


def talk(*messages, **headers):
    """One WebSocket; returns what was answered to each message, and how it was closed."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=20) as sock, sock.makefile("rb") as stream:
        rows = {"Host": "127.0.0.1", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode("ascii"), **headers}
        sock.sendall(("GET / HTTP/1.1\r\n%s\r\n" % "".join("%s: %s\r\n" % row for row in rows.items())).encode("ascii"))
        head = [stream.readline()]
        while head[-1].strip():
            head.append(stream.readline())
        if b" 101 " not in head[0]:
            return {"status": int(head[0].split()[1])}
        accept = [line for line in head if line.lower().startswith(b"sec-websocket-accept")][0].split()[1].decode()
        heard = {"accept": accept, "challenge": _hear(stream), "answers": []}
        for message in messages:
            _say(sock, message)
            answer = _answer(stream, message)
            heard["answers"].append(answer)
            if "close" in answer:
                return heard
        last = heard["answers"][-1]
        if not last.get("ok", True):
            heard["end"] = _answer(stream, None) if message.get("method") == "connect" else None
        return heard


def _answer(stream, message):
    while True:
        heard = _hear(stream)
        if "close" in heard or (isinstance(message, dict) and heard.get("type") == "res"):
            return heard


def _hear(stream):
    first, second = stream.read(2)
    size = second & 0x7F
    if size > 125:
        size = struct.unpack("!H" if size == 126 else "!Q", stream.read(2 if size == 126 else 8))[0]
    data = stream.read(size)
    if first & 0x0F == 8:
        return {"close": struct.unpack("!H", data[:2])[0], "reason": data[2:].decode("utf-8")}
    return json.loads(data)


def _say(sock, message):
    data = message.encode("utf-8") if isinstance(message, str) else json.dumps(message).encode("utf-8")
    mask = os.urandom(4)
    head = struct.pack("!BB", 0x81, 0x80 | len(data)) if len(data) < 126 else struct.pack("!BBH", 0x81, 0xFE, len(data))
    sock.sendall(head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))


def connect(auth=None, client="gateway-client", mode="backend", **changes):
    params = {
        "minProtocol": 3, "maxProtocol": 4, "role": "operator", "scopes": ["operator.read"], "caps": [],
        "client": {"id": client, "version": "0.0.1", "platform": "darwin", "mode": mode}, **changes}
    if auth is not None:
        params["auth"] = auth
    return {"type": "req", "id": "1", "method": "connect", "params": params}


def call(method, number="2"):
    return {"type": "req", "id": number, "method": method, "params": {}}


RIGHT = {"token": TOKEN}
READING = (call("health", "2"), call("config.get", "3"), call("status", "4"), call("system-presence", "5"))
HTTP = {
    "live": ("/healthz",), "health": ("/health",), "ready": ("/readyz",), "ready too": ("/ready",),
    "started": ("/startupz",), "live, head": ("/healthz", "HEAD"), "invoke, get": ("/tools/invoke",),
    "invoke, nobody": ("/tools/invoke", "POST"), "models": ("/v1/models",), "page": ("/",), "unknown": ("/nope",),
    "browser's settings": ("/__openclaw__/control-ui-config.json",),
}
TALKS = {
    "right": (connect(RIGHT), *READING),
    "right, as password": (connect({"password": TOKEN}),),
    "right, no scope": (connect(RIGHT, scopes=[]), call("health"), call("config.get", "3")),
    "right, reading only": (connect(RIGHT), call("nope"), call("device.pair.list", "3")),
    "right, admin": (connect(RIGHT, scopes=["operator.admin"]), call("nope")),
    "right, as a command": (connect(RIGHT, "cli", "cli"), call("config.get")),
    "right, as a probe": (connect(RIGHT, mode="probe"), call("health"), call("config.get", "3")),
    "wrong": (connect({"token": "x" + TOKEN}),),
    "nothing": (connect(),),
    "empty": (connect({"token": ""}),),
    "protocol too new": (connect(RIGHT, minProtocol=5, maxProtocol=9),),
    "protocol too old": (connect(RIGHT, minProtocol=3, maxProtocol=3),),
    "not a connect": (call("health"),),
    "no parameters": ({"type": "req", "id": "1", "method": "connect"},),
    "empty parameters": ({"type": "req", "id": "1", "method": "connect", "params": {}},),
    "unknown client": (connect(RIGHT, "zork"),),
    "unknown role": (connect(RIGHT, role="admin"),),
    "a node": (connect(RIGHT, role="node"),),
    "no JSON": ("hello",),
}


def configured(**gateway):
    """The text of an openclaw.json."""
    base = {"mode": "local", "port": PORT, "bind": "loopback", "auth": {"mode": "token", "token": TOKEN}}
    return json.dumps({"gateway": {**base, **gateway}}, indent=2)


def write(text):
    with open(CONFIG, "w", encoding="utf-8") as stream:
        stream.write(text)


def saved():
    """What config.get says of the file, without what is in it."""
    payload = talk(connect(RIGHT), call("config.get"))["answers"][1]["payload"]
    return {"valid": payload["valid"], "exists": payload["exists"], "hash": payload["hash"],
            "revision": payload.get("configRevisionHash"), "applied": payload["appliedConfigHash"],
            "issues": len(payload["issues"])}


def edits():
    """The file changes while the Gateway runs: (what, what is said of it some seconds later)."""
    texts = {
        "as begun": configured(), "a comment": configured() + "\n// a comment\n",
        "a key": configured(controlUi={"allowedOrigins": ["http://a.example"]}),
        "broken": "{ broken", "unknown key": configured(token="x"), "as begun, again": configured(),
    }
    found = {}
    for name, text in texts.items():
        write(text)
        time.sleep(3)
        found[name] = saved()
    return found


def wait():
    limit = time.monotonic() + 120
    while True:
        try:
            if page("/readyz")["body"].get("ready"):
                return
        except (OSError, ValueError):
            pass
        if time.monotonic() > limit:
            sys.exit("no Gateway becomes ready")
        time.sleep(0.3)


def main():
    wait()
    told = {"http": {name: page(*words) for name, words in HTTP.items()}}
    told["http"]["through a proxy"] = page("/readyz", **{"X-Forwarded-For": "192.0.2.7"})
    told["http"]["live, through a proxy"] = page("/healthz", **{"X-Forwarded-For": "192.0.2.7"})
    told["http"]["invoke, wrong"] = page("/tools/invoke", "POST", Authorization="Bearer x" + TOKEN)
    told["talks"] = {name: talk(*messages) for name, messages in TALKS.items()}
    told["talks"]["foreign origin"] = talk(connect(RIGHT), Origin="http://evil.example")
    told["talks"]["through a proxy"] = talk(connect(RIGHT), **{"X-Forwarded-For": "192.0.2.7"})
    told["edits"] = edits()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
