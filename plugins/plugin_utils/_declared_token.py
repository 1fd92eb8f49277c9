# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Judges a token that was declared on the controller, without ever repeating it."""

from __future__ import annotations

import re

MIN_LENGTH = 24
#: What templates, JavaScript and OpenClaw's own redaction leave behind where a token should be. Safe to show.
PLACEHOLDERS = ("undefined", "null", "none", "changeme", "__openclaw_redacted__")
_UNRESOLVED = re.compile(r"\$\{[^}]*\}|\{\{.*\}\}")
_VAULT = "take it from your vault, or leave gateway_token unset: the host then keeps the token it has, or makes one."


def objection(token):
    """Say what is wrong with a declared token.

    :param token: C({declared, resolved, value}); not declared is fine, the host then keeps or makes one.
    :returns: C(None), or C((what may be shown of it, message, next step)).
    """
    if not token.get("declared"):
        return None
    if not token.get("resolved"):
        return (
            "(unresolved)",
            "it is declared, but what it refers to is undefined.",
            "define the variable it names, e.g. in the vault.",
        )
    value = token.get("value")
    if value is None:
        return ("null", "it is declared but null (an empty YAML value).", _VAULT)
    if not isinstance(value, str):
        return ("(%s)" % type(value).__name__, "it is not a string.", "put it in quotes.")
    text = value.strip()
    if not text:
        return ('""', "it is empty.", _VAULT)
    if text.lower() in PLACEHOLDERS:
        return ('"%s"' % text, "that is a placeholder, not a token.", _VAULT)
    if _UNRESOLVED.search(text):
        return ("(unresolved reference)", "it holds a reference that nothing resolved.", _VAULT)
    if text != value or re.search(r"\s", text):
        return (
            "(%d characters)" % len(value),
            "it has white space in it.",
            "remove stray blanks or line ends, e.g. with the trim filter.",
        )
    if len(text) < MIN_LENGTH:
        return (
            "(%d characters)" % len(text),
            "shorter than %d characters: guessable." % MIN_LENGTH,
            "make one with: openssl rand -base64 36",
        )
    return None
