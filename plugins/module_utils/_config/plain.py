# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A configuration that is nothing but plain data, read quickly. Pure.

Plain JSON is JSON5, it is what OpenClaw writes, and Python reads it by itself: sooner than :mod:`json5` is imported.
"""

from __future__ import annotations

import json

#: What is longer (in characters), is nested deeper or has a number of more digits is left to :mod:`json5`, which says
#: where it draws the line.
_LONG, _DEEP, _DIGITS = 1 << 20, 50, 100


def loads(text):
    """Return what :func:`json5.loads` returns of a text. :raises ValueError: as it does."""
    if len(text) <= _LONG:
        try:
            value = json.loads(text, object_pairs_hook=_once, parse_int=_integer)
        except (ValueError, RecursionError):
            pass
        else:
            if _depth(value) <= _DEEP:
                return value
    # Imported here: the cost is paid only on the hosts that need it.
    from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5

    return json5.loads(text)


def _once(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key that stands twice")
    return found


def _integer(digits):
    # The time that int takes grows with the square of their number.
    if len(digits) > _DIGITS:
        raise ValueError("a number of %d digits" % len(digits))
    return int(digits)


def _depth(value):
    """Return how many objects and arrays stand in one another where they do so the deepest."""
    depth, layer = 0, [value]
    while True:
        layer = [one for one in layer if isinstance(one, (dict, list))]
        if not layer:
            return depth
        depth += 1
        layer = [item for one in layer for item in (one.values() if isinstance(one, dict) else one)]
