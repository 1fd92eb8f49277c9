# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The ways to a Gateway that begin on its own host: each is walked once, and told against what is expected of it."""

from __future__ import annotations

import os
from typing import NamedTuple, Optional

from ansible_collections.clawops.openclaw.plugins.module_utils._config import identity, json5
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths, observe, paths, ways
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.probe import Request, probe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.verdict import judge
from ansible_collections.clawops.openclaw.plugins.module_utils._host import listeners
from ansible_collections.clawops.openclaw.plugins.module_utils._probe import own_client
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import processes, survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader

_LOOPBACK = "127.0.0.1"


class Here(NamedTuple):
    """What the ways of one host have in common. C(version) is what its Gateway said it is, or None."""

    account: object
    config_path: str
    port: Optional[int]
    credential: Credential
    seconds: float
    version: Optional[str]
    #: Stages put off, and why, as in :class:`probe.Request`.
    deferred: tuple
    because: Optional[str]


class Way(NamedTuple):
    """A path, what is presented on it, and the file that the Gateway there should run with, where one can tell."""

    path: observe.Path
    credential: Credential
    config_path: Optional[str] = None


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


def _blind(code, reason):
    return observe.blind_path(_LOOPBACK, code, reason)


def _local(here, **changes):
    if here.port is None:
        return _blind("port_unknown", "nothing says which port.")
    direct = observe.tcp_path(_LOOPBACK, here.port)
    return observe.Path(direct.dial, changes.get("host") or direct.host, changes.get("headers"),
                        "%s as %s" % (direct.host, changes["host"]) if "host" in changes else None)


def _loopback(one, here):
    return [("", Way(_local(here, headers=declared_paths.headers(one)), here.credential, here.config_path))]


def _forced(one, here):
    path = _local(here, host=one["host_header"], headers=declared_paths.headers(one))
    return [("", Way(path, here.credential))]


def _to_url(one, here):
    path = ways.url_path(one["url"], one["host_header"], declared_paths.headers(one), one["ca_path"])
    return [("", Way(path, here.credential))]


def _advertised(one, here):
    urls = [one["url"]] if one["url"] else _advertised_by(_config(here.config_path, here.account))
    if not urls:
        return [("", Way(_blind("nothing_advertised", "%s names no URL." % here.config_path), here.credential))]
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
    """As the Gateway's own commands and children connect."""
    reason = "nobody listens on port %s." % here.port
    environment = None
    for listener in (listeners.read(here.port)[1] or []) if here.port else []:
        try:
            environment = processes.look(listener["pid"])[1]
            break
        except OSError as error:
            reason = "process %d: %s." % (listener["pid"], error.strerror)
    if environment is None:
        return [("", Way(_local(here), Credential({}, "self_unseen", reason)))]
    # Its own idea of home, where that differs from the account's.
    home, reader = environment.get("HOME") or here.account.home, Reader()
    path = survey.chosen_by(environment, home) or os.path.join(home, ".openclaw/openclaw.json")
    beside = os.path.dirname(path)
    with identity.acting_as(here.account):
        gateway_env = os.path.join(home, ".config/openclaw/gateway.env") if beside == home + "/.openclaw" else None
        seen = own_client.Seen(
            environment, _config(path, here.account) or {}, path, reader.text(os.path.join(beside, ".env")),
            reader.text(gateway_env) if gateway_env else None, reader.text, here.version)
        credential = own_client.credential(seen)
    url, port = own_client.url_of(seen), own_client.port(seen)
    if url:
        try:
            way = ways.url_path(url, None, declared_paths.headers(one), one["ca_path"])
        except Failure:
            # It may hold a secret, so it is not shown.
            way = _blind("port_unknown", "the URL that the environment or %s names is none." % path)
    elif port:
        way = observe.tcp_path(_LOOPBACK, port)
    else:
        way = _blind("port_unknown", "neither %s nor the environment says a port." % path)
    return [("", Way(way, credential, path))]


def _config(path, account):
    """Return a configuration as plain data, as far as it can be read; the main probe says what is wrong with it."""
    with identity.acting_as(account):
        text = Reader().text(path)
    try:
        config = json5.loads(text) if text else None
    except ValueError:
        return None
    return config if isinstance(config, dict) else None


_WAYS = {"loopback": _loopback, "loopback_forced_host": _forced, "self": _own, "advertised": _advertised,
         "container": _to_url}
