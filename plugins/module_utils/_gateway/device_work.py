# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Asks a Gateway about its devices and has it change them, over its own interface. Rim.

OpenClaw keeps devices in JSON files up to 2026.7 and in SQLite since; through the Gateway both are the same. The
connection never presents a device of its own: a Gateway pairs a new one on the loopback address without asking.
"""

from __future__ import annotations

import contextlib
from typing import NamedTuple, Optional

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

from . import devices, observe
from .codes import meaning
from .device_plan import PAIRING, achieved, needs, plan
from .http import printable
from .rpc import RpcError, Session
from .websocket import WebSocket
from .wire import Deadline, WireError

_HOST = "127.0.0.1"

#: Action -> (method, function of the action that returns its parameters).
_METHODS = {
    "approve": ("device.pair.approve", lambda action: {"requestId": action.request}),
    "reject": ("device.pair.reject", lambda action: {"requestId": action.request}),
    "remove": ("device.pair.remove", lambda action: {"deviceId": action.device}),
    "revoke": ("device.token.revoke", lambda action: {"deviceId": action.device, "role": action.role}),
    "rotate": ("device.token.rotate", lambda action: {"deviceId": action.device, "role": action.role}),
}

#: Code of the Gateway -> next step, where it is another one here than for a probe.
_NEXT = {
    "MISSING_SCOPE": "connect to the Gateway itself: something in front of it, or gateway.auth, takes the scopes away. "
                     "openclaw_probe shows the verdict 'scope'.",
    "UNAVAILABLE": "wait until it is ready (openclaw_probe, wait_for: authenticated), then run this again.",
}


class Gateway(NamedTuple):
    """Where and how to ask. C(seconds) is what one conversation may take in all."""

    #: None where nobody knows; C(port_reason) says why.
    port: Optional[int]
    #: :class:`target.Credential`.
    credential: object
    seconds: float
    port_reason: Optional[str] = None

    @property
    def place(self):
        return _HOST if self.port is None else "%s:%d" % (_HOST, self.port)


class Work(NamedTuple):
    """What a Gateway lists, and what is to be done about it."""

    gateway: Gateway
    wish: object
    listing: devices.Listing
    actions: list
    #: OpenClaw version that runs, where the Gateway says.
    version: Optional[str] = None


def prepare(gateway, wish, now):
    """Look, and plan. Changes nothing. Whether the connection may do what is planned is found out as well.

    :param now: milliseconds since the epoch.
    :returns: :class:`Work`.
    :raises Failure: with the code of what is wrong.
    """
    with _conversation(gateway, (PAIRING,)) as (session, hello):
        listing = _listing(session, hello)
    actions = plan(wish, listing, now)
    if actions:
        with _conversation(gateway, needs(actions)):
            pass
    server = hello.get("server")
    version = server.get("version") if isinstance(server, dict) else None
    return Work(gateway, wish, listing, actions, printable(version, 64) if isinstance(version, str) else None)


def commit(work):
    """Carry out what was planned, and prove it by what the Gateway lists afterwards.

    :returns: :class:`Work` with the listing after.
    :raises Failure: with C(done), the actions that were carried out before.
    """
    if not work.actions:
        return work
    done = []
    with _conversation(work.gateway, needs(work.actions), done) as (session, hello):
        for action in work.actions:
            _carry_out(session, hello, action, work)
            done.append(action.row())
        after = _listing(session, hello)
        for action in work.actions:
            if not achieved(action, work.listing, after):
                raise _undone(action)
    return work._replace(listing=after)


def _carry_out(session, hello, action, work):
    method, params = _METHODS[action.action]
    try:
        # The answer is not looked at: it may hold a token, and the listing afterwards tells whether it was done.
        session.call(method, params(action))
    except RpcError as error:
        # Somebody else may have been faster, or the request may have lapsed.
        if achieved(action, work.listing, _listing(session, hello)):
            return
        known = meaning(error.code).layer is not None
        raise Failure(
            error.code if known else "device_action_refused",
            "the Gateway refused to %s %s: %s" % (action.action, _what(action), error.reason),
            meaning(error.code).layer or "auth",
            _NEXT.get(error.code, "look at what there is now (state: listed); the Gateway's log says why it refused."),
        ) from None


def _what(action):
    if action.request:
        return "request %s of device %s" % (action.request, action.device)
    return "device %s" % action.device if action.role is None else "the token of device %s for %s" % (
        action.device, action.role)


def _undone(action):
    return Failure(
        "device_came_back", "after the Gateway was asked to %s %s, it lists it as if it had not been."
        % (action.action, _what(action)), "auth",
        "a device that holds the Gateway's token is paired again when it connects over loopback: rotate that token "
        "(openclaw_token) before.", device=action.device)


def _listing(session, hello):
    return devices.listing_of(session.call("device.pair.list", {}), devices.online_of(hello))


@contextlib.contextmanager
def _conversation(gateway, scopes, done=()):
    """A connection that holds the scopes. Yields (session, hello); what goes wrong on the wire becomes a Failure."""
    credential = gateway.credential
    if gateway.port is None:
        raise _failure(gateway, "port_unknown", gateway.port_reason, done)
    if credential.code not in (None, "token_missing"):
        raise _failure(gateway, credential.code, credential.reason, done)
    try:
        path = observe.tcp_path(_HOST, gateway.port)
        wire = observe.dial(path, Deadline(gateway.seconds))
        try:
            line = WebSocket.open(wire, "/", path.host, path.headers)
            try:
                session = Session(line)
                hello = session.connect(credential.auth, scopes)
                _refuse_lack(gateway, scopes, hello, done)
                yield session, hello
            finally:
                line.close()
        finally:
            wire.close()
    except WireError as error:
        raise _failure(gateway, error.code, error.reason, done) from None
    except Failure as failure:
        failure.details.setdefault("done", list(done))
        raise


def _refuse_lack(gateway, scopes, hello, done):
    auth = hello.get("auth")
    granted = auth.get("scopes") if isinstance(auth, dict) else None
    granted = [scope for scope in granted if isinstance(scope, str)] if isinstance(granted, list) else []
    lacking = devices.missing(scopes, granted)
    if lacking:
        raise _failure(gateway, "MISSING_SCOPE", "the Gateway takes the credential, but grants no %s."
                       % ", ".join(lacking), done)


def _failure(gateway, code, reason, done):
    known = meaning(code)
    hint = _NEXT.get(code) or known.next.replace("PORT", str(gateway.port))
    return Failure(code, "%s: %s" % (gateway.place, reason), known.layer or "service", hint, done=list(done))
