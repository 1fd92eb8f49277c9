# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The copy that OpenClaw keeps of the configuration it last ran with, for a file that is gone or torn.

OpenClaw puts it back by itself only in C(doctor --fix), which changes other things, too.
"""

from __future__ import annotations

import contextlib

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

_SUFFIX = ".last-good"


def none(_snapshot, _account):
    """Return no copy: a file that cannot be read is refused, and one that is missing begins empty."""


def last_good(snapshot, account):
    """Return the copy beside a file as a snapshot; None where none is there that a Gateway can run with.

    :param snapshot: of the file, as :func:`storage.read` gives it. :param account: whose file it is.
    """
    with contextlib.suppress(Failure, ValueError):
        copy = storage.read(snapshot.real + _SUFFIX, account)
        root = json5.parse((copy.data or b"").decode("utf-8"))
        if root.kind == "object" and value_at(json5.to_python(root), ("gateway", "mode")):
            return copy
    return None


def empty(snapshot, account):
    """Return :func:`last_good`, or an empty configuration where there is none."""
    nothing = snapshot._replace(path="an empty configuration", data=b"{}\n")
    return last_good(snapshot, account) or nothing


#: Value of the option C(fallback) -> function of (snapshot, account) that returns a copy to begin with, or None.
FALLBACKS = {"none": none, "last_good": last_good, "empty": empty}
