# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From the bytes of a property list to its dictionary, and back. Pure."""

from __future__ import annotations

import plistlib
from xml.parsers.expat import ExpatError


def parse(data):
    """Parse a property list.

    :param data: bytes, XML or binary.
    :return: (dictionary or None, reason or None).
    """
    try:
        definition = plistlib.loads(data)
    except (
        ValueError,
        ExpatError,
        plistlib.InvalidFileException,
        OverflowError,
        AttributeError,
        IndexError,
        KeyError,
    ) as error:
        return None, str(error) or type(error).__name__
    return (definition, None) if isinstance(definition, dict) else (None, "its top is no dictionary")


def render(dictionary):
    """Return the bytes of the property list (XML): the same for the same dictionary."""
    return plistlib.dumps(dictionary, fmt=plistlib.FMT_XML, sort_keys=True)
