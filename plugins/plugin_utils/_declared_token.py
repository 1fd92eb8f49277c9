# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Judges a token that was declared on the controller, by the rules of the target, without ever repeating it."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import policy

_VAULT = "take it from your vault, or leave gateway_token unset: the host then keeps the good one it has, or makes one."
#: What may be shown of a refused value, by the code of the refusal. Placeholders are no secrets; the rest may be.
_SHOWN = {
    "token_empty": lambda value: '""',
    "token_placeholder": lambda value: '"%s"' % value.strip(),
}


def objection(token):
    """Say what is wrong with a declared token.

    :param token: C({declared, resolved, value}); not declared is fine, the host then keeps or makes one.
    :returns: C(None), or C((what may be shown of it, message, next step)).
    """
    if not token.get("declared"):
        return None
    if not token.get("resolved"):
        message = "it is declared, but what it refers to is undefined."
        return "(unresolved)", message, "define the variable it names, e.g. in the vault."
    value = token.get("value")
    if value is None:
        return "null", "it is declared but null (an empty YAML value).", _VAULT
    if not isinstance(value, str):
        return "(%s)" % type(value).__name__, "it is not a string.", "put it in quotes."
    refused = policy.objection(value)
    if refused:
        code, problem = refused
        return _SHOWN.get(code, _length)(value), "it is %s." % problem, _VAULT
    return None


def _length(value):
    return "(%d characters)" % len(value)
