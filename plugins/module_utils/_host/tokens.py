# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which places could supply the Gateway's token, and the fingerprint of the one in force."""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5, paths
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint


def describe(account, state_dir, wanted, agents_dir):
    """Return C({count, fingerprint, sources})."""
    path = os.path.join(state_dir, "openclaw.json")
    try:
        with open(path, encoding="utf-8") as stream:
            config = json5.loads(stream.read())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        config = {}
    value = paths.value_at(config, ("gateway", "auth", "token"))
    if not isinstance(value, str) or not value:
        return {"count": 0, "fingerprint": None, "sources": []}
    return {"count": 1, "fingerprint": fingerprint(value), "sources": []}
