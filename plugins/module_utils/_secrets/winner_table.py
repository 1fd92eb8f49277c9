# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The orders in which OpenClaw looks for the Gateway token, and what follows from a reference that leads nowhere.

Measured by running 2026.6.1, 2026.7.1 and 2026.9.6 with a token of its own in each of two sources: which one the
Gateway lets in, and which one a client presents. Where a border between versions was found in OpenClaw's code, that is
said beside it.

The slots, first the ones that carry a value:

C(argument)
    C(--token) of C(openclaw gateway) for the server, of the command for a client.
C(environment)
    C(OPENCLAW_GATEWAY_TOKEN) in the environment of the process.
C(dotenv)
    The same variable in C(<state_dir>/.env). OpenClaw puts it into its environment where that lacks it.
C(gateway_env)
    The same in C(~/.config/openclaw/gateway.env), after C(dotenv).
C(config_env)
    The same in the C(env) block of openclaw.json, after both files.
C(config)
    A literal in C(gateway.auth.token).
C(config_remote)
    A literal in C(gateway.remote.token).

and then what may stand in C(gateway.auth.token) instead of a literal: C(config_variable) (C(${NAME})) and the
SecretRefs C(secretref_env), C(secretref_file), C(secretref_exec), C(secretref_store).
"""

from __future__ import annotations

import collections

CONSUMERS = ("server", "local_client", "remote_client", "node_host")

#: What one key of openclaw.json may hold. Only one of them can be there, so they share a rank.
CONFIG = ("config", "config_variable", "secretref_env", "secretref_file", "secretref_exec", "secretref_store")
REFERENCES = CONFIG[1:]
SECRETREFS = CONFIG[2:]
#: All of these are one variable to OpenClaw: the first that has it fills it.
VARIABLE = ("environment", "dotenv", "gateway_env", "config_env")

#: effect: C(exits) (the Gateway does not start), C(runtime) (it starts with a token that nobody knows), C(locked_out)
#: (it starts, and refuses every token), C(refuses) (the client ends without connecting), C(anonymous) (it connects
#: without a token), C(next) (the next slot is used). code: exit code of the process, or None while it runs. says:
#: words of its output, or of its answer to a client.
Outcome = collections.namedtuple("Outcome", "effect code says")

EXITS = Outcome("exits", 1, "required secrets are unavailable")
RUNTIME = Outcome("runtime", None, "Generated a runtime token for this startup")
LOCKED_OUT = Outcome("locked_out", None, "AUTH_TOKEN_NOT_CONFIGURED")
LEGACY = Outcome("exits", 78, "Invalid config at")
LEGACY_BEFORE_7 = Outcome("exits", 1, "Invalid config at")
#: What 2026.9.6 calls gateway_credentials_required, older ones GatewaySecretRefUnavailableError.
REFUSES = Outcome("refuses", 1, "configured as a secret reference but is unavailable")
UNARMED = Outcome("refuses", 1, "requires credentials before opening a websocket")
ANONYMOUS = Outcome("anonymous", None, "")
NEXT = Outcome("next", None, "")

#: consumer. since: first version it holds for, as numbers; the newest comes first in :data:`ORDERS`. slots: strongest
#: first. nothing: :data:`Outcome` where none of them is present. fatal: slot -> :data:`Outcome` of its mere presence.
#: alone: slot -> :data:`Outcome` where it is present and no slot of the order is. unresolved: (slot, whether a weaker
#: one is present) -> :data:`Outcome` of a reference that leads nowhere. evidence: C(run) or C(read).
Order = collections.namedtuple("Order", "consumer since slots nothing fatal alone unresolved evidence")

EVER = (0, 0, 0)


def _unresolved(outcome, **exceptions):
    rows = {(slot, backed): outcome for slot in REFERENCES for backed in (False, True)}
    rows.update({("config_variable", key == "backed"): value for key, value in exceptions.items()})
    return rows


ORDERS = (
    # ${NAME} without that variable is taken for a key that is not there, unless a weaker source has a token: then, and
    # with every SecretRef, the Gateway does not start. A token in gateway.remote alone keeps the runtime token away,
    # but no client is let in with it, nor with any other.
    Order(
        "server",
        (2026, 8, 1),
        ("argument",) + CONFIG + VARIABLE,
        RUNTIME,
        {"config_legacy": LEGACY},
        {"config_remote": LOCKED_OUT},
        _unresolved(EXITS, alone=RUNTIME),
        "run",
    ),
    # Up to 2026.7 the Gateway asks a SecretRef last. ${NAME} counts as a literal, and as nothing without that variable.
    Order(
        "server",
        (2026, 7, 1),
        ("argument", "config", "config_variable") + VARIABLE + SECRETREFS,
        RUNTIME,
        {"config_legacy": LEGACY},
        {},
        _unresolved(EXITS, backed=NEXT),
        "run",
    ),
    # Only the exit code differs.
    Order(
        "server",
        EVER,
        ("argument", "config", "config_variable") + VARIABLE + SECRETREFS,
        RUNTIME,
        {"config_legacy": LEGACY_BEFORE_7},
        {},
        _unresolved(EXITS, backed=NEXT),
        "run",
    ),
    # The border between the two orders of local clients was read in the code of 2026.7.35 and 2026.8.1.
    Order(
        "local_client",
        (2026, 8, 1),
        ("argument",) + CONFIG + VARIABLE + ("config_remote",),
        UNARMED,
        {},
        {},
        _unresolved(REFUSES),
        "run",
    ),
    # A shell with OPENCLAW_SERVICE_KIND=gateway, as in the Gateway's own environment, asks openclaw.json first (read).
    Order(
        "local_client",
        EVER,
        ("argument",) + VARIABLE + CONFIG + ("config_remote",),
        UNARMED,
        {},
        {},
        _unresolved(REFUSES),
        "run",
    ),
    Order(
        "remote_client",
        EVER,
        ("argument", "config_remote") + VARIABLE + CONFIG,
        UNARMED,
        {},
        {},
        _unresolved(REFUSES),
        "run",
    ),
    # As it runs with gateway.mode local. With remote, gateway.remote.token comes between the variable and the rest
    # (read). A node host that has been paired presents its device token, whatever lies here.
    Order(
        "node_host",
        EVER,
        VARIABLE + CONFIG,
        ANONYMOUS,
        {},
        {},
        _unresolved(REFUSES),
        "run",
    ),
)

#: Where the kinds of sources.KINDS end up for each consumer. A name that ends in an underscore is completed with what
#: the reference names. A kind that is missing supplies nothing there: a copy, somebody else's file, a launchctl call
#: in a start file (it acts through launchd, where it is found again).
_CONFIG_KINDS = {
    "config": "config",
    "config_reference": "secretref_",
    "config_env": "config_env",
    "config_remote": "config_remote",
    "dotenv": "dotenv",
    "gateway_env": "gateway_env",
}
_SERVICE_KINDS = {
    "config_legacy": "config_legacy",
    "config_legacy_reference": "config_legacy",
    "plist_argument": "argument",
    "job_argument": "argument",
    "process_argument": "argument",
    "systemd_argument": "argument",
    "plist_environment": "environment",
    "job_environment": "environment",
    "process_environment": "environment",
    "systemd_environment": "environment",
    "service_env": "environment",
    "launchctl": "environment",
}
#: What a person's shell hands to the commands started in it.
_SHELL_KINDS = {"shell": "environment", "launchctl": "environment"}
SLOTS = {
    "server": dict(_CONFIG_KINDS, **_SERVICE_KINDS),
    "local_client": dict(_CONFIG_KINDS, **_SHELL_KINDS),
    "remote_client": dict(_CONFIG_KINDS, **_SHELL_KINDS),
    "node_host": dict(_CONFIG_KINDS, **_SHELL_KINDS),
}
