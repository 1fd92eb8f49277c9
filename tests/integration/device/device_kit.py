# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Gateways of several versions, and devices that really ask them to be paired."""
import contextlib
import http.client
import json
import socket
import subprocess
import threading
import time
from pathlib import Path

from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import rpc, websocket, wire
from real_gateway import TOKEN, RealGateway

#: On the loopback address a Gateway pairs a new device without asking. This makes it look as if it came from afar.
AFAR = {"X-Forwarded-For": "203.0.113.7"}
NEAR = {}
PATIENCE = 90.0


class Keys:
    """Makes Ed25519 keys and signs with them, by Node's own means."""

    def __init__(self, node):
        self.process = subprocess.Popen([str(node), str(Path(__file__).with_name("device_identity.mjs"))], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, wanted):
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


class PairingGateway(RealGateway):
    """A Gateway of one version that takes the word of a proxy on loopback about where a connection comes from."""

    def __init__(self, home, node, openclaw):
        super().__init__(home)
        self.version = json.loads((openclaw / "lib/node_modules/openclaw/package.json").read_text())["version"]
        #: Since it keeps devices in SQLite it also lists whether they are connected.
        self.has_sqlite = self.version >= "2026.9"
        self.node = node / "bin/node"
        self.entry = openclaw / "lib/node_modules/openclaw/dist/index.js"
        self.keys = Keys(self.node)
        # No meta: an older OpenClaw does not start on what a newer one has written.
        self.write(json.dumps({"gateway": {
            "mode": "local", "port": self.port, "bind": "loopback", "auth": {"mode": "token", "token": TOKEN},
            "trustedProxies": ["127.0.0.1"]}}))

    def launch(self):
        super().start()

    def stop(self):
        super().stop()
        self.keys.close()

    def await_ready(self):
        end = time.monotonic() + PATIENCE
        while not self.ready():
            assert self.process.poll() is None, "the Gateway has ended:\n%s" % self.log()[-3000:]
            assert time.monotonic() < end, "the Gateway never got ready:\n%s" % self.log()[-3000:]
            time.sleep(0.1)

    def ready(self):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
            line.request("GET", "/readyz")
            return line.getresponse().status == 200
        return False

    def log(self):
        return (self.home / "log").read_text(errors="replace")

    @contextlib.contextmanager
    def line(self, headers):
        sock = socket.create_connection(("127.0.0.1", self.port), 10)
        line = websocket.WebSocket.open(wire.Wire(sock, wire.Deadline(30)), "/", "127.0.0.1", headers)
        try:
            yield line
        finally:
            line.close()

    def call(self, method, params=None, scopes=("operator.admin", "operator.pairing")):
        """Ask as the collection does, but past the code under test."""
        with self.line({}) as line:
            talk = rpc.Session(line)
            talk.call("connect", {
                "minProtocol": 3, "maxProtocol": 4, "client": rpc.CLIENT, "role": "operator", "scopes": list(scopes),
                "caps": [], "auth": {"token": TOKEN}})
            return talk.call(method, params or {})

    def listed(self):
        """What it lists, as the collection would be told it."""
        return self.call("device.pair.list")

    def forget_devices(self):
        listed = self.listed()
        for entry in listed["pending"]:
            self.call("device.pair.reject", {"requestId": entry["requestId"]})
        for entry in listed["paired"]:
            self.call("device.pair.remove", {"deviceId": entry["deviceId"]})


class Device:
    """Something with an identity of its own that connects to a Gateway. C(token) is what the Gateway gave it."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.token = None
        self.key = gateway.keys.ask({})
        self.id = self.key["id"]

    @contextlib.contextmanager
    def connected(self, role="operator", scopes=("operator.read",), auth=None, headers=None):
        """Connect and stay connected. Yields (session, hello).

        :raises RpcError: refused, C(PAIRING_REQUIRED) after a request to be paired was taken down.
        """
        auth = auth or {"token": TOKEN}
        headers = AFAR if headers is None else headers
        client = {"id": "node-host" if role == "node" else "cli", "version": "0.0.1", "platform": "linux",
                  "mode": "node" if role == "node" else "cli"}
        with self.gateway.line(headers) as line:
            challenge = json.loads(line.receive())["payload"]
            payload = "|".join(["v3", self.id, client["id"], client["mode"], role, ",".join(scopes),
                                str(challenge["ts"]), auth.get("token") or auth.get("deviceToken"),
                                challenge["nonce"], "linux", ""])
            signature = self.gateway.keys.ask({"pem": self.key["pem"], "payload": payload})["signature"]
            talk = rpc.Session(line)
            hello = talk.call("connect", {
                "minProtocol": 3, "maxProtocol": 4, "client": client, "role": role, "scopes": list(scopes),
                "caps": [], "auth": auth,
                "device": {"id": self.id, "publicKey": self.key["publicKey"], "signature": signature,
                           "signedAt": challenge["ts"], "nonce": challenge["nonce"]}})
            yield talk, hello

    def connect(self, **how):
        """Connect and leave. Returns the code of the refusal, or None; remembers the token it was given."""
        try:
            with self.connected(**how) as (_talk, hello):
                self.token = hello["auth"].get("deviceToken", self.token)
        except rpc.RpcError as error:
            return error.code
        return None

    def let_in(self):
        """Whether the token it was given still lets it in."""
        return self.connect(auth={"deviceToken": self.token})


@contextlib.contextmanager
def stripping_proxy(gateway):
    """A port that leads to a Gateway and says of every connection where it comes from, which costs it its scopes."""
    def pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve(client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65536)
        extra = "".join("%s: %s\r\n" % header for header in AFAR.items()).encode()
        with client, socket.create_connection(("127.0.0.1", gateway.port), 10) as server:
            server.sendall(head.replace(b"\r\n", b"\r\n" + extra, 1))
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join(10)

    def accept(listener):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
