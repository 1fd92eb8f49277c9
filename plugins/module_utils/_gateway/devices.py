# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Paired devices and pairing requests of a Gateway, as it lists them. Pure.

What a Gateway answers is text of others: a device names itself as it likes. So only what is known is taken, and texts
are kept short and printable. The token of a device is not in the answer, and would not be taken if it were.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple, Optional

from .http import printable
from .observe import milliseconds
from .wire import WireError

#: Longest identifier taken. OpenClaw's are 64 hexadecimal digits (devices) and UUIDs (requests).
_ID = 256
_ADMIN = "operator.admin"
#: Scope -> what also grants it, beside C(operator.admin), which grants every C(operator.) scope.
_ALSO_GRANTED_BY = {
    "operator.read": ("operator.write",),
    "operator.talk": ("operator.write",),
    "operator.sessions.write": ("operator.write",),
    "operator.sessions.read": ("operator.write", "operator.read", "operator.sessions.write"),
}


class Token(NamedTuple):
    """What the Gateway says about the token of a device for one role. Times are milliseconds since the epoch."""

    role: str
    scopes: tuple
    created: Optional[int]
    rotated: Optional[int]
    used: Optional[int]
    revoked: Optional[int]

    @property
    def active(self):
        return self.revoked is None

    @property
    def issued(self):
        """When the present token was issued, or None when the Gateway does not say."""
        return self.rotated if self.rotated is not None else self.created


class Device(NamedTuple):
    """A paired device."""

    id: str
    name: Optional[str]
    client: Optional[str]
    platform: Optional[str]
    roles: tuple
    scopes: tuple
    approved_via: Optional[str]
    approved: Optional[int]
    seen: Optional[int]
    #: Whether it is connected now, None when the Gateway does not say.
    connected: Optional[bool]
    tokens: tuple

    @property
    def last_used(self):
        """The latest sign of life, or of its owner's will that it be there; None when there is none."""
        signs = [self.seen, self.approved, *(token.used for token in self.tokens)]
        return max((sign for sign in signs if sign is not None), default=None)

    def idle(self, now):
        """Seconds since the last use, 0 for a connected device, None when nobody knows.

        :param now: milliseconds since the epoch.
        """
        if self.connected:
            return 0.0
        return None if self.last_used is None else max(0.0, (now - self.last_used) / 1000.0)


class Request(NamedTuple):
    """A device that asks to be paired, or to be allowed more. OpenClaw forgets a request after five minutes."""

    id: str
    device: str
    name: Optional[str]
    client: Optional[str]
    platform: Optional[str]
    roles: tuple
    scopes: tuple
    remote_ip: Optional[str]
    repair: bool
    asked: Optional[int]


class Listing(NamedTuple):
    """All of a Gateway's paired devices and pending requests."""

    paired: tuple = ()
    pending: tuple = ()

    def device(self, name):
        """Return the paired :class:`Device` of an id, or None."""
        return next((device for device in self.paired if device.id == name), None)

    def request(self, name):
        """Return the pending :class:`Request` of an id, or None."""
        return next((request for request in self.pending if request.id == name), None)

    def token(self, name, role):
        """Return the :class:`Token` of a device for a role, or None."""
        device = self.device(name)
        return next((token for token in device.tokens if token.role == role), None) if device else None


# ------------------------------------------------------------------------------------------------------------ scopes
def missing(wanted, granted):
    """Return those of the scopes wanted that the scopes granted do not cover, in their order.

    The rules are OpenClaw's own: admin grants every operator scope, write grants read, and so on.
    """
    return [scope for scope in wanted if not _covered(scope, granted)]


def _covered(scope, granted):
    if scope in granted:
        return True
    if not scope.startswith("operator."):
        return False
    return _ADMIN in granted or any(other in granted for other in _ALSO_GRANTED_BY.get(scope, ()))


# ----------------------------------------------------------------------------------------------------------- parsing
def listing_of(answer, online=frozenset()):
    """Return the :class:`Listing` that an answer to C(device.pair.list) stands for.

    :param answer: decoded payload.
    :param online: ids of devices the Gateway has named as present, for versions that do not list C(connected).
    :raises WireError: C(garbage) when the answer is none.
    """
    paired = tuple(_device(entry, online) for entry in _entries(answer, "paired"))
    pending = tuple(_request(entry) for entry in _entries(answer, "pending"))
    for names in ([device.id for device in paired], [request.id for request in pending]):
        if len(set(names)) != len(names):
            raise _garbage("one id twice")
    return Listing(paired, pending)


