# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What several sections of a look need, read once."""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._host import gateway_config, served, state_database


def _once(look, make):
    """Return what a function of the look returned the first time."""
    kept = look.__dict__.setdefault("kept", {})
    if make not in kept:
        kept[make] = make(look)
    return kept[make]


def config_path(look):
    return os.path.join(look.state_dir, "openclaw.json")


def configuration(look):
    """Return (what :func:`gateway_config.describe` says, openclaw.json as plain data or None).

    :raises OSError: it is there but cannot be read.
    """
    return _once(look, _configuration)


def _configuration(look):
    return gateway_config.read(config_path(look))


def plain(look):
    """Return openclaw.json as plain data, None where it cannot be read: the section C(config) says why."""
    try:
        return configuration(look)[1]
    except OSError:
        return None


def service(look):
    """Return the :class:`served.Service` of the label."""
    return _once(look, _service)


def _service(look):
    return served.look(look.account, look.wanted.label, look.wanted.launch_daemons_dir, look.agents_dir)


def database(look):
    """Return the :class:`state_database.State` of the state directory."""
    return _once(look, _database)


def _database(look):
    return state_database.read(look.account, look.state_dir)


def environment(look):
    """Return the variables that the Gateway is known to get: those of its process, else those of its definition."""
    return _once(look, _environment)


def _environment(look):
    from ansible_collections.clawops.openclaw.plugins.module_utils import _process

    found = dict(service(look).environment)
    for pid in pids(look):
        try:
            found.update(_process.look(pid)[1])
            break
        except OSError:
            continue
    return found


def pids(look):
    """Return the processes that are the Gateway's by what launchd or the port says, the surest first."""
    listeners = look.found.get("port", {}).get("listeners") or []
    known = [look.job().get("pid")] + [listener["pid"] for listener in listeners]
    return list(dict.fromkeys(pid for pid in known if pid))
