# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which places could supply the Gateway's token, and the fingerprint of the one in force."""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources, survey


def describe(places):
    """Describe the sources of the token.

    :param places: :class:`survey.Places`.
    :returns: C({count, fingerprint, sources, unreadable}). C(count) is of those the server could take its token from,
        C(fingerprint) that of the first of them, which wins.
    """
    elsewhere = survey.outside_config(places)
    everything = _in_config(os.path.join(places.state_dir, "openclaw.json")) + elsewhere.sources
    live = sources.server_sources(everything)
    return {
        "count": len(live),
        "fingerprint": live[0].fingerprint if live else None,
        "sources": [dict(source._asdict()) for source in everything],
        "unreadable": elsewhere.unreadable,
    }


def _in_config(path):
    """Return what openclaw.json supplies; that it cannot be parsed is told by the section on the configuration."""
    try:
        with open(path, encoding="utf-8") as stream:
            return sources.from_config(stream.read(), path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return []
