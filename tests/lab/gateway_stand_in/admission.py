# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may connect: judging the first message of a WebSocket. Pure, except for what it is given.

The texts and codes are those of the real Gateway; see facts of its handshake in test_stand_in.py, which asks both.
"""

CLIENTS = (
    "gateway-client", "cli", "openclaw-probe", "fingerprint", "test", "openclaw-macos", "node-host",
    "openclaw-control-ui", "webchat",
)
PROTOCOL, OLDEST_PROBE = 4, 3
#: (client id, mode) whose scopes stand without a device, from this host's own loopback.
TRUSTED = (("gateway-client", "backend"), ("cli", "cli"))
_NEEDED = ("minProtocol", "maxProtocol", "client")


class Denied(Exception):
    """The answer's error, and how the connection ends."""

    def __init__(self, code, message, details=None, close=1008, cause="invalid-handshake"):
        super().__init__(message)
        self.error = {"code": code, "message": message}
        if details:
            self.error["details"] = details
        self.close, self.cause = close, cause


class Guest:
    """Somebody who was let in."""

    def __init__(self, method, role, scopes):
        self.method, self.role, self.scopes = method, role, scopes


def _invalid(text):
    return Denied("INVALID_REQUEST", "invalid connect params: " + text)


def _check_shape(frame):
    if frame.get("type") != "req" or frame.get("method") != "connect":
        raise Denied("INVALID_REQUEST", "invalid handshake: first request must be connect")
    params = frame.get("params")
    if not isinstance(params, dict):
        raise _invalid("must be object")
    for name in _NEEDED:
        if name not in params:
            raise _invalid("must have required property '%s'" % name)
    if not isinstance(params["client"], dict) or params["client"].get("id") not in CLIENTS:
        raise _invalid("at /client/id: must be equal to one of the allowed values")
    return params


def _check_protocol(params):
    least, most = params["minProtocol"], params["maxProtocol"]
    probe = params["client"].get("mode") == "probe" and least <= OLDEST_PROBE <= most
    if not (least <= PROTOCOL <= most or probe):
        raise Denied("INVALID_REQUEST", "protocol mismatch", {
            "code": "PROTOCOL_MISMATCH", "clientMinProtocol": least, "clientMaxProtocol": most,
            "expectedProtocol": PROTOCOL, "minimumProbeProtocol": OLDEST_PROBE}, 1002, "protocol-mismatch")


def _check_origin(headers, allowed):
    origin = headers.get("origin")
    if origin is None or origin.partition("//")[2] == headers.get("host") or origin in allowed:
        return
    raise Denied("INVALID_REQUEST", "origin not allowed (open the Control UI from the gateway host or allow it in "
                 "gateway.controlUi.allowedOrigins)",
                 {"code": "CONTROL_UI_ORIGIN_NOT_ALLOWED", "reason": "origin not allowed"}, cause="origin-mismatch")


def _unidentified():
    return Denied("NOT_PAIRED", "device identity required", {"code": "DEVICE_IDENTITY_REQUIRED"},
                  cause="device-required")


def admit(frame, headers, local, mode, secret, allowed_origins=()):
    """Return the :class:`Guest`, or raise :class:`Denied`.

    :param headers: those of the upgrade. :param local: whether the guest comes from 127.0.0.1.
    :param mode: C(gateway.auth.mode). :param secret: what is asked for.
    """
    params = _check_shape(frame)
    role = params.get("role", "operator")
    if role not in ("operator", "node"):
        raise Denied("INVALID_REQUEST", "invalid role", cause="invalid-role")
    _check_protocol(params)
    _check_origin(headers, allowed_origins)
    if params.get("device"):
        raise Denied("INVALID_REQUEST", "the lab's stand-in for the Gateway knows no devices")
    client = (params["client"]["id"], params["client"].get("mode"))
    auth = params.get("auth") if isinstance(params.get("auth"), dict) else {}
    said = auth.get("token") or auth.get("password")
    if mode == "none":
        if client != TRUSTED[0]:
            raise _unidentified()
        method = "none"
    else:
        if not said:
            raise _unidentified()
        if said != secret:
            kind = "password" if mode == "password" else "token"
            said_no = "unauthorized: gateway %s mismatch (provide gateway auth %s)" % (kind, kind)
            raise Denied("INVALID_REQUEST", said_no, {
                "code": "AUTH_%s_MISMATCH" % kind.upper(), "authReason": kind + "_mismatch",
                "canRetryWithDeviceToken": False, "recommendedNextStep": "update_auth_credentials"},
                cause="unauthorized")
        method = mode
    if role == "node":
        raise _unidentified()
    kept = local and client in TRUSTED and "origin" not in headers
    return Guest(method, role, list(params.get("scopes") or []) if kept else [])
