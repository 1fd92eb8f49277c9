# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Plugins that a Gateway is told to load, and whether they are still where they were."""

from __future__ import annotations

import json
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at

_MAX_TOLD = 200


def describe(account, config, index):
    """Describe the plugins.

    :param account: of the Gateway. :param config: openclaw.json as plain data, or None.
    :param index: text of OpenClaw's own register of plugins, or None.
    :returns: C({entries, stale, load_paths}). An entry has C(id), C(enabled), C(path) (None where nobody says) and
        C(exists) (None where that cannot be told); of the bundled ones only those are told that the configuration names
        or that are gone. C(stale) are the ids of enabled ones that are gone, C(load_paths) mappings of C(path) and
        C(exists).
    """
    block = value_at(config or {}, ("plugins",))
    block = block if isinstance(block, dict) else {}
    entries = {name: {"id": name, "enabled": not (isinstance(one, dict) and one.get("enabled") is False), "path": None}
               for name, one in _mapping(block.get("entries")).items()}
    records, registered = _indexed(index)
    # As once: in the configuration itself.
    records = dict(_mapping(block.get("installs")), **records)
    with acting_as(account):
        for name, record in records.items():
            path = record.get("installPath") if isinstance(record, dict) else None
            entry = entries.setdefault(name, {"id": name, "enabled": True, "path": None})
            entry["path"] = path if isinstance(path, str) else None
        for one in registered:
            name, path = one.get("pluginId"), one.get("rootDir") or one.get("source")
            if not isinstance(name, str) or not isinstance(path, str):
                continue
            gone = _exists(path, account) is False
            if name not in entries and (gone or one.get("origin") != "bundled"):
                entries[name] = {"id": name, "enabled": one.get("enabled") is not False, "path": None}
            if name in entries and entries[name]["path"] is None:
                entries[name]["path"] = path
        known = {one.get("pluginId") for one in registered}
        bundled = any(one.get("origin") == "bundled" for one in registered)
        told = [dict(entry, exists=_exists(entry["path"], account)) for entry in entries.values()]
        for entry in told:
            # Where OpenClaw has registered its bundled plugins, one that it does not know at all is not there.
            if entry["path"] is None and bundled and entry["id"] not in known.union(records):
                entry["exists"] = False
        paths = value_at(block, ("load", "paths"))
        load_paths = [{"path": path, "exists": _exists(path, account)}
                      for path in (paths if isinstance(paths, list) else []) if isinstance(path, str)]
    return {
        "entries": told[:_MAX_TOLD],
        "stale": sorted(entry["id"] for entry in told if entry["exists"] is False and entry["enabled"]),
        "load_paths": load_paths[:_MAX_TOLD],
    }


def _mapping(value):
    return value if isinstance(value, dict) else {}


def _indexed(text):
    """Return (id -> record of an installed one, list of all registered ones) of OpenClaw's register."""
    try:
        found = _mapping(json.loads(text or "null"))
    except (ValueError, RecursionError):
        found = {}
    found = _mapping(found.get("index", found))
    plugins = found.get("plugins")
    records = found.get("installRecords", found.get("records"))
    return _mapping(records), [one for one in plugins if isinstance(one, dict)] if isinstance(plugins, list) else []


def _exists(path, account):
    if path is None:
        return None
    path = account.home + path[1:] if path.startswith("~/") else path
    try:
        os.stat(os.path.join(account.home, path))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return None
    return True
