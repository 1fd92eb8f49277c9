# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""One look at a Gateway: raw observations, stage by stage. Judging them is the business of :mod:`verdict`."""

from __future__ import annotations

import errno
import os
import socket
import time

from .codes import UNPRESENTED
from .exposure import addresses, knock
from .http import get_json, printable
from .rpc import RpcError, Session
from .websocket import WebSocket
from .wire import Deadline, Wire, WireError

#: Seconds after which an own address that says nothing is called silent.
KNOCK_PATIENCE = 0.5

#: Most seconds for a stage, so that one that hangs leaves time for those after it. What is not here may take all that
#: is left: a Gateway keeps a wrong token waiting for up to five seconds.
PHASES = {"tcp": 3.0, "live": 5.0, "ready": 4.0, "health": 5.0, "config": 5.0}


class Path:
    """A way to a Gateway.

    :param dial: function of the seconds allowed that returns a connected socket, or raises OSError.
    :param host: value of the Host header.
    :param headers: mapping of headers that every request on this path carries.
    :param place: where it leads, for persons; C(host) unless given.
    """

    def __init__(self, dial, host, headers=None, place=None):
        self.dial = dial
        self.host = host
        self.headers = headers or {}
        self.place = place or host


def blind_path(host, code, reason):
    """Return a :class:`Path` that leads nowhere, for the case that nobody knows the port."""
    def dial(_seconds):
        raise WireError(code, reason)
    return Path(dial, host)


def tcp_path(host, port):
    """Return the direct :class:`Path` to host and port."""
    shown = "[%s]:%d" % (host, port) if ":" in host else "%s:%d" % (host, port)
    return Path(lambda seconds: socket.create_connection((host, port), timeout=seconds), shown)


def dial(path, deadline):
    """Return a :class:`Wire` over a new connection."""
    try:
        return Wire(path.dial(deadline.left()), deadline)
    except socket.gaierror as error:
        raise WireError("name_unknown", "%s: %s." % (path.place, error.strerror)) from None
    except ConnectionRefusedError:
        raise WireError("connection_refused", "%s refuses the connection." % path.place) from None
    except (socket.timeout, TimeoutError):
        raise WireError("timeout", "%s did not take the connection in time." % path.place) from None
    except OSError as error:
        name = errno.errorcode.get(error.errno, "error")
        raise WireError("connection_failed", "%s cannot be connected to: %s (%s)."
                        % (path.place, error.strerror or error, name)) from None


class _Look:
    """The state of one look: what later stages need from earlier ones."""

    def __init__(self, path, credential, config_path, hold, deadline):
        self.path = path
        self.credential = credential
        self.config_path = config_path
        self.hold = hold
        self.whole = self.deadline = deadline
        self.age = self.uptime = None
        self.wire = None
        self.socket = None
        self.session = None

    def begin(self, stage):
        """Give a stage its own deadline within that of the look."""
        self.deadline = self.whole.within(PHASES.get(stage, self.whole.seconds))
        if self.wire:
            self.wire.follow(self.deadline)

    def close(self):
        if self.socket:
            self.socket.close()
        elif self.wire:
            self.wire.close()

    def tcp(self):
        self.wire = dial(self.path, self.deadline)
        return {}

    def _get(self, wire, place):
        try:
            status, body = get_json(wire, place, self.path.host, self.path.headers)
        finally:
            wire.close()
        return {"status": status, "body": body}

    def live(self):
        wire, self.wire = self.wire, None
        return self._get(wire, "/healthz")

    def ready(self):
        facts = self._get(dial(self.path, self.deadline), "/readyz")
        self.uptime = milliseconds(facts["body"].get("uptimeMs"))
        return facts

    def file(self):
        changed = self.age = _age(self.config_path)
        if self.age is not None and self.uptime is not None and self.age > self.uptime / 1000.0:
            self.age = None
        return {"path": self.config_path, "age_s": self.age, "changed_s": changed}

    def connect(self):
        if self.credential.code not in (None, "token_missing"):
            raise WireError(self.credential.code, self.credential.reason)
        if self.age is not None and self.age < self.hold:
            raise RpcError("config_fresh", "%s changed %.1f s ago; the Gateway may not have read it yet."
                           % (self.config_path, self.age), retry_after=self.hold - self.age)
        self.wire = dial(self.path, self.deadline)
        self.socket = WebSocket.open(self.wire, "/", self.path.host, self.path.headers)
        self.session = Session(self.socket)
        facts = _hello(self.session.connect(self.credential.auth))
        if facts["method"] is None and self.credential.auth:
            facts["method"] = self._method()
        return facts

    def _method(self):
        """Return how a Gateway authenticates that does not say so, as up to 2026.7; None where that stays unknown.

        With C(auth.mode: none) it would have taken any secret. Then it takes a connection that presents nothing, too.
        """
        line = WebSocket.open(dial(self.path, self.deadline), "/", self.path.host, self.path.headers)
        try:
            Session(line).connect({})
        except RpcError as error:
            return next(iter(self.credential.auth)) if error.code in UNPRESENTED else None
        finally:
            line.close()
        return "none"

    def health(self):
        return {"ok": self.session.call("health", {}).get("ok")}

    def config(self):
        answer = self.session.call("config.get", {})
        return {"saved": _text(answer.get("configRevisionHash")), "applied": _text(answer.get("appliedConfigHash")),
                "valid": answer.get("valid"), "exists": answer.get("exists"), "path": _text(answer.get("path"), 1024),
                "local": _is_local(answer.get("config"))}


