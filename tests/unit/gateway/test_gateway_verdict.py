# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From observations to verdicts, as tables: what is changed in a healthy observation, and what it then comes to."""
import copy

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.verdict import NAMES, judge, overall

HEALTHY = {
    "tcp": {"ms": 0.1},
    "live": {"ms": 1.0, "status": 200, "body": {"ok": True, "status": "live"}},
    "ready": {"ms": 1.0, "status": 200, "body": {"ready": True, "failing": []}},
    "file": {"ms": 0.0, "path": "/s/openclaw.json", "age_s": None},
    "connect": {"ms": 5.0, "version": "2026.9.6", "boot_id": "b", "uptime_ms": 1, "method": "token",
                "scopes": ["operator.read"], "applied": "h1"},
    "health": {"ms": 1.0, "ok": True},
    "config": {"ms": 1.0, "saved": "h1", "applied": "h1", "valid": True, "exists": True, "path": "/s/openclaw.json"},
    "exposure": {"ms": 1.0, "knocks": {"192.0.2.7": "refused"}},
}
#: What releases up to 2026.7 do not tell.
OLDER = {"config": {"applied": None, "saved": None}, "connect": {"applied": None, "uptime_ms": 5000}}
TOKEN = Credential({"token": "t"})
NOTHING = Credential({}, "token_missing", "openclaw.json holds no token.")


def seen(changes):
    """HEALTHY with each stage of `changes` updated; None drops the stage, a text makes it an error with that code."""
    result = copy.deepcopy(HEALTHY)
    for stage, change in changes.items():
        if change is None:
            del result[stage]
        elif isinstance(change, str):
            result[stage] = {"ms": 1.0, "error": {"code": change, "reason": "told."}}
        else:
            result[stage].update(change)
    return result


def after(stage, code):
    """An observation that ended with an error in `stage`."""
    stages = list(HEALTHY)
    rest = [name for name in stages[stages.index(stage) + 1:] if name != "exposure"]
    return dict({stage: code}, **dict.fromkeys(rest))


def test_healthy_is_only_what_is_ok_in_all():
    vector = judge(seen({}), TOKEN)
    assert [vector[name]["verdict"] for name in NAMES] == ["ok"] * 8
    assert all(vector[name]["code"] is None and vector[name]["ms"] is not None for name in NAMES)
    assert overall(vector) == {"state": "healthy", "code": None, "reason": None, "layer": None, "next": None,
                               "step": None}


