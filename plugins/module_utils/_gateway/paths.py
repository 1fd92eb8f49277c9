# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The ways to a Gateway, what is expected of each, and what they come to together. Pure."""

from __future__ import annotations

from typing import NamedTuple

from .._failure import Failure
from .codes import STEPS, meaning
from .verdict import STATES, overall


class Kind(NamedTuple):
    """A kind of way. C(where) it begins: C(target) or C(controller)."""

    where: str
    #: Verdicts that must be ok, unless a path says others.
    expect: tuple
    #: Options without which it cannot be walked.
    needs: tuple = ()


_HEALTH = ("tcp", "live", "ready")
_IN = _HEALTH + ("auth",)
_DIRECT = _IN + ("scope", "rpc")

#: A Gateway leaves the scopes asked for only to direct connections over loopback, so other ways are held to C(auth).
KINDS = {
    "loopback": Kind("target", _DIRECT + ("config_applied",)),
    "loopback_forced_host": Kind("target", _IN, ("host_header",)),
    "self": Kind("target", _DIRECT),
    "advertised": Kind("target", _IN),
    "lan": Kind("target", ("exposure",)),
    "container": Kind("target", _IN, ("url",)),
    "bastion": Kind("controller", _DIRECT + ("exposure",)),
    "tailnet": Kind("controller", _IN, ("url",)),
}

#: Keys of what a vector comes to.
WHOLE = ("state", "code", "reason", "layer", "next", "step")

_RANKS = list(dict.fromkeys(row[0] for row in STATES)) + ["healthy"]


def told(kind, expect, refusal, vector, port):
    """Return what a path is reported as.

    :param kind: name of a :data:`KINDS`. :param expect: names of verdicts, empty for those of the kind.
    :param refusal: codes, one of which must decide a way that must not work; empty for one that must.
    :param port: for the next step, or None.
    """
    expect = [name for name in vector if name in (expect or KINDS[kind].expect)]
    whole = overall(vector, expect)
    if refusal:
        whole = _refused(whole, refusal)
    if whole["next"] and port:
        whole["next"] = whole["next"].replace("PORT", str(port))
    return dict(whole, kind=kind, expect=expect, refusal=list(refusal), verdicts=vector)


def _refused(whole, refusal):
    if whole["code"] in refusal:
        return dict.fromkeys(WHOLE, None) | {"state": "healthy", "reason": "refused, as it must be: %s"
                                             % whole["reason"]}
    if whole["state"] != "healthy":
        return whole
    row = meaning("not_refused")
    return {"state": "exposed", "code": "not_refused", "reason": "this way must be refused, and is open.",
            "layer": row.layer, "next": row.next, "step": row.step or STEPS[row.layer]}


def worst(candidates):
    """Return C((name, whole)) of the one that is furthest from healthy, the first of several.

    :param candidates: list of C((name, mapping with :data:`WHOLE`)).
    """
    name, one = min(candidates, key=lambda candidate: _RANKS.index(candidate[1]["state"]))
    return name, {key: one[key] for key in WHOLE}


def joined(result, paths):
    """Return a probe's result with its paths, and with the state of the host: that of its worst path.

    :param result: of :func:`probe.probe`, or of an earlier call. :param paths: name -> what :func:`told` returned.
    """
    every = dict(result.get("paths") or {}, **paths)
    own = {key: result[key] for key in WHOLE}
    name, whole = worst([(result.get("path"), own)] + list(paths.items()))
    if whole["reason"] and name in paths and whole["state"] != "healthy":
        whole["reason"] = "path %s: %s" % (name, whole["reason"])
    return dict(result, paths=every, path=name if whole["state"] != "healthy" else None, **whole)


def failure(paths):
    """Return the :class:`Failure` of the worst path that is not healthy, or None."""
    bad = [(name, one) for name, one in paths.items() if one["state"] != "healthy"]
    if not bad:
        return None
    name, one = worst(bad)
    return Failure(one["code"], "path %s is %s: %s" % (name, one["state"], one["reason"]), one["layer"], one["next"],
                   path=name, unmet=[name for name, _one in bad])
