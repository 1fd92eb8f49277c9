# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens in several places at once, each another one, and the real OpenClaw that has to choose."""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import rpc, websocket, wire

VARIABLE = "OPENCLAW_GATEWAY_TOKEN"
#: Seconds for a Gateway to start or to give up. It takes six to twenty.
PATIENCE = 120.0
#: What a reference names: a variable, a file, a program, none of which is OpenClaw's own.
OTHER_VARIABLE = "CANARY_TOKEN"

#: The second one says a Gateway that found a token for its clients only, in gateway.remote.
REFUSED = ("AUTH_TOKEN_MISMATCH", "AUTH_TOKEN_NOT_CONFIGURED")


def canary(kind):
    """The token that is planted at a source: it names it, and fits what OpenClaw takes as a token."""
    return "canary-%s-0123456789abcdef" % kind.replace("_", "-")


class Home:
    """A home directory with sources planted: what the config says, what the environment has, what arguments there are.

    :param release: directory of an installed OpenClaw. :param node: directory of Node.
    """

    def __init__(self, path, node, release):
        self.path, self.node, self.release = path, node, release
        self.state_dir = path / ".openclaw"
        self.state_dir.mkdir(mode=0o700, parents=True)
        (path / "tmp").mkdir(mode=0o700)
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        self.config = {
            "meta": {"lastTouchedVersion": release.name},
            "gateway": {"mode": "local", "port": self.port, "bind": "loopback", "auth": {"mode": "token"}},
            "update": {"checkOnStart": False},
            "discovery": {"mdns": {"mode": "off"}},
        }
        self.environment = {}
        self.arguments = []
        self.process = None

    def settle(self, dotted, value):
        node = self.config
        *parents, last = dotted.split(".")
        for key in parents:
            node = node.setdefault(key, {})
        node[last] = value

    def file(self, name, text, mode=0o600):
        path = self.path / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".fresh")
        fresh.write_text(text)
        fresh.chmod(mode)
        fresh.replace(path)
        return path

    def write(self):
        self.file(".openclaw/openclaw.json", json.dumps(self.config))

    def launch(self, *words, log="log"):
        """Start OpenClaw with words as its arguments; return the process, whose output goes to a log."""
        env = {"HOME": str(self.path), "PATH": "%s:/usr/bin:/bin" % (self.node / "bin"), "DO_NOT_TRACK": "1",
               "TMPDIR": str(self.path / "tmp"), "NO_COLOR": "1"}
        with (self.path / log).open("ab") as out:
            return subprocess.Popen(
                [str(self.node / "bin/node"), str(self.release / "lib/node_modules/openclaw/openclaw.mjs"), *words],
                env=dict(env, **self.environment), cwd=self.path, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True)

    def log(self, name="log"):
        return re.sub(r"\x1b\[[0-9;]*m", "", (self.path / name).read_text(errors="replace"))

    def command(self, *words, seconds=90):
        """Run OpenClaw; return (exit code, output)."""
        (self.path / "out").unlink(missing_ok=True)
        process = self.launch(*words, log="out")
        try:
            code = process.wait(seconds)
        finally:
            end(process)
        return code, self.log("out")

    # The server

    def serve(self):
        """Start the Gateway; return None once it is ready, or its exit code."""
        self.write()
        self.process = self.launch("gateway", "run", *self.arguments)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            code = self.process.poll()
            if code is not None:
                return code
            if self.ready():
                return None
            time.sleep(0.1)
        raise AssertionError("neither ready nor gone:\n%s" % self.log()[-3000:])

    def ready(self):
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d/readyz" % self.port, timeout=5) as answer:
                return json.load(answer).get("ready") is True
        except (OSError, ValueError, urllib.error.URLError):
            return False

    def stop(self):
        if self.process:
            end(self.process)

    def admits(self, token):
        """Whether the Gateway lets somebody in with this token."""
        return self.refusal(token) is None

    def refusal(self, token):
        """The code with which the Gateway refuses a token, one of REFUSED; None when it lets somebody in."""
        try:
            with self.session(token):
                return None
        except rpc.RpcError as error:
            assert error.code in REFUSED, error.reason
            return error.code

    @contextlib.contextmanager
    def session(self, token, seconds=30):
        """An authenticated connection."""
        line = websocket.WebSocket.open(self.wire(seconds), "/", "127.0.0.1", {})
        try:
            talk = rpc.Session(line)
            talk.connect({"token": token})
            yield talk
        finally:
            line.close()

    def wire(self, seconds):
        return wire.Wire(socket.create_connection(("127.0.0.1", self.port), 10), wire.Deadline(seconds))


def end(process):
    """End a process and its children, which have a session of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)


# How a source is planted: function of the home and the token. Named as in the table of winners.

def _argument(home, token):
    home.arguments += ["--token", token]


def _environment(home, token):
    home.environment[VARIABLE] = token


def _dotenv(home, token):
    home.file(".openclaw/.env", "%s=%s\n" % (VARIABLE, token))


def _gateway_env(home, token):
    home.file(".config/openclaw/gateway.env", "%s=%s\n" % (VARIABLE, token))


def _config(home, token):
    home.settle("gateway.auth.token", token)


def _config_variable(home, token):
    home.settle("gateway.auth.token", "${%s}" % OTHER_VARIABLE)
    if token:
        home.environment[OTHER_VARIABLE] = token


def _config_env(home, token):
    home.settle("env.vars.%s" % VARIABLE, token)


def _config_remote(home, token):
    home.settle("gateway.remote.token", token)


def _secretref_env(home, token):
    home.settle("gateway.auth.token", {"source": "env", "provider": "default", "id": OTHER_VARIABLE})
    if token:
        home.environment[OTHER_VARIABLE] = token


def _secretref_file(home, token):
    path = home.path / "secrets/token.json"
    home.settle("secrets.providers.onfile", {"source": "file", "path": str(path), "mode": "json"})
    home.settle("gateway.auth.token", {"source": "file", "provider": "onfile", "id": "/gateway/token"})
    if token:
        home.file("secrets/token.json", json.dumps({"gateway": {"token": token}}))


def _secretref_exec(home, token):
    path = home.file("secrets/find-generic-password", "#!/bin/sh\ncat %s\n" % (home.path / "secrets/keychain"), 0o700)
    home.settle("secrets.providers.keychain", {
        "source": "exec", "command": str(path), "args": ["-s", "ai.openclaw.gateway", "-w"], "jsonOnly": False})
    home.settle("gateway.auth.token", {"source": "exec", "provider": "keychain", "id": "gateway-token"})
    if token:
        home.file("secrets/keychain", token + "\n")


def _config_legacy(home, token):
    home.settle("gateway.token", token)


PLANT = {
    "argument": _argument,
    "environment": _environment,
    "dotenv": _dotenv,
    "gateway_env": _gateway_env,
    "config": _config,
    "config_variable": _config_variable,
    "config_env": _config_env,
    "config_remote": _config_remote,
    "config_legacy": _config_legacy,
    "secretref_env": _secretref_env,
    "secretref_file": _secretref_file,
    "secretref_exec": _secretref_exec,
}


def plant(home, kinds, broken=()):
    """Plant a canary at each kind of source; at those that are broken the reference leads nowhere."""
    for kind in kinds:
        PLANT[kind](home, None if kind in broken else canary(kind))
