# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How a change of the file takes effect in a running Gateway. Pure.

The table is OpenClaw 2026.9.6's own reload plan (core and default policies), longest prefix first; a path no rule
knows restarts the Gateway. Plugins and channels may bring narrower rules of their own at run time.
"""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at

#: From least to most: nothing to do; applied while running; the Gateway restarts by itself; nothing happens until
#: somebody restarts it. By itself means inside its process (same pid), but for OPENCLAW_SUPERVISOR_MODE=external
#: without OPENCLAW_NO_RESPAWN=1: then it exits with 0, and the supervisor (and its throttle) brings it back.
EFFECTS = ("none", "hot", "in_process_restart", "restart")

#: Prefix of a dotted path -> what a running Gateway does about a change below it.
RELOAD = {
    # none: read at the next use
    "gateway.remote": "none",
    "gateway.reload": "none",
    "meta": "none",
    "identity": "none",
    "wizard": "none",
    "logging": "none",
    "agents": "none",
    "bindings": "none",
    "audio": "none",
    "agent": "none",
    "routing": "none",
    "messages": "none",
    "session": "none",
    "talk": "none",
    "skills": "none",
    "secrets": "none",
    "tui": "none",
    "ui": "none",
    # hot, although their parent is not
    "agent.heartbeat": "hot",
    "gateway.http.endpoints": "hot",
    "gateway.http.securityHeaders.strictTransportSecurity": "hot",
    "gateway.tools": "hot",
    "gateway.cliAgents": "hot",
    "gateway.publicOrigin": "hot",
    "gateway.controlUi.enabled": "hot",
    "gateway.controlUi.environment": "hot",
    "gateway.controlUi.communityInvite": "hot",
    "gateway.controlUi.github": "hot",
    "gateway.controlUi.sessionObserver": "hot",
    "gateway.controlUi.embedSandbox": "hot",
    "gateway.controlUi.allowExternalEmbedUrls": "hot",
    "gateway.controlUi.automaticallyFetchFavicons": "hot",
    "gateway.controlUi.experimental.customPlugins": "hot",
    "gateway.controlUi.allowedOrigins": "hot",
    "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback": "hot",
    "gateway.nodes.browser": "hot",
    "gateway.nodes.pairing": "hot",
    "gateway.nodes.commands": "hot",
    "gateway.nodes.pluginTools.enabled": "hot",
    "gateway.nodes.allowSkills": "hot",
    "gateway.push.apns.relay": "hot",
    "gateway.terminal": "hot",
    "gateway.roles": "hot",
    "gateway.trustedProxies": "hot",
    "gateway.allowRealIpFallback": "hot",
    "gateway.auth.rateLimit": "hot",
    "gateway.auth.allowTailscale": "hot",
    "gateway.auth.identityScopes": "hot",
    "gateway.auth.trustedProxy": "hot",
    "agents.defaults": "hot",
    "agents.entries": "hot",
    "agents.ownership": "hot",
    "session.scope": "hot",
    "session.store": "hot",
    "skills.workshop.autonomous.mode": "hot",
    "talk.provider": "hot",
    "talk.realtime.provider": "hot",
    "discovery.mdns.mode": "hot",
    "mcp": "hot",
    "mcp.apps.sandboxOrigin": "hot",
    "desktop.host": "hot",
    "cloudWorkers": "hot",
    "hooks": "hot",
    "models": "hot",
    "cron": "hot",
    "transcripts": "hot",
    "tools": "hot",
    "plugins": "hot",
    "channels": "hot",
    "acp": "hot",
    "broadcast": "hot",
    "worktreeRoot": "hot",
    "worktreeAcceleration": "hot",
    "approvals.exec": "hot",
    "approvals.plugin": "hot",
    "auth.order": "hot",
    "auth.profiles": "hot",
    "memory.citations": "hot",
    "security.audit.suppressions": "hot",
    "security.installPolicy": "hot",
    "diagnostics.enabled": "hot",
    "diagnostics.cacheTrace.enabled": "hot",
    "attachments.ttlHours": "hot",
    "update.checkOnStart": "hot",
    "update.channel": "hot",
    "update.auto.enabled": "hot",
    "telemetry.enabled": "hot",
    "telemetry.consentedAt": "hot",
    "browser.enabled": "hot",
    "browser.evaluateEnabled": "hot",
    "browser.ssrfPolicy": "hot",
    "browser.extensionRelay.allowLegacyAuth": "hot",
    "browser.profiles": "hot",
    "browser.defaultProfile": "hot",
    "browser.headless": "hot",
    "browser.executablePath": "hot",
    "browser.attachOnly": "hot",
    "browser.cdpUrl": "hot",
    "browser.noSandbox": "hot",
    "browser.extraArgs": "hot",
    "browser.snapshotDefaults": "hot",
    "browser.tabCleanup": "hot",
    "browser.allowSystemProfileImport": "hot",
    # restarts, although their parent is hot or none
    "mcp.apps": "in_process_restart",
    "secrets.egressProxy": "in_process_restart",
    # everything else below these restarts, and so does what the table does not know
    "gateway": "in_process_restart",
    "discovery": "in_process_restart",
    "browser": "in_process_restart",
}

#: Read by channels when they start: hot where there are channels, nothing to do where there are none.
CHANNEL_DEFAULTS = (
    "agents.defaults.mediaMaxMb",
    "channels.defaults",
    "channels.modelByChannel",
    "messages.inbound",
    "messages.ackReactionScope",
    "commands",
    "accessGroups",
    "tts",
    "surfaces",
    "acp.stream",
    "diagnostics.flags",
)
_NO_CHANNELS = frozenset(("defaults", "modelByChannel"))

#: Applied hot as long as the effective auth mode stays the same and needs a secret.
_CREDENTIALS = (("gateway", "auth", "token"), ("gateway", "auth", "password"))

#: gateway.reload.mode -> what becomes of each effect. C(hot) and C(restart) are retired since 2026.9.
_BY_MODE = {
    "hybrid": {"none": "none", "hot": "hot", "in_process_restart": "in_process_restart", "refused": "restart"},
    "off": {"none": "none", "hot": "restart", "in_process_restart": "restart", "refused": "restart"},
    "hot": {"none": "none", "hot": "hot", "in_process_restart": "restart", "refused": "restart"},
    "restart": {
        "none": "none",
        "hot": "in_process_restart",
        "in_process_restart": "in_process_restart",
        "refused": "in_process_restart",
    },
}

_RULES = {tuple(prefix.split(".")): effect for prefix, effect in RELOAD.items()}
_RULES.update((tuple(prefix.split(".")), "channels") for prefix in CHANNEL_DEFAULTS)


def effect_of(changed, before, after):
    """Return the strongest of :data:`EFFECTS` over the changed paths.

    :param changed: iterable of key tuples. A whole subtree that came or went is judged leaf by leaf.
    :param before: configuration before the change, as plain data. :param after: the same after it.
    """
    by_mode = _BY_MODE.get(value_at(after, ("gateway", "reload", "mode"), "hybrid"), _BY_MODE["hybrid"])
    found = {_effect(leaf, before, after) for path in changed for leaf in _leaves(path, before, after)}
    if "refused" in found:
        # A running Gateway goes on with the secret it has and takes up nothing of the change, unless something else in
        # it makes it restart.
        found = {"in_process_restart"} & found or {"refused"}
    return max((by_mode[effect] for effect in found), key=EFFECTS.index, default="none")


def _effect(path, before, after):
    if path[:3] in _CREDENTIALS:
        modes = [_auth_mode(config) for config in (before, after)]
        if modes[0] == modes[1] == path[2] and value_at(after, path[:3]) is None:
            return "refused"
        return "hot" if modes[0] == modes[1] and modes[0] in ("token", "password") else "in_process_restart"
    for length in range(len(path), 0, -1):
        effect = _RULES.get(path[:length])
        if effect == "channels":
            return "hot" if _has_channels(after) else "none"
        if effect:
            return effect
    return "in_process_restart"


def _has_channels(config):
    channels = value_at(config, ("channels",))
    return isinstance(channels, dict) and bool(set(channels) - _NO_CHANNELS)


def _auth_mode(config):
    """The mode OpenClaw settles on, or None where only a running Gateway knows."""
    auth = value_at(config, ("gateway", "auth"), {})
    if not isinstance(auth, dict):
        return None
    if auth.get("mode"):
        return auth["mode"]
    if isinstance(auth.get("token"), dict) or isinstance(auth.get("password"), dict):
        return None
    return "password" if auth.get("password") else "token"


def _leaves(path, before, after):
    values = [value_at(config, path) for config in (before, after)]
    keys = {key for value in values if isinstance(value, dict) for key in value}
    if not keys:
        yield path
    for key in sorted(keys):
        yield from _leaves(path + (key,), before, after)
