# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which token a Gateway shall have: the one it has, a given one, or a new one. Pure but for the system's randomness."""

from __future__ import annotations

import collections

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import policy
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: What a task wants. C(state) is C(present), C(rotated) or C(absent). C(when) is a key of :data:`DUE` and matters for
#: C(rotated) alone; C(max_age) is in seconds. C(generate) is whether a new token may be made.
Wish = collections.namedtuple("Wish", "state value min_length when max_age fingerprint generate")
Wish.__new__.__defaults__ = (True,)

#: C(origin) is C(kept), C(given), C(generated) or, where there shall be none, C(removed). C(objection) is why the
#: present token is no good (a code of the policy), or None. C(due) is why it is rotated or not, as a word; None where
#: no rotation was asked for.
Choice = collections.namedtuple("Choice", "token origin objection due")


def _always(wish, present, age):
    return "always", True


def _max_age(wish, present, age):
    if age is None:
        return "age_unknown", True
    return ("too_old", True) if age > wish.max_age else ("young_enough", False)


def _fingerprint(wish, present, age):
    if present is not None and fingerprint(present) == wish.fingerprint:
        return "fingerprint_matches", True
    return "fingerprint_differs", False


#: C(when) -> function of (wish, present token or None, its age in seconds or None) that returns (why, whether).
DUE = {"always": _always, "max_age": _max_age, "fingerprint": _fingerprint}


def choose(wish, present, age=None, generate=policy.generate):
    """Return the :class:`Choice`.

    :param wish: :class:`Wish`. :param present: the token that is in use (str), or None.
    :param age: seconds since it was put there, or None where nobody knows.
    :param generate: function that returns a new token.
    :raises Failure: the codes of the policy for a bad value; C(rotation_unspecified); C(token_undeclared).
    """
    if wish.state == "absent":
        return Choice(None, "removed", None, None)
    objection = None
    if present is not None:
        objection = (policy.objection(present, wish.min_length) or (None,))[0]
    if wish.value is not None:
        policy.require_good(wish.value, "option 'value'", wish.min_length)
    due, rotate = None, False
    if wish.state == "rotated":
        _require_measure(wish)
        due, rotate = DUE[wish.when](wish, present, age)
        if not rotate and present is not None and objection is None:
            return Choice(present, "kept", None, due)
    if wish.value is not None:
        return Choice(wish.value, "kept" if wish.value == present else "given", objection, due)
    if present is not None and objection is None and not rotate:
        return Choice(present, "kept", None, due)
    if not wish.generate:
        why = "there is no token" if present is None else "the token that is there is no good, or due"
        raise Failure(
            "token_undeclared",
            "%s, and this task may not make one." % why,
            "auth",
            "give it as 'value' (gateway_token, from your vault), or allow a new one with 'generate: true'.",
            option="value",
        )
    return Choice(generate(), "generated", objection, due)


def _require_measure(wish):
    """Refuse C(when) without what it compares with."""
    needed = {"max_age": wish.max_age, "fingerprint": wish.fingerprint}
    if wish.when in needed and needed[wish.when] is None:
        raise Failure(
            "rotation_unspecified",
            "when is %s, and option '%s' is not set." % (wish.when, wish.when),
            "input",
            "set %s, or when: always." % wish.when,
            option=wish.when,
        )
