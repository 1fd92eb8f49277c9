# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in knows and answers: its configuration, its HTTP pages, its conversations."""

import copy
import json
import os
import socket
import threading
import time

from . import answers, settings
from .admission import Denied, admit
from .wire import Gone

_UNATTRIBUTED = {"error": {
    "message": "Proxy client attribution is required. Configure gateway.trustedProxies narrowly and make the proxy "
               "overwrite or safely rebuild forwarded client headers.", "type": "proxy_attribution_required"}}
_UNAUTHORIZED = {"error": {"message": "Unauthorized", "type": "unauthorized"}}
_PAGE = "<!doctype html>\n<html><head><title>OpenClaw Control</title></head><body></body></html>\n"
#: Seconds that a visitor may say nothing: before the connect, and between two requests of HTTP.
SILENCE, IDLE = 15.0, 5.0
#: A wrong secret is answered later each time: from, to (seconds). A right one in between starts it again.
_DELAY = (0.25, 5.0)
#: Method -> scope it needs.
SCOPES = {"health": None, "config.get": "operator.read", "status": "operator.read", "system-presence": "operator.read",
          "device.pair.list": "operator.pairing"}


class Gateway:
    """One Gateway. C(document) is the file as last read, C(applied) the one that runs."""

    def __init__(self, home, version, log, environment):
        self.home, self.version, self.log, self.environment = home, version, log, environment
        self.began = time.monotonic()
        self.boot = uuid()
        self.hostname = socket.gethostname()
        self.document = self.applied = None
        self.mode = self.secret = None
        self.port = 0
        self.ready = False
        self._refused = 0
        self._guard = threading.Lock()

    @property
    def uptime_ms(self):
        return int((time.monotonic() - self.began) * 1000)

    def apply(self, document):
        """Run with C(document)."""
        self.mode, self.secret = settings.secret(document.tree, self.environment)
        self.document = self.applied = document

    # -- HTTP

    def serve(self, line, peer):
        """Serve one connection to its end."""
        try:
            line.patience(SILENCE)
            while True:
                request = line.request()
                if request is None:
                    return
                if request.upgrade:
                    self._meet(line, request, peer)
                    return
                self._page(line, request)
                if not request.stays:
                    return
                line.patience(IDLE)
        except (Gone, OSError, ValueError):
            pass  # the visitor's affair
        finally:
            line.close()

    def _trusts(self, headers):
        return "x-forwarded-for" not in headers or settings.get(self.applied.tree, "gateway", "trustedProxies")

    def _page(self, line, request):
        path, plain = request.path, "text/plain; charset=utf-8"
        quiet = (("Cache-Control", "no-store"),)
        if path in ("/healthz", "/health"):
            line.answer(request, 200, {"ok": True, "status": "live"}, extra=quiet)
        elif not self._trusts(request.headers):
            line.answer(request, 403, _UNATTRIBUTED)
        elif path in ("/readyz", "/ready"):
            line.answer(request, 200 if self.ready else 503, {
                "ready": self.ready, "failing": [] if self.ready else ["startup-sidecars"],
                "uptimeMs": self.uptime_ms, "eventLoop": answers.EVENT_LOOP}, extra=quiet)
        elif path == "/startupz":
            line.answer(request, 200, {"ok": True, "status": "started", "version": self.version,
                                       "uptimeMs": self.uptime_ms}, extra=quiet)
        elif path == "/tools/invoke" and request.method != "POST":
            line.answer(request, 405, "Method Not Allowed", plain, (("Allow", "POST"),))
        elif path in ("/tools/invoke", "/__openclaw__/control-ui-config.json"):
            self._bearer(line, request)
        elif path.startswith("/v1/"):
            line.answer(request, 404, "Not Found", plain)
        else:
            line.answer(request, 200, _PAGE, "text/html; charset=utf-8", (("Cache-Control", "no-cache"),))

    def _bearer(self, line, request):
        given = request.headers.get("authorization", "").partition(" ")[2]
        if self.mode != "none" and given != self.secret:
            if given:
                self._take_time()
            line.answer(request, 401, _UNAUTHORIZED)
        else:
            line.answer(request, 200, {"ok": True, "result": []})

    def _take_time(self):
        with self._guard:
            pause = min(_DELAY[0] * 2**self._refused, _DELAY[1])
            self._refused += 1
        time.sleep(pause)

    # -- WebSocket

    def _meet(self, line, request, peer):
        if not self._trusts(request.headers):
            line.answer(request, 403, _UNATTRIBUTED)
            return
        line.upgrade(request)
        conn, began = uuid(), time.monotonic()
        line.say({"type": "event", "event": "connect.challenge", "payload": {
            "nonce": uuid(), "ts": now_ms(), "capabilities": ["model-catalog-snapshot"]}})
        try:
            frame = _object(line.hear())
        except socket.timeout:
            frame = None
        if frame is None:
            line.hang_up(1000)
            return
        try:
            guest = self._admit(frame, request, peer)
        except Denied as no:
            line.say({"type": "res", "id": frame.get("id"), "ok": False, "error": no.error})
            line.hang_up(no.close, no.error["message"])
            self._note_refusal(conn, peer, request, no, int((time.monotonic() - began) * 1000))
            return
        line.patience(None)
        line.say({"type": "res", "id": frame["id"], "ok": True, "payload": self._hello(guest, conn)})
        self._converse(line, guest)

    def _admit(self, frame, request, peer):
        if not self.ready:
            raise Denied("UNAVAILABLE", "gateway starting; retry shortly", {
                "reason": "startup-sidecars"}, 1013, "startup-sidecars-pending")
        origins = settings.get(self.applied.tree, "gateway", "controlUi", "allowedOrigins") or ()
        try:
            local = peer == "::1" or peer.startswith("127.")
            guest = admit(frame, request.headers, local, self.mode, self.secret, origins)
        except Denied as no:
            if no.cause == "unauthorized":
                self._take_time()
            raise
        with self._guard:
            self._refused = 0
        return guest

    def _note_refusal(self, conn, peer, request, no, ms):
        reason = no.error.get("details", {}).get("authReason")
        here = "%s->127.0.0.1:%d" % (peer, self.port)
        if reason:
            self.log.say("ws", "unauthorized conn=%s peer=%s remote=%s client=gateway-client backend role=operator "
                         "scopes=0 auth=token device=no instance=n/a host=%s origin=n/a ua=n/a reason=%s "
                         "guidance=%s" % (
                             conn, here, peer, request.headers.get("host"), reason, no.error["message"]), "WARN")
        self.log.say("ws", "closed before connect conn=%s peer=%s remote=%s fwd=n/a origin=%s host=%s ua=n/a code=%d "
                     "reason=%s cause=%s durationMs=%d handshake=failed lastFrameType=req" % (
                         conn, here, peer, request.headers.get("origin", "n/a"), request.headers.get("host"), no.close,
                         no.error["message"] if reason else "n/a", no.cause, ms), "WARN")

    def _hello(self, guest, conn):
        hello = copy.deepcopy(answers.HELLO)
        hello["server"] = {"version": self.version, "buildId": "%s-lab-stand-in" % self.version, "bootId": self.boot,
                           "controlUiBuildSource": "bundled", "connId": conn}
        reads = may(guest, "operator.read")
        hello["snapshot"].update(uptimeMs=self.uptime_ms, appliedConfigHash=self.applied.revision,
                                 presence=self._presence() if reads else [], health=self._health())
        if may(guest, "operator.admin"):
            hello["snapshot"].update(authMode=self.mode, configPath=self.home.config, stateDir=self.home.state)
        if not reads:
            for name in ("controlUiWidgetKinds", "controlUiLinkReaders"):
                del hello[name]
            del hello["snapshot"]["updateSchedule"]
        hello["pluginSurfaceUrls"] = {"canvas": "http://127.0.0.1/__openclaw__/cap/" + os.urandom(12).hex()}
        hello["auth"] = {"method": guest.method, "role": guest.role, "scopes": guest.scopes,
                         "recoveryScope": os.urandom(16).hex()}
        return hello

    def _converse(self, line, guest):
        while True:
            frame = _object(line.hear())
            if frame is None:
                return
            answer = {"type": "res", "id": frame.get("id")}
            try:
                payload = self._call(frame.get("method"), guest)
                line.say({**answer, "ok": True, "payload": payload})
            except Denied as no:
                line.say({**answer, "ok": False, "error": no.error})

    def _call(self, method, guest):
        needed = SCOPES.get(method, "operator.admin")
        if needed and not may(guest, needed):
            raise Denied("FORBIDDEN", "missing scope: " + needed, {
                "code": "MISSING_SCOPE", "missingScope": needed, "requiredScopes": [needed]})
        if method == "health":
            return self._health()
        if method == "config.get":
            return self._config()
        if method == "status":
            return {"runtimeVersion": self.version, **_at_home(answers.STATUS, self.environment), "pid": os.getpid(),
                    "eventLoop": answers.EVENT_LOOP, "processMemory": {"rssBytes": 0}}
        if method == "system-presence":
            return self._presence()
        if method == "device.pair.list":
            return {"pending": [], "paired": []}
        if method in answers.HELLO["features"]["methods"]:
            raise Denied("UNAVAILABLE", "the lab's stand-in for the Gateway does not know %s" % method)
        raise Denied("INVALID_REQUEST", "unknown method: %s" % method)

    def _health(self):
        return {**_at_home(answers.HEALTH, self.environment), "ts": now_ms() - self.uptime_ms,
                "eventLoop": answers.EVENT_LOOP}

    def _presence(self):
        return [{"host": self.hostname, "ip": "127.0.0.1", "version": self.version, "platform": "linux stand-in",
                 "deviceFamily": "Linux", "mode": "gateway", "reason": "self", "instanceId": self.boot,
                 "text": "Gateway: %s · app %s · mode gateway · reason self" % (self.hostname, self.version),
                 "ts": now_ms()}]

    def _config(self):
        document = self.document
        answer = {"path": document.path, "includedPaths": [], "includeProvenance": [], "agentRosterIncludeOwned": False,
                  "bindingsIncludeOwned": False, "exists": document.exists, "raw": None, "parsed": None,
                  "sourceConfig": {}, "resolved": {}, "valid": document.tree is not None, "runtimeConfig": {},
                  "config": {}, "hash": document.digest, "issues": document.issues, "warnings": [], "legacyIssues": [],
                  "appliedConfigHash": self.applied.revision}
        if document.tree is not None:
            shown = settings.redacted(document.tree)
            source = {**shown, "agents": {"entries": {"main": {}}, **(shown.get("agents") or {})}}
            runtime = {**answers.DEFAULTS, **shown}
            answer.update(raw=_raw(document), parsed=shown, sourceConfig=source, resolved=source, runtimeConfig=runtime,
                          config=runtime, configRevisionHash=document.revision)
        return answer


def _raw(document):
    """The file's text without its secrets."""
    text = document.text
    auth = settings.get(document.tree, "gateway", "auth") or {}
    for name in settings.PLAIN_SECRETS:
        if isinstance(auth.get(name), str) and auth[name]:
            text = text.replace(auth[name], settings.REDACTED)
    return text


def _at_home(value, environment):
    if isinstance(value, str):
        return value.replace("{home}", environment.get("HOME", ""))
    if isinstance(value, dict):
        return {key: _at_home(one, environment) for key, one in value.items()}
    return [_at_home(one, environment) for one in value] if isinstance(value, list) else value


def _object(text):
    """The object in a message; None where there is none (then the real one hangs up with 1000)."""
    try:
        value = json.loads(text) if text is not None else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def may(guest, scope):
    return scope in guest.scopes or "operator.admin" in guest.scopes


def now_ms():
    return int(time.time() * 1000)


def uuid():
    digits = os.urandom(16).hex()
    return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]))
