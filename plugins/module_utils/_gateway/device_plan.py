# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From what is wished of a Gateway's devices and what it lists to the requests that make it so. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

from .devices import missing

#: Shortest beginning of a device's id that names it.
PREFIX = 8
#: What every request about devices needs; and what those about other roles than C(operator) need.
PAIRING, ADMIN = "operator.pairing", "operator.admin"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

#: State -> (options it may have, groups of options of which one each must be there).
_OPTIONS = {
    "listed": ((), ()),
    "approved": (("device", "request", "roles", "scopes"), (("device",), ("roles",))),
    "rejected": (("device", "request"), (("device", "request"),)),
    "revoked": (("device", "roles", "max_age"), (("device", "max_age"),)),
    "rotated": (("device", "roles", "max_age", "when"), (("device", "max_age"),)),
    "absent": (("device", "max_age"), (("device", "max_age"),)),
}
STATES = tuple(_OPTIONS)
_NAMED = ("device", "request", "roles", "scopes", "max_age", "when")


class Wish(NamedTuple):
    """What a task declares."""

    state: str
    device: Optional[str] = None
    request: Optional[str] = None
    roles: Optional[tuple] = None
    scopes: tuple = ()
    #: Seconds.
    max_age: Optional[int] = None
    when: Optional[str] = None


class Action(NamedTuple):
    """One request to the Gateway. C(before) and C(after) are lines of the diff, None for nothing there."""

    action: str
    device: str
    request: Optional[str]
    role: Optional[str]
    #: Scopes the connection must hold.
    needs: tuple
    before: Optional[str]
    after: Optional[str]

    def row(self):
        """Return what a task may show of it."""
        return {"action": self.action, "device": self.device, "request": self.request, "role": self.role}


# ------------------------------------------------------------------------------------------------------------- wishes
def wish_of(options):
    """Return the :class:`Wish` that options of a task declare.

    :param options: mapping with C(state) and the options of :data:`_NAMED`, None (or empty) where not given.
    :raises Failure: C(option_missing), C(option_invalid).
    """
    state = options["state"]
    allowed, needed = _OPTIONS[state]
    given = [name for name in _NAMED if options.get(name) is not None]
    for name in given:
        if name not in allowed:
            raise _bad_option(name, "means nothing with state %r" % state)
    for group in needed:
        if not set(group) & set(given):
            raise _missing_option(" or ".join(repr(name) for name in group), "state %r" % state)
    for name in ("device", "request"):
        if name in given and not options[name].strip():
            raise _bad_option(name, "is empty")
    if "device" in given and len(options["device"].strip()) < PREFIX:
        raise _bad_option("device", "has less than %d characters of the id" % PREFIX)
    when = options.get("when")
    if state == "rotated":
        when = when or "max_age"
        if when == "max_age" and "max_age" not in given:
            raise _missing_option("'max_age' (or 'when: always')", "state 'rotated'")
        if when == "always" and "max_age" in given:
            raise _bad_option("max_age", "means nothing with 'when: always'")
    return Wish(
        state=state, device=_stripped(options.get("device")), request=_stripped(options.get("request")),
        roles=_names(options.get("roles")), scopes=_names(options.get("scopes")) or (),
        max_age=seconds_of(options["max_age"]) if "max_age" in given else None, when=when)


def seconds_of(text):
    """Return an age such as C(90d) as seconds.

    :raises Failure: C(option_invalid).
    """
    match = re.match(r"^([0-9]{1,6})\s*([smhdw])$", str(text).strip())
    if not match or int(match.group(1)) == 0:
        raise _bad_option("max_age", "is %r, but must be a number and a unit (s, m, h, d, w), as 90d" % (text,))
    return int(match.group(1)) * _UNITS[match.group(2)]


def check_range(name, value, low, high):
    """Refuse a number that makes no sense; None is fine.

    :raises Failure: C(option_invalid).
    """
    if value is not None and not low <= value <= high:
        raise _bad_option(name, "is %s, but must be from %s to %s" % (value, low, high))


def _stripped(text):
    return text.strip() if text is not None else None


def _names(values):
    return None if values is None else tuple(value.strip() for value in values)


def _bad_option(name, problem):
    return Failure("option_invalid", "option %r %s." % (name, problem), "input", "correct %r in the task." % name,
                   option=name)


def _missing_option(what, where):
    return Failure("option_missing", "%s needs option %s." % (where, what), "input", "add it to the task.")


