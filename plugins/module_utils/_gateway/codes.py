# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What every code means, as one table: the Gateway's own codes, WebSocket close codes, what its log says, and ours.

Codes of the Gateway keep its spelling (upper case), so that they can be searched for in its documentation and logs.
docs/codes.md is made from this table.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple, Optional

from .http import printable

#: Layer -> step of the runbook that repairs what lies there: 2 reproduce, 3 converge the source, 4 correct the endpoint
#: and the process, 5 pair and provide.
STEPS = {"input": 2, "config": 3, "auth": 3, "host": 4, "service": 4, "network": 4, "provider": 5}
_PAIR = 5


class Meaning(NamedTuple):
    """One row of the table."""

    #: C(fail), or C(unknown) where the code says that nothing could be told.
    verdict: str
    #: Where the fault lives, one of :data:`_failure.LAYERS`; C(None) for a code nobody knows.
    layer: Optional[str]
    #: What has happened, as a sentence part.
    cause: str
    #: The repair, as the next step for an operator; PORT stands for the port.
    next: str
    #: Step of the runbook that does it, C(None) for a code nobody knows.
    step: Optional[int] = None
    #: Whether it may pass by itself, so that waiting makes sense.
    passing: bool = False
    #: How a line of the Gateway's log says it, as a regular expression; C(None) where the log says nothing of its own.
    log: Optional[str] = None


def _row(verdict, passing=False):
    def row(layer, cause, next_step, step=None, log=None):
        return Meaning(verdict, layer, cause, next_step, step or STEPS[layer], passing, log)
    return row


_fail, _passing, _unknown, _unknown_yet = _row("fail"), _row("fail", True), _row("unknown"), _row("unknown", True)

_LOG = "read the last lines of the Gateway's log (~/Library/Logs/openclaw/gateway.log)."
_JOB = "look at the job with 'launchctl print', and at the last lines of the Gateway's log."
_WHO = "find out who listens on the port with 'lsof -nP -iTCP:PORT -sTCP:LISTEN'."
_SAME = "give this play and openclaw.json the same gateway.auth.token (openclaw_token does it)."
_DEVICE = "prove with the shared token instead; devices are managed with 'openclaw devices'."
_DECLARE = "declare a token (openclaw_token)."
_TAILSCALE = "check 'tailscale serve status', and gateway.auth.allowTailscale."
_PROXY = "check the headers the proxy sets against gateway.auth.trustedProxy."
_REPORT = "compare the OpenClaw version with those this collection knows, and report the code."

