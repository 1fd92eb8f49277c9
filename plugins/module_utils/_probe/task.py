# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""One task of openclaw_probe on its host: the Gateway's own vector, waited for, and then its further paths."""

from __future__ import annotations

from typing import NamedTuple, Optional

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths, observe, paths
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.exposure import is_loopback
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.probe import Request, probe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.verdict import SETTLE
from ansible_collections.clawops.openclaw.plugins.module_utils._host import memory

#: Stages of a look that a host short of memory is spared. The answers are the largest ones, and cost the Gateway most.
_HEAVY = ("health", "config")
#: Under pressure only what a Gateway does with a changed file may take longer, by this factor.
_SLOWER = 3


class Gateway(NamedTuple):
    """Which Gateway is meant, and what to prove with."""

    account: object
    config_path: str
    port: Optional[int]
    credential: Credential
    #: Why the port is not known.
    port_reason: Optional[str]


def check_paths(declared):
    """Refuse paths that cannot be walked from here.

    :param declared: list of mappings, as the module's option has them. :raises Failure: C(option_invalid).
    """
    elsewhere = declared_paths.split(declared)[1]
    if elsewhere:
        raise Failure("option_invalid", "paths of kind %s begin on the controller, not here." % elsewhere[0]["kind"],
                      "input", "call the module by a task, not by other means.", option="paths")
    declared_paths.named(declared)


def run(params, gateway, enforced, pressure=memory.pressure):
    """Probe.

    :param params: of the module. :param gateway: :class:`Gateway`. :param enforced: whether to wait, and to fail where
        what is expected is not met. :param pressure: function that says how short of memory this host is.
    :returns: tuple (result mapping, :class:`Failure` or None).
    """
    level = pressure()
    short = level in ("warn", "critical")
    light = {"deferred": _HEAVY if short else (), "because": "memory pressure is %s" % level if short else None}
    expect = tuple(params["expect"]) if enforced else ()
    wait_for = params["wait_for"] if enforced else None
    result, failure = probe(Request(
        path=_path(params["host"], gateway), port=gateway.port, credential=gateway.credential,
        config_path=gateway.config_path if is_loopback(params["host"]) else None,
        wait_for=wait_for, expect=tuple(name for name in expect if name != "paths"),
        timeout=params["timeout"], request_timeout=params["request_timeout"],
        settle=SETTLE * (_SLOWER if short else 1),
        process=_watched(params, gateway) if wait_for else None, **light,
    ))
    result = paths.joined(result, _walked(params, gateway, result["server"]["version"], light))
    result.update(port=gateway.port, pressure=level)
    return result, failure or (paths.failure(result["paths"]) if "paths" in expect else None)


def _watched(params, gateway):
    # Imported here, as what follows: the cost is paid only by those who ask.
    from ansible_collections.clawops.openclaw.plugins.module_utils._probe import process

    return process.watch(params["launchctl"], params["label"], gateway.account.uid)


def _walked(params, gateway, version, light):
    declared = declared_paths.named(params["paths"])
    if not declared:
        return {}
    from ansible_collections.clawops.openclaw.plugins.module_utils._probe import own_way, walk

    return walk.walk(declared, own_way.Here(gateway.account, gateway.config_path, gateway.port, gateway.credential,
                                            params["request_timeout"], version, **light))


def _path(host, gateway):
    if gateway.port is None:
        return observe.blind_path(host, "port_unknown", gateway.port_reason)
    return observe.tcp_path(host, gateway.port)
