# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The section of a look that asks the Gateway itself: once, without waiting, and with one wrong credential at most."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe as looks
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import paths, target
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.probe import Request, probe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.verdict import SETTLE, judge
from ansible_collections.clawops.openclaw.plugins.module_utils._host import memory
from ansible_collections.clawops.openclaw.plugins.module_utils._info import kept
from ansible_collections.clawops.openclaw.plugins.module_utils._probe import own_way

_LOOPBACK = "127.0.0.1"
#: Stages that a host short of memory is spared, and by which factor a changed file may be read later there.
_HEAVY, _SLOWER = ("health", "config"), 3
_WHOLE = ("state", "code", "reason", "layer", "next", "step")
_NOTHING = dict.fromkeys(_WHOLE + ("pressure", "verdicts", "server", "self"))
#: Kinds of paths that present the credential that loopback has been asked with.
_PRESENTING = ("loopback", "loopback_forced_host", "advertised", "container")


def gateway(look):
    if not look.wanted.probe:
        return dict(_NOTHING, asked=False, paths={})
    pressure = memory.pressure()
    short = pressure in ("warn", "critical")
    asking = _Asking(look, _HEAVY if short else (), "memory pressure is %s" % pressure if short else None)
    result = asking.main()
    refused = _is_refused(result["verdicts"])
    own = asking.own(result, refused)
    walked = asking.walked(result, own, refused)
    return {
        "asked": True,
        **{key: result[key] for key in _WHOLE},
        "pressure": pressure,
        "verdicts": result["verdicts"],
        "server": result["server"],
        "paths": walked,
        "self": own,
    }


def _is_refused(vector):
    """Whether the Gateway turned a credential down, so that presenting it again would only make it slower."""
    return vector["auth"]["verdict"] == "fail" and vector["auth"]["code"] != "auth_not_required"


class _Asking:
    """One look at a Gateway, and what it takes for it."""

    def __init__(self, look, deferred, because):
        self.look, self.light = look, {"deferred": deferred, "because": because}
        self.config_path = kept.config_path(look)
        self.port, reason = _port(look)
        self.path = (looks.tcp_path(_LOOPBACK, self.port) if self.port
                     else looks.blind_path(_LOOPBACK, "port_unknown", reason))
        self.credential = _credential(look, self.config_path)
        self.way = self._own_way()
        if self.credential.code == "token_reference" and self.way and self.way.credential.auth:
            # What openclaw.json only names, the Gateway's own commands would find.
            self.credential = self.way.credential

    def _here(self, version=None):
        return own_way.Here(self.look.account, self.config_path, self.port, self.credential,
                            self.look.wanted.request_timeout, version, pids=kept.pids(self.look), **self.light)

    def _own_way(self):
        return own_way.own(self._here(self.look.found.get("port", {}).get("version")))

    def _ask(self, path, credential, config_path, port):
        seconds = self.look.wanted.request_timeout
        settle = SETTLE * (_SLOWER if self.light["deferred"] else 1)
        return probe(Request(path=path, port=port, credential=credential, config_path=config_path, wait_for=None,
                             expect=(), timeout=seconds, request_timeout=seconds, settle=settle, **self.light))[0]

    def main(self):
        return self._ask(self.path, self.credential, self.config_path, self.port)

    def own(self, result, refused):
        """Return what the Gateway's own commands and children would meet, as :func:`paths.told` says it."""
        way = self.way
        if way.path.place == self.path.place and way.credential == self.credential:
            # The same question has just been answered.
            vector, server = dict(result["verdicts"]), result["server"]
        elif refused and way.credential.auth:
            return self._told("self", _unasked(way.credential), way.path.place, None)
        else:
            asked = self._ask(way.path, way.credential, way.config_path, None)
            vector, server = asked["verdicts"], asked["server"]
        return self._told("self", vector, way.path.place, server)

    def _told(self, kind, vector, place, server, expect=(), refusal=()):
        return dict(paths.told(kind, expect, refusal, vector, self.port), to=place, server=server)

    def walked(self, result, own, refused):
        """Return name -> what the declared paths that begin on this host come to."""
        if not self.look.wanted.paths:
            return {}
        from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths
        from ansible_collections.clawops.openclaw.plugins.module_utils._probe import walk

        declared = declared_paths.split(list(self.look.wanted.paths))[0]

        found, here = {}, self._here(result["server"]["version"])
        for name, one in declared_paths.named(declared).items():
            if one["kind"] == "self":
                expected = one["expect"], one["refusal"]
                found[name] = self._told("self", own["verdicts"], own["to"], own["server"], *expected)
            elif refused and one["kind"] in _PRESENTING and self.credential.auth:
                found[name] = self._told(one["kind"], _unasked(self.credential), one["url"], None, one["expect"])
            else:
                found.update(walk.walk({name: one}, here))
        return found


def _unasked(credential):
    reason = "not asked: a credential has just been refused."
    return judge({"tcp": {"ms": None, "error": {"code": "refused_before", "reason": reason}}}, credential)


def _port(look):
    """Return (port or None, why it is not known)."""
    known = look.found.get("port", {}).get("port") or look.wanted.port
    if known:
        return known, None
    config = kept.plain(look)
    if config is None:
        return target.DEFAULT_PORT, None
    return target.port_of(config), "gateway.port of %s is no port." % kept.config_path(look)


def _credential(look, path):
    try:
        facts, config = kept.configuration(look)
    except OSError as error:
        return target.Credential({}, "config_unreadable", "%s: %s." % (path, error.strerror))
    except Failure as failure:
        return target.Credential({}, "config_unreadable", failure.message)
    if config is not None:
        return target.credential_of(config, path)
    if facts["exists"]:
        return target.Credential({}, "config_unparseable", "%s cannot be parsed: %s." % (path, facts["problem"]))
    return target.Credential({}, "config_missing", "%s does not exist." % path)
