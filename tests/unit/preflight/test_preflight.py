# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of the preflight, refusing and letting pass."""

import copy

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _preflight

GOOD_TOKEN = "k3Y" + "aB9x" * 8
GIB = 1024**3

DECLARED = {
    "gateway_user": "openclaw",
    "gateway_scope": "daemon",
    "gateway_others": "refuse",
    "gateway_label": "ai.openclaw.gateway",
    "gateway_port": 18789,
    "gateway_bind": "loopback",
    "gateway_exposure": "loopback",
    "gateway_environment": "default",
    "gateway_auth_mode": "token",
    "gateway_token": {"declared": True, "resolved": True, "value": GOOD_TOKEN},
    "gateway_token_source": "config",
    "gateway_throttle_interval": 30,
    "gateway_exit_timeout": 30,
    "gateway_smoke_interval": 300,
    "gateway_ready_timeout": 180,
    "gateway_root": "/opt/openclaw",
    "gateway_state_dir": None,
    "gateway_version": "2026.9.6",
    "gateway_node_version": "24.21.0",
    "gateway_install": "npm",
    "gateway_npm_registry": "https://npm.example.com/",
    "gateway_keep_releases": 2,
    "gateway_trial_timeout": 300,
    "gateway_settings": {},
}

OBSERVED = {
    "schema_version": 1,
    "platform": {"system": "Darwin"},
    "account": {"exists": True, "uid": 502},
    "config": {"path": "/Users/openclaw/.openclaw/openclaw.json", "exists": False},
    "storage": {
        "state": {
            "path": "/Users/openclaw/.openclaw",
            "nearest": "/Users/openclaw",
            "read_only": False,
            "writable": True,
            "free_bytes": 9 * GIB,
        },
        "root": {
            "path": "/opt/openclaw",
            "nearest": "/opt",
            "read_only": False,
            "writable": None,
            "free_bytes": 9 * GIB,
        },
    },
    "service": {
        "scopes": [
            {"scope": "daemon", "target": "system/ai.openclaw.gateway", "loaded": False, "pid": None, "plists": []},
            {"scope": "agent", "target": "gui/502/ai.openclaw.gateway", "loaded": False, "pid": None, "plists": []},
        ]
    },
    "gui": {"domain": "gui/502", "present": False},
    "port": {"port": 18789, "listeners": [], "answers": False},
    "release": {"versions": []},
}


def changed(base, path, value):
    """Return a deep copy of base with the dotted path set."""
    out = copy.deepcopy(base)
    node = out
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parents:
        node = node[part]
    node[last] = value
    return out


def codes(found):
    return [item["code"] for item in found]


def test_a_good_declaration_on_a_virgin_mac_passes():
    assert _preflight.deploy_refusals(DECLARED, OBSERVED, {}, "mini01") == []


TOKENS = {
    "undefined": ("undefined", '"undefined"'),
    "null word": ("null", '"null"'),
    "redacted": ("__OPENCLAW_REDACTED__", '"__OPENCLAW_REDACTED__"'),
    "empty": ("", '""'),
    "blank": ("   ", '""'),
    "short": ("hunter2hunter2", "(14 characters)"),
    "env reference": ("${OPENCLAW_GATEWAY_TOKEN}", "(25 characters)"),
    "template": ("{{ vault_gateway_token }}", "(25 characters)"),
    "yaml null": (None, "null"),
    "number": (12345678901234567890123456, "(int)"),
    "line end": (GOOD_TOKEN + "\n", "(%d characters)" % (len(GOOD_TOKEN) + 1)),
}


@pytest.mark.parametrize("value,shown", TOKENS.values(), ids=TOKENS)
def test_bad_tokens_are_refused_and_not_repeated(value, shown):
    declared = dict(DECLARED, gateway_token={"declared": True, "resolved": True, "value": value})
    (refusal,) = _preflight.deploy_refusals(declared)
    assert (refusal["code"], refusal["key"], refusal["value"]) == ("token_refused", "gateway_token", shown)
    if value and len(str(value)) > 13 and shown.startswith("("):
        assert str(value).strip() not in _preflight.refusals_text([refusal])


@pytest.mark.parametrize("token", [{"declared": False, "resolved": False, "value": None}, {}])
def test_no_token_declared_is_fine(token):
    assert _preflight.deploy_refusals(dict(DECLARED, gateway_token=token)) == []


def test_a_token_that_refers_to_nothing_is_refused():
    declared = dict(DECLARED, gateway_token={"declared": True, "resolved": False, "value": None})
    assert _preflight.deploy_refusals(declared)[0]["value"] == "(unresolved)"


