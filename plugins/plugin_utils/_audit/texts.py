# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Fills the texts of a check: for persons, and for a shell. Pure.

What comes from a host is not to be trusted: in a command every value is quoted, in a sentence it is made printable and
bounded.
"""

from __future__ import annotations

import os
import shlex

from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit.catalogue import PLACEHOLDER

#: Elements of a list that a sentence names, and characters of a value that it shows.
_NAMED, _SHOWN = 5, 200
#: The same for what a finding keeps as evidence.
_KEPT, _LONG = 20, 400
_GATEWAY_PORT = 18789


def standing(observation, policy, host):
    """Return what the placeholders that every text may use stand for on a host: name -> text."""
    account, config = observation.get("account") or {}, observation.get("config") or {}
    user = policy.get("user") or account.get("name") or "openclaw"
    home = account.get("home") or "/Users/%s" % user
    label = policy.get("label") or (observation.get("service") or {}).get("label") or "ai.openclaw.gateway"
    scope = policy.get("scope") or "daemon"
    uid = account.get("uid")
    domain = "system" if scope == "daemon" else "gui/%s" % ("UID" if uid is None else uid)
    plists = "/Library/LaunchDaemons" if scope == "daemon" else "%s/Library/LaunchAgents" % home
    path = config.get("path") or "%s/.openclaw/openclaw.json" % home
    found = {
        "host": host, "user": user, "home": home, "uid": uid, "label": label, "scope": scope, "domain": domain,
        "target": "%s/%s" % (domain, label), "plist": "%s/%s.plist" % (plists, label),
        "port": policy.get("port") or (observation.get("port") or {}).get("port") or _GATEWAY_PORT,
        "state_dir": os.path.dirname(path), "config": path, "log": "%s/Library/Logs/openclaw/gateway.log" % home,
        "root": (observation.get("release") or {}).get("root") or "/opt/openclaw",
    }  # fmt: skip
    found.update({name: policy.get(name) for name in ("version", "node_version", "environment", "class")})
    # An option with its value: two words of a command, or none.
    found["inventory"] = policy.get("inventory")
    return found


def sentence(template, names):
    """Return a text for persons."""
    return PLACEHOLDER.sub(lambda match: said(names.get(match.group(1))), template)


def command(template, names):
    """Return a line for a shell, with every value as one word of it; C({inventory}) is an option and its value."""
    def word(match):
        value = names.get(match.group(1))
        if match.group(1) == "inventory":
            return " -i %s" % shlex.quote(str(value)) if value else ""
        return " ".join(shlex.quote(_flat(one)) for one in (value if isinstance(value, list) else [value]))

    return PLACEHOLDER.sub(word, template)


def said(value):
    """Return plain data as words of a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return said(["%s: %s" % (key, said(value[key])) for key in sorted(value) if value[key] is not None])
    if isinstance(value, list):
        named = [said(item) for item in value[:_NAMED]]
        more = ["and %d more" % (len(value) - _NAMED)] if len(value) > _NAMED else []
        return ", ".join(named + more) or "nothing"
    return _cut(_flat(value), _SHOWN)


def _flat(value):
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return "".join(char if char.isprintable() else " " for char in str("" if value is None else value))


def _cut(text, length):
    return text if len(text) <= length else text[: length - 1] + "\u2026"


def evidence(value):
    """Return a bounded copy of plain data."""
    if isinstance(value, dict):
        return {key: evidence(value[key]) for key in sorted(value)[:_KEPT]}
    if isinstance(value, list):
        return [evidence(item) for item in value[:_KEPT]]
    return _cut(value, _LONG) if isinstance(value, str) else value