def online_of(hello):
    """Return the ids of the devices that are connected according to a hello's presence."""
    snapshot = hello.get("snapshot")
    presence = snapshot.get("presence") if isinstance(snapshot, dict) else None
    return frozenset(
        entry["deviceId"] for entry in (presence if isinstance(presence, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("deviceId"), str) and entry.get("reason") != "disconnect")


def _garbage(what):
    return WireError("garbage", "a list of devices that is none: %s." % what)


def _entries(answer, key):
    entries = answer.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _garbage("%r is no list of objects" % key)
    return entries


def _id(entry, key):
    """An id goes back to the Gateway as it came, so one that cannot be shown as it is is not taken."""
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > _ID or not value.isprintable():
        raise _garbage("an entry without a %s" % key)
    return value


def _text(entry, *keys):
    found = (entry.get(key) for key in keys)
    return next((printable(value, 64) for value in found if isinstance(value, str) and value.strip()), None)


def _names(entry, key, *more):
    """Roles or scopes, sorted, each once. What is no list of short texts is refused: a scope overlooked is a danger."""
    values = [] if entry.get(key) is None else entry[key]
    if not isinstance(values, list):
        raise _garbage("%r is no list" % key)
    values = values + [entry[name] for name in more if entry.get(name) is not None]
    if not all(isinstance(value, str) and value.isprintable() and len(value) <= _ID for value in values):
        raise _garbage("%r is no list of names" % key)
    return tuple(sorted({value.strip() for value in values} - {""}))


def _device(entry, online):
    name = _id(entry, "deviceId")
    connected = entry.get("connected")
    if not isinstance(connected, bool):
        # Presence leaves command line clients out, so nothing follows from not being named.
        connected = True if name in online else None
    tokens = entry.get("tokens")
    return Device(
        id=name, name=_text(entry, "operatorLabel", "displayName"), client=_text(entry, "clientId"),
        platform=_text(entry, "platform"), roles=_names(entry, "roles", "role"), scopes=_names(entry, "scopes"),
        approved_via=_text(entry, "approvedVia"), approved=milliseconds(entry.get("approvedAtMs")),
        seen=milliseconds(entry.get("lastSeenAtMs")), connected=connected,
        tokens=() if tokens is None else tuple(_token(token) for token in _entries(entry, "tokens")))


def _token(entry):
    # Absent or null is active. Anything else is a revocation, whatever it says about the time.
    revoked = entry.get("revokedAtMs")
    return Token(
        role=_id(entry, "role"), scopes=_names(entry, "scopes"), created=milliseconds(entry.get("createdAtMs")),
        rotated=milliseconds(entry.get("rotatedAtMs")), used=milliseconds(entry.get("lastUsedAtMs")),
        revoked=None if revoked is None else milliseconds(revoked) or 0)


def _request(entry):
    return Request(
        id=_id(entry, "requestId"), device=_id(entry, "deviceId"), name=_text(entry, "displayName"),
        client=_text(entry, "clientId"), platform=_text(entry, "platform"), roles=_names(entry, "roles", "role"),
        scopes=_names(entry, "scopes"), remote_ip=_text(entry, "remoteIp"), repair=entry.get("isRepair") is True,
        asked=milliseconds(entry.get("ts")))


# --------------------------------------------------------------------------------------------------------- reporting
def _time(value):
    if value is None:
        return None
    moment = datetime.datetime.fromtimestamp(value / 1000.0, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def device_row(device, now):
    """Return what a task may show of a paired device.

    :param now: milliseconds since the epoch.
    """
    idle = device.idle(now)
    return {
        "device": device.id, "name": device.name, "client": device.client, "platform": device.platform,
        "roles": list(device.roles), "scopes": list(device.scopes), "connected": device.connected,
        "approved_via": device.approved_via, "approved_at": _time(device.approved),
        "last_used_at": _time(device.last_used), "idle_days": None if idle is None else int(idle // 86400),
        "tokens": [
            {"role": token.role, "scopes": list(token.scopes), "active": token.active,
             "issued_at": _time(token.issued), "last_used_at": _time(token.used), "revoked_at": _time(token.revoked)}
            for token in device.tokens],
    }


def request_row(request):
    """Return what a task may show of a pending request."""
    return {
        "request": request.id, "device": request.device, "name": request.name, "client": request.client,
        "platform": request.platform, "roles": list(request.roles), "scopes": list(request.scopes),
        "remote_ip": request.remote_ip, "repair": request.repair, "asked_at": _time(request.asked),
    }
