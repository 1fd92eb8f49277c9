# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where a Gateway credential can come from: what a source is, and what openclaw.json itself supplies. Pure.

Every parser of this room returns a list of :class:`Source`. A value never leaves it, only its fingerprint.
"""

from __future__ import annotations

import collections
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path, value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import (
    is_reference as is_braced_or_ref,
)

VARIABLE = "OPENCLAW_GATEWAY_TOKEN"
PASSWORD_VARIABLE = "OPENCLAW_GATEWAY_PASSWORD"
#: Name of an environment variable that OpenClaw reads -> what it carries.
VARIABLES = {VARIABLE: "token", PASSWORD_VARIABLE: "password"}
#: Option of C(openclaw gateway) that is followed by a secret -> what it carries.
OPTIONS = {"--token": "token", "--password": "password"}

#: kind: see :data:`KINDS`. location: file or command. line: from 1, or None. live: whether the running server could
#: take its credential from there. fingerprint: None where the value is a reference. owner: whose place it is (ours,
#: openclaw, person, system). name: the variable, option or key that carries it. credential: token or password.
#: whose: the account or launchd domain it belongs to, where that is not the Gateway's own account. reference: what it
#: names, see :func:`reference_of`; None for a value.
Source = collections.namedtuple(
    "Source",
    "kind location line live fingerprint owner name credential whose reference",
    defaults=("ours", VARIABLE, "token", None, None),
)

#: Every kind of source there is -> who owns such a place unless the finder knows better.
KINDS = {
    "config": "ours",
    "config_reference": "ours",
    "config_env": "ours",
    "config_remote": "ours",
    "config_remote_reference": "ours",
    "config_legacy": "ours",
    "config_legacy_reference": "ours",
    "config_copy": "openclaw",
    "secret_file": "person",
    "dotenv": "openclaw",
    "gateway_env": "openclaw",
    "service_env": "openclaw",
    "plist_environment": "ours",
    "plist_argument": "ours",
    "plist_setenv": "person",
    "job_environment": "system",
    "job_argument": "system",
    "process_environment": "system",
    "process_argument": "system",
    "launchctl": "system",
    "shell": "person",
    "shell_launchctl": "person",
    "systemd_environment": "openclaw",
    "systemd_argument": "openclaw",
    "other_config": "person",
    "other_dotenv": "person",
    "other_user_config": "person",
    "other_user_dotenv": "person",
}

#: Key of openclaw.json -> (kind, live, credential). gateway.remote.* configures clients; gateway.token is dead and
#: stops the start.
CONFIG_KEYS = {
    ("gateway", "auth", "token"): ("config", True, "token"),
    ("gateway", "auth", "password"): ("config", True, "password"),
    ("gateway", "remote", "token"): ("config_remote", False, "token"),
    ("gateway", "remote", "password"): ("config_remote", False, "password"),
    ("gateway", "token"): ("config_legacy", False, "token"),
}
#: Blocks whose members OpenClaw puts into its environment where that lacks them, the first before the second.
ENV_BLOCKS = (("env", "vars"), ("env",))

_TEMPLATE = re.compile(r"\s*\$(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)\}|(?P<bare>[A-Z][A-Z0-9_]{0,127}))\s*\Z")
_INSIDE = re.compile(r"(?<!\$)\$\{([A-Z_][A-Z0-9_]*)\}")
_MARKER = re.compile(r"\s*(?:secretref-env:|__env__:)([A-Z][A-Z0-9_]{0,127})\s*\Z")


def reference_of(value, defaults=None):
    """Return what a value of openclaw.json refers to, as C({source, provider, id, form}), or None for a literal.

    C(form) is C(variable) for C(${NAME}), alone or in a text, which OpenClaw replaces when it reads the file; and
    C(secretref) for C($NAME), the retired C(secretref-env:NAME), and SecretRefs, which it looks up when it starts.

    :param defaults: C(secrets.defaults) of the configuration (plain data), for references that name no provider.
    """
    if isinstance(value, str):
        match = _TEMPLATE.match(value)
        name = (match.group("braced") or match.group("bare")) if match else None
        found = match or _MARKER.match(value) or _INSIDE.search(value)
        if not found:
            return None
        form = "variable" if _INSIDE.search(value) or (match and match.group("braced")) else "secretref"
        return {"source": "env", "provider": _default(defaults, "env"), "id": name or found.group(1), "form": form}
    if not is_braced_or_ref(value):
        return None
    provider = value.get("provider")
    return {
        "source": value["source"],
        "provider": provider if isinstance(provider, str) else _default(defaults, value["source"]),
        "id": value["id"],
        "form": "secretref",
    }


def is_reference(value):
    """Whether a value as a whole names a secret instead of being one."""
    return is_braced_or_ref(value) or (isinstance(value, str) and bool(_TEMPLATE.match(value) or _MARKER.match(value)))


def _default(defaults, source):
    alias = defaults.get(source) if isinstance(defaults, dict) else None
    return alias if isinstance(alias, str) and alias else "default"


def from_config(text, location, keys=None, names=None):
    """Sources in the text of an openclaw.json.

    :param keys: mapping like :data:`CONFIG_KEYS`. :param names: variables to look for in the C(env) block, as
        :data:`VARIABLES`.
    :raises json5.Json5Error: when it cannot be read.
    """
    root = json5.parse(text)
    found = []
    defaults = _plain(root, ("secrets", "defaults"))
    for path, (kind, live, credential) in (CONFIG_KEYS if keys is None else keys).items():
        node = node_at(root, path)
        value = None if node is None else json5.to_python(node)
        if value is None or value == "":
            continue
        line = text.count("\n", 0, node.start) + 1
        reference = reference_of(value, defaults)
        found.append(
            Source(
                kind + "_reference" if reference else kind,
                location,
                line,
                live,
                fingerprint(value) if isinstance(value, str) and not reference else None,
                name=format_path(path),
                credential=credential,
                reference=reference,
            )
        )
    return found + _from_env_block(root, text, location, VARIABLES if names is None else names)


def _from_env_block(root, text, location, names):
    found = []
    for block in ENV_BLOCKS:
        for name, credential in names.items():
            node = node_at(root, block + (name,))
            value = None if node is None else json5.to_python(node)
            # OpenClaw passes over what refers to a variable again.
            if not isinstance(value, str) or not value.strip() or _INSIDE.search(value):
                continue
            line = text.count("\n", 0, node.start) + 1
            key = format_path(block + (name,))
            found.append(
                Source("config_env", location, line, True, fingerprint(value), name=key, credential=credential)
            )
    return found


def _plain(root, path):
    node = node_at(root, path)
    return None if node is None else json5.to_python(node)


def node_at(node, path):
    """Return the node at a tuple of keys, or None."""
    for key in path:
        member = node.member(key) if node.kind == "object" else None
        if member is None:
            return None
        node = member.node
    return node


def variable_names(config):
    """Return the environment variables that carry a credential of this configuration (plain data or None).

    Those that OpenClaw reads by itself, and those that C(gateway.auth.*) refers to.
    """
    names = dict(VARIABLES)
    for reference, credential in references(config):
        if reference["source"] == "env":
            names.setdefault(reference["id"], credential)
    return names


def references(config):
    """Return (reference, credential) of what the server's own keys refer to, in plain data or None."""
    found = []
    if not isinstance(config, dict):
        return found
    defaults = value_at(config, ("secrets", "defaults"))
    for path, (kind, _live, credential) in CONFIG_KEYS.items():
        reference = reference_of(value_at(config, path), defaults) if kind == "config" else None
        if reference:
            found.append((reference, credential))
    return found