# --------------------------------------------------------------------------------------------------------------- plan
def plan(wish, listing, now):
    """Return the :class:`Action` list that makes a Gateway be as wished, empty when it is.

    :param wish: :class:`Wish`. :param listing: :class:`devices.Listing`. :param now: milliseconds since the epoch.
    :raises Failure: when it cannot be made so, or must not.
    """
    return _PLANS[wish.state](wish, listing, now)


def needs(actions):
    """Return the scopes that the actions need together, without what others of them grant."""
    wanted = sorted({scope for action in actions for scope in action.needs} | {PAIRING})
    return [ADMIN, PAIRING] if ADMIN in wanted else wanted


def chosen_id(wish, listing):
    """Return the id of the device that is meant, None when the Gateway knows none such.

    :raises Failure: C(device_ambiguous).
    """
    known = {device.id for device in listing.paired} | {request.device for request in listing.pending}
    if wish.device in known:
        return wish.device
    found = sorted(name for name in known if name.startswith(wish.device))
    if len(found) > 1:
        raise Failure("device_ambiguous", "option 'device' (%s) begins the ids of several devices: %s."
                      % (wish.device, ", ".join(found)), "input", "give more of the id.", devices=found)
    return found[0] if found else None


def _short(name):
    return name[:12]


def _holding(roles, scopes):
    return "%s [%s]" % (", ".join(roles) or "no role", ", ".join(scopes))


def _unknown_device(wish, what):
    return Failure(
        "device_unknown", "no device %s %s." % (wish.device, what), "input",
        "list what there is (state: listed); a device asks when it connects, and its request lapses after five "
        "minutes.", device=wish.device)


def _listed(_wish, _listing, _now):
    return []


def _approved(wish, listing, _now):
    name = chosen_id(wish, listing)
    device = listing.device(name)
    asked = [request for request in listing.pending if request.device == name]
    if wish.request is not None:
        _refuse_other_request(wish, listing, name)
        if asked and wish.request not in [request.id for request in asked]:
            raise Failure(
                "request_superseded", "request %s of device %s is no longer pending, but %s is."
                % (wish.request, name, asked[0].id), "input",
                "look at what it asks for now (state: listed), and name that request.", device=name,
                requests=[request.id for request in asked])
    if device:
        _refuse_excess(wish, device, "device_exceeds", "device %s already holds" % name,
                       "allow it in 'roles' and 'scopes', or remove the device (state: absent) and have it ask anew.")
    for request in asked:
        _refuse_excess(wish, request, "request_exceeds", "request %s of device %s asks for" % (request.id, name),
                       "allow it in 'roles' and 'scopes', or reject the request (state: rejected).")
    if not asked:
        _refuse_powerless(wish, name, device)
    return [_approval(request, device) for request in asked]


def _refuse_other_request(wish, listing, name):
    request = listing.request(wish.request)
    if request and wish.device is not None and request.device != name:
        raise Failure("request_mismatch", "request %s is not of device %s, but of %s."
                      % (request.id, wish.device, request.device), "input",
                      "correct 'device' or 'request' in the task.", device=request.device)


def _refuse_excess(wish, held, code, story, hint):
    roles = [role for role in held.roles if role not in wish.roles]
    scopes = missing(held.scopes, wish.scopes)
    for token in getattr(held, "tokens", ()):
        scopes += [scope for scope in missing(token.scopes, wish.scopes) if scope not in scopes]
    if roles or scopes:
        raise Failure(code, "%s more than declared: %s." % (story, ", ".join(roles + scopes)), "auth", hint,
                      roles=roles, scopes=scopes)


def _refuse_powerless(wish, name, device):
    if device is None:
        raise _unknown_device(wish, "is paired or asks to be")
    if device.tokens and not any(token.active for token in device.tokens):
        raise Failure("device_revoked", "device %s is paired, but its tokens are revoked, and it does not ask anew."
                      % name, "auth", "have it connect, so that it asks, within the five minutes before this runs.",
                      device=name)


def _approval(request, device):
    roles = sorted(set(request.roles) | set(device.roles if device else ()))
    scopes = sorted(set(request.scopes) | set(device.scopes if device else ()))
    held = {scope for token in (device.tokens if device else ()) for scope in token.scopes}
    return Action(
        "approve", request.device, request.id, None,
        _needed(request.roles, set(scopes) | held),
        "request %s of device %s: asks for %s" % (request.id, _short(request.device),
                                                  _holding(request.roles, request.scopes)),
        "device %s: paired as %s" % (_short(request.device), _holding(roles, scopes)))


