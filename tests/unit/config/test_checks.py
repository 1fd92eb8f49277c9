# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import checks
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure


def config(**gateway):
    return {"gateway": dict({"mode": "local"}, **gateway)}


GOOD = [
    config(),
    config(bind="loopback", auth={"mode": "none"}),
    config(bind="lan", auth={"mode": "token"}),
    config(bind="lan", auth={"token": "x" * 24}),
    config(bind="tailnet", auth={"password": {"source": "env", "provider": "default", "id": "P"}}),
    config(bind="custom", customBindHost="127.0.0.1"),
    config(bind="custom", customBindHost="192.0.2.7", auth={"mode": "token"}),
    config(bind="${BIND}", auth={"mode": "none"}),
    config(port=1),
    config(port=65535),
    config(port=18789.0),
    config(port="${PORT}"),
    config(auth={"mode": "token", "token": "a" * 24, "password": "b" * 24}),
    config(auth={"mode": "trusted-proxy", "trustedProxy": {"userHeader": "x-user"}}),
    config(auth={"token": "${OPENCLAW_GATEWAY_TOKEN}"}),
    config(remote={"token": "x" * 24}),
    config(tailscale={"mode": "serve"}, bind="loopback"),
    config(tailscale={"mode": "off"}, bind="lan", auth={"mode": "token"}),
    config(controlUi={"allowedOrigins": ["https://a.example", "http://127.0.0.1:18789", "*", "${ORIGIN}"]}),
    {"$include": "./base.json5"},
    {"gateway": {"$include": "./gateway.json5", "bind": "lan"}},
]

BAD = [
    ("gateway_mode_missing", {}),
    ("gateway_mode_missing", {"gateway": {}}),
    ("gateway_mode_remote", {"gateway": {"mode": "remote"}}),
    ("bind_unknown", config(bind="127.0.0.1")),
    ("bind_unknown", config(bind=["lan"])),
    ("auth_mode_unknown", config(auth={"mode": "basic"})),
    ("bind_without_auth", config(bind="lan", auth={"mode": "none"})),
    ("bind_without_auth", config(bind="auto")),
    ("bind_without_auth", config(bind="tailnet", auth={})),
    ("bind_without_auth", config(bind="custom", customBindHost="192.0.2.7")),
    ("bind_host_missing", config(bind="custom", auth={"mode": "token"})),
    ("auth_ambiguous", config(auth={"token": "a" * 24, "password": "b" * 24})),
    ("trusted_proxy_incomplete", config(auth={"mode": "trusted-proxy"})),
    ("tailscale_bind", config(tailscale={"mode": "funnel"}, bind="lan", auth={"mode": "token"})),
    ("legacy_gateway_token", config(token="x" * 24)),
    ("legacy_key", config(password="x" * 24)),
    ("legacy_key", config(webchat={"enabled": True})),
    ("port_invalid", config(port=0)),
    ("port_invalid", config(port=65536)),
    ("port_invalid", config(port="18789")),
    ("port_invalid", config(port=True)),
    ("port_invalid", config(port=1.5)),
    ("port_invalid", config(port=float("inf"))),
    ("port_invalid", config(port=float("nan"))),
    ("origins_invalid", config(controlUi={"allowedOrigins": "https://a.example"})),
    ("origins_invalid", config(controlUi={"allowedOrigins": ["a.example"]})),
    ("origins_invalid", config(controlUi={"allowedOrigins": ["https://a.example/x"]})),
    ("origins_invalid", config(controlUi={"allowedOrigins": [7]})),
    ("secret_placeholder", config(auth={"token": "undefined"})),
    ("secret_placeholder", config(auth={"token": " "})),
    ("secret_placeholder", config(auth={"mode": "password", "password": "__OPENCLAW_REDACTED__"})),
    ("secret_placeholder", config(remote={"token": "null"})),
]


@pytest.mark.parametrize("good", GOOD, ids=repr)
def test_good(good):
    assert checks.findings(good) == []


@pytest.mark.parametrize(("code", "bad"), BAD, ids=repr)
def test_bad(code, bad):
    found = checks.findings(bad)
    assert [finding.code for finding in found] == [code]
    assert found[0].hint.endswith(".") and found[0].path in found[0].problem


def test_every_check_has_a_case():
    assert {check.code for check in checks.CHECKS} == {code for code, _config in BAD}


def test_a_failure_names_file_key_and_all_findings():
    with pytest.raises(Failure) as caught:
        checks.refuse(checks.findings({"gateway": {"port": 0}}), "/x/openclaw.json")
    failure = caught.value.as_dict()
    assert failure["code"] == "gateway_mode_missing"
    assert "/x/openclaw.json" in failure["message"] and failure["key"] == "gateway.mode"
    assert [finding["code"] for finding in failure["findings"]] == ["gateway_mode_missing", "port_invalid"]


def test_a_caller_may_leave_a_check_to_another():
    checks.refuse(checks.findings({}), "/x", ignore=("gateway_mode_missing",))
