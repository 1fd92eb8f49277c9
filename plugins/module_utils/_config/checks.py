# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What is wrong between keys of a whole configuration: things that OpenClaw's schema accepts or words badly. Pure.

:data:`CHECKS` is the table. A check judges only what it can see: a C(${VAR}) or a value that may come from an
C($include) is not judged.
"""

from __future__ import annotations

import collections
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import parse_path, value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: C(code) is stable; C(path) is the key to look at; C(problem) and C(hint) are sentences without any secret.
Finding = collections.namedtuple("Finding", "code path problem hint")

_Check = collections.namedtuple("_Check", "code path test hint")

BINDS = ("auto", "lan", "loopback", "custom", "tailnet")
AUTH_MODES = ("none", "token", "password", "trusted-proxy")

#: What stands where a secret should: written by broken scripts, or by OpenClaw in place of a secret it shows.
PLACEHOLDERS = ("", "undefined", "null", "None", "__OPENCLAW_REDACTED__")

_VARIABLE = re.compile(r"\$\{[^}$]*\}")
_ORIGIN = re.compile(r"(?:\*|[a-z][a-z0-9+.-]*://[^/\s?#]+)\Z", re.IGNORECASE)
_SECRET_KEYS = ("gateway.auth.token", "gateway.auth.password", "gateway.remote.token", "gateway.remote.password")


class _View:
    """A configuration, asked by dotted path."""

    def __init__(self, config):
        self.config = config

    def get(self, path):
        return value_at(self.config, parse_path(path))

    def known(self, path):
        """The value, or None where it is absent or only known at run time."""
        value = self.get(path)
        return None if isinstance(value, str) and _VARIABLE.search(value) else value

    def lacks(self, path):
        """Whether the key is surely not there: absent, and no C($include) on the way could bring it."""
        parts = parse_path(path)
        levels = [value_at(self.config, parts[:depth]) for depth in range(len(parts))]
        return self.get(path) is None and not any(isinstance(level, dict) and "$include" in level for level in levels)


def _mode_missing(view):
    return "gateway.mode is missing: the Gateway refuses to start (exit 78)." if view.lacks("gateway.mode") else None


def _mode_remote(view):
    if view.known("gateway.mode") == "remote":
        return "gateway.mode is 'remote': no Gateway starts on this host with it (exit 78)."
    return None


def _one_of(path, allowed):
    def test(view):
        value = view.known(path)
        if value is None or value in allowed:
            return None
        return "%s is %r; OpenClaw accepts %s." % (path, value, ", ".join(allowed))

    return test


def _legacy_token(view):
    if isinstance(view.get("gateway"), dict) and "token" in view.get("gateway"):
        return "gateway.token is a legacy key: OpenClaw neither reads nor migrates it, and refuses to start (exit 78)."
    return None


#: Keys that no OpenClaw since 2026.6 takes. (Those that only the newest one refuses are left to its own validation.)
RETIRED = ("gateway.password", "gateway.webchat")


def _retired(path):
    def test(view):
        return "%s is a retired key: OpenClaw refuses the file." % path if view.get(path) is not None else None

    return test


def _port(view):
    port = view.known("gateway.port")
    if port is None:
        return None
    if isinstance(port, bool) or not isinstance(port, (int, float)) or port % 1 != 0:
        return "gateway.port is %r, which is not a whole number (OpenClaw wants a number, not a string)." % (port,)
    return None if 1 <= port <= 65535 else "gateway.port is %d; a port lies between 1 and 65535." % port


def _bind_without_auth(view):
    bind = view.known("gateway.bind")
    if bind not in BINDS or bind == "loopback":
        return None
    if bind == "custom" and str(view.known("gateway.customBindHost")).startswith("127."):
        return None
    if view.known("gateway.auth.mode") == "none":
        return "gateway.bind is %r while gateway.auth.mode is 'none': the Gateway would be open to the network." % bind
    if all(view.lacks("gateway.auth.%s" % key) for key in ("mode", "token", "password")):
        return (
            "gateway.bind is %r and nothing is set under gateway.auth: the Gateway refuses to start (exit 78)." % bind
        )
    return None


def _custom_bind_host(view):
    if view.known("gateway.bind") == "custom" and view.lacks("gateway.customBindHost"):
        return "gateway.bind is 'custom' but gateway.customBindHost is missing."
    return None


def _auth_ambiguous(view):
    if view.get("gateway.auth.token") and view.get("gateway.auth.password") and view.lacks("gateway.auth.mode"):
        return (
            "gateway.auth.token and gateway.auth.password are both set but gateway.auth.mode is not: the Gateway exits."
        )
    return None


def _trusted_proxy(view):
    if view.known("gateway.auth.mode") == "trusted-proxy" and view.lacks("gateway.auth.trustedProxy"):
        return "gateway.auth.mode is 'trusted-proxy' but gateway.auth.trustedProxy is missing: the Gateway exits."
    return None


def _tailscale_bind(view):
    if view.known("gateway.tailscale.mode") in ("serve", "funnel") and view.known("gateway.bind") not in (
        None,
        "loopback",
    ):
        if view.known("gateway.bind") == "custom":
            return None
        return "gateway.tailscale.mode %r needs a Gateway on loopback, but gateway.bind is %r." % (
            view.known("gateway.tailscale.mode"),
            view.known("gateway.bind"),
        )
    return None


def _placeholder(path):
    def test(view):
        value = view.get(path)
        if isinstance(value, str) and value.strip() in PLACEHOLDERS:
            return "%s holds %r, which is no secret but what a broken script leaves behind." % (path, value)
        return None

    return test


def _origins(view):
    origins = view.known("gateway.controlUi.allowedOrigins")
    if origins is None:
        return None
    if not isinstance(origins, list):
        return "gateway.controlUi.allowedOrigins is not a list."
    for origin in origins:
        if not isinstance(origin, str) or not (_ORIGIN.match(origin) or _VARIABLE.search(origin)):
            return "gateway.controlUi.allowedOrigins holds %r, which is not a bare origin." % (origin,)
    return None


CHECKS = (
    _Check("gateway_mode_missing", "gateway.mode", _mode_missing, "set gateway.mode to 'local'."),
    _Check(
        "gateway_mode_remote",
        "gateway.mode",
        _mode_remote,
        "set gateway.mode to 'local' on a host that runs a Gateway.",
    ),
    _Check(
        "bind_unknown",
        "gateway.bind",
        _one_of("gateway.bind", BINDS),
        "use 'loopback' unless the network must reach it.",
    ),
    _Check("auth_mode_unknown", "gateway.auth.mode", _one_of("gateway.auth.mode", AUTH_MODES), "use 'token'."),
    _Check(
        "bind_without_auth",
        "gateway.bind",
        _bind_without_auth,
        "set gateway.bind to 'loopback', or gateway.auth.mode to 'token'.",
    ),
    _Check(
        "bind_host_missing",
        "gateway.customBindHost",
        _custom_bind_host,
        "set gateway.customBindHost to an IPv4 address.",
    ),
    _Check(
        "auth_ambiguous",
        "gateway.auth.mode",
        _auth_ambiguous,
        "set gateway.auth.mode, or remove one of the two secrets.",
    ),
    _Check(
        "trusted_proxy_incomplete",
        "gateway.auth.trustedProxy",
        _trusted_proxy,
        "add gateway.auth.trustedProxy with its userHeader.",
    ),
    _Check("tailscale_bind", "gateway.bind", _tailscale_bind, "set gateway.bind to 'loopback'."),
    _Check(
        "legacy_gateway_token",
        "gateway.token",
        _legacy_token,
        "set 'migrate_legacy: true', or list gateway.token in 'absent': the token belongs in gateway.auth.token.",
    ),
    _Check("port_invalid", "gateway.port", _port, "write it as a number, for example 18789."),
    _Check(
        "origins_invalid",
        "gateway.controlUi.allowedOrigins",
        _origins,
        "list origins as scheme://host[:port], without a path.",
    ),
) + tuple(
    _Check(
        "secret_placeholder",
        path,
        _placeholder(path),
        "set a real secret (openclaw_token can generate one) or remove the key.",
    )
    for path in _SECRET_KEYS
) + tuple(
    _Check("legacy_key", path, _retired(path), "set 'migrate_legacy: true', or list it in 'absent'.")
    for path in RETIRED
)


def findings(config):
    """Return the list of :class:`Finding` for a configuration given as plain data; empty when all is well."""
    view = _View(config)
    found = []
    for check in CHECKS:
        problem = check.test(view)
        if problem:
            found.append(Finding(check.code, check.path, problem, check.hint))
    return found


def refuse(found, location, ignore=()):
    """Raise a :class:`Failure` for the first finding whose code is not ignored; all of them are in its details.

    :param found: list of :class:`Finding`. :param location: path of the file, for the message.
    """
    found = [finding for finding in found if finding.code not in ignore]
    if found:
        first = found[0]
        raise Failure(
            first.code,
            "%s would be refused or unsafe: %s" % (location, first.problem),
            "config",
            first.hint,
            path=location,
            key=first.path,
            findings=[dict(finding._asdict()) for finding in found],
        )
