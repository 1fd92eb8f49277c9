# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The ways to a Gateway that begin on its own host: each is walked once, and told against what is expected of it."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths, observe, paths, ways
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.probe import Request, probe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.verdict import judge
from ansible_collections.clawops.openclaw.plugins.module_utils._probe.own_way import Way, blind, config_of, direct, own


def walk(declared, here):
    """Return name -> what :func:`paths.told` says of each declared path. One that names several is told as several.

    :param declared: name -> options (:func:`declared_paths.named`).
    """
    found = {}
    for name, one in declared.items():
        if one["kind"] == "lan":
            found[name] = paths.told("lan", one["expect"], one["refusal"], _exposure(here), here.port)
            continue
        for label, way in _WAYS[one["kind"]](one, here):
            found[" ".join(filter(None, (name, label)))] = _walked(one, way, here)
    return found


def _walked(one, way, here):
    expect = tuple(one["expect"] or paths.KINDS[one["kind"]].expect)
    result = probe(Request(
        path=way.path, port=None, credential=way.credential, config_path=way.config_path, wait_for=None,
        # What the task names itself is asked for also on a host short of memory.
        expect=tuple(one["expect"]), timeout=here.seconds, request_timeout=here.seconds,
        deferred=here.deferred, because=here.because,
    ))[0]
    told = paths.told(one["kind"], expect, one["refusal"], result["verdicts"], here.port)
    return dict(told, to=way.path.place, server=result["server"])


def _exposure(here):
    nothing = {"tcp": {"ms": None, "error": {"code": "not_reached", "reason": "not asked on this path."}}}
    if here.port is not None:
        nothing["exposure"] = observe.observe_exposure(here.port)
    return judge(nothing, here.credential)


def _local(here, **changes):
    plain = direct(here)
    if here.port is None:
        return plain
    return observe.Path(plain.dial, changes.get("host") or plain.host, changes.get("headers"),
                        "%s as %s" % (plain.host, changes["host"]) if "host" in changes else None)


def _loopback(one, here):
    return [("", Way(_local(here, headers=declared_paths.headers(one)), here.credential, here.config_path))]


def _forced(one, here):
    path = _local(here, host=one["host_header"], headers=declared_paths.headers(one))
    return [("", Way(path, here.credential))]


def _to_url(one, here):
    path = ways.url_path(one["url"], one["host_header"], declared_paths.headers(one), one["ca_path"])
    return [("", Way(path, here.credential))]


def _advertised(one, here):
    urls = [one["url"]] if one["url"] else _advertised_by(config_of(here.config_path, here.account))
    if not urls:
        return [("", Way(blind("nothing_advertised", "%s names no URL." % here.config_path), here.credential))]
    found = []
    for url in urls:
        where = ways.address(url)
        own = dict({"Origin": where.origin}, **declared_paths.headers(one))
        path = ways.url_path(url, one["host_header"], own, one["ca_path"])
        found.append((url if len(urls) > 1 else "", Way(path, ways.presented(where, here.credential))))
    return found


def _advertised_by(config):
    """Return the URLs that a configuration tells browsers of."""
    origins = value_at(config, ("gateway", "controlUi", "allowedOrigins"))
    found = []
    for origin in origins if isinstance(origins, list) else []:
        if isinstance(origin, str) and "*" not in origin and origin.startswith(("http://", "https://")):
            found.append(origin.rstrip("/"))
    return list(dict.fromkeys(found))


def _own(one, here):
    return [("", own(here, declared_paths.headers(one), one["ca_path"]))]


_WAYS = {"loopback": _loopback, "loopback_forced_host": _forced, "self": _own, "advertised": _advertised,
         "container": _to_url}
