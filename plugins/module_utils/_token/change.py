# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The order in which a token is changed, and the way back from every point of it.

Write, verify on disk, take the other sources away, apply, prove, purge. What fails before the proof is undone in
reverse, and the undoing is proven too. A variable that was taken out of a launchd domain stays out: to put it back
would show it in the process list. Everything that touches the host is a method of C(host) (see :mod:`host`), so that
this file is nothing but the order.
"""

from __future__ import annotations

import collections

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: What is to be done.
#: C(writes): :class:`Write`, in order. C(strips): :class:`Write` of other places that lose a token, C(unsets): launchd
#: domains that lose the variable. C(purges): paths of copies that hold a token and are not needed any more.
#: C(apply): C(nothing), C(hot) (the Gateway sees to it), C(reload) or C(restart).
#: C(new), C(old): tokens; C(old) is None where nobody knows one that works.
#: C(running): whether a Gateway answers, so that there is something to prove.
Plan = collections.namedtuple("Plan", "writes strips unsets purges apply new old running")

#: One file: bytes before and after; None means there is no file. C(kind) says how it is written, see :mod:`host`.
Write = collections.namedtuple("Write", "path before after kind")
Write.__new__.__defaults__ = ("private",)



def is_empty(plan):
    """Whether nothing is to be done."""
    return not (plan.writes or plan.strips or plan.unsets or plan.purges) and plan.apply == "nothing"


def carry_out(plan, host):
    """Carry a plan out.

    :param host: object like :class:`host.Host`.
    :returns: C(proven), or C(not_running) where nothing listens that could be asked.
    :raises Failure: what went wrong; its details say C(stage), and C(restored): whether the state before is back and
        proven (C(true)), back but nothing could be asked (C(null)), or not (C(false)).
    """
    # Last first.
    done, stage = [], "write"
    try:
        for write in plan.writes:
            host.write(write)
            done.insert(0, write)
        stage = "verify"
        for write in plan.writes:
            host.verify(write)
        stage = "strip"
        for write in plan.strips:
            host.write(write)
            done.insert(0, write)
        for domain in plan.unsets:
            host.unset(domain)
        stage = "apply"
        _apply(plan, host, plan.old)
        stage = "prove"
        proof = _prove(plan, host)
    except Failure as failure:
        raise _undone(plan, host, done, stage, failure) from None
    for path in plan.purges:
        host.purge(path)
    return proof


def _apply(plan, host, working):
    if plan.running and plan.apply == "reload":
        host.reload(working)
    elif plan.running and plan.apply == "restart":
        host.restart()


def _prove(plan, host):
    if not plan.running:
        return "not_running"
    host.require_accepted(plan.new)
    if plan.old is not None and plan.old != plan.new:
        host.require_refused(plan.old)
    return "proven"


def _undone(plan, host, done, stage, failure):
    """Put everything back, and return the failure with what came of that."""
    failure.details["stage"] = stage
    restored = True
    try:
        for write in done:
            host.put_back(write)
        if stage in ("apply", "prove"):
            _apply(plan, host, plan.new)
        if done and plan.running and plan.old is not None:
            host.require_accepted(plan.old)
        elif not plan.running or plan.old is None:
            restored = None
    except Failure as another:
        failure.details["restored"] = False
        failure.message += (
            " This happened in the stage '%s'. Putting the old token back failed as well: %s" % (stage, another.message)
        )
        return failure
    failure.details["restored"] = restored
    failure.message += " This happened in the stage '%s'; %s" % (stage, _TOLD[restored if done else "untouched"])
    return failure


_TOLD = {
    True: "the old token is in place again, and the Gateway takes it.",
    None: "what was there before is in place again; no Gateway answers that could prove it.",
    "untouched": "nothing had been changed.",
}