def token_arguments(arguments):
    """Return the values of C(--token VALUE) and C(--token=VALUE) in a list of program arguments."""
    following = [after for before, after in zip(arguments, arguments[1:]) if before == "--token"]
    return following + [item[len("--token=") :] for item in arguments if item.startswith("--token=")]


def server_sources(sources, credential="token"):
    """The distinct sources from which the server could take a credential. Exactly one is what an operator wants.

    Not counted twice: a reference whose target is counted, and what the loaded job or the running process only
    received from a place that is counted.
    """
    live = [source for source in sources if source.live and source.credential == credential]
    given = {(source.name, source.fingerprint) for source in live if source.kind not in _RECEIVED}
    given |= {(OPTION_OF[source.credential], source.fingerprint) for source in live if source.kind == "plist_argument"}
    distinct = []
    for source in live:
        repeated = source.kind in _RECEIVED and (source.name, source.fingerprint) in given
        if repeated or (source.reference and _is_counted(source.reference, live)):
            continue
        if source.kind in _RECEIVED:
            given.add((source.name, source.fingerprint))
        distinct.append(source)
    return distinct


#: What a job or process has been handed, in whatever way.
_RECEIVED = ("job_environment", "job_argument", "process_environment", "process_argument")
OPTION_OF = {credential: option for option, credential in OPTIONS.items()}


def _is_counted(reference, live):
    if reference["source"] == "file":
        return any(source.kind == "secret_file" for source in live)
    return reference["source"] == "env" and any(
        source.name.rpartition(".")[2] == reference["id"] for source in live if not source.reference
    )