def _needed(roles, scopes):
    """Nobody hands out what he does not hold; and other roles than operator are an administrator's business."""
    if set(roles) != {"operator"}:
        return (ADMIN,)
    return tuple(sorted({PAIRING} | {scope for scope in scopes if scope.startswith("operator.")}))


def _rejected(wish, listing, _now):
    name = chosen_id(wish, listing) if wish.device is not None else None
    _refuse_other_request(wish, listing, name)
    return [_rejection(request) for request in listing.pending
            if (wish.device is None or request.device == name) and wish.request in (None, request.id)]


def _rejection(request):
    return Action("reject", request.device, request.id, None, (PAIRING,),
                  "request %s of device %s: asks for %s" % (request.id, _short(request.device),
                                                            _holding(request.roles, request.scopes)), None)


def _meant(wish, listing):
    """The paired devices a wish is about."""
    if wish.device is None:
        return list(listing.paired)
    device = listing.device(chosen_id(wish, listing))
    return [device] if device else []


def _unused(wish, device, now):
    """Whether a device is old enough for a wish. One of which nobody knows when it was used never is."""
    idle = device.idle(now)
    return wish.max_age is None or (idle is not None and idle > wish.max_age)


def _active(wish, device):
    return [token for token in device.tokens if token.active and (wish.roles is None or token.role in wish.roles)]


def _absent(wish, listing, now):
    removals = [
        Action("remove", device.id, None, None, (PAIRING,),
               "device %s: paired as %s" % (_short(device.id), _holding(device.roles, device.scopes)), None)
        for device in _meant(wish, listing) if _unused(wish, device, now)]
    if wish.max_age is not None:
        return removals
    name = chosen_id(wish, listing)
    return [_rejection(request) for request in listing.pending if request.device == name] + removals


def _revoked(wish, listing, now):
    return [_on_token("revoke", device, token, "revoked")
            for device in _meant(wish, listing) if _unused(wish, device, now) for token in _active(wish, device)]


def _rotated(wish, listing, now):
    devices = _meant(wish, listing)
    if wish.device is not None and not devices:
        raise _unknown_device(wish, "is paired")
    tokens = [(device, token) for device in devices for token in _active(wish, device)]
    if wish.when == "always":
        if not tokens:
            raise Failure(
                "device_token_missing", "device %s has no active token%s." % (devices[0].id, _of_roles(wish)), "auth",
                "approve it again: rotating a revoked token would let the device in again.", device=devices[0].id)
        due = tokens
    else:
        due = [(device, token) for device, token in tokens
               if token.issued is not None and now - token.issued > wish.max_age * 1000]
    return [_on_token("rotate", device, token, "active, renewed") for device, token in due]


def _of_roles(wish):
    return "" if wish.roles is None else " for %s" % ", ".join(wish.roles)


def _on_token(action, device, token, after):
    line = "device %s: token for %s: %%s" % (_short(device.id), token.role)
    return Action(action, device.id, None, token.role, _needed((token.role,), token.scopes), line % "active",
                  line % after)


_PLANS = {"listed": _listed, "approved": _approved, "rejected": _rejected, "revoked": _revoked, "rotated": _rotated,
          "absent": _absent}


# ------------------------------------------------------------------------------------------------------------ outcome
def _was_approved(action, before, after):
    device, old = after.device(action.device), before.device(action.device)
    gone = after.request(action.request) is None
    # A request that lapsed is gone as well, so one for more than before has to have left its mark.
    return gone and device is not None and (old is None or device.approved != old.approved)


def _was_rejected(action, _before, after):
    return after.request(action.request) is None


def _was_removed(action, _before, after):
    return after.device(action.device) is None


def _was_revoked(action, _before, after):
    token = after.token(action.device, action.role)
    return token is None or not token.active


def _was_rotated(action, before, after):
    token, old = after.token(action.device, action.role), before.token(action.device, action.role)
    return token is not None and token.active and token.issued != old.issued


_OUTCOMES = {"approve": _was_approved, "reject": _was_rejected, "remove": _was_removed, "revoke": _was_revoked,
             "rotate": _was_rotated}


def achieved(action, before, after):
    """Whether what an action was for is so, going by what the Gateway listed before and lists after it."""
    return _OUTCOMES[action.action](action, before, after)


def as_diff(actions, place):
    """Return Ansible's diff of some actions. It is the same before and after they were carried out."""
    before = [action.before for action in actions if action.before]
    after = [action.after for action in actions if action.after]
    return {"before_header": place, "after_header": place,
            "before": "".join(line + "\n" for line in before), "after": "".join(line + "\n" for line in after)}