def _age(path):
    """Return how many seconds ago a file was changed, replaced or moved into place, or None when nobody knows."""
    try:
        # ctime: unlike mtime it cannot be carried over from a copy.
        return max(0.0, time.time() - os.stat(path).st_ctime) if path else None
    except OSError:
        return None


def _text(value, limit=200):
    return printable(value, limit) if isinstance(value, str) else None


def _mapping(value):
    return value if isinstance(value, dict) else {}


def milliseconds(value):
    """Return a duration said by a peer as int milliseconds, or None when it is no sane number."""
    sane = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e14
    return int(value) if sane else None


def _is_local(config):
    """Whether a configuration lets a Gateway start, which C(valid) does not say; None where there is none."""
    return _mapping(config.get("gateway")).get("mode") == "local" if isinstance(config, dict) else None


def _hello(hello):
    """Return what may be kept of a hello: no device token, no recovery scope, nobody's presence."""
    server, auth, snapshot = (_mapping(hello.get(key)) for key in ("server", "auth", "snapshot"))
    scopes = auth.get("scopes")
    return {
        "version": _text(server.get("version")), "boot_id": _text(server.get("bootId")),
        "uptime_ms": milliseconds(snapshot.get("uptimeMs")),
        "method": _text(auth.get("method")),
        "scopes": [printable(scope) for scope in scopes[:64]] if isinstance(scopes, list) else [],
        "applied": _text(snapshot.get("appliedConfigHash")),
    }


#: The stages in their order. Each needs those before it to have worked, except what follows C(ready): a Gateway
#: that is not ready (a channel that cannot connect, say) still answers whether it knows the token.
STAGES = ("tcp", "live", "ready", "file", "connect", "health", "config")
_GO_ON = ("ready",)


def observe(path, credential, stages, seconds, config_path=None, hold=0.0, clock=time.monotonic):
    """Look at a Gateway once. Never retries, never presents a device, presents the credential at most once.

    :param path: :class:`Path`.
    :param credential: :class:`target.Credential`.
    :param stages: how many of :data:`STAGES`, as a prefix of it.
    :param seconds: one deadline for all stages together; each has one of its own within (:data:`PHASES`).
    :param config_path: openclaw.json of this Gateway where it can be looked at, else C(None).
    :param hold: the credential is held back while that file is younger than this many seconds and younger than the
        Gateway itself. A Gateway notices a new token about a second after it was written; until then it refuses it.
    :returns: dict of stage name to C(ms) and either the stage's facts or C(error) with C(code) and C(reason)
        (and C(retry_after), C(close_code)). A stage that was not tried has no entry.
    """
    look, seen = _Look(path, credential, config_path, hold, Deadline(seconds, clock)), {}
    try:
        for stage in stages:
            start, facts = clock(), {}
            try:
                look.begin(stage)
                facts = getattr(look, stage)()
            except WireError as error:
                facts = {"error": {"code": error.code, "reason": error.reason, "close_code": error.close_code,
                                   "retry_after": getattr(error, "retry_after", None)}}
            seen[stage] = dict(facts, ms=round((clock() - start) * 1000, 1))
            if "error" in facts and stage not in _GO_ON:
                break
    finally:
        look.close()
    return seen


def observe_exposure(port, patience=KNOCK_PATIENCE, clock=time.monotonic):
    """Knock on the port on every address of this host that other hosts can reach.

    :returns: dict with C(ms) and either C(knocks) (address to outcome, see :func:`exposure.knock`) or C(error).
    """
    start = clock()
    try:
        facts = {"knocks": knock(addresses(), port, patience, clock)}
    except (OSError, ImportError) as error:
        facts = {"error": {"code": "addresses_unknown",
                           "reason": "the addresses of this host cannot be listed: %s." % error}}
    return dict(facts, ms=round((clock() - start) * 1000, 1))