DECLARATIONS = [
    # key, value, code, or None where it must pass
    ("gateway_throttle_interval", 0, "throttle_refused"),
    ("gateway_throttle_interval", 1, "throttle_refused"),
    ("gateway_throttle_interval", 4, "throttle_refused"),
    ("gateway_throttle_interval", 5, None),
    ("gateway_throttle_interval", "30", None),
    ("gateway_throttle_interval", 60, "throttle_refused"),
    ("gateway_throttle_interval", "60", "throttle_refused"),
    ("gateway_throttle_interval", 61, None),
    ("gateway_throttle_interval", 3601, "throttle_refused"),
    ("gateway_throttle_interval", "abc", "throttle_refused"),
    ("gateway_throttle_interval", True, "throttle_refused"),
    ("gateway_throttle_interval", 30.5, "throttle_refused"),
    ("gateway_throttle_interval", None, "throttle_refused"),
    ("gateway_port", 0, "port_out_of_range"),
    ("gateway_port", 80, "port_out_of_range"),
    ("gateway_port", 1024, None),
    ("gateway_port", 65535, None),
    ("gateway_port", 65536, "port_out_of_range"),
    ("gateway_port", "abc", "port_out_of_range"),
    ("gateway_install", "brew", "unknown_choice"),
    ("gateway_install", "existing", None),
    ("gateway_npm_registry", None, "npm_registry_missing"),
    ("gateway_npm_registry", "", "npm_registry_missing"),
    ("gateway_keep_releases", 0, "number_refused"),
    ("gateway_keep_releases", "5", None),
    ("gateway_trial_timeout", 0, None),
    ("gateway_trial_timeout", -1, "number_refused"),
    ("gateway_scope", "user", "unknown_choice"),
    ("gateway_exposure", "internet", "unknown_choice"),
    ("gateway_bind", "127.0.0.1", "unknown_choice"),
    ("gateway_auth_mode", "none", None),
    ("gateway_auth_mode", "magic", "unknown_choice"),
    ("gateway_token_source", "env", "unknown_choice"),
    ("gateway_user", "", "empty_name"),
    ("gateway_user", "root", "user_is_root"),
    ("gateway_label", "a b", "label_malformed"),
    ("gateway_label", "../evil", "label_malformed"),
    ("gateway_version", "latest", "version_not_exact"),
    ("gateway_version", "2026.9", "version_not_exact"),
    ("gateway_version", "2026.9.6-beta.1", None),
    ("gateway_node_version", 24, "version_not_exact"),
    ("gateway_root", "opt/openclaw", "path_refused"),
    ("gateway_root", "/", "path_refused"),
    ("gateway_root", "/opt", "path_refused"),
    ("gateway_state_dir", "/Users/openclaw/.openclaw", None),
    ("gateway_state_dir", "~/.openclaw", "path_refused"),
    ("gateway_exit_timeout", 0, "timeout_refused"),
    ("gateway_exit_timeout", "30", None),
    ("gateway_smoke_interval", 29, "interval_refused"),
    ("gateway_smoke_interval", "often", "interval_refused"),
    ("gateway_smoke_interval", 86400, None),
    ("gateway_ready_timeout", 30, "timeout_refused"),
    ("gateway_ready_timeout", "soon", "timeout_refused"),
    ("gateway_settings", [], "settings_malformed"),
    ("gateway_settings", {"gateway": {"http": {}}}, None),
    ("gateway_settings", {"gateway": {"bind": "lan"}}, "setting_owned_by_role"),
    ("gateway_settings", {"gateway": {"auth": {"token": GOOD_TOKEN}}}, "setting_owned_by_role"),
]


@pytest.mark.parametrize("key,value,code", DECLARATIONS)
def test_declarations(key, value, code):
    found = _preflight.deploy_refusals(dict(DECLARED, **{key: value}))
    assert codes(found) == ([code] if code else [])
    assert GOOD_TOKEN not in str(found)


def test_refusals_are_complete_and_readable():
    found = _preflight.deploy_refusals(dict(DECLARED, gateway_throttle_interval="abc", gateway_port=80), host="mini07")
    assert codes(found) == ["port_out_of_range", "throttle_refused"]
    for item in found:
        assert set(item) == {"code", "host", "key", "value", "message", "next"}
        assert item["host"] == "mini07" and item["next"]
    text = _preflight.refusals_text(found)
    assert 'mini07: gateway_throttle_interval = "abc": not a whole number of seconds.' in text
    assert text.count("Next:") == 2


def test_bind_beyond_loopback_needs_auth():
    declared = dict(DECLARED, gateway_bind="tailnet", gateway_exposure="tailnet")
    assert _preflight.deploy_refusals(declared) == []
    assert codes(_preflight.deploy_refusals(dict(declared, gateway_auth_mode="none"))) == ["bind_without_auth"]


EXPOSURES = [
    ("loopback", "loopback", None),
    ("loopback", "lan", "exposure_contradictory"),
    ("loopback", "auto", "exposure_contradictory"),
    ("loopback_proxy", "loopback", None),
    ("loopback_proxy", "tailnet", "exposure_contradictory"),
    ("tailnet", "tailnet", None),
    ("tailnet", "loopback", "exposure_contradictory"),
]


@pytest.mark.parametrize("exposure,bind,code", EXPOSURES)
def test_exposure_fits_bind(exposure, bind, code):
    found = _preflight.deploy_refusals(dict(DECLARED, gateway_exposure=exposure, gateway_bind=bind))
    assert codes(found) == ([code] if code else [])


