# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which port and which credential a decoded openclaw.json declares. Pure."""

from __future__ import annotations

from typing import NamedTuple, Optional

DEFAULT_PORT = 18789


class Credential(NamedTuple):
    """What a probe proves with. C(auth) is what goes into the handshake.

    Either there is a secret, or C(code) and C(reason) say why not. C(token_missing) is the one case in which trying
    without still tells something: whether the Gateway takes anybody.
    """

    auth: dict
    code: Optional[str] = None
    reason: Optional[str] = None

    def __repr__(self):
        # A secret must not appear in a traceback.
        return "Credential(%s, code=%r)" % ("/".join(self.auth) or "none", self.code)


def _mapping(value):
    return value if isinstance(value, dict) else {}


def port_of(config):
    """Return C(gateway.port), the default where it is not set, or None where it is no port.

    OpenClaw's own commands fall back to the default port when the configuration is broken, and then talk to another
    Gateway; so this does not.
    """
    gateway = _mapping(config.get("gateway"))
    if "port" not in gateway:
        return None if "$include" in config or "$include" in gateway else DEFAULT_PORT
    port = gateway["port"]
    return port if isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535 else None


def credential_of(config, place):
    """Return the :class:`Credential` that C(gateway.auth) holds.

    The Gateway infers the mode from whichever secret is set; both set without a mode does not start.

    :param config: decoded openclaw.json.
    :param place: name of the file, for reasons.
    """
    gateway = _mapping(config.get("gateway"))
    auth = _mapping(gateway.get("auth"))
    kind = "password" if auth.get("mode") == "password" or ("password" in auth and "token" not in auth) else "token"
    key = "gateway.auth.%s" % kind
    value = auth.get(kind)
    if value is None or value == "":
        if "$include" in config or "$include" in gateway or "$include" in auth:
            return Credential({}, "token_reference", "%s of %s may come from an included file." % (key, place))
        return Credential({}, "token_missing", "%s holds no %s." % (place, key))
    if isinstance(value, dict) and "source" in value:
        return Credential({}, "token_reference", "%s of %s is a reference to a secret (source %s)."
                          % (key, place, value["source"]))
    if not isinstance(value, str):
        return Credential({}, "token_invalid", "%s of %s is no text." % (key, place))
    if "${" in value:
        return Credential({}, "token_reference", "%s of %s is filled in from the Gateway's environment." % (key, place))
    return Credential({kind: value})
