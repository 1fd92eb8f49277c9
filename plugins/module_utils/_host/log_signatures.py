# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What lines of a Gateway's log mean, as data, for OpenClaw 2026.6.1, 2026.7.1 and 2026.9.6. Pure.

Most were seen in real logs. Those after a line that says so were only read in OpenClaw's code.

A text is compared from its beginning, so that a line which only quotes another one counts for nothing. What a client
can put into a line (its user agent, its origin, the reason of its close) never becomes the name of a counter: names
come from the tables here, all others are C(other).
"""

from __future__ import annotations

import re
from typing import NamedTuple

OTHER = "other"
#: Names of one counter that are told apart where the table does not list them (providers).
MAX_NAMES = 20

#: Close codes that are told apart.
CLOSE_CODES = ("1000", "1001", "1002", "1005", "1006", "1008", "1009", "1011", "1012", "1013", "4001")
#: Causes of a close before the handshake was through. Releases up to 2026.7 name them in their own log file only.
CLOSE_CAUSES = (
    "bootstrap-token-consume-failed",
    "client-invalidated",
    "control-ui-insecure-auth",
    "connect-aborted-before-register",
    "device-auth-invalid",
    "device-required",
    "gateway-auth-rotated",
    "gateway-restarting",
    "handshake-timeout",
    "heartbeat-timeout",
    "hello-send-failed",
    "invalid-handshake",
    "invalid-role",
    "missing-ingress-attribution",
    "origin-mismatch",
    "outbound-buffer-exceeded",
    "pairing-required",
    "preauth-payload-too-large",
    "protocol-mismatch",
    "repeated-unauthorized-requests",
    "startup-sidecars-pending",
    "unauthorized",
)
#: What the reason of a close begins with -> the cause, for lines that name no cause.
REASONS = (
    ("unauthorized:", "unauthorized"),
    ("device identity required", "device-required"),
    ("pairing required", "pairing-required"),
    ("protocol mismatch", "protocol-mismatch"),
    ("invalid handshake", "invalid-handshake"),
    ("invalid connect params", "invalid-handshake"),
    ("invalid role", "invalid-role"),
    ("origin not allowed", "origin-mismatch"),
)
#: Why a Gateway turned a credential down.
AUTH_REASONS = (
    "bootstrap_token_invalid",
    "device_token_mismatch",
    "password_mismatch",
    "password_missing",
    "password_missing_config",
    "rate_limited",
    "token_mismatch",
    "token_missing",
    "token_missing_config",
    "trusted_proxy_no_proxies_configured",
    "trusted_proxy_untrusted_source",
    "trusted_proxy_user_missing",
)


class Signature(NamedTuple):
    """One kind of line.

    :ivar begins: what its text begins with. :ivar counter: which counter it raises.
    :ivar name: name within the counter; C(None) where a function of C(NAMES) finds it in the line.
    """

    begins: str
    counter: str
    name: str | None = None


#: In the life of a Gateway: a process begins, it serves, it begins anew in itself, it ends by plan, it gives up.
BEGIN, SERVE, AGAIN, END, GIVE_UP = "begin", "serve", "again", "end", "give_up"

#: Exits that a Gateway says it has come to by plan. Of several words the last counts.
BY_PLAN = ("told_to_stop", "clean")
#: Text that a line begins with -> (step in the life of the Gateway, name of the exit it announces).
LIFE = (
    ("loading configuration", BEGIN, None),
    ("ready", SERVE, None),
    ("restart mode: in-process restart", AGAIN, None),
    # Alone it is a process that was told to stop and never said that it had: killed before it was through.
    ("received SIGTERM; shutting down", END, "told_to_stop"),
    ("completed cleanly", END, "clean"),
    ("completed in ", END, "clean"),
    ("Gateway start blocked: existing config is missing gateway.mode", GIVE_UP, "mode_missing"),
    ("Gateway failed to start: Invalid config", GIVE_UP, "config_invalid"),
    ("Gateway failed to start: another gateway instance", GIVE_UP, "port_held"),
    ("Gateway failed to start: Startup failed: required secrets", GIVE_UP, "secret_unresolved"),
    ("Refusing to bind gateway to ", GIVE_UP, "bind_without_auth"),
    # Read, not seen.
    ("Missing config.", GIVE_UP, "config_missing"),
    ("Gateway start blocked: set gateway.mode=local", GIVE_UP, "mode_remote"),
    ("Gateway failed to start: gateway already running", GIVE_UP, "port_held"),
    ("Gateway failed to start:", GIVE_UP, OTHER),
    ("Invalid config at ", GIVE_UP, "config_invalid"),
    ("gateway auth mode is trusted-proxy, but", GIVE_UP, "config_invalid"),
    ("[openclaw] FATAL unhandled rejection", GIVE_UP, "unhandled_rejection"),
)

SIGNATURES = (
    Signature("closed before connect conn=", "closes"),
    Signature("closed before connect conn=", "pairing"),
    Signature("unauthorized conn=", "gateway_auth_failures"),
    Signature("model fallback decision", "provider_auth_failures"),
    Signature("Auth lookup failed for provider ", "provider_auth_failures"),
    Signature("device pairing approved ", "pairing", "granted"),
    Signature("device pairing auto-approved ", "pairing", "granted_silently"),
    Signature("device pairing approval denied ", "pairing", "refused"),
    Signature("ready", "starts", "ready"),
    Signature("config reload skipped (invalid config)", "reloads", "skipped_invalid"),
    Signature("config reload failed", "reloads", "failed"),
    Signature("config hot reload applied", "reloads", "hot"),
    Signature("config change requires gateway restart", "reloads", "restart"),
    Signature("remote model catalog refresh failed", "plugin_failures", "catalog_refresh"),
    # Read, not seen.
    Signature("webchat disconnected code=", "closes"),
    Signature("device pairing rejected ", "pairing", "refused"),
    Signature("Plugin registry refresh failed", "plugin_failures", "registry_refresh"),
    Signature("provider catalog refresh failed", "plugin_failures", "catalog_refresh"),
    Signature("plugin load failed", "plugin_failures", "load"),
    Signature("[openclaw] Unhandled promise rejection", "unhandled_rejections", "survived"),
    Signature("[openclaw] Non-fatal unhandled rejection", "unhandled_rejections", "survived"),
    Signature("[openclaw] Non-fatal uncaught exception", "unhandled_rejections", "survived"),
    Signature("[openclaw] FATAL unhandled rejection", "unhandled_rejections", "fatal"),
)

#: Lines that the whole text must be, not only begin with.
WHOLE = ("ready",)
#: Every counter there is, so that none found is 0 and not absent.
COUNTERS = (
    "closes",
    "exits",
    "gateway_auth_failures",
    "pairing",
    "plugin_failures",
    "provider_auth_failures",
    "reloads",
    "starts",
    "storms",
    "unhandled_rejections",
)

_CODE = re.compile(r"code=(\d{4})\b")
_CAUSE = re.compile(r" cause=([a-z-]{1,40})\b")
_CLOSE_REASON = re.compile(r"code=\d{4} reason=(.{0,60})")
_REASON = re.compile(r" reason=([a-z_]{1,40})\b")
_CANDIDATE = re.compile(r" candidate=([A-Za-z0-9][A-Za-z0-9._-]{0,39})/\S* reason=auth(?:_permanent)?\b")
_LOOKUP = re.compile(r'"([A-Za-z0-9][A-Za-z0-9._-]{0,39})"')
_PROVIDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")


def _listed(name, names):
    return name if name in names else OTHER


def _cause(text, fields):
    if text.startswith("webchat"):
        return "after_connect"
    cause = fields.get("cause") or (_CAUSE.findall(text) or [None])[-1]
    if cause is not None:
        return _listed(cause, CLOSE_CAUSES)
    reason = _CLOSE_REASON.search(text)
    return next((name for begins, name in REASONS if reason and reason.group(1).startswith(begins)), "unnamed")


def _close(text, fields):
    code = _CODE.search(text)
    return "%s/%s" % (_listed(code and code.group(1), CLOSE_CODES), _cause(text, fields))


def _asked(text, fields):
    return "asked" if _cause(text, fields) == "pairing-required" else None


def _refused(text, fields):
    reason = fields.get("authReason") or (_REASON.findall(text) or [None])[-1]
    return _listed(reason, AUTH_REASONS)


def _provider(text, fields):
    """A failure for another reason (rate limit, billing, format) is no failure of authentication."""
    if fields.get("reason") in ("auth", "auth_permanent"):
        named = _PROVIDER.match(fields.get("candidateProvider", ""))
        return named.group() if named else OTHER
    found = (_LOOKUP if text.startswith("Auth lookup") else _CANDIDATE).search(text)
    return found.group(1) if found else None


#: Counter -> function of (text, fields) to the name, or None where the line counts for nothing.
NAMES = {
    "closes": _close,
    "gateway_auth_failures": _refused,
    "pairing": _asked,
    "provider_auth_failures": _provider,
}

#: What a line holds that is any of these, or that ends the life of a process by the fault of a plugin.
ANCHORS = tuple(dict.fromkeys(
    " ".join(begins.split(" ")[:2]) for begins in [row.begins for row in SIGNATURES] + [row[0] for row in LIFE]
    if begins not in WHOLE
)) + ("] ready", "gateway ready", '"ready"', "/extensions/", "/plugins/")
_BEGINNINGS = tuple(row.begins for row in SIGNATURES) + tuple(row[0] for row in LIFE)


def _begins(text, beginning):
    return text.startswith(beginning) and (beginning not in WHOLE or text.strip() == beginning)


def meaning(text, fields):
    """Return (list of (counter, name), step in the life of the Gateway or None, name of an exit or None)."""
    if not text.startswith(_BEGINNINGS):
        return [], None, None
    raised = []
    for row in SIGNATURES:
        if _begins(text, row.begins):
            name = row.name or NAMES[row.counter](text, fields)
            raised += [(row.counter, name)] if name else []
    step, ending = next(((step, ending) for begins, step, ending in LIFE if _begins(text, begins)), (None, None))
    return raised, step, ending
