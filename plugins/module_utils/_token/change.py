# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The order in which a token is changed, and the way back from every point of it.

Write, verify on disk, take the other sources away, apply, prove, deliver, purge. What fails before the purge is undone
in reverse, and the undoing is proven too. A variable that was taken out of a launchd domain stays out: to put it back
would show it in the process list. Everything that touches the host is a method of C(host) (see :mod:`host`), so that
this file is nothing but the order.
"""

from __future__ import annotations

import collections

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: What is to be done.
#: C(writes): :class:`Write`, in order. C(strips): :class:`Write` of other places that lose a token, C(unsets): commands
#: (lists of words) that take the variable out of a launchd domain. C(deliveries): :class:`Write` of consumers' places.
#: C(purges): paths of copies that hold a token and are not needed any more.
#: C(apply): C(nothing), C(hot) (the Gateway sees to it), C(reload) or C(restart).
#: C(new), C(old): tokens; C(new) is None where there shall be none, C(old) where nobody knows one that works.
#: C(running): whether a Gateway answers, so that there is something to prove.
Plan = collections.namedtuple("Plan", "writes strips unsets deliveries purges apply new old running")

#: One place: bytes before and after; None means there is nothing. C(kind) says how it is written and C(place) what else
#: that needs, see :mod:`host`.
Write = collections.namedtuple("Write", "path before after kind place")
Write.__new__.__defaults__ = ("private", None)


#: Values of C(apply) with which the Gateway is to run with a changed configuration. With the others it takes the same
#: token from the same place, whatever else is saved for later.
_READS_CONFIG = ("hot", "restart")


def is_empty(plan):
    """Whether nothing is to be done."""
    work = (plan.writes, plan.strips, plan.unsets, plan.deliveries, plan.purges)
    return not any(work) and plan.apply == "nothing"


def restarts(plan):
    """How often carrying a plan out restarts the Gateway's job."""
    return int(plan.running and plan.apply == "restart")


def carry_out(plan, host):
    """Carry a plan out.

    :param host: object like :class:`host.Host`.
    :returns: C(proven), or C(not_running) where nothing listens that could be asked.
    :raises Failure: what went wrong; its details say C(stage), and C(restored): whether the state before is back and
        proven (C(true)), back but nothing could be asked (C(null)), or not (C(false)).
    """
    # Last first.
    done, stage = [], "write"

    def write_all(writes):
        for write in writes:
            host.write(write)
            done.insert(0, write)

    try:
        write_all(plan.writes)
        stage = "verify"
        for write in plan.writes:
            host.verify(write)
        stage = "strip"
        write_all(plan.strips)
        for command in plan.unsets:
            host.unset(command)
        stage = "apply"
        _apply(plan, host)
        stage = "prove"
        proof = _prove(plan, host)
        stage = "deliver"
        write_all(plan.deliveries)
        host.require_caller()
    except Failure as failure:
        host.shield()
        raise _undone(plan, host, done, stage, failure) from None
    for path in plan.purges:
        host.purge(path)
    return proof


def _apply(plan, host):
    if plan.running and plan.apply == "reload":
        host.reload(plan.old)
    elif restarts(plan):
        host.restart()


def _prove(plan, host):
    if not plan.running:
        return "not_running"
    if plan.new is None:
        return host.require_gone(plan.old)
    host.require_accepted(plan.new, plan.old)
    if plan.apply in _READS_CONFIG:
        host.require_running(plan.new, plan.old)
    if plan.old is not None and plan.old != plan.new:
        host.require_refused(plan.old)
    return "proven"


def _undone(plan, host, done, stage, failure):
    """Put everything back, and return the failure with what came of that."""
    failure.details["stage"] = stage
    # What the Gateway was told to do has to be told again, once the old state is in place.
    told = plan.running and stage in _AFTER_APPLY
    restored = True
    try:
        for write in done:
            host.put_back(write)
        if told:
            _apply_back(plan, host)
        if done and plan.running and plan.old is not None:
            host.require_accepted(plan.old, plan.new)
            if plan.apply in _READS_CONFIG:
                host.require_running(plan.old)
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


_AFTER_APPLY = ("apply", "prove", "deliver")


def _apply_back(plan, host):
    if plan.apply == "restart" and host.has_restarted():
        host.restart()
    elif plan.apply == "reload":
        # Nobody knows which of the two the Gateway takes by now.
        try:
            host.reload(plan.new)
        except Failure:
            host.reload(plan.old)


_TOLD = {
    True: "the old token is in place again, and the Gateway takes it.",
    None: "what was there before is in place again; no Gateway answers that could prove it.",
    "untouched": "nothing had been changed.",
}
