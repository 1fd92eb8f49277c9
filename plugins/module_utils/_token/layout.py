# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How a configuration says where the Gateway's token is. Pure.

The value is either in C(gateway.auth.token) itself, or there is a reference (a SecretRef), and a store beside it.
"""

from __future__ import annotations

import collections

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import VARIABLE

TOKEN_PATH = ("gateway", "auth", "token")
#: Name of the secret provider that is ours in C(secrets.providers), and where it is declared.
PROVIDER = "clawops"
PROVIDER_PATH = ("secrets", "providers", PROVIDER)
#: JSON pointer of the token in a secret file, and the keys it stands for.
POINTER_KEYS = ("gateway", "token")

#: Where the stores are on a host. C(dotenv), C(secret_file), C(program): paths. C(item): :class:`Item`.
Sites = collections.namedtuple("Sites", "dotenv secret_file program item")
#: A generic password in a keychain (a path): C(service) and C(account) name it. C(reader): account that must be able to
#: read it.
Item = collections.namedtuple("Item", "service account keychain reader")

#: C(settings) to be made true, C(replace) the paths whose subtree is replaced whole, C(absent) those that must go.
Wanted = collections.namedtuple("Wanted", "settings replace absent")


def _config(token, sites):
    return token, None


def _file(token, sites):
    reference = {"source": "file", "provider": PROVIDER, "id": "/" + "/".join(POINTER_KEYS)}
    return reference, {"source": "file", "path": sites.secret_file, "mode": "json"}


def _env(token, sites):
    return {"source": "env", "provider": "default", "id": VARIABLE}, None


def _exec(token, sites):
    # The program gets an empty environment, and security needs HOME to find a login keychain.
    provider = {"source": "exec", "command": sites.program, "jsonOnly": False, "passEnv": ["HOME"]}
    return {"source": "exec", "provider": PROVIDER, "id": "gateway-token"}, provider


#: C(source) -> function of (token, :class:`Sites`) that returns what C(gateway.auth.token) has to be, and the provider.
SOURCES = {"config": _config, "file": _file, "env": _env, "exec": _exec}


def wanted(source, token, sites):
    """Return the :class:`Wanted` for the token to come from a source (key of :data:`SOURCES`)."""
    value, provider = SOURCES[source](token, sites)
    settings = {"gateway": {"auth": {"token": value}}}
    if provider is None:
        return Wanted(settings, (TOKEN_PATH,), (PROVIDER_PATH,))
    settings["secrets"] = {"providers": {PROVIDER: provider}}
    return Wanted(settings, (TOKEN_PATH, PROVIDER_PATH), ())


def nowhere():
    """Return the :class:`Wanted` for a configuration that knows no token."""
    return Wanted({}, (), (TOKEN_PATH, PROVIDER_PATH))


def refers(value, source):
    """Whether a value of C(gateway.auth.token) is our own reference to a source."""
    expected = {"source": source, "provider": PROVIDER}
    return isinstance(value, dict) and {key: value.get(key) for key in expected} == expected
