# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which places could supply the Gateway's token, and the fingerprint of the one in force."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources, survey


def describe(places):
    """Describe the sources of the token.

    :param places: :class:`survey.Places`.
    :returns: C({count, fingerprint, sources, unreadable}). C(count) is of the distinct ones the server could take its
        token from, C(fingerprint) that of the first of them.
    """
    found = survey.everything(places)
    live = sources.server_sources(found.sources)
    return {
        "count": len(live),
        "fingerprint": live[0].fingerprint if live else None,
        "sources": [dict(source._asdict()) for source in found.sources],
        "unreadable": found.unreadable,
    }
