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
#: Name of the secret provider that is ours in C(secrets.providers).
PROVIDER = "clawops"
#: JSON pointer of the token in a secret file, and the keys it stands for.
POINTER_KEYS = ("gateway", "token")
#: C(settings) to be made true, and C(replace), the paths whose subtree is replaced whole.
Wanted = collections.namedtuple("Wanted", "settings replace")


def _literal(token, secret_file):
    return {"gateway": {"auth": {"token": token}}}


def _file(token, secret_file):
    reference = {"source": "file", "provider": PROVIDER, "id": "/" + "/".join(POINTER_KEYS)}
    provider = {"source": "file", "path": secret_file, "mode": "json"}
    return {"gateway": {"auth": {"token": reference}}, "secrets": {"providers": {PROVIDER: provider}}}


def _env(token, secret_file):
    return {"gateway": {"auth": {"token": {"source": "env", "provider": "default", "id": VARIABLE}}}}


#: C(source) -> function of (token, path of the secret file) that returns settings.
SETTINGS = {"config": _literal, "file": _file, "env": _env}


def wanted(source, token, secret_file):
    """Return what the configuration must say for the token to come from a source (key of :data:`SETTINGS`)."""
    settings = SETTINGS[source](token, secret_file)
    return Wanted(settings, (TOKEN_PATH,) + ((("secrets", "providers", PROVIDER),) if "secrets" in settings else ()))
