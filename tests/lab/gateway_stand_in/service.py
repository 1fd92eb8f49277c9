# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in's life: start or refuse to, serve, take up what changes in the file, end when told."""

import contextlib
import errno
import json
import os
import select
import signal
import socket
import sys
import threading
import time

from . import settings
from .gateway import Gateway
from .home import Home, Log, state_directory
from .wire import Line

#: Seconds between two looks at the file; the real one notices a change after about one.
LOOK = 0.5
#: Seconds that a Gateway tries before it gives up a port that somebody else has.
PATIENCE = 15.0


class _Again(Exception):
    """The Gateway starts again within its process."""


class Options:
    """The words after C(gateway), as far as the stand-in takes them."""

    def __init__(self, words):
        self.port, rest = None, [word for word in words if word != "run"]
        while rest:
            word = rest.pop(0)
            if word == "--port" and rest:
                self.port = int(rest.pop(0))
            else:
                raise settings.Refusal(64, "the lab's stand-in for the Gateway does not know: %s" % word)


def _version(entry):
    """The version of the package whose program was asked for."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(entry)))
    for place in (package, os.path.dirname(os.path.realpath(entry))):
        try:
            with open(os.path.join(place, "package.json"), encoding="utf-8") as stream:
                return json.load(stream)["version"]
        except (OSError, KeyError, ValueError):
            continue
    raise settings.Refusal(1, "there is no OpenClaw at %s" % entry)


def _listen(address, port, family=socket.AF_INET):
    """Return a listening socket. Raises OSError."""
    server = socket.socket(family)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, port))
        server.listen(128)
    except OSError:
        server.close()
        raise
    return server


def _listen_patiently(address, port):
    """Return the listening sockets; a port that stays taken ends the Gateway as it ends the real one."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            servers = [_listen(address, port)]
            if address == "127.0.0.1":
                with contextlib.suppress(OSError):  # a machine without IPv6
                    servers.append(_listen("::1", port, socket.AF_INET6))
            return servers
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            if time.monotonic() > limit:
                raise settings.Refusal(1, "Gateway failed to start: another gateway instance is already listening on "
                                       "ws://%s:%d | listen EADDRINUSE: address already in use %s:%d\nPort %d is "
                                       "already in use." % (address, port, address, port, port)) from None
            time.sleep(0.5)


def _stamp(path):
    try:
        status = os.stat(path)
        return status.st_mtime_ns, status.st_ino, status.st_size
    except OSError:
        return None


class Service:
    """One process of a Gateway."""

    def __init__(self, words, environment):
        self.options = Options(words[3:])
        state = state_directory(environment)
        self.config = environment.get("OPENCLAW_CONFIG_PATH") or os.path.join(state, "openclaw.json")
        self.home = Home(state, self.config)
        self.log = Log(socket.gethostname())
        self.gateway = Gateway(self.home, _version(words[1]), self.log, environment)
        self.key = b""

    def run(self):
        """Start, serve, start again when the file asks for it; ends by SIGTERM or a refusal."""
        while True:
            servers = self._start()
            try:
                self._serve(servers)
            except _Again:
                self.log.say("gateway", "restart mode: in-process restart (OPENCLAW_NO_RESPAWN)")
            finally:
                for server in servers:
                    server.close()

    def _start(self):
        say = self.log.say
        say("gateway", "loading configuration…")
        document = settings.Document(self.config, self.key)
        if not self.key:
            settings.check_start(document)
            self.key = self.home.furnish()
            document = settings.Document(self.config, self.key)
        if document.tree is None:
            settings.check_start(document)
        say("gateway", "resolving authentication…")
        self.gateway.apply(document)
        if self.gateway.mode == "token" and not self.gateway.secret:
            self.gateway.secret = os.urandom(24).hex()
        address = settings.address(document.tree, self.gateway.secret)
        say("gateway", "starting...")
        self.gateway.port = self.options.port or settings.get(document.tree, "gateway", "port") or 18789
        servers = _listen_patiently(address, self.gateway.port)
        self.home.lock(self.gateway.port)
        say("gateway", "http server listening (0 plugins: the lab's stand-in; 0.0s)")
        say("gateway", "log file: %s" % self.log.path)
        say("gateway", "starting channels and sidecars...")
        self.gateway.ready = True
        say("gateway", "ready")
        say("heartbeat", "started")
        return servers

    def _serve(self, servers):
        seen = _stamp(self.config)
        while True:
            for server in select.select(servers, (), (), LOOK)[0]:
                sock, peer = server.accept()
                threading.Thread(target=self.gateway.serve, args=(Line(sock), peer[0]), daemon=True).start()
            stamp = _stamp(self.config)
            if stamp != seen:
                seen = stamp
                self._take_up(settings.Document(self.config, self.key))

    def _take_up(self, document):
        say, gateway = self.log.say, self.gateway
        if document.tree is None:
            gateway.document = document
            issue = document.issues[0]
            say("reload", "config reload skipped (invalid config): %s: %s" % (issue["path"], issue["message"]), "WARN")
            return
        changed = settings.changed_paths(gateway.applied.tree, document.tree)
        if not changed:
            gateway.document = gateway.applied = document
            return
        names = ", ".join(".".join(path) for path in changed)
        say("reload", "config change detected; evaluating reload (%s)" % names)
        if any(path[: len(one)] == one for path in changed for one in settings.RESTARTING):
            say("reload", "config change requires gateway restart (%s) — preparing" % names)
            raise _Again
        gateway.apply(document)
        say("reload", "config hot reload applied (%s)" % names)

    def stop(self, *_signal):
        self.log.say("gateway", "received SIGTERM; shutting down")
        self.log.say("shutdown", "completed cleanly in 1ms")
        self.home.unlock()
        os._exit(0)


def main(words):
    """Run as C(words): node, its script, C(gateway), options."""
    # Threads do little here: eight MiB of address space for each would only be noise.
    threading.stack_size(256 * 1024)
    try:
        service = Service(words, os.environ)
        signal.signal(signal.SIGTERM, service.stop)
        signal.signal(signal.SIGINT, service.stop)
        service.run()
    except settings.Refusal as refusal:
        sys.stderr.write("%s\n" % refusal)
        sys.stderr.flush()
        return refusal.code
    return 0
