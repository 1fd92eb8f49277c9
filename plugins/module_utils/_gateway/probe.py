# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""One probe: look, or wait and look, judge, and say whether what was asked for holds."""

from __future__ import annotations

import os
import time
from typing import NamedTuple, Optional

from .._failure import Failure
from .goals import GOALS, STORM, hopeless, stopped, unmet
from .observe import STAGES, Path, milliseconds, observe, observe_exposure
from .target import Credential
from .verdict import NAMES, SETTLE, advice, judge, overall

#: How far a look must go for a verdict to be told. What stays in front of C(connect) presents no credential.
_SHALLOW = {"tcp": 1, "live": 2, "ready": 3}

#: Verdicts that a look under memory pressure puts off, and the stages that would tell them.
_STAGE_OF = {"rpc": "health", "config_applied": "config"}

#: Most passages told of one wait.
PASSAGES = 20

_SAID = {"fail": "failed", "unknown": "could not be told", "skipped": "was not tried"}


class Request(NamedTuple):
    """What is to be probed, and what for."""

    path: Path
    #: Port that no other address of this host may offer; C(None) when nobody knows it.
    port: Optional[int]
    credential: Credential
    #: openclaw.json that this Gateway should run with; C(None) when that cannot be compared.
    config_path: Optional[str]
    #: C(live), C(ready), C(authenticated), C(stopped), or C(None) for a single look.
    wait_for: Optional[str]
    #: Names of verdicts that must be ok.
    expect: tuple
    #: Seconds for the whole wait, and for one look.
    timeout: float
    request_timeout: float
    #: Stages of a look that are put off unless I(wait_for) or I(expect) needs them, and why, as a sentence part.
    deferred: tuple = ()
    because: Optional[str] = None
    #: Seconds in which a Gateway may not have read a changed openclaw.json yet.
    settle: float = SETTLE
    #: Function that returns the facts of the stage C(exposure); those of this host's addresses where I(port) is given.
    knock: object = None
    #: Function that returns the :class:`wait.Process` of the Gateway, or C(None) where there is nobody to ask.
    process: object = None


class Look:
    """One observation and what it comes to."""

    def __init__(self, seen, credential, when):
        self.seen = seen
        self.vector = judge(seen, credential)
        self.hello = seen.get("connect", {})
        self.alive = self.vector["tcp"]["verdict"] == "ok"
        self.boot_id = self.hello.get("boot_id")
        self.uptime_ms = self.hello.get("uptime_ms")
        if self.uptime_ms is None:
            self.uptime_ms = milliseconds(seen.get("ready", {}).get("body", {}).get("uptimeMs"))
        self.started = None if self.uptime_ms is None else when - self.uptime_ms / 1000.0
        self.retry_after = self.hello.get("error", {}).get("retry_after")


def _look(request, stages, seconds, hold, clock):
    put_off = [stage for stage in request.deferred if stage in stages and stage not in _needed(request)]
    asked = [stage for stage in stages if stage not in put_off]
    seen = observe(request.path, request.credential, asked, seconds, request.config_path, hold, clock)
    if "error" not in seen.get("connect", {"error": None}):
        seen.update((stage, _put_off(request.because)) for stage in put_off)
    if "file" in seen:
        seen["file"]["settle"] = request.settle
    running, expected = seen.get("config", {}).get("path"), request.config_path
    if running and expected and os.path.realpath(running) != os.path.realpath(expected):
        seen["config"]["other"] = expected
    return Look(seen, request.credential, clock())


def _needed(request):
    """Return the stages that somebody asked for by the name of their verdict."""
    wanted = _wanted(request)
    return [stage for name, stage in _STAGE_OF.items() if name in wanted]


def _put_off(because):
    return {"error": {"code": "deferred", "reason": "put off: %s." % because}, "ms": None}


def _with_exposure(request, look, clock):
    """Return the look with its last verdict: knocking once, at the end, is enough."""
    if request.knock:
        facts = request.knock()
    elif request.port is not None:
        facts = observe_exposure(request.port)
    else:
        return look
    return Look(dict(look.seen, exposure=facts), request.credential, clock())


def _wanted(request):
    """Return the names of verdicts that must be ok in the end."""
    wanted = set(GOALS.get(request.wait_for, ())) | set(request.expect)
    return [name for name in NAMES if name in wanted]


def _decide(wait_for, wanted):
    """Return the function of a look that ends a wait (see :func:`wait.wait`)."""
    if wait_for == "stopped":
        return lambda look: "reached" if stopped(look.vector) else None

    def decide(look):
        if not unmet(look.vector, wanted):
            return "reached"
        return "hopeless" if hopeless(look.vector, wanted) else None
    return decide


