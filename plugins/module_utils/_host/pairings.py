# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Paired devices, channels and who asks to be let in, from what a Gateway keeps on disk. Tokens and codes stay there.

OpenClaw 2026.9 keeps them in C(state/openclaw.sqlite), releases up to 2026.7 in JSON files.
"""

from __future__ import annotations

import calendar
import json
import os
import re
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.http import printable
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader

#: Seconds after which OpenClaw forgets a device's request, and a sender's.
DEVICE_PATIENCE, SENDER_PATIENCE = 300, 3600
#: Days after which a device that has shown no sign of life is called stale.
STALE_DAYS = 90
_MAX_TOLD = 100
_NO_CHANNELS = ("defaults", "modelByChannel")
_CHANNEL_FILE = re.compile(r"([a-z0-9_-]+?)-(pairing|allowFrom)\.json\Z")
_MOMENT = "%Y-%m-%dT%H:%M:%S"


class Kept:
    """What a Gateway keeps of devices and senders.

    :ivar store: C(sqlite), C(json), or C(none). :ivar paired, pending: rows as the Gateway lists them.
    :ivar asking: C((channel, epoch seconds or None)) of senders. :ivar allowed: channel -> number of approved senders.
    :ivar problem: why something could not be told, or None.
    """

    def __init__(self):
        self.store, self.problem = "none", None
        self.paired, self.pending, self.asking, self.allowed = [], [], [], {}


def kept(account, state_dir, database):
    """Return the :class:`Kept` of a state directory, read with the rights of the account.

    :param database: :class:`state_database.State`.
    """
    found = Kept()
    found.problem = database.problem
    if (database.rows or {}).get("device_pairing_paired") is not None:
        found.store = "sqlite"
        found.paired = [_paired(row) for row in database.table("device_pairing_paired")]
        found.pending = [_pending(row) for row in database.table("device_pairing_pending")]
        found.asking = [(row["channel_key"], _seconds(row["last_seen_at"] or row["created_at"]))
                        for row in database.table("channel_pairing_requests")]
        for row in database.table("channel_pairing_allow_entries"):
            found.allowed[row["channel_key"]] = found.allowed.get(row["channel_key"], 0) + 1
    with acting_as(account):
        reader = Reader()
        if not (found.paired or found.pending):
            _devices_from_files(os.path.join(state_dir, "devices"), reader, found)
        _senders_from_files(os.path.join(state_dir, "credentials"), reader, found)
    if reader.unreadable and found.problem is None:
        found.problem = "%(location)s: %(reason)s" % reader.unreadable[0]
    return found


def _decoded(text, kind):
    try:
        value = json.loads(text or "null")
    except (ValueError, RecursionError):
        return kind()
    return value if isinstance(value, kind) else kind()


def _paired(row):
    tokens = _decoded(row.get("tokens_json"), dict)
    return {
        "deviceId": row["device_id"], "displayName": row.get("display_name"), "platform": row.get("platform"),
        "operatorLabel": row.get("operator_label"), "role": row.get("role"),
        "roles": _decoded(row.get("roles_json"), list),
        "scopes": _decoded(row.get("approved_scopes_json") or row.get("scopes_json"), list),
        "approvedAtMs": row.get("approved_at_ms"), "lastSeenAtMs": row.get("last_seen_at_ms"),
        "tokens": _tokens(tokens),
    }


def _tokens(tokens):
    """Return what may be kept of a device's tokens, a mapping of role to token: everything but the token."""
    rows = tokens.items() if isinstance(tokens, dict) else ()
    return [{"role": role, "revokedAtMs": one.get("revokedAtMs"), "lastUsedAtMs": one.get("lastUsedAtMs")}
            for role, one in rows if isinstance(one, dict)]


def _pending(row):
    return {"requestId": row["request_id"], "deviceId": row["device_id"], "role": row.get("role"),
            "roles": _decoded(row.get("roles_json"), list),
            "ts": row.get("refreshed_at_ms") or row.get("ts")}


def _devices_from_files(directory, reader, found):
    texts = {name: reader.text(os.path.join(directory, name + ".json")) for name in ("paired", "pending")}
    if texts["paired"] is None and texts["pending"] is None:
        return
    found.store = "json"
    found.paired = [
        dict({key: one.get(key) for key in ("deviceId", "displayName", "operatorLabel", "platform", "role", "roles",
                                            "approvedAtMs", "lastSeenAtMs")},
             scopes=one.get("approvedScopes") or one.get("scopes"), tokens=_tokens(one.get("tokens")))
        for one in _decoded(texts["paired"], dict).values() if isinstance(one, dict)]
    found.pending = [{key: one.get(key) for key in ("requestId", "deviceId", "role", "roles", "ts")}
                     for one in _decoded(texts["pending"], dict).values() if isinstance(one, dict)]


