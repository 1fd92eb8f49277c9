# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Checks of a declaration that need no host: functions of (declared, peers) that yield refusals."""

from __future__ import annotations

import re

from ansible_collections.clawops.openclaw.plugins.plugin_utils import _declared_token
from ansible_collections.clawops.openclaw.plugins.plugin_utils._refusal import refuse, whole

SCOPES = ("daemon", "agent")
OTHERS = ("refuse", "replace_label", "replace")
EXPOSURES = ("loopback", "loopback_proxy", "tailnet")
BINDS = ("loopback", "lan", "tailnet", "auto", "custom")
AUTH_MODES = ("token", "none")
INSTALLS = ("npm", "archive", "existing")
#: Where the Gateway may listen for each kind of exposure. A proxy reaches it over loopback.
BINDS_OF_EXPOSURE = {"loopback": ("loopback",), "loopback_proxy": ("loopback",), "tailnet": ("tailnet",)}

#: Seconds. The lower bound keeps a crash loop from becoming a storm, the upper an outage from lasting an hour.
THROTTLE_RANGE = (5, 3600)
SMOKE_RANGE = (30, 86400)
#: The Gateway runs as an ordinary account: no privileged ports.
PORT_RANGE = (1024, 65535)

_EXACT_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?\Z")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
#: Keys of openclaw.json that have a role variable of their own.
_OWNED_KEYS = {
    ("gateway", "mode"): None,
    ("gateway", "port"): "gateway_port",
    ("gateway", "bind"): "gateway_bind",
    ("gateway", "auth", "mode"): "gateway_auth_mode",
    ("gateway", "auth", "token"): "gateway_token",
}


def _choices(declared, peers):
    table = (
        ("gateway_scope", SCOPES),
        ("gateway_others", OTHERS),
        ("gateway_exposure", EXPOSURES),
        ("gateway_bind", BINDS),
        ("gateway_auth_mode", AUTH_MODES),
        ("gateway_install", INSTALLS),
        ("gateway_token_source", ("config",)),
    )
    for key, allowed in table:
        if declared.get(key) not in allowed:
            yield refuse(
                "unknown_choice",
                key,
                declared.get(key),
                "not one of %s." % ", ".join(allowed),
                "set %s to one of them." % key,
            )


def _names(declared, peers):
    for key in ("gateway_user", "gateway_environment"):
        value = declared.get(key)
        if not isinstance(value, str) or not value.strip():
            yield refuse("empty_name", key, value, "empty.", "name it, e.g. %s: openclaw." % key)
    if declared.get("gateway_user") == "root":
        yield refuse(
            "user_is_root",
            "gateway_user",
            "root",
            "a Gateway runs what its agents ask for; as root that is the whole machine.",
            "create an ordinary account for it and name that.",
        )
    label = declared.get("gateway_label")
    if not isinstance(label, str) or not _LABEL.match(label):
        yield refuse(
            "label_malformed",
            "gateway_label",
            label,
            "not a launchd label (letters, digits, dot, dash, underscore).",
            "use reverse-domain form, e.g. ai.openclaw.gateway.",
        )


def _port_range(declared, peers):
    port = whole(declared.get("gateway_port"))
    if port is None or not PORT_RANGE[0] <= port <= PORT_RANGE[1]:
        yield refuse(
            "port_out_of_range",
            "gateway_port",
            declared.get("gateway_port"),
            "not a port from %d to %d." % PORT_RANGE,
            "choose a free one in that range; OpenClaw's own default is 18789.",
        )


def _throttle(declared, peers):
    raw = declared.get("gateway_throttle_interval")
    for fits, message, next_step in _THROTTLE_RULES:
        if not fits(whole(raw)):
            yield refuse("throttle_refused", "gateway_throttle_interval", raw, message, next_step)
            return


_SET_THROTTLE = "set it to %d..%d seconds; 30 is proven." % THROTTLE_RANGE
#: (what a good value satisfies, what to say otherwise, next step); the first broken rule speaks.
_THROTTLE_RULES = (
    (lambda seconds: seconds is not None, "not a whole number of seconds.", _SET_THROTTLE),
    (
        lambda seconds: seconds >= THROTTLE_RANGE[0],
        "too short: launchd would respawn a Gateway that cannot start in a storm.",
        _SET_THROTTLE,
    ),
    (
        lambda seconds: seconds <= THROTTLE_RANGE[1],
        "too long: one crash would mean an outage of more than an hour.",
        _SET_THROTTLE,
    ),
    (
        lambda seconds: seconds != 60,
        "OpenClaw takes 60 for a stale value of its own old installer and would call this plist outdated.",
        "use 30, or 59 or 61 if it must be about a minute.",
    ),
)


#: (code, variable, least and most seconds, next step).
_SECONDS = (
    ("timeout_refused", "gateway_exit_timeout", (1, 600), "30 gives a busy Gateway time to end by itself."),
    ("interval_refused", "gateway_smoke_interval", SMOKE_RANGE, "300 tells of an outage within minutes."),
)


def _timeouts(declared, peers):
    for code, name, (least, most), next_step in _SECONDS:
        seconds = whole(declared.get(name))
        if seconds is None or not least <= seconds <= most:
            message = "not a whole number of seconds from %d to %d." % (least, most)
            yield refuse(code, name, declared.get(name), message, next_step)
    ready = whole(declared.get("gateway_ready_timeout"))
    throttle = whole(declared.get("gateway_throttle_interval"))
    if ready is None:
        yield refuse(
            "timeout_refused",
            "gateway_ready_timeout",
            declared.get("gateway_ready_timeout"),
            "not a whole number of seconds.",
            "180 suits a Mac mini.",
        )
    elif throttle is not None and ready <= throttle <= THROTTLE_RANGE[1]:
        yield refuse(
            "timeout_refused",
            "gateway_ready_timeout",
            ready,
            "not longer than gateway_throttle_interval (%d): one failed first start could never be seen to recover."
            % throttle,
            "make it at least %d." % (throttle + 60),
        )


