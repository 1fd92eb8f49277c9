# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From raw observations to verdicts: pure functions of what :mod:`observe` has seen."""

from __future__ import annotations

from .codes import STEPS, UNPRESENTED, meaning
from .http import printable

#: The verdict vector, in the order in which one builds on another.
NAMES = ("tcp", "live", "ready", "auth", "scope", "rpc", "config_applied", "exposure")

#: Seconds after which a running Gateway has looked at a changed openclaw.json. It takes 1.0 to 1.3 on a quiet machine
#: (measured on 2026.9.6); until then it answers C(config.get) from what it read before, and refuses a new token.
SETTLE = 5.0

#: State of the whole path: the first row whose verdict is as said wins. Columns: state, name of the verdict (C(None)
#: for any), verdict, codes (C(None) for any). What no row catches is C(healthy).
STATES = (
    ("down", "tcp", "fail", ("connection_refused", "ssh_channel")),
    ("unreachable", "tcp", "fail", None),
    ("foreign", "live", "fail", ("html_answer", "not_json", "not_http", "garbage", "too_large")),
    ("unresponsive", "live", "fail", None),
    ("starting", "ready", "fail", ("startup_sidecars",)),
    ("draining", "ready", "fail", ("draining",)),
    ("starting", "rpc", "fail", ("UNAVAILABLE",)),
    ("draining", "rpc", "fail", ("close_1012", "upgrade_refused_503")),
    ("unprotected", "auth", "fail", ("auth_not_required",)),
    ("locked_out", "auth", "fail", None),
    ("exposed", "exposure", "fail", None),
    ("degraded", None, "fail", None),
    ("unknown", None, "unknown", None),
    ("unknown", None, "skipped", None),
)

#: Layer of a verdict whose code nobody knows.
_LAYERS = {"tcp": "network", "live": "service", "ready": "service", "auth": "auth", "scope": "auth", "rpc": "service",
           "config_applied": "config", "exposure": "network"}

#: What /readyz names as failing while nothing is wrong.
_UNREADY = {"startup-sidecars": "startup_sidecars", "gateway-draining": "draining"}

#: Ways of authenticating (C(hello.auth.method)) that prove the shared secret.
_SECRET_METHODS = ("token", "password")


def _is(code, reason, ms):
    """Return the verdict a code stands for."""
    return {"verdict": meaning(code).verdict, "code": code, "reason": reason, "ms": ms}


def _ok(reason, ms):
    return {"verdict": "ok", "code": None, "reason": reason, "ms": ms}


def _skipped(reason="not tried, because an earlier verdict is not ok."):
    return _is("not_reached", reason, None)


def _erred(fact):
    return _is(fact["error"]["code"], fact["error"]["reason"], fact["ms"])


def _tcp(seen, _credential):
    fact = seen["tcp"]
    return _erred(fact) if "error" in fact else _ok("the port takes connections.", fact["ms"])


def _live(seen, _credential):
    fact = seen.get("live")
    if fact is None:
        return _skipped()
    if "error" in fact:
        return _erred(fact)
    status, body = fact["status"], fact["body"]
    if status == 200 and body.get("ok") is True and body.get("status") == "live":
        return _ok("/healthz says live.", fact["ms"])
    if "ok" not in body and "status" not in body:
        return _is("not_json", "/healthz answered %d with JSON that is no Gateway's." % status, fact["ms"])
    return _is("not_live", "/healthz answered %d, ok %s, status %s."
               % (status, printable(body.get("ok"), 40), printable(body.get("status"), 40)), fact["ms"])


def _ready(seen, _credential):
    fact = seen.get("ready")
    if fact is None:
        return _skipped()
    if "error" in fact:
        return _erred(fact)
    status, body = fact["status"], fact["body"]
    if status == 200 and body.get("ready") is True:
        return _ok("/readyz says ready.", fact["ms"])
    failing = body.get("failing")
    failing = [printable(name, 60) for name in failing[:10]] if isinstance(failing, list) else []
    code = _UNREADY.get(failing[0], "not_ready") if len(failing) == 1 else "not_ready"
    return _is(code, "/readyz answered %d, failing: %s." % (status, ", ".join(failing) or "not said"), fact["ms"])


def _auth(seen, credential):
    fact = seen.get("connect")
    if fact is None:
        return _skipped()
    if "error" not in fact:
        if fact["method"] == "none":
            return _is("auth_not_required", "the Gateway took the connection without asking for a secret.", fact["ms"])
        if not credential.auth:
            return _is("auth_not_required", "the Gateway took a connection that presented nothing (method %s)."
                       % fact["method"], fact["ms"])
        if fact["method"] not in _SECRET_METHODS:
            return _is("auth_method_%s" % fact["method"], "connected, but by method %s, which proves no secret."
                       % fact["method"], fact["ms"])
        return _ok("the Gateway accepts the %s." % fact["method"], fact["ms"])
    code = fact["error"]["code"]
    if credential.code and code in UNPRESENTED:
        return _is(credential.code, "%s The Gateway asks for one (%s)." % (credential.reason, code), fact["ms"])
    if meaning(code).layer in ("service", "network", "input"):
        # The refusal is not about the credential, so nothing is known about the credential.
        return dict(_erred(fact), verdict="unknown")
    return _erred(fact)


