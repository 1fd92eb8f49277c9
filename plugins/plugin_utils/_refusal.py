# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""One reason why a deployment is refused, in the one shape that all checks use."""

from __future__ import annotations

import re


def refuse(code, key, value, message, next_step):
    """Return a refusal of C(value) for C(key); the host is added by whoever knows it."""
    return {"code": code, "key": key, "value": _shown(value), "message": message, "next": next_step}


def _shown(value):
    if value is None:
        return "(unset)"
    return '"%s"' % value if isinstance(value, str) else str(value)


def whole(value):
    """Return the value as an int when it is one or spells one in digits, else None (bool is no number here)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and re.match(r"-?\d+\Z", value.strip()):
        return int(value)
    return None
