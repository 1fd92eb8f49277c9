# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Evidence of a run: one file a step, each with the digest of the one before, so that none can be changed unnoticed."""

from __future__ import annotations

import hashlib
import json

SCHEMA = 1


def entry(about, content, previous):
    """Return the text of a piece of evidence.

    :param about: C({run, host, step, name, at}). :param content: plain data without secrets.
    :param previous: text of the piece before it, or None for the first.
    """
    body = dict(about, schema=SCHEMA, previous=digest(previous) if previous is not None else None, content=content)
    return json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"


def digest(text):
    """Return "sha256:" and the hex digest of a text."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()


def broken(texts):
    """Return why a chain cannot be what was written, or None.

    :param texts: the pieces in the order of their names.
    """
    previous = None
    for number, text in enumerate(texts, 1):
        try:
            body = json.loads(text)
            told = body["previous"]
        except (ValueError, KeyError, TypeError):
            return "piece %d is no evidence" % number
        if told != (digest(previous) if previous is not None else None):
            return "piece %d does not follow the one before it" % number
        previous = text
    return None