def _senders_from_files(directory, reader, found):
    for name in reader.names(directory):
        match = _CHANNEL_FILE.match(name)
        if not match:
            continue
        content = _decoded(reader.text(os.path.join(directory, name)), dict)
        rows = content.get("requests" if match.group(2) == "pairing" else "allowFrom")
        rows = rows if isinstance(rows, list) else []
        if match.group(2) == "allowFrom":
            found.allowed[match.group(1)] = found.allowed.get(match.group(1), 0) + len(rows)
        else:
            found.asking += [(match.group(1), _seconds(row.get("lastSeenAt") or row.get("createdAt")))
                             for row in rows if isinstance(row, dict)]


def _seconds(text):
    try:
        return calendar.timegm(time.strptime(text[:19], _MOMENT))
    except (TypeError, ValueError):
        return None


def _short(name):
    return name if len(name) <= 12 else name[:12]


def devices(found, now=None, stale_days=STALE_DAYS):
    """Describe the devices of a :class:`Kept`.

    :param now: seconds since the epoch. :param stale_days: days without a sign of life.
    :returns: C({store, paired, paired_count, pending, pending_count, oldest_pending_s, expired_count, stale, problem}).
        Requests that OpenClaw has forgotten, because they are older than five minutes, only count in
        C(expired_count). Everything but C(store) and C(problem) is None where nothing could be read.
    """
    now = time.time() if now is None else now
    told = dict.fromkeys(("paired", "paired_count", "pending", "pending_count", "oldest_pending_s", "expired_count",
                          "stale"), None)
    if found.store == "none" and found.problem:
        return dict(told, store=None, problem=found.problem)
    if not found.paired and not found.pending:
        return {"store": found.store, "paired": [], "paired_count": 0, "pending": [], "pending_count": 0,
                "oldest_pending_s": None, "expired_count": 0, "stale": [], "problem": found.problem}
    # Imported here, because most hosts have none.
    from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.devices import listing_of
    from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import WireError

    try:
        listing = listing_of({"paired": found.paired, "pending": found.pending})
    except WireError as error:
        return dict(told, store=found.store, problem=error.reason)
    paired = [_device(device, now) for device in listing.paired]
    asked = [{"id": _short(one.id), "age_s": None if one.asked is None else int(max(0, now - one.asked / 1000.0)),
              "role": ", ".join(one.roles) or None} for one in listing.pending]
    pending = [one for one in asked if one["age_s"] is None or one["age_s"] <= DEVICE_PATIENCE]
    silent = [_short(device.id) for device in listing.paired
              if (device.idle(now * 1000) or 0) > stale_days * 86400 or _is_revoked(device)]
    return {
        "store": found.store,
        "paired": paired[:_MAX_TOLD],
        "paired_count": len(paired),
        "pending": pending[:_MAX_TOLD],
        "pending_count": len(pending),
        "oldest_pending_s": max((one["age_s"] for one in pending if one["age_s"] is not None), default=None),
        "expired_count": len(asked) - len(pending),
        "stale": silent,
        "problem": found.problem,
    }


def _is_revoked(device):
    return bool(device.tokens) and not any(token.active for token in device.tokens)


def _device(device, now):
    idle = device.idle(now * 1000)
    return {"id": _short(device.id), "name": device.name, "roles": list(device.roles), "scopes": list(device.scopes),
            "last_seen_s": None if idle is None else int(idle), "revoked": _is_revoked(device)}


def channels(found, config, now=None):
    """Describe the channels.

    :param found: :class:`Kept`. :param config: openclaw.json as plain data, or None. :param now: seconds since the
        epoch.
    :returns: C({configured, pending_count, pairing_pending, problem}). C(configured) are mappings of C(name),
        C(enabled), C(dm_policy) (None where it is not set), C(allow_from_count) (entries of the configuration and
        approved senders) and C(open) (whether everybody may write).
    """
    now = time.time() if now is None else now
    block = config.get("channels") if isinstance(config, dict) else None
    configured = [_channel(name, one, found.allowed.get(name, 0))
                  for name, one in (block if isinstance(block, dict) else {}).items()
                  if name not in _NO_CHANNELS and isinstance(one, dict)]
    asking = [{"channel": printable(channel, 40), "age_s": None if at is None else int(max(0, now - at))}
              for channel, at in found.asking]
    asking = [one for one in asking if one["age_s"] is None or one["age_s"] <= SENDER_PATIENCE]
    blind = found.problem and found.store == "none"
    return {
        "configured": None if config is None else configured[:_MAX_TOLD],
        "pending_count": None if blind else len(asking),
        "pairing_pending": None if blind else asking[:_MAX_TOLD],
        "problem": found.problem,
    }


def _channel(name, one, approved):
    dm = one.get("dm") if isinstance(one.get("dm"), dict) else {}
    policy = one.get("dmPolicy", dm.get("policy"))
    listed = one.get("allowFrom", dm.get("allowFrom"))
    listed = listed if isinstance(listed, list) else []
    return {"name": printable(name, 40), "enabled": one.get("enabled", True) is not False,
            "dm_policy": policy if isinstance(policy, str) else None,
            "allow_from_count": len(listed) + approved, "open": policy == "open" or "*" in listed}
