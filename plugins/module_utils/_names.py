# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""By which words something of OpenClaw's is recognised, under the names that it has and had. Pure."""

from __future__ import annotations

import re

#: Names that OpenClaw has and had: of the product, of its programs, and in the labels of its jobs.
GATEWAYS = re.compile(r"openclaw|clawdbot|moltbot|\bbot\.molt\b", re.IGNORECASE)
#: The same in bytes, and an entity: in a property list any letter may be written as one.
_IN_BYTES = re.compile(rb"openclaw|clawdbot|moltbot|bot\.molt|&#", re.IGNORECASE)


def may_concern(data, label):
    """Whether it is worth parsing these bytes: cheap, and true at least for every list that runs a Gateway."""
    return bool(_IN_BYTES.search(data)) or label.encode() in data or data[:2] in (b"\xff\xfe", b"\xfe\xff")
