# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where a Gateway's own commands and children would connect to, and with what: from what they really see. Pure."""

from __future__ import annotations

from typing import NamedTuple, Optional

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential, port_of
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import copies, dotenv, sources, winner
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.winner_table import VARIABLE as VARIABLE_SLOTS

_URL, _PORT, _KIND = "OPENCLAW_GATEWAY_URL", "OPENCLAW_GATEWAY_PORT", "OPENCLAW_SERVICE_KIND"
_TOKEN, _REMOTE = ("gateway", "auth", "token"), ("gateway", "remote", "token")


class Seen(NamedTuple):
    """What a process of the Gateway's sees."""

    #: Of the Gateway's process, which its children inherit.
    environment: dict
    #: openclaw.json as plain data, and where it lies.
    config: dict
    config_path: str
    #: Texts of C(.env) beside it and of C(~/.config/openclaw/gateway.env), or None.
    dotenv: Optional[str]
    gateway_env: Optional[str]
    #: Function of a path that returns the text of a secret file, or None.
    read: object
    #: OpenClaw version, or None.
    version: Optional[str]


def url_of(seen):
    """Return the URL that a command of the Gateway's would use instead of loopback, or None."""
    if seen.environment.get(_URL, "").strip():
        return seen.environment[_URL].strip()
    if value_at(seen.config, ("gateway", "mode")) == "remote":
        url = value_at(seen.config, ("gateway", "remote", "url"))
        return url if isinstance(url, str) else None
    return None


def port(seen):
    """Return the port of loopback that it would use, or None when nothing sensible says which."""
    said = seen.environment.get(_PORT, "").strip()
    if said:
        return int(said) if said.isdigit() and 0 < int(said) < 65536 else None
    return port_of(seen.config)


def credential(seen):
    """Return the :class:`target.Credential` that it would present."""
    if value_at(seen.config, ("gateway", "auth", "mode")) == "password":
        password = value_at(seen.config, ("gateway", "auth", "password"))
        if isinstance(password, str) and password and not sources.reference_of(password):
            return Credential({"password": password})
    found = _slots(seen)
    remote = value_at(seen.config, ("gateway", "mode")) == "remote"
    # With this variable, as in the Gateway's own environment, every release asks openclaw.json first.
    version = None if seen.environment.get(_KIND) == "gateway" else seen.version
    said = winner.resolve(list(found), "remote_client" if remote else "local_client", version)
    if said.winner is None:
        return Credential({}, "self_nothing", "neither %s nor the environment of the Gateway's process holds a token."
                          % seen.config_path)
    value = found[said.winner]
    if value:
        return Credential({"token": value})
    if said.winner in ("secretref_exec", "secretref_store"):
        return Credential({}, "token_reference", "gateway.auth.token of %s is asked of a program." % seen.config_path)
    return Credential({}, "self_reference", "gateway.auth.token of %s refers to what is not there." % seen.config_path)


def _slots(seen):
    """Return slot of the table of winners -> token there, None for a reference that leads nowhere."""
    variables = _variables(seen)
    found = {slot: names.get(sources.VARIABLE, "").strip() for slot, names in variables.items()}
    found["config_remote"] = _literal(seen, _REMOTE)
    found = {slot: value for slot, value in found.items() if value}
    value = value_at(seen.config, _TOKEN)
    reference = sources.reference_of(value, value_at(seen.config, ("secrets", "defaults")))
    if reference is None:
        return dict(found, config=value) if isinstance(value, str) and value else found
    slot = "config_variable" if reference["form"] == "variable" else "secretref_" + reference["source"]
    return dict(found, **{slot: _followed(seen, reference, variables)})


def _literal(seen, path):
    value = value_at(seen.config, path)
    return value if isinstance(value, str) and not sources.reference_of(value) else None


def _variables(seen):
    """Return slot -> the variables there, the strongest first."""
    blocks = {}
    for path in reversed(sources.ENV_BLOCKS):
        block = value_at(seen.config, path)
        blocks.update((name, value) for name, value in (block if isinstance(block, dict) else {}).items()
                      if isinstance(value, str) and not sources.reference_of(value))
    texts = [_assigned(text) for text in (seen.dotenv, seen.gateway_env)]
    return dict(zip(VARIABLE_SLOTS, [seen.environment, *texts, blocks]))


def _assigned(text):
    return {item.name: item.value.strip() for item in dotenv.assignments(text or "")}


def _followed(seen, reference, variables):
    if reference["source"] == "env":
        return next((names[reference["id"]] for names in variables.values() if names.get(reference["id"])), None)
    pointed = copies.pointed_at(seen.config, reference) if reference["source"] == "file" else None
    text = seen.read(pointed[0]) if pointed else None
    return copies.secret_in(text, *pointed[1:]) if text else None