@pytest.mark.parametrize("changes, credential, state, name, verdict, code, layer", [
    (after("tcp", "connection_refused"), TOKEN, "down", "tcp", "fail", "connection_refused", "service"),
    (after("tcp", "timeout"), TOKEN, "unreachable", "tcp", "fail", "timeout", "service"),
    (after("tcp", "port_unknown"), TOKEN, "unknown", "tcp", "unknown", "port_unknown", "config"),
    (after("live", "html_answer"), TOKEN, "foreign", "live", "fail", "html_answer", "service"),
    (after("live", "not_http"), TOKEN, "foreign", "live", "fail", "not_http", "service"),
    (after("live", "timeout"), TOKEN, "unresponsive", "live", "fail", "timeout", "service"),
    ({"live": {"body": {"hello": 1}}}, TOKEN, "foreign", "live", "fail", "not_json", "service"),
    ({"live": {"body": {"ok": False, "status": "live"}}}, TOKEN, "unresponsive", "live", "fail", "not_live", "service"),
    ({"live": {"body": {"ok": "true", "status": "live"}}}, TOKEN,
     "unresponsive", "live", "fail", "not_live", "service"),
    ({"live": {"status": 503}}, TOKEN, "unresponsive", "live", "fail", "not_live", "service"),
    ({"ready": {"status": 503, "body": {"ready": False, "failing": ["startup-sidecars"]}}}, TOKEN,
     "starting", "ready", "fail", "startup_sidecars", "service"),
    ({"ready": {"status": 503, "body": {"ready": False, "failing": ["gateway-draining"]}}}, TOKEN,
     "draining", "ready", "fail", "draining", "service"),
    ({"ready": {"status": 503, "body": {"ready": False, "failing": ["telegram"]}}}, TOKEN,
     "degraded", "ready", "fail", "not_ready", "service"),
    ({"ready": {"status": 200, "body": {"ready": False}}}, TOKEN, "degraded", "ready", "fail", "not_ready", "service"),
    ({"ready": {"status": 503, "body": {"ready": True, "failing": 7}}}, TOKEN,
     "degraded", "ready", "fail", "not_ready", "service"),
    (after("connect", "UNAVAILABLE"), TOKEN, "starting", "rpc", "fail", "UNAVAILABLE", "service"),
    (after("connect", "UNAVAILABLE"), TOKEN, "starting", "auth", "unknown", "UNAVAILABLE", "service"),
    (after("connect", "upgrade_refused_503"), TOKEN, "draining", "rpc", "fail", "upgrade_refused_503", "service"),
    (after("connect", "AUTH_TOKEN_MISMATCH"), TOKEN, "locked_out", "auth", "fail", "AUTH_TOKEN_MISMATCH", "auth"),
    (after("connect", "AUTH_RATE_LIMITED"), TOKEN, "locked_out", "auth", "fail", "AUTH_RATE_LIMITED", "auth"),
    (after("connect", "PAIRING_REQUIRED"), TOKEN, "locked_out", "auth", "fail", "PAIRING_REQUIRED", "auth"),
    (after("connect", "close_1008"), TOKEN, "locked_out", "auth", "fail", "close_1008", "auth"),
    (after("connect", "PROTOCOL_MISMATCH"), TOKEN, "degraded", "rpc", "fail", "PROTOCOL_MISMATCH", "input"),
    (after("connect", "proxy_attribution_required"), TOKEN,
     "degraded", "rpc", "fail", "proxy_attribution_required", "network"),
    (after("connect", "SOMETHING_NEW"), TOKEN, "unknown", "auth", "unknown", "SOMETHING_NEW", "auth"),
    (after("connect", "close_4999"), TOKEN, "unknown", "auth", "unknown", "close_4999", "auth"),
    (after("connect", "config_unreadable"), Credential({}, "config_unreadable", "no."),
     "unknown", "auth", "unknown", "config_unreadable", "config"),
    (after("connect", "token_reference"), Credential({}, "token_reference", "ref."),
     "unknown", "auth", "unknown", "token_reference", "auth"),
    (after("connect", "DEVICE_IDENTITY_REQUIRED"), NOTHING, "unknown", "auth", "unknown", "token_missing", "auth"),
    (after("connect", "DEVICE_IDENTITY_REQUIRED"), TOKEN,
     "locked_out", "auth", "fail", "DEVICE_IDENTITY_REQUIRED", "auth"),
    ({"connect": {"method": "none"}}, TOKEN, "unprotected", "auth", "fail", "auth_not_required", "auth"),
    ({"connect": {"method": "token"}}, NOTHING, "unprotected", "auth", "fail", "auth_not_required", "auth"),
    ({"connect": {"method": "device-token"}}, TOKEN, "unknown", "auth", "unknown", "auth_method_device-token", "auth"),
    ({"connect": {"method": None}}, TOKEN, "unknown", "auth", "unknown", "auth_method_None", "auth"),
    ({"connect": {"scopes": []}}, TOKEN, "degraded", "scope", "fail", "MISSING_SCOPE", "auth"),
    ({"connect": {"scopes": ["operator.pairing"]}}, TOKEN, "degraded", "scope", "fail", "MISSING_SCOPE", "auth"),
    ({"health": {"ok": None}}, TOKEN, "degraded", "rpc", "fail", "health_not_ok", "service"),
    (after("health", "timeout"), TOKEN, "degraded", "rpc", "fail", "timeout", "service"),
    (after("config", "MISSING_SCOPE"), TOKEN, "unknown", "config_applied", "unknown", "MISSING_SCOPE", "auth"),
    (after("config", "timeout"), TOKEN, "unknown", "config_applied", "unknown", "timeout", "service"),
    ({"config": {"saved": "h2"}}, TOKEN, "degraded", "config_applied", "fail", "config_pending", "config"),
    ({"config": {"saved": None}}, TOKEN, "unknown", "config_applied", "unknown", "hash_missing", "config"),
    ({"config": {"applied": None}, "connect": {"applied": None}}, TOKEN,
     "unknown", "config_applied", "unknown", "hash_missing", "config"),
    ({"config": {"applied": None}, "connect": {"applied": "h0"}}, TOKEN,
     "degraded", "config_applied", "fail", "config_pending", "config"),
    ({"config": {"local": True}}, TOKEN, "healthy", "config_applied", "ok", None, None),
    ({"config": {"local": None}}, TOKEN, "healthy", "config_applied", "ok", None, None),
    ({"config": {"local": False}}, TOKEN, "degraded", "config_applied", "fail", "mode_not_local", "config"),
    ({"config": {"valid": False}}, TOKEN, "degraded", "config_applied", "fail", "config_invalid", "config"),
    ({"config": {"exists": False}}, TOKEN, "degraded", "config_applied", "fail", "config_gone", "config"),
    ({"config": {"other": "/s/openclaw.json", "path": "/x/openclaw.json"}}, TOKEN,
     "degraded", "config_applied", "fail", "other_config", "config"),
    (dict(OLDER, file={"changed_s": 9.0}), TOKEN, "healthy", "config_applied", "ok", None, None),
    (dict(OLDER, file={"changed_s": 3.0}), TOKEN, "unknown", "config_applied", "unknown", "hash_missing", "config"),
    ({"file": {"age_s": 0.4}}, TOKEN, "unknown", "config_applied", "unknown", "config_fresh", "config"),
    ({"exposure": {"knocks": {"192.0.2.7": "open", "192.0.2.8": "refused"}}}, TOKEN,
     "exposed", "exposure", "fail", "port_open", "network"),
    ({"exposure": {"knocks": {"192.0.2.7": "silent"}}}, TOKEN,
     "unknown", "exposure", "unknown", "port_silent", "network"),
    ({"exposure": "addresses_unknown"}, TOKEN, "unknown", "exposure", "unknown", "addresses_unknown", "host"),
    ({"exposure": None}, TOKEN, "unknown", "exposure", "skipped", "not_reached", "network"),
])
def test_verdicts(changes, credential, state, name, verdict, code, layer):
    vector = judge(seen(changes), credential)
    assert (vector[name]["verdict"], vector[name]["code"]) == (verdict, code)
    assert vector[name]["reason"]
    whole = overall(vector)
    assert whole["state"] == state
    if name != "auth" or whole["code"] == code:
        assert (whole["code"], whole["layer"]) == (code, layer)
    assert set(vector) == set(NAMES)


def test_a_host_without_other_addresses_is_not_exposed():
    assert judge(seen({"exposure": {"knocks": {}}}), TOKEN)["exposure"]["verdict"] == "ok"


@pytest.mark.parametrize("stage", ["tcp", "live", "ready", "connect", "health", "config"])
def test_nothing_is_healthy_when_a_stage_was_not_reached(stage):
    stages = list(HEALTHY)
    dropped = {name: None for name in stages[stages.index(stage):] if name not in ("tcp", "file")}
    assert overall(judge(seen(dropped), TOKEN))["state"] != "healthy"
