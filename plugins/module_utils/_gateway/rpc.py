# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The Gateway's request and response protocol over a WebSocket: the connect handshake and calls after it."""

from __future__ import annotations

import json

from .codes import code_of
from .http import printable
from .wire import WireError, json_object

#: Protocol versions offered. 4 is what 2026.6 to 2026.9 speak; a range lets the server choose.
PROTOCOLS = (3, 4)

#: The one identity that keeps the scopes it asks for without a device, on loopback, in every version known.
#: A probe never presents a device: on loopback a new device is paired silently, which would change the Gateway.
CLIENT = {"id": "gateway-client", "mode": "backend", "platform": "darwin", "version": "0.1.0"}

SCOPES = ("operator.read",)

#: How long to wait for the close frame that follows a refused connect, in seconds. It only adds colour.
_CLOSE_GRACE = 0.2


class RpcError(WireError):
    """The Gateway answered a request with an error.

    :param code: C(error.details.code), else what :func:`codes.code_of` makes of code and message.
    :param reason: the Gateway's own words, shortened.
    :param retry_after: seconds after which it invites another try, or C(None).
    :param close_code: code of the close frame that followed, or C(None).
    """

    def __init__(self, code, reason, retry_after=None, close_code=None):
        super().__init__(code, reason, close_code)
        self.retry_after = retry_after


def _retry_after(error):
    """Return retryAfterMs as seconds, between 0 and 60, or None when it is absent or no number."""
    details = error.get("details")
    for place in (error, details if isinstance(details, dict) else {}):
        value = place.get("retryAfterMs")
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
            return min(value, 60000) / 1000.0
    return None


def error_of(error):
    """Return the :class:`RpcError` for the C(error) member of a response (any JSON value)."""
    error = error if isinstance(error, dict) else {}
    code = code_of(error)
    message = printable(error.get("message", "")).rstrip(".") or "no message"
    return RpcError(code, "the Gateway answered %s: %s." % (code, message), _retry_after(error))


class Session:
    """Requests over an open WebSocket; events that come in between are passed over.

    :param socket: :class:`websocket.WebSocket`.
    """

    def __init__(self, socket):
        self._socket = socket
        self._sent = 0

    def call(self, method, params):
        """Send a request and return the payload of its response.

        :returns: dict (empty when the Gateway answered without a payload).
        :raises RpcError: when the Gateway answered with an error.
        :raises WireError: C(garbage) for frames that are no protocol, or what the WebSocket raises.
        """
        self._sent += 1
        name = str(self._sent)
        self._socket.send(json.dumps({"type": "req", "id": name, "method": method, "params": params}))
        while True:
            message = json_object(self._socket.receive().encode("utf-8"))
            if message.get("type") != "res" or message.get("id") != name:
                continue
            if message.get("ok") is not True:
                raise error_of(message.get("error"))
            payload = message.get("payload")
            return payload if isinstance(payload, dict) else {}

    def connect(self, auth, scopes=SCOPES):
        """Do the connect handshake.

        :param auth: mapping for C(params.auth) (C(token) or C(password)); empty to present nothing.
        :param scopes: what to ask for. What was granted stands in the hello.
        :returns: the hello payload.
        :raises RpcError: refused; C(close_code) says with which close frame.
        :raises WireError: C(garbage) when the answer is no hello, or what :meth:`call` raises.
        """
        params = {"minProtocol": PROTOCOLS[0], "maxProtocol": PROTOCOLS[1], "client": CLIENT,
                  "role": "operator", "scopes": list(scopes), "caps": []}
        if auth:
            params["auth"] = auth
        try:
            hello = self.call("connect", params)
        except RpcError as error:
            error.close_code = self._close_code()
            raise
        if hello.get("type") != "hello-ok":
            raise WireError("garbage", "an answer to connect that is no hello.")
        return hello

    def _close_code(self):
        try:
            self._socket.wire.shorten(_CLOSE_GRACE)
            while True:
                self._socket.receive()
        except WireError as error:
            return error.close_code
