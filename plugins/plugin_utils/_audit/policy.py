# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a host is compared with, as far as it can be checked before anything is asked. Pure.

The policy is plain data; its keys are in roles/audit/files/shape.yml. One that is null is not declared, and the checks
that compare with it do not apply: a misspelt key would switch them off without a word.
"""

from __future__ import annotations

import difflib

from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit.catalogue import shape

#: Words that only some values may have.
WORDS = {
    "scope": ("daemon", "agent"),
    "exposure": ("loopback", "loopback_proxy", "tailnet"),
    "mode": ("managed", "adopt"),
    "auth_mode": ("token", "password", "trusted-proxy", "none"),
    "token_source": ("config", "file", "env", "exec"),
}
_TYPES = {
    "str": (str, "text"), "int": (int, "a whole number"), "number": ((int, float), "a number"),
    "bool": (bool, "true or false"),
}  # fmt: skip


def problems(policy):
    """Return what is wrong with a policy, as sentences that name the key and what is expected."""
    known = shape()["policy"]
    return [said for key in sorted(policy, key=str) for said in _of_key(str(key), policy[key], known)]


def _of_key(key, value, known):
    if key not in known:
        near = difflib.get_close_matches(key, known, 1)
        yield "policy has no key '%s'%s" % (key, "; is '%s' meant?" % near[0] if near else ".")
    elif value is not None:
        expected = _expected(value, known[key])
        if expected:
            yield "key '%s' of the policy is %r; expected %s." % (key, value, expected)
        elif key in WORDS and value not in WORDS[key]:
            yield "key '%s' of the policy is '%s'; expected one of %s." % (key, value, ", ".join(WORDS[key]))


def _expected(value, wanted):
    """Return what should be there instead of a value, or None when it is of the right type."""
    if isinstance(wanted, list):
        return None if isinstance(value, list) else "a list"
    if isinstance(wanted, dict):
        return None if isinstance(value, dict) else "a mapping"
    types, name = _TYPES[wanted]
    right = isinstance(value, types) and (types is bool or not isinstance(value, bool))
    return None if right else name
