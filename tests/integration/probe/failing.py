# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that a real Gateway refuses, and what the verdicts make of the refusal."""
import base64
import hashlib
import json
import socket
import time
from http.server import BaseHTTPRequestHandler

from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe, rpc, verdict, websocket, wire
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from real_gateway import TOKEN

CLI = {"id": "cli", "mode": "cli"}
CONTROL_UI = {"id": "openclaw-control-ui", "mode": "webchat"}
PROBE = {"id": "openclaw-probe", "mode": "probe"}
NODE = {"id": "node-host", "mode": "node"}
RIGHT, WRONG = {"token": TOKEN}, {"token": "wrong-token-0123456789abcdef"}


def raw(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Device:
    """Something with an Ed25519 identity. C(lie) is what it puts into its proof instead of the truth."""

    def __init__(self, **lie):
        self.lie = lie

    def proof(self, params, challenge):
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        said = dict({"id": hashlib.sha256(public).hexdigest(), "nonce": challenge["nonce"],
                     "signedAt": challenge.get("ts") or int(time.time() * 1000)}, **self.lie)
        client, auth = params["client"], params.get("auth", {})
        text = "|".join(["v3", said["id"], client["id"], client["mode"], params["role"], ",".join(params["scopes"]),
                         str(said["signedAt"]), auth.get("token") or auth.get("deviceToken") or "", said["nonce"],
                         client["platform"], ""])
        signature = key.sign(text.encode()) if said.pop("signed", True) else bytes(64)
        return dict(said, publicKey=raw(public), signature=raw(signature))


def connect(auth=None, client=None, device=None, **changes):
    """Function of a challenge that returns the first frame: a connect that is right, save for what is said here."""
    def frame(challenge):
        params = dict({"minProtocol": 3, "maxProtocol": 4, "role": "operator", "scopes": ["operator.read"], "caps": [],
                       "client": dict(rpc.CLIENT, **(client or {}))}, **changes)
        if auth is not None:
            params["auth"] = auth
        if device:
            params["device"] = device.proof(params, challenge)
        return json.dumps({"type": "req", "id": "1", "method": "connect", "params": params})
    return frame


def ask(method):
    """A request before the handshake."""
    return lambda challenge: json.dumps({"type": "req", "id": "1", "method": method, "params": {}})


def say(text):
    return lambda challenge: text


def nothing(_challenge):
    """Not a word."""


def converse(port, first, headers, then, host):
    """Do a whole conversation; return the facts of a look's stage C(connect), as :mod:`observe` would."""
    sock = socket.create_connection((host, port), 10)
    line = websocket.WebSocket.open(wire.Wire(sock, wire.Deadline(30)), "/", "%s:%d" % (host, port), headers)
    try:
        challenge = json.loads(line.receive()).get("payload", {})
        text = first(challenge)
        if text is not None:
            line.send(text)
        talk = rpc.Session(line)
        while True:
            message = json.loads(line.receive())
            if message.get("type") == "res":
                break
        if not message.get("ok"):
            error = rpc.error_of(message.get("error"))
            error.close_code = talk._close_code()
            raise error
        talk._sent = 1
        if then:
            talk.call(then, {})
        return observe._hello(message["payload"])
    finally:
        line.close()


def refused(port, first, headers=None, then=None, host="127.0.0.1", credential=None):
    """What the verdicts make of a conversation: (whole, close code)."""
    close = None
    try:
        facts = dict(converse(port, first, headers or {}, then, host), ms=1.0)
        later = {"health": {"ok": True, "ms": 1.0}, "config": {
            "saved": "h", "applied": "h", "valid": True, "exists": True, "path": None, "ms": 1.0}}
    except wire.WireError as error:
        close = error.close_code
        told = {"error": {"code": error.code, "reason": error.reason, "close_code": close}, "ms": 1.0}
        facts, later = (told, {}) if then is None else (
            {"method": "token", "scopes": ["operator.read"], "applied": None, "uptime_ms": 1, "ms": 1.0},
            {"health": told})
    seen = dict({
        "tcp": {"ms": 0.1}, "live": {"ms": 1.0, "status": 200, "body": {"ok": True, "status": "live"}},
        "ready": {"ms": 1.0, "status": 200, "body": {"ready": True}}, "connect": facts,
        "exposure": {"ms": 1.0, "knocks": {}},
    }, **later)
    return verdict.overall(verdict.judge(seen, credential or Credential({"token": "x"}))), close


class Page(BaseHTTPRequestHandler):
    """A web server that answers everything with 200 and a page."""

    def do_GET(self):
        body = b"<html>ok</html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Not a word."""
