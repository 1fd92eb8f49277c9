# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Since when a token is in place: a small record beside the configuration. Pure.

A file's time says when anything in it changed. The record has the fingerprint of a token and the time it was put
there; one that tells of another token tells nothing.
"""

from __future__ import annotations

import calendar
import json
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

NAME = "gateway-token.since.json"
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def moment(data, mark):
    """Return when the token of a fingerprint was put in place, in seconds since the epoch, or None where the record
    does not tell.

    :param data: bytes of the record, or None.
    """
    try:
        record = json.loads((data or b"").decode("utf-8"))
        return calendar.timegm(time.strptime(record["since"], _FORMAT)) if record["fingerprint"] == mark else None
    except (ValueError, KeyError, TypeError):
        return None


def age(data, mark, now):
    """Return the seconds since then, as :func:`moment`. :param now: seconds since the epoch."""
    begun = moment(data, mark)
    return None if begun is None else max(0.0, now - begun)


def record(token, now):
    """Return the bytes of the record of a token that is put in place now."""
    told = {"fingerprint": fingerprint(token), "since": time.strftime(_FORMAT, time.gmtime(now))}
    return (json.dumps(told) + "\n").encode("ascii")
