# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where the logs of a Gateway are, and what they say."""

from __future__ import annotations

import os
import stat
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._host import logs
from ansible_collections.clawops.openclaw.plugins.module_utils._host.log_signatures import BY_PLAN
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader

#: The first account that runs OpenClaw on a host owns this directory.
_SHARED = "/tmp/openclaw"


def read(account, state_dir, service, since, size):
    """Return what the service's log and the Gateway's own say: a list of results of :func:`logs.read`.

    :param since: seconds since the epoch. :param size: bytes of each log.
    """
    bounds = logs.Bounds(size, since)
    with acting_as(account):
        own = own_log(account, state_dir, service)
    return [logs.read("service", service.log, account, bounds), logs.read("own", own, account, bounds)]


def together(found, hours):
    """Return what logs of one Gateway say together. Pure.

    Both tell of the same events, one in more words than the other. So of each counter the one counts that has seen
    more.

    :param found: list of results of :func:`logs.read`. :param hours: how far back they were read.
    :returns: C({hours, complete, logs, counters, signatures, restart_causes}), the last three C(None) where no log
        could be read. C(restart_causes) are mappings of C(cause), C(plugin) (C(None) where none is known) and C(count).
    """
    told = {"hours": hours, "complete": all(one["complete"] for one in found), "logs": found, "counters": None,
            "signatures": None, "restart_causes": None}
    # The one that tells more in the end, where they are even.
    heard = sorted((one for one in found if one["read"]), key=lambda one: one["log"] != "own")
    if not heard:
        return told
    counters = {name: max((one["counters"][name] for one in heard), key=lambda counts: sum(counts.values()))
                for name in heard[0]["counters"]}
    signatures = {name: max(one["signatures"].get(name, 0) for one in heard)
                  for name in sorted(set().union(*(one["signatures"] for one in heard)))}
    plugins = max((one["plugins"] for one in heard), key=lambda counts: sum(counts.values()))
    return dict(told, counters=counters, signatures=signatures, restart_causes=_causes(counters["exits"], plugins))


def _causes(exits, plugins):
    """Return why processes ended that were not meant to, the most frequent cause first."""
    found = [{"cause": name, "plugin": None, "count": count} for name, count in exits.items() if name not in BY_PLAN]
    for one in [one for one in found if one["cause"] == "unhandled_rejection"]:
        for name, count in plugins.items():
            named = min(count, one["count"])
            found.append(dict(one, plugin=name, count=named))
            one["count"] -= named
    return sorted((one for one in found if one["count"] > 0), key=lambda one: (-one["count"], one["cause"]))


def own_log(account, state_dir, service):
    """Return the path of today's file of the Gateway's own log."""
    config = service.environment.get("OPENCLAW_CONFIG_PATH") or os.path.join(state_dir, "openclaw.json")
    try:
        declared = value_at(json5.reload(Reader().text(config) or "{}"), ("logging", "file"))
    except (ValueError, RecursionError):
        declared = None
    if isinstance(declared, str) and declared:
        return declared.replace("~", account.home, 1) if declared.startswith("~/") else declared
    temporary = service.environment.get("TMPDIR") or "/tmp"
    directory = _SHARED if _is_own(_SHARED, account) else os.path.join(temporary, "openclaw-%d" % account.uid)
    return os.path.join(directory, time.strftime("openclaw-%Y-%m-%d.log"))


def _is_own(directory, account):
    try:
        status = os.lstat(directory)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == account.uid