def test_exposure_is_uniform_inside_an_environment():
    peers = {
        "mini01": {"environment": "default", "exposure": "loopback"},
        "mini02": {"environment": "default", "exposure": "tailnet"},
        "mini03": {"environment": "lab", "exposure": "tailnet"},
        "mini04": {},
    }
    (refusal,) = _preflight.deploy_refusals(DECLARED, None, peers, "mini01")
    assert refusal["code"] == "exposure_mixed"
    assert "loopback on mini01; tailnet on mini02" in refusal["message"]
    assert _preflight.deploy_refusals(DECLARED, None, {k: v for k, v in peers.items() if k != "mini02"}) == []


HOSTS = [
    # path in the observation, value, code, or None where it must pass
    ("platform/system", "Linux", "not_macos"),
    ("platform/system", None, "not_macos"),
    ("account/exists", False, "user_missing"),
    ("config", {"exists": True, "parseable": True, "path": "p"}, None),
    (
        "config",
        {"exists": True, "parseable": False, "path": "p", "line": 3, "column": 7, "problem": "expected ','"},
        "config_unparseable",
    ),
    ("config", {"exists": True, "parseable": None, "path": "p", "error": "Permission denied"}, "config_unreadable"),
    ("storage/state/read_only", True, "file_system_read_only"),
    ("storage/state/free_bytes", 5 * 1024**2, "file_system_full"),
    ("storage/state/writable", False, "state_not_writable"),
    ("storage/root/read_only", True, "file_system_read_only"),
    ("storage/root/free_bytes", GIB, "file_system_full"),
    ("service/scopes/1/plists", ["/Users/openclaw/Library/LaunchAgents/x.plist"], "label_in_other_scope"),
    ("service/scopes/1/loaded", True, "label_in_other_scope"),
    ("service/scopes/0/loaded", True, None),
    ("port/listeners", [{"pid": 77, "ppid": 1, "command": "nc", "user": "admin"}], "port_held"),
    ("port/listeners", [{"pid": None, "ppid": None, "command": None, "user": None}], "port_held"),
    ("port/listeners", [{"pid": 77, "ppid": 1, "command": "tailscaled", "user": "root", "elsewhere": True}], None),
]


@pytest.mark.parametrize("path,value,code", HOSTS)
def test_hosts(path, value, code):
    found = _preflight.deploy_refusals(DECLARED, changed(OBSERVED, path, value), {}, "mini01")
    assert codes(found) == ([code] if code else [])


def test_an_unparseable_config_is_located():
    seen = changed(
        OBSERVED,
        "config",
        {
            "exists": True,
            "parseable": False,
            "path": "/x/openclaw.json",
            "line": 3,
            "column": 7,
            "problem": "expected ','",
        },
    )
    (refusal,) = _preflight.deploy_refusals(DECLARED, seen)
    assert refusal["value"] == '"/x/openclaw.json"' and "line 3, column 7" in refusal["message"]


def test_an_installed_release_needs_no_room_for_another():
    seen = changed(changed(OBSERVED, "storage/root/free_bytes", 1), "release/versions", ["2026.9.6"])
    assert _preflight.deploy_refusals(DECLARED, seen) == []


@pytest.mark.parametrize("present,code", [(False, "gui_domain_absent"), (True, None), (None, None)])
def test_agent_needs_a_gui_login(present, code):
    found = _preflight.deploy_refusals(dict(DECLARED, gateway_scope="agent"), changed(OBSERVED, "gui/present", present))
    assert codes(found) == ([code] if code else [])


@pytest.mark.parametrize("holder", [{"pid": 500, "ppid": 1}, {"pid": 501, "ppid": 500}])
def test_our_own_gateway_may_hold_the_port(holder):
    seen = changed(changed(OBSERVED, "service/scopes/0/pid", 500), "port/listeners", [holder])
    assert _preflight.deploy_refusals(DECLARED, seen) == []


@pytest.mark.parametrize("pid,code", [(None, "port_held"), (500, None)])
def test_a_holder_nobody_can_name(pid, code):
    seen = changed(
        changed(OBSERVED, "service/scopes/0/pid", pid), "port", {"port": 18789, "listeners": None, "answers": True}
    )
    assert codes(_preflight.deploy_refusals(DECLARED, seen)) == ([code] if code else [])


def test_no_mac_is_the_whole_answer():
    seen = changed(changed(OBSERVED, "platform/system", "Linux"), "account/exists", False)
    assert codes(_preflight.deploy_refusals(DECLARED, seen)) == ["not_macos"]


def test_an_unreachable_host_is_the_whole_answer():
    (refusal,) = _preflight.deploy_refusals(DECLARED, {"unreachable": True, "msg": "ssh:\n  no route"}, {}, "mini09")
    assert (refusal["code"], refusal["message"]) == ("host_unreachable", "ssh: no route")


def test_several_refusals_of_a_host_come_together():
    seen = changed(changed(OBSERVED, "storage/state/read_only", True), "port/listeners", [{"pid": 7, "ppid": 1}])
    assert codes(_preflight.deploy_refusals(DECLARED, seen)) == ["file_system_read_only", "port_held"]
