# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What may be a Gateway token, and how one is made. Pure but for the system's randomness."""

from __future__ import annotations

import collections
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config.checks import PLACEHOLDERS
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Shortest token accepted unless short ones are allowed, in characters.
MIN_LENGTH = 24
#: Randomness of a generated token, in bytes.
_BYTES = 32

_Rule = collections.namedtuple("_Rule", "code breaks problem")

_VARIABLE = re.compile(r"\$\{[^}$]*\}")
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%")

#: Why a value is refused as a token, in the order of asking. C(problem) completes "<where> is ..." without the value.
RULES = (
    _Rule("token_empty", lambda text: not text.strip(), "empty"),
    _Rule(
        "token_placeholder",
        lambda text: text.strip() in PLACEHOLDERS,
        "a placeholder that a broken script or a redacted output left behind",
    ),
    _Rule("token_unresolved", _VARIABLE.search, "an unresolved ${...} variable"),
    _Rule("token_unresolved", _TEMPLATE.search, "an unrendered template"),
    _Rule(
        "token_unprintable",
        lambda text: not text.isprintable() or text != text.strip(),
        "not plain text: it has blanks at an end, a line break or a control character",
    ),
)


def objection(token, min_length=MIN_LENGTH):
    """Return C((code, problem)) that says why a string is refused as a token, or None for a good one.

    :param min_length: shortest length accepted, in characters.
    """
    for rule in RULES:
        if rule.breaks(token):
            return rule.code, rule.problem
    if len(token) < min_length:
        return "token_short", "too short: %d characters, at least %d are wanted" % (len(token), min_length)
    return None


def require_good(token, where, min_length=MIN_LENGTH):
    """Refuse a bad token.

    :param where: what holds it, for the message ("option 'value'").
    :raises Failure: with one of the codes of :data:`RULES` or C(token_short).
    """
    refused = objection(token, min_length)
    if refused:
        raise Failure(
            refused[0],
            "%s is %s." % (where, refused[1]),
            "input",
            "give a secret of at least %d characters (openssl rand -hex 32), or none to keep or generate one."
            % min_length,
        )


def generate():
    """Return a new token: 43 characters from the system's randomness that need no quoting anywhere."""
    # Only who makes one pays for it.
    import secrets

    return secrets.token_urlsafe(_BYTES)
