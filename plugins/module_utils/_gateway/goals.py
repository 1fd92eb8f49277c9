# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a probe is to find, and whether a verdict vector has it or never will. Pure."""

from __future__ import annotations

from .codes import meaning

#: What each C(wait_for) waits for: these verdicts must be ok. C(stopped) is its own case: the port refuses.
GOALS = {
    "live": ("tcp", "live"),
    "ready": ("tcp", "live", "ready"),
    "authenticated": ("tcp", "live", "auth", "scope", "rpc"),
}

#: Lives of a Gateway seen during one wait that make a storm. One change is a restart, which a wait often follows.
STORM = 3


def unmet(vector, names):
    """Return those of I(names) whose verdict is not ok."""
    return [name for name in names if vector[name]["verdict"] != "ok"]


def stopped(vector):
    """Whether the vector says that the port refuses."""
    return vector["tcp"]["code"] == "connection_refused"


def hopeless(vector, names):
    """Return the first of I(names) that waiting will not mend, or None.

    A refusal whose code nobody knows counts too: asking again with the same credential could be held against us.
    """
    for name in names:
        one = vector[name]
        if one["verdict"] in ("fail", "unknown") and not meaning(one["code"]).passing:
            return name
    return None
