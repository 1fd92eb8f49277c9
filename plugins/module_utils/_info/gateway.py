# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The sections of a look that are about the Gateway: what it is told, what it keeps, and what it leaves behind.

Each is a function of the look.
"""

from __future__ import annotations

import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config import checks
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    claws,
    diary,
    gateway_config,
    leftovers,
    pairings,
    registered,
    settings,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    roots as config_roots,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._info import kept
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import dotenv, sources, survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader, acting_as

#: Codes of :mod:`checks` that mean a key which no OpenClaw takes any more.
_LEGACY = ("legacy_gateway_token", "legacy_key")


def config(look):
    found, own = kept.configuration(look)
    told = {"values": {}, "values_truncated": False, "managed": {}, "absent": [], "managed_digest": None,
            "legacy_keys": [], "problems": [], "includes": [], "unresolved": []}
    if own is None:
        return dict(found, **dict(told, managed=None, absent=None, unresolved=None))
    try:
        whole, included = gateway_config.effective(kept.config_path(look), own, look.account)
    except Failure as failure:
        whole, included = own, []
        told["problems"].append({"code": failure.code, "path": "$include", "message": failure.message})
    wrong = checks.findings(whole)
    told["values"], told["values_truncated"] = settings.leaves(whole)
    told["managed"], told["absent"], told["managed_digest"] = settings.managed(whole, look.wanted.settings)
    told["legacy_keys"] = [one.path for one in wrong if one.code in _LEGACY]
    told["problems"] += [{"code": one.code, "path": one.path, "message": one.problem} for one in wrong]
    told["includes"] = included
    told["unresolved"] = _unresolved(look, whole)
    return dict(found, **told)


def _unresolved(look, config):
    """Return the paths at which a variable stands that nothing on this host is known to give to the Gateway."""
    wanted = settings.variables(config)
    if not wanted:
        return []
    known = set(kept.service(look).environment)
    for block in (value_at(config, path) for path in sources.ENV_BLOCKS):
        known.update(block if isinstance(block, dict) else ())
    beside = os.path.join(look.state_dir, ".env"), os.path.join(look.account.home, ".config/openclaw/gateway.env")
    with acting_as(look.account):
        reader = Reader()
        for path in beside:
            known.update(item.name for item in dotenv.assignments(reader.text(path, dotenv.MAX_BYTES) or ""))
    if known.issuperset(name for _path, name in wanted):
        return []
    # What a running one was given, from whatever place (launchctl setenv, say).
    gateways = [one for one in claws.running({}) if one.is_gateway and one.uid in (None, look.account.uid)]
    for one in gateways:
        known.update(one.environment or ())
    missing = list(dict.fromkeys(path for path, name in wanted if name not in known))
    blind = reader.unreadable or any(one.environment is None for one in gateways)
    return None if missing and blind else missing


def roots(look):
    account = look.account
    running = claws.running({account.uid: account.home})
    of_shells, untold = config_roots.of_shells(account)
    environments = (kept.service(look).environment, of_shells)
    chosen = [survey.chosen_by(environment, account.home) for environment in environments]
    own = kept.pids(look)
    found = config_roots.describe(
        account, look.state_dir, running, list(filter(None, chosen)), own[0] if own else None)
    return dict(found, unreadable=found["unreadable"] + untold)


def locks(look):
    places = leftovers.temporary(look.account, look.state_dir, kept.service(look).environment)
    return leftovers.describe(look.account, look.state_dir, places, kept.config_path(look))


def logs(look):
    wanted = look.wanted
    since, size = time.time() - wanted.log_hours * 3600, int(wanted.log_mib * (1 << 20))
    return diary.together(diary.read(look.account, look.state_dir, kept.service(look), since, size), wanted.log_hours)


def devices(look):
    return pairings.devices(_kept_pairings(look))


def channels(look):
    return pairings.channels(_kept_pairings(look), kept.plain(look))


def _kept_pairings(look):
    return pairings.kept(look.account, look.state_dir, kept.database(look))


def plugins(look):
    database = kept.database(look)
    index = database.plugins()
    if index is None:
        with acting_as(look.account):
            index = Reader().text(os.path.join(look.state_dir, "plugins", "installs.json"))
    return dict(registered.describe(look.account, kept.plain(look), index), problem=database.problem)