def _note(passages, whole, after_s):
    """Add what a look comes to, unless that is what the look before came to; the last of a long story are kept."""
    # A look that asked no further than it had to, and met nothing wrong, knows only that somebody answers.
    state = "answering" if whole["code"] == "not_reached" else whole["state"]
    if not passages or (passages[-1]["state"], passages[-1]["code"]) != (state, whole["code"]):
        passages.append({"after_s": round(after_s, 2), "state": state, "code": whole["code"]})
        del passages[:-PASSAGES]


def _waited(request, wanted, passages, clock, sleep):
    """Wait, noting the passages, then return (end, last look with all verdicts but exposure)."""
    from .wait import wait  # a single look needs none of it

    awaited = [name for name in wanted if name != "exposure"]
    if request.wait_for == "stopped":
        stages = STAGES[:1]
    elif all(name in _SHALLOW for name in awaited):
        stages = STAGES[:max(_SHALLOW[name] for name in awaited)]
    else:
        stages = STAGES
    begin = clock()

    def look_and_note(seconds):
        seen = _look(request, stages, seconds, request.settle, clock)
        _note(passages, overall(seen.vector), clock() - begin)
        return seen

    decide = _decide(request.wait_for, awaited)
    end = wait(look_and_note, decide, request.timeout, request.request_timeout, clock, sleep,
               process=request.process)
    look = end.look
    if look.alive and stages != STAGES:
        look = _look(request, STAGES, request.request_timeout, 0.0, clock)
        end.lives.note(look.alive, look.boot_id, look.started)
    return end, look


def _with_port(text, port):
    """Return a next step that can be pasted: the table of codes says PORT where the port belongs."""
    return text and text.replace("PORT", str(port))


def _failed(request, wanted, end, vector):
    """Return the :class:`Failure` of a probe that did not find what was asked for, or None."""
    place = request.path.place
    story = ""
    if end:
        story = "Waited %.1f s (looks: %d, lives seen: %d) for %s to be %s: " % (
            end.waited, end.attempts, end.lives.count, place, request.wait_for)
        if end.how == "storm":
            return Failure("respawning", "%sit keeps coming and going. Last: %s"
                           % (story, overall(vector)["reason"] or "it answered."),
                           "service", advice("live", {"code": "respawning"})[1], lives=end.lives.count)
        if request.wait_for == "stopped" and not stopped(vector):
            return Failure("still_running", "%sthe port still answers." % story, "service",
                           advice("tcp", {"code": "still_running"})[1])
    missing = unmet(vector, wanted)
    if not missing:
        return None
    # A verdict that was not tried is never the cause: the cause stands before it.
    told = [name for name in missing + list(NAMES) if vector[name]["verdict"] in ("fail", "unknown")]
    name = told[0] if told else missing[0]
    layer, next_step = advice(name, vector[name])
    next_step = _with_port(next_step, request.port)
    return Failure(vector[name]["code"], "%s%s of %s %s: %s"
                   % (story, name, place, _SAID[vector[name]["verdict"]], vector[name]["reason"]),
                   layer, next_step, verdict=name, unmet=missing)


def probe(request, clock=time.monotonic, sleep=time.sleep):
    """Probe a Gateway.

    :param request: :class:`Request`.
    :returns: tuple (result mapping without anything secret, :class:`Failure` or None).
    """
    wanted, end, passages = _wanted(request), None, []
    if request.wait_for:
        end, look = _waited(request, wanted, passages, clock, sleep)
    else:
        look = _look(request, STAGES, request.request_timeout, 0.0, clock)
    look = _with_exposure(request, look, clock)
    vector = look.vector
    whole = overall(vector)
    if passages and passages[-1]["state"] == "answering":
        # The same look, now that it has asked everything.
        passages[-1].update(state=whole["state"], code=whole["code"])
    else:
        _note(passages, whole, end.waited if end else 0.0)
    boot_ids = end.lives.boot_ids if end else [look.boot_id] if look.boot_id else []
    result = dict(whole, next=_with_port(whole["next"], request.port), changed=False, verdicts=vector,
                  server={"version": look.hello.get("version"), "boot_id": look.boot_id, "uptime_ms": look.uptime_ms},
                  attempts=end.attempts if end else 1, waited_s=round(end.waited, 2) if end else 0.0,
                  boot_ids=boot_ids[:STORM], lives=end.lives.count if end else int(look.alive),
                  passages=passages,
                  unmet=unmet(vector, wanted))
    return result, _failed(request, wanted, end, vector)
