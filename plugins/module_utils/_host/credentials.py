# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Credentials of model providers: what each agent holds, what its models would need. Fingerprints only.

OpenClaw keeps them in C(openclaw-agent.sqlite) of an agent and, for all agents, in the state database; releases up to
2026.6 in C(auth-profiles.json).
"""

from __future__ import annotations

import json
import os
import re
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path, value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._host import settings, sqlite_pages
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint, is_secret_key
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader

_MAX_AGENTS, _MAX_TOLD = 100, 200
#: Kind of a profile -> keys that may hold its secret.
_KINDS = {"api_key": ("key", "apiKey"), "token": ("token",), "oauth": ("access",)}
#: Variables that hold a provider's credential, besides C(<PROVIDER>_API_KEY).
_VARIABLES = {
    "amazon-bedrock": ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"),
    "anthropic": ("ANTHROPIC_OAUTH_TOKEN",),
    "github-copilot": ("COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"),
    "google": ("GEMINI_API_KEY",),
    "huggingface": ("HUGGINGFACE_HUB_TOKEN", "HF_TOKEN"),
    "minimax": ("MINIMAX_OAUTH_TOKEN",),
    "vercel-ai-gateway": ("AI_GATEWAY_API_KEY",),
    "volcengine": ("VOLCANO_ENGINE_API_KEY",),
    "zai": ("Z_AI_API_KEY",),
}
#: Providers of this machine or its network that ask for nothing.
_KEYLESS = ("ollama", "lmstudio", "vllm", "sglang", "apple-fm", "llmman")
_LOCAL = re.compile(
    r"https?://(?:localhost|127\.|\[::1\]|0\.0\.0\.0|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|host\.docker\.internal"
    r"|[^/:.]+[:/]|[^/:]+\.(?:local|lan|internal)\b)", re.IGNORECASE)
_COMPATIBLE = ("openai-completions", "openai-responses")
_COMPAT = {"requires_string_content": "requiresStringContent", "supports_tools": "supportsTools"}
#: Blocks of the configuration in which a literal credential is one of a provider's.
_INLINE = (("models",), ("agents",), ("plugins",), ("tools",), ("talk",), ("messages",), ("memory",))
_OF_PROVIDER = re.compile(r"(?:_API_KEY|_OAUTH_TOKEN|_SECRET_ACCESS_KEY|_API_TOKEN)\Z")


def describe(account, state_dir, config, shared, environment, now=None):
    """Describe the credentials.

    :param account: of the Gateway. :param state_dir: absolute path. :param config: openclaw.json as plain data, or
        None. :param shared: text of the store of all agents, or None. :param environment: names of variables that the
        Gateway is known to have. :param now: seconds since the epoch.
    :returns: C({agents, configured, missing, inline, local_backends, long_context, problems}). C(agents) are mappings
        of C(agent), C(path), C(store) (sqlite, json, shared) and C(credentials): mappings of C(provider), C(kind),
        C(fingerprint) (None for a reference) and C(expires_in_s) (None where it does not expire, or renews itself).
        C(missing) is None where not everything could be read.
    """
    now = time.time() if now is None else now
    with acting_as(account):
        reader = Reader()
        agents, problems = _stores(state_dir, reader, now)
    if shared is not None:
        agents.insert(0, {"agent": None, "path": os.path.join(state_dir, "state", "openclaw.sqlite"), "store": "shared",
                          "credentials": _profiles(shared, now)})
    problems += ["%(location)s: %(reason)s" % entry for entry in reader.unreadable]
    config = config if isinstance(config, dict) else {}
    used = _used(config)
    held = {agent: {one["provider"] for store in agents if store["agent"] in (None, agent)
                    for one in store["credentials"]} for agent in used}
    missing = [{"agent": agent, "provider": provider} for agent, providers in used.items() for provider in providers
               if provider not in held[agent] and not _otherwise(provider, config, environment)]
    backends = _local_backends(config)
    return {
        "agents": agents[:_MAX_AGENTS],
        "configured": sorted(set().union(*used.values(), _mapping(config, "models", "providers"))),
        "missing": None if problems else missing[:_MAX_TOLD],
        "inline": _inline(config, {one["provider"] for one in backends})[:_MAX_TOLD],
        "local_backends": backends,
        "long_context": _long_context(config, agents),
        "problems": problems,
    }


def _mapping(tree, *path):
    found = value_at(tree, path)
    return found if isinstance(found, dict) else {}


# ------------------------------------------------------------------------------------------------------------- stores
def _stores(state_dir, reader, now):
    found, problems = [], []
    root = os.path.join(state_dir, "agents")
    for agent in reader.names(root)[:_MAX_AGENTS]:
        directory = os.path.join(root, agent, "agent")
        path = os.path.join(directory, "openclaw-agent.sqlite")
        try:
            rows = sqlite_pages.read(path, ["auth_profile_store"])["auth_profile_store"] or []
            for row in rows:
                found.append({"agent": agent, "path": path, "store": "sqlite",
                              "credentials": _profiles(row["store_json"], now)})
        except FileNotFoundError:
            pass
        except (OSError, sqlite_pages.NotReadable) as error:
            problems.append("%s: %s" % (path, getattr(error, "strerror", None) or "no database that can be read"))
        path = os.path.join(directory, "auth-profiles.json")
        text = reader.text(path)
        if text is not None:
            found.append({"agent": agent, "path": path, "store": "json", "credentials": _profiles(text, now)})
    return found, problems


def _profiles(text, now):
    """Return what may be told of the profiles in the text of a store."""
    try:
        store = json.loads(text)
    except (ValueError, RecursionError):
        return []
    profiles = store.get("profiles") if isinstance(store, dict) else None
    if not isinstance(profiles, dict):
        # As once: a mapping of provider to key.
        profiles = {name: dict(one, provider=name, type="api_key") for name, one in store.items()
                    if isinstance(one, dict) and "apiKey" in one} if isinstance(store, dict) else {}
    return [_credential(one, now) for one in profiles.values() if isinstance(one, dict)][:_MAX_TOLD]


def _credential(profile, now):
    kind = profile.get("type") if isinstance(profile.get("type"), str) else None
    keys = _KINDS.get(kind, ())
    value = next((profile[key] for key in keys if isinstance(profile.get(key), str) and profile[key]), None)
    expires = profile.get("expires")
    known = isinstance(expires, (int, float)) and not isinstance(expires, bool) and not profile.get("refresh")
    provider = profile.get("provider")
    return {
        "provider": provider if isinstance(provider, str) else None,
        "kind": kind if kind in _KINDS else None,
        "fingerprint": None if value is None or sources.reference_of(value) else fingerprint(value),
        "expires_in_s": int(expires / 1000.0 - now) if known and expires < 1e16 else None,
    }


# ----------------------------------------------------------------------------------------------------- configuration
def _used(config):
    """Return agent -> set of the providers that its models belong to."""
    defaults = _references(_mapping(config, "agents", "defaults"))
    entries = dict(_mapping(config, "agents", "entries"))
    listed = value_at(config, ("agents", "list"))
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            entries[one["id"]] = one
    used = {"main": defaults}
    used.update((agent, _references(one) or defaults) for agent, one in entries.items() if isinstance(one, dict))
    return used


def _references(block):
    """Return the providers of the models that an agent, or the defaults of all, name first or to fall back on."""
    models = []
    for key in ("model", "imageModel", "pdfModel", "utilityModel"):
        value = block.get(key)
        value = value if isinstance(value, dict) else {"primary": value}
        fallbacks = value.get("fallbacks")
        models += [value.get("primary")] + (fallbacks if isinstance(fallbacks, list) else [])
    return {model.split("/", 1)[0] for model in models if isinstance(model, str) and "/" in model}


def _otherwise(provider, config, environment):
    """Whether a provider has a credential that no agent holds, or needs none."""
    declared = _mapping(config, "models", "providers", provider)
    if provider in _KEYLESS or _is_local(declared) or declared.get("auth") == "aws-sdk" or declared.get("apiKey"):
        return True
    if any(isinstance(one, dict) and one.get("provider") == provider and one.get("mode") == "aws-sdk"
           for one in _mapping(config, "auth", "profiles").values()):
        return True
    names = (re.sub(r"[^A-Z0-9]", "_", provider.upper()) + "_API_KEY",) + _VARIABLES.get(provider, ())
    blocks = [_mapping(config, *path) for path in sources.ENV_BLOCKS]
    return any(name in environment or any(name in block for block in blocks) for name in names)


def _is_local(declared):
    url = declared.get("baseUrl")
    # The name of a user may stand before that of the host.
    return isinstance(url, str) and bool(_LOCAL.match(re.sub(r"//[^/@]*@", "//", url)))


def _inline(config, local):
    """Return the paths of literal credentials of providers. What a server of one's own is given is none."""
    found = []
    for root in _INLINE:
        subtree = value_at(config, root)
        for path, value in _texts(subtree, root):
            own = path[:2] == ("models", "providers") and path[2:3] and path[2] in local
            if not own and is_secret_key(path[-1] if isinstance(path[-1], str) else "") and _is_literal(value):
                found.append(format_path(path))
    for block in sources.ENV_BLOCKS:
        for name, value in _mapping(config, *block).items():
            if _OF_PROVIDER.search(name) and isinstance(value, str) and _is_literal(value):
                found.append(format_path(block + (name,)))
    return found