def _scope(seen, _credential):
    # Granted in the answer that :func:`_auth` judges, so it takes no time of its own.
    fact = seen.get("connect")
    if fact is None or "error" in fact:
        return _skipped()
    if {"operator.read", "operator.admin"} & set(fact["scopes"]):
        return _ok("the connection holds operator.read.", 0.0)
    return _is("MISSING_SCOPE", "connected, but with scopes %s." % (", ".join(fact["scopes"][:10]) or "none"), 0.0)


def _rpc(seen, _credential):
    connect, fact = seen.get("connect"), seen.get("health")
    if connect and "error" in connect and meaning(connect["error"]["code"]).layer in ("service", "network", "input"):
        return _erred(connect)
    if fact is None:
        return _skipped()
    if "error" in fact:
        return _erred(fact)
    if fact["ok"] is True:
        return _ok("the Gateway answers a request, and says its health is ok.", fact["ms"])
    return _is("health_not_ok", "the Gateway answers a request, and does not say its health is ok.", fact["ms"])


def _config_applied(seen, _credential):
    fact = seen.get("config")
    if fact is None:
        return _skipped()
    if "error" in fact:
        # That the question was not answered says nothing about the configuration.
        return dict(_erred(fact), verdict="unknown")
    saved, applied = fact["saved"], fact["applied"] or seen["connect"]["applied"]
    if fact.get("other"):
        return _is("other_config", "the Gateway runs with %s, not with %s." % (fact["path"], fact["other"]), fact["ms"])
    if fact["exists"] is False:
        return _is("config_gone", "the Gateway's configuration file is gone, so the next start will fail.", fact["ms"])
    if fact["valid"] is False:
        return _is("config_invalid", "the saved configuration is invalid, so the next start will fail.", fact["ms"])
    if fact.get("local") is False:
        # The Gateway calls it valid, and goes on running with it.
        return _is("mode_not_local", "gateway.mode is not local any more, so the next start will fail.", fact["ms"])
    changed = seen.get("file", {})
    if changed.get("age_s") is not None and changed["age_s"] < changed.get("settle", SETTLE):
        return _is("config_fresh", "%s changed %.1f s ago; the Gateway may not have read it yet."
                   % (changed["path"], changed["age_s"]), fact["ms"])
    if not saved or not applied:
        # Up to 2026.7 it never does. What it has read when it started, it runs with.
        uptime = seen["connect"]["uptime_ms"]
        if None not in (changed.get("changed_s"), uptime) and changed["changed_s"] > uptime / 1000.0:
            return _ok("the Gateway has started since %s was changed." % changed["path"], fact["ms"])
        return _is("hash_missing", "the Gateway does not say which configuration runs.", fact["ms"])
    if saved != applied:
        return _is("config_pending", "the saved configuration is not the one that runs.", fact["ms"])
    return _ok("the saved configuration is the one that runs.", fact["ms"])


def _exposure(seen, _credential):
    fact = seen.get("exposure")
    if fact is None:
        return _skipped("not asked for yet.")
    if "error" in fact:
        return _erred(fact)
    knocks, ms = fact["knocks"], fact["ms"]
    opened = sorted(address for address, outcome in knocks.items() if outcome == "open")
    if opened:
        return _is("port_open", "the port is open on %s." % ", ".join(opened), ms)
    odd = sorted("%s (%s)" % pair for pair in knocks.items() if pair[1] not in ("refused", "filtered"))
    if odd:
        return _is("port_silent", "no clear refusal from %s." % ", ".join(odd), ms)
    if not knocks:
        return _ok("this host has no address other hosts could reach.", ms)
    if "filtered" in knocks.values():
        return _ok("no way in on %s." % ", ".join(sorted("%s (%s)" % pair for pair in knocks.items())), ms)
    return _ok("refused on %s." % ", ".join(sorted(knocks)), ms)


_JUDGES = {"tcp": _tcp, "live": _live, "ready": _ready, "auth": _auth, "scope": _scope, "rpc": _rpc,
           "config_applied": _config_applied, "exposure": _exposure}


def judge(seen, credential):
    """Return the verdict vector.

    :param seen: what :func:`observe.observe` returned, with C(exposure) added once it has been observed, and
        C(config.other) set to the file expected when the Gateway names another one.
    :param credential: :class:`target.Credential` that was presented.
    :returns: dict of each of :data:`NAMES` to C(verdict) (ok, fail, unknown, skipped), C(code), C(reason), C(ms).
    """
    return {name: _JUDGES[name](seen, credential) for name in NAMES}


def _decides(row, name, one):
    _state, wanted, verdict, codes = row
    return wanted in (None, name) and one["verdict"] == verdict and (codes is None or one["code"] in codes)


def overall(vector, names=NAMES):
    """Return what a vector comes to: C(state), and of what decided it C(code), C(reason), C(layer), C(next), C(step).

    :param names: verdicts that count.
    """
    for row in STATES:
        for name in names:
            one = vector[name]
            if _decides(row, name, one):
                layer, next_step = advice(name, one)
                return {"state": row[0], "code": one["code"], "reason": one["reason"], "layer": layer,
                        "next": next_step, "step": meaning(one["code"]).step or STEPS[layer]}
    return {"state": "healthy", "code": None, "reason": None, "layer": None, "next": None, "step": None}


def advice(name, one):
    """Return (layer, next step) for the verdict called I(name)."""
    known = meaning(one["code"])
    return known.layer or _LAYERS[name], known.next
