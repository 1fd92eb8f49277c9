# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The record itself, in one canonical form: the same record is the same bytes."""

from __future__ import annotations

import json


def render(record):
    """Return the record as JSON: keys sorted, two spaces, a line break at the end."""
    return json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