CODES = {
    # --- the connection
    "connection_refused": _passing("service", "nothing listens on the port", _JOB),
    "connection_reset": _passing("service", "the connection was reset", _JOB),
    "connection_closed": _passing("service", "the connection ended without an answer (close code 1006)", _LOG),
    "connection_failed": _passing("network", "no connection could be made", "check host and port."),
    "timeout": _passing("service", "no answer in time", "check the load of the host, then " + _LOG),
    "name_unknown": _fail("input", "the host name has no address", "set 'host' to an address, as 127.0.0.1."),
    "port_unknown": _unknown("config", "openclaw.json does not say which port", "repair openclaw.json, or set 'port'."),
    "tls_untrusted": _fail("network", "the certificate is not trusted, has expired or names another host",
                           "renew the certificate, or set 'ca_path' to the authority that signed it."),
    "tls_failed": _fail("network", "no TLS could be agreed upon", "check that the URL's port speaks TLS."),
    "ssh_host_key": _fail("network", "the SSH host key is not the known one",
                          "compare the key on the host itself, then correct the known_hosts file."),
    "ssh_refused": _fail("network", "SSH does not let us in", "check account, key and known_hosts of the hop."),
    "ssh_channel": _passing("service", "the last hop reaches nothing behind the port", _JOB),
    "not_refused": _fail("network", "a way is open that must not be", _WHO),
    "nothing_advertised": _unknown("config", "no URL is declared, and openclaw.json names none",
                                   "set 'url', or gateway.controlUi.allowedOrigins."),
    "token_withheld": _unknown("network", "the way is not encrypted, so the token is not presented",
                               "serve it by https, or expect only [tcp, live, ready]."),
    # --- who answers
    "html_answer": _fail("service", "a web page answers where a health answer belongs", _WHO),
    "not_json": _fail("service", "something that is no Gateway answers", _WHO),
    "not_http": _fail("service", "something that does not speak HTTP answers", _WHO),
    "garbage": _fail("service", "the answer makes no sense", _WHO),
    "too_large": _fail("service", "the answer does not end", _WHO),
    "accept_key_wrong": _fail("network", "something between here and the Gateway answers for it", _WHO),
    "websocket_violation": _fail("network", "the other side breaks the WebSocket protocol", _WHO),
    "upgrade_refused_401": _fail("auth", "the upgrade to WebSocket was refused", _SAME),
    "upgrade_refused_403": _fail("network", "the upgrade to WebSocket was refused", _WHO),
    "upgrade_refused_429": _fail("auth", "too many wrong attempts",
                                 "wait five minutes, and find the client that keeps trying."),
    "upgrade_refused_503": _passing("service", "the Gateway takes no connections at the moment",
                                    "wait (wait_for: ready)."),
    "proxy_attribution_required": _fail(
        "network", "the request carries forwarded headers from a proxy the Gateway does not trust",
        "list the proxy in gateway.trustedProxies, or connect without one."),
    # --- health
    "not_live": _passing("service", "the Gateway answers, and says it is not alive", _LOG),
    "startup_sidecars": _passing("service", "the Gateway is still starting its channels and sidecars",
                                 "wait; it takes a few seconds (wait_for: ready)."),
    "draining": _passing("service", "the Gateway is finishing its work before it stops or restarts",
                         "wait; then look whether it comes back (wait_for: ready)."),
    "not_ready": _passing("service", "the Gateway says it is not ready", _LOG),
    "UNAVAILABLE": _passing("service", "the Gateway cannot take requests yet", "wait (wait_for: ready)."),
    # --- what we prove with
    "token_missing": _unknown("auth", "there is no token to prove with",
                              "declare one (openclaw_token), or set 'token'. A Gateway whose configuration has none "
                              "makes one up at every start, which locks out everybody else."),
    "token_reference": _unknown("auth", "the token stands in openclaw.json as a reference, not as a value",
                                "set 'token' to the value the reference stands for."),
    "token_invalid": _unknown("config", "gateway.auth in openclaw.json makes no sense", "repair openclaw.json."),
    "self_nothing": _fail("auth", "the Gateway's own commands find no token, and end without connecting", _DECLARE),
    "self_reference": _fail("config", "the reference that the Gateway's own commands follow leads nowhere",
                            "repair what gateway.auth.token refers to (openclaw_token)."),
    "self_unseen": _unknown("host", "the environment of the Gateway's process cannot be read",
                            "run the task with become, as root, while the Gateway runs."),
    "refused_before": _unknown("auth", "not asked: a credential has been refused a moment ago, and each further wrong "
                               "one makes the Gateway slower", _SAME),
    "deferred": _unknown("host", "not asked, to spare a host that is short of memory",
                         "free memory on the host, or name the verdict in 'expect'."),
    "config_missing": _unknown("config", "there is no openclaw.json",
                               "deploy one (openclaw_config), or set 'state_dir'."),
    "config_unreadable": _unknown("config", "openclaw.json cannot be read", "run the task with become, as root."),
    "config_unparseable": _unknown("config", "openclaw.json cannot be parsed", "repair openclaw.json."),
    # --- authentication (error.details.code)
    "AUTH_TOKEN_MISMATCH": _fail("auth", "the Gateway runs with another token", _SAME),
    "AUTH_TOKEN_MISSING": _fail("auth", "no token was presented", _SAME),
    "AUTH_PASSWORD_MISMATCH": _fail("auth", "the Gateway runs with another password", _SAME),
    "AUTH_PASSWORD_MISSING": _fail("auth", "no password was presented", _SAME),
    "AUTH_DEVICE_TOKEN_MISMATCH": _fail("auth", "the device's token has been revoked or rotated", _DEVICE, _PAIR),
    "AUTH_RATE_LIMITED": _fail("auth", "too many wrong attempts; this address is locked out for five minutes",
                               "wait five minutes, and find the client that keeps trying a wrong token."),
    "DEVICE_IDENTITY_REQUIRED": _fail("auth", "the Gateway takes no connection without a token or a device", _SAME,
                                      log=r"device identity required"),
    "CONTROL_UI_DEVICE_IDENTITY_REQUIRED": _fail("auth", "the control UI must present a device", _DEVICE, _PAIR),
    "CONTROL_UI_ORIGIN_NOT_ALLOWED": _fail("auth", "the Origin header is not among the allowed ones",
                                           "send no Origin, or add it to gateway.controlUi.allowedOrigins.",
                                           log=r"origin not allowed"),
    "PAIRING_REQUIRED": _fail("auth", "the device is not paired", "approve it (openclaw_device).", _PAIR),
    "DEVICE_AUTH_NONCE_MISMATCH": _fail("auth", "the device signed another challenge", _DEVICE, _PAIR),
    "DEVICE_AUTH_SIGNATURE_INVALID": _fail("auth", "the device's signature is wrong", _DEVICE, _PAIR),
    "DEVICE_AUTH_DEVICE_ID_MISMATCH": _fail("auth", "the device's id does not belong to its key", _DEVICE, _PAIR),
    "DEVICE_AUTH_SIGNATURE_EXPIRED": _fail("auth", "the device's signature is too old", "check the clock of the host."),
    "AUTH_REQUIRED": _fail("auth", "the Gateway asks for a token", _SAME),
    "AUTH_UNAUTHORIZED": _fail("auth", "the Gateway refuses the credential", _SAME, log=r"\bunauthorized\b"),
    "AUTH_TOKEN_NOT_CONFIGURED": _fail("auth", "the Gateway has no token, so no token can be right", _DECLARE),
    "AUTH_PASSWORD_NOT_CONFIGURED": _fail("auth", "the Gateway has no password, so no password can be right", _DECLARE),
    "AUTH_BOOTSTRAP_TOKEN_INVALID": _fail("auth", "the pairing token is wrong or used up", _DEVICE, _PAIR),
    "AUTH_SCOPE_MISMATCH": _fail("auth", "the credential does not carry the scopes asked for", _SAME),
    "AUTH_TAILSCALE_IDENTITY_MISSING": _fail("auth", "Tailscale did not say who connects", _TAILSCALE),
    "AUTH_TAILSCALE_PROXY_MISSING": _fail("auth", "the connection did not come through Tailscale", _TAILSCALE),
    "AUTH_TAILSCALE_WHOIS_FAILED": _fail("auth", "Tailscale could not be asked who connects", _TAILSCALE),
    "AUTH_TAILSCALE_IDENTITY_MISMATCH": _fail("auth", "Tailscale says that somebody else connects", _TAILSCALE),
    "AUTH_IDENTITY_HEADER_REQUIRED": _fail("auth", "the proxy did not say who connects", _PROXY),
    "AUTH_VERIFIED_USER_REQUIRED": _fail("auth", "the proxy did not vouch for who connects", _PROXY),
    "AUTHENTICATED_PROFILE_UNAVAILABLE": _fail("auth", "the profile of who connects cannot be had", _PROXY),
    "DEVICE_AUTH_INVALID": _fail("auth", "the device's proof is wrong", _DEVICE, _PAIR),
    "DEVICE_AUTH_NONCE_REQUIRED": _fail("auth", "the device did not sign the challenge", _DEVICE, _PAIR),
    "DEVICE_AUTH_PUBLIC_KEY_INVALID": _fail("auth", "the device's key is none", _DEVICE, _PAIR),
    "CONTROL_UI_BUILD_MISMATCH": _fail("input", "the control UI belongs to another OpenClaw build", "reload the page."),
    "CLIENT_VERSION_MISMATCH": _fail("service", "the node host of this machine is older than its Gateway",
                                     "restart the node host, so that it runs the installed OpenClaw."),
    "INVALID_ROLE": _fail("auth", "the Gateway does not know the role", _REPORT),
    "auth_not_required": _fail("auth", "the Gateway takes connections without any token",
                               "set gateway.auth.mode to token and declare a token (openclaw_token)."),
    # --- scopes and requests
    "MISSING_SCOPE": _fail("auth", "the connection lacks the scope operator.read",
                           "connect to 127.0.0.1 directly; over any other address the Gateway takes the scopes away."),
    "PROTOCOL_MISMATCH": _fail("input", "the Gateway speaks another protocol version", _REPORT),
    "INVALID_HANDSHAKE": _fail("input", "the Gateway did not take the handshake", _REPORT),
    "INVALID_CONNECT_PARAMS": _fail("input", "the Gateway did not take the handshake's parameters", _REPORT),
    "UNKNOWN_METHOD": _fail("input", "the Gateway does not know the request", _REPORT),
    "health_not_ok": _passing("service", "the Gateway says its health is not ok", "run 'openclaw health' on the host."),
    # --- configuration
    "config_pending": _passing("config", "the saved configuration is not the one that runs",
                               "look for 'config reload' in the Gateway's log; else restart it once."),
    "config_fresh": _unknown_yet("config", "openclaw.json has changed a moment ago",
                                 "ask again in a few seconds (wait_for does)."),
    "config_invalid": _fail("config", "the saved configuration is invalid, so the next start will fail",
                            "run 'openclaw config validate --json' on the host."),
    "config_gone": _fail("config", "the configuration file is gone, so the next start will fail",
                         "restore openclaw.json."),
    "other_config": _fail("config", "the Gateway runs with another configuration file",
                          "set 'state_dir' to that of the Gateway, or correct its service definition."),
    "hash_missing": _unknown("config", "the Gateway does not say which configuration runs", _REPORT),
    # --- exposure
    "port_open": _fail("network", "the port is open on an address other hosts can reach",
                       "set gateway.bind to loopback; " + _WHO),
    "port_silent": _unknown("network", "an address neither refuses nor opens the port",
                            "knock from another host to be sure."),
    "addresses_unknown": _unknown("host", "the addresses of this host cannot be listed", "knock from another host."),
    # --- waiting
    "respawning": _fail("service", "the Gateway keeps coming and going", _JOB),
    "still_running": _passing("service", "the port still answers", _JOB),
    # --- close frames without a response before (RFC 6455 section 7.4.1; 4001 is OpenClaw's own)
    "close_1000": _passing("service", "the Gateway hung up without a word (a silent or unreadable handshake)", _LOG),
    "close_1001": _passing("service", "the Gateway is going away", _JOB),
    "close_1002": _fail("input", "the Gateway speaks another protocol version", _REPORT),
    "close_1005": _passing("service", "the Gateway hung up without a code", _LOG),
    "close_1003": _fail("input", "the Gateway does not take this kind of message", _REPORT),
    "close_1006": _passing("service", "the connection ended without a close frame", _JOB),
    "close_1008": _fail("auth", "the Gateway refused the connection by policy", _LOG),
    "close_1009": _fail("network", "the Gateway found a message too large", _REPORT),
    "close_1011": _passing("service", "the Gateway hung up over an error of its own", _LOG),
    "close_1012": _passing("service", "the Gateway is restarting", "wait (wait_for: ready)."),
    "close_1013": _passing("service", "the Gateway is overloaded", "check the load of the host."),
    "close_4001": _unknown_yet("auth", "the Gateway's credentials changed in that very moment",
                               "ask again (wait_for does)."),
    # --- what only the log says
    "bind_without_auth": _fail("config", "the Gateway refuses to listen on a non-loopback address without a secret",
                               "set gateway.bind to loopback, or declare a token (openclaw_token).",
                               log=r"refusing to bind gateway to \S+ without auth"),
    "port_held": _fail("service", "somebody else holds the port", _WHO,
                       log=r"EADDRINUSE|another gateway instance is already listening"),
    "mode_not_local": _fail("config", "gateway.mode is not local, so no Gateway starts",
                            "set gateway.mode to local (openclaw_config).",
                            log=r"gateway start blocked: .*gateway\.mode"),
    "mention_required": _fail("provider", "a group message was ignored because it does not mention the bot",
                              "mention the bot, or change the channel's mention policy.",
                              log=r"mention required|no-mention"),
    "sender_not_paired": _fail("provider", "a sender is not approved yet, and was sent a pairing code",
                               "approve the sender with 'openclaw pairing approve'.",
                               log=r"pairing request\b(?!.*(requestId|device))"),
    "content_not_text": _fail("provider", "the model's server takes only text, and got content in parts",
                              "set compat.requiresStringContent of that model to true.",
                              log=r"messages\[[^\]]*\]\.content: invalid type: sequence"),
    "long_context_refused": _fail("provider", "the model's server takes no long context with this credential",
                                  "remove context1m from the model's params, or give the agent an API key that is "
                                  "eligible for it.", log=r"extra usage is required for long context"),
    "config_restored": _fail("config", "OpenClaw has put back a former configuration over the one on disk",
                             "compare openclaw.json with the .clobbered and .rejected files beside it.",
                             log=r"config auto-restored from (last-known-good|backup)"),
    # --- not tried
    "not_reached": Meaning("skipped", None, "an earlier verdict is not ok, so this was not tried", ""),
}