def _versions(declared, peers):
    for key, example in (("gateway_version", "2026.9.6"), ("gateway_node_version", "24.21.0")):
        value = declared.get(key)
        if not isinstance(value, str) or not _EXACT_VERSION.match(value):
            yield refuse(
                "version_not_exact",
                key,
                value,
                "not an exact version: two runs could install two different things.",
                'pin one, in quotes, e.g. %s: "%s".' % (key, example),
            )


def _paths(declared, peers):
    for key in ("gateway_root", "gateway_state_dir"):
        value = declared.get(key)
        if value is None and key == "gateway_state_dir":
            continue
        if not isinstance(value, str) or not value.startswith("/") or value.rstrip("/").count("/") < 2:
            yield refuse(
                "path_refused",
                key,
                value,
                "not an absolute path below a top-level directory.",
                "give one of its own, e.g. /opt/openclaw.",
            )


def _registry(declared, peers):
    if declared.get("gateway_install") == "npm" and not declared.get("gateway_npm_registry"):
        yield refuse(
            "npm_registry_missing",
            "gateway_npm_registry",
            declared.get("gateway_npm_registry"),
            "not given, so nothing says where gateway_install npm shall get OpenClaw from.",
            "set it to what 'npm config get registry' prints where npm is set up as it shall be here.",
        )


def _archive(declared, peers):
    for key in ("gateway_archive", "gateway_archive_sha256"):
        if declared.get("gateway_install") == "archive" and not declared.get(key):
            yield refuse(
                "archive_missing",
                key,
                declared.get(key),
                "not given, so gateway_install archive has nothing to install, or nothing to check it against.",
                "make one with playbooks/pack.yml, which says both.",
            )


def _counts(declared, peers):
    for key, (least, most) in (("gateway_keep_releases", (1, 100)), ("gateway_trial_timeout", (0, 3600))):
        if whole(declared.get(key)) is None or not least <= whole(declared.get(key)) <= most:
            message = "not a whole number from %d to %d." % (least, most)
            yield refuse("number_refused", key, declared.get(key), message, "leave it at its default, or correct it.")


def _bind_needs_auth(declared, peers):
    if declared.get("gateway_bind") != "loopback" and declared.get("gateway_auth_mode") == "none":
        yield refuse(
            "bind_without_auth",
            "gateway_bind",
            declared.get("gateway_bind"),
            "with gateway_auth_mode none anyone who reaches the port owns the Gateway; OpenClaw refuses to start so.",
            "set gateway_auth_mode: token, or gateway_bind: loopback.",
        )


def _exposure_fits_bind(declared, peers):
    exposure, bind = declared.get("gateway_exposure"), declared.get("gateway_bind")
    allowed = BINDS_OF_EXPOSURE.get(exposure)
    if allowed and bind in BINDS and bind not in allowed:
        yield refuse(
            "exposure_contradictory",
            "gateway_exposure",
            exposure,
            "contradicts gateway_bind %s: this exposure needs bind %s." % (bind, " or ".join(allowed)),
            "declare one of the two differently, so that both say the same.",
        )


def _exposure_uniform(declared, peers):
    environment = declared.get("gateway_environment")
    modes = {}
    for name, peer in sorted(peers.items()):
        if peer and peer.get("environment") == environment:
            modes.setdefault(str(peer.get("exposure")), []).append(name)
    if len(modes) > 1:
        told = "; ".join("%s on %s" % (mode, _some(names)) for mode, names in sorted(modes.items()))
        yield refuse(
            "exposure_mixed",
            "gateway_exposure",
            declared.get("gateway_exposure"),
            "mixed inside gateway_environment %s: %s." % (environment, told),
            "give the environment one exposure, or the odd hosts a gateway_environment of their own.",
        )


def _some(names):
    return ", ".join(names[:5]) + (" and %d more" % (len(names) - 5) if len(names) > 5 else "")


def _token(declared, peers):
    reason = _declared_token.objection(declared.get("gateway_token") or {})
    if reason:
        shown, message, next_step = reason
        yield dict(refuse("token_refused", "gateway_token", None, message, next_step), value=shown)


def _settings(declared, peers):
    settings = declared.get("gateway_settings")
    if not isinstance(settings, dict):
        yield refuse(
            "settings_malformed",
            "gateway_settings",
            type(settings).__name__,
            "not a mapping of openclaw.json keys.",
            "write it as nested YAML, or {}.",
        )
        return
    for path, variable in _OWNED_KEYS.items():
        node = settings
        for part in path:
            node = node.get(part, _settings) if isinstance(node, dict) else _settings
        if node is not _settings:
            yield refuse(
                "setting_owned_by_role",
                "gateway_settings." + ".".join(path),
                "(set)",
                "this key has one owner, the role.",
                "remove it there and use %s." % (variable or "nothing: the role always writes local"),
            )


#: Checks of (declared, peers).
DECLARED = (
    _choices,
    _names,
    _port_range,
    _throttle,
    _timeouts,
    _versions,
    _registry,
    _archive,
    _counts,
    _paths,
    _bind_needs_auth,
    _exposure_fits_bind,
    _exposure_uniform,
    _token,
    _settings,
)