def _is_literal(text):
    # In capitals it is the name of a variable, which OpenClaw looks up.
    return bool(text.strip()) and not sources.reference_of(text) and not re.match(r"[A-Z][A-Z0-9_]+\Z", text)


def _texts(value, path):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        if isinstance(item, str):
            yield path + (key,), item
        elif not (isinstance(item, dict) and sources.reference_of(item)):
            yield from _texts(item, path + (key,))


def _local_backends(config):
    found = []
    for provider, one in _mapping(config, "models", "providers").items():
        if not isinstance(one, dict) or not _is_local(one) or one.get("api", _COMPATIBLE[0]) not in _COMPATIBLE:
            continue
        models = one.get("models") if isinstance(one.get("models"), list) else []
        found.append({
            "provider": provider,
            "base_url": settings.shown(one["baseUrl"], ("baseUrl",)),
            "api": one.get("api"),
            "models": [_flags(model) for model in models[:_MAX_TOLD] if isinstance(model, dict)],
        })
    return found


def _flags(model):
    compat = model.get("compat") if isinstance(model.get("compat"), dict) else {}
    flags = {name: compat.get(key) if isinstance(compat.get(key), bool) else None for name, key in _COMPAT.items()}
    return dict(flags, id=str(model.get("id"))[:80])


def _long_context(config, agents):
    """Return where a window of a million tokens is asked for, and with what kind of credential."""
    kinds = {one["provider"]: one["kind"] for store in agents for one in store["credentials"]}
    found = []
    for agents_path in (("agents", "defaults"), ("agents", "entries"), ("agents", "list"), ("models", "providers")):
        for path in _asked(value_at(config, agents_path), agents_path):
            model = next((part for part in reversed(path) if isinstance(part, str) and "/" in part), None)
            provider = model.split("/", 1)[0] if model else path[2] if path[:2] == ("models", "providers") else None
            found.append({"path": format_path(path), "provider": provider, "credential_kind": kinds.get(provider)})
    return found[:_MAX_TOLD]


def _asked(value, path):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        if key == "context1m" and item is True:
            yield path + (key,)
        else:
            yield from _asked(item, path + (key,))
