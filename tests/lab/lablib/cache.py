# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache outside the repository."""

from __future__ import annotations

from .errors import LabError
from .paths import DEFAULT_NODE, cache_root


def ensure(openclaw: str, say):
    node, release = cache_root() / "node" / DEFAULT_NODE, cache_root() / "openclaw" / openclaw
    for path in (node, release):
        if not path.is_dir():
            raise LabError(f"{path} is missing")
    return node, release