#: What a line holds, in lower case, that any of these may fit: it is looked for first, because that is fast.
LOG_ANCHORS = (
    "device identity required", "origin not allowed", "unauthorized", "refusing to bind gateway", "eaddrinuse",
    "another gateway instance", "gateway start blocked", "mention required", "no-mention", "pairing request",
    "invalid type: sequence", "long context", "config auto-restored",
)

#: Refusals that only say that no credential was presented.
UNPRESENTED = ("DEVICE_IDENTITY_REQUIRED", "AUTH_TOKEN_MISSING", "AUTH_PASSWORD_MISSING")

#: What versions without details.code say instead, by how the message begins (lower case).
MESSAGES = (
    ("missing scope:", "MISSING_SCOPE"),
    ("invalid role", "INVALID_ROLE"),
    ("invalid handshake", "INVALID_HANDSHAKE"),
    ("invalid connect params", "INVALID_CONNECT_PARAMS"),
    ("unknown method", "UNKNOWN_METHOD"),
    ("protocol mismatch", "PROTOCOL_MISMATCH"),
    ("unauthorized: gateway token mismatch", "AUTH_TOKEN_MISMATCH"),
    ("unauthorized: gateway password mismatch", "AUTH_PASSWORD_MISMATCH"),
    ("device identity required", "DEVICE_IDENTITY_REQUIRED"),
)


def meaning(code):
    """Return the :class:`Meaning` of a code. A code nobody knows is unknown: neither good nor bad."""
    return CODES.get(code) or Meaning("unknown", None, "the Gateway says %s, which this collection does not know"
                                      % code, _REPORT)


def code_of(error):
    """Return the most telling code in the C(error) member of a response.

    :param error: mapping with C(code), C(message) and perhaps C(details.code), all of any JSON type.
    :returns: str, C(unspecified) when there is none.
    """
    details = error.get("details")
    specific = details.get("code") if isinstance(details, dict) else None
    if isinstance(specific, str) and specific:
        return printable(specific, 64)
    message = error.get("message")
    message = message.lower() if isinstance(message, str) else ""
    for beginning, code in MESSAGES:
        if message.startswith(beginning):
            return code
    general = error.get("code")
    return printable(general, 64) if isinstance(general, str) and general else "unspecified"


@functools.cache
def _signatures():
    # Compiled when they are asked for: a probe reads no log.
    return [(code, re.compile(row.log, re.IGNORECASE)) for code, row in CODES.items() if row.log]


def in_log(line):
    """Return the codes whose signature a line of the Gateway's log carries, in the order of the table."""
    return [code for code, pattern in _signatures() if pattern.search(line)]
