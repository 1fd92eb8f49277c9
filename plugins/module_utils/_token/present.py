# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which token the Gateway may have now: read from the places a server looks at, in the server's own order. Pure."""

from __future__ import annotations

import collections
import plistlib

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import winner
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.plists import option_values
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import (
    ENV_BLOCKS,
    VARIABLE,
    reference_of,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.winner_table import CONFIG
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.winner_table import VARIABLE as VARIABLE_SLOTS
from ansible_collections.clawops.openclaw.plugins.module_utils._token import layout, stores

#: C(config): the configuration as plain data, C($include) resolved; C(config_path) its place. C(version): of OpenClaw,
#: or None. C(plists): bytes of the property lists of the job. C(service_env), C(dotenv), C(gateway_env),
#: C(secret_file), C(item): bytes of those, or None.
Seen = collections.namedtuple(
    "Seen", "config config_path version plists service_env dotenv gateway_env secret_file item"
)


def candidates(seen):
    """Return the tokens that a Gateway may take, the one that it takes when it starts from these files first.

    A running one may have been started from others: a property list can be changed without being loaded.

    :raises Failure: C(token_is_reference) when the first one is a reference that is not one of ours, whose value
        nobody here knows.
    """
    found = {slot: find(seen) for slot, find in _SLOTS.items()}
    value = value_at(seen.config, layout.TOKEN_PATH)
    reference = reference_of(value, value_at(seen.config, ("secrets", "defaults")))
    tokens = []
    for slot in winner.order_for("server", seen.version).slots:
        if slot not in CONFIG:
            tokens.append(found[slot])
        elif slot == _configured_slot(value, reference):
            try:
                tokens.append(_configured(seen, value, reference, found))
            except Failure:
                if not any(tokens):
                    raise
    return list(dict.fromkeys(filter(None, tokens)))


def _configured_slot(value, reference):
    if reference is None:
        return "config" if isinstance(value, str) and value else None
    return "config_variable" if reference["form"] == "variable" else "secretref_" + reference["source"]


def _configured(seen, value, reference, found):
    if reference is None:
        return value
    if reference["source"] == "env" and reference["id"] == VARIABLE:
        return next((found[slot] for slot in VARIABLE_SLOTS if found[slot]), None)
    for source, data in (("file", seen.secret_file), ("exec", seen.item)):
        if layout.refers(value, source):
            return stores.STORES[source][0].token_in(data)
    raise Failure(
        "token_is_reference",
        "gateway.auth.token of %s is a reference (%s, provider %s) whose value this task does not know."
        % (seen.config_path, reference["source"], reference["provider"]),
        "config",
        "where the Gateway itself cannot follow it either, see to what it leads to (a login keychain is locked without "
        "a GUI login: security unlock-keychain); or give the token in 'value' (gateway_token, from your vault) to "
        "replace it; or do not manage this Gateway's token here.",
        key="gateway.auth.token",
        path=seen.config_path,
    )


def _plists(seen):
    for data in seen.plists:
        try:
            plist = plistlib.loads(data)
        except Exception:  # plistlib lets ExpatError, struct.error, OverflowError and more through
            continue
        if isinstance(plist, dict):
            yield plist


def _argument(seen):
    for plist in _plists(seen):
        arguments = [item for item in plist.get("ProgramArguments") or [] if isinstance(item, str)]
        for option, token in option_values(arguments):
            if option == "--token":
                return token
    return None


def _environment(seen):
    for plist in _plists(seen):
        value = value_at(plist, ("EnvironmentVariables", VARIABLE))
        if isinstance(value, str) and value:
            return value
    return _dotenv_token(seen.service_env)


def _dotenv_token(data):
    return stores.STORES["env"][0].token_in(data)


def _config_env(seen):
    values = (value_at(seen.config, block + (VARIABLE,)) for block in ENV_BLOCKS)
    return next((value for value in values if isinstance(value, str) and value and "${" not in value), None)


#: Slot of the table of winners, those of openclaw.json's own key aside -> the token there.
_SLOTS = {
    "argument": _argument,
    "environment": _environment,
    "dotenv": lambda seen: _dotenv_token(seen.dotenv),
    "gateway_env": lambda seen: _dotenv_token(seen.gateway_env),
    "config_env": _config_env,
}
