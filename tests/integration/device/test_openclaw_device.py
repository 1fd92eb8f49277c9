# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_device against real Gateways, with devices that have real keys."""
import json
import socket
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.rpc import RpcError
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import WireError
from device_kit import NEAR, stripping_proxy
from real_gateway import TOKEN

READ = ["operator.read"]
FORETOLD = ("changed", "actions", "diff")


@pytest.fixture
def run(runner, gateway):
    def one(check=False, **options):
        return runner.quick(dict({"state_dir": str(gateway.state_dir)}, **options), check=check)
    return one


@pytest.fixture
def converge(run, gateway):
    """Run in check mode, for real and again; the three have to belong together. Returns the real result."""
    def all_three(again=True, **options):
        before = gateway.listed()
        foretold = run(check=True, **options)
        assert gateway.listed() == before, "check mode changed something"
        result = run(**options)
        if result.get("failed"):
            assert result["failure"] == foretold["failure"], "check mode foretold another failure"
            assert gateway.listed() == before, "a refusal changed something"
            return result
        assert [result[key] for key in FORETOLD] == [foretold[key] for key in FORETOLD], foretold
        assert result["changed"] == bool(result["actions"]) == (result["diff"]["before"] != result["diff"]["after"])
        if again:
            second = run(**options)
            assert (second["changed"], second["actions"]) == (False, [])
            assert (second["diff"]["before"], second["diff"]["after"]) == ("", "")
        return result
    return all_three


@pytest.fixture
def paired(gateway, new_device):
    """Function that returns a device the Gateway has approved and given a token."""
    def make(role="operator", scopes=("operator.read",)):
        device = new_device()
        assert device.connect(role=role, scopes=scopes) == "PAIRING_REQUIRED"
        (request,) = [entry for entry in gateway.listed()["pending"] if entry["deviceId"] == device.id]
        gateway.call("device.pair.approve", {"requestId": request["requestId"]})
        assert device.connect(role=role, scopes=scopes) is None
        assert device.token
        return device
    return make


def request_of(gateway, device):
    return next(entry["requestId"] for entry in gateway.listed()["pending"] if entry["deviceId"] == device.id)


def kinds(result):
    return [(row["action"], row["role"]) for row in result["actions"]]


# ------------------------------------------------------------------------------------------------------------ listing
def test_lists_what_is_there(run, gateway, paired, new_device):
    device, asking = paired(), new_device()
    asking.connect(role="node", scopes=())
    with device.connected(), paired(role="node", scopes=()).connected(role="node", scopes=()):
        result = run()
    assert result["changed"] is False and result["actions"] == []
    assert result["version"] == gateway.version
    (row, node) = sorted(result["devices"], key=lambda row: row["client"])
    assert (row["device"], row["client"], row["roles"], row["scopes"]) == (device.id, "cli", ["operator"], READ)
    # Before 2026.9 a Gateway names only those as present that are no command line.
    assert (row["connected"], row["idle_days"]) == (True if gateway.has_sqlite else None, 0)
    assert (node["client"], node["connected"]) == ("node-host", True)
    assert [(token["role"], token["active"]) for token in row["tokens"]] == [("operator", True)]
    (row,) = result["pending"]
    assert (row["device"], row["request"]) == (asking.id, request_of(gateway, asking))
    assert (row["roles"], row["scopes"], row["remote_ip"], row["repair"]) == (["node"], [], "203.0.113.7", False)
    assert not any(row["connected"] for row in run()["devices"])
    assert (gateway.state_dir / "devices/paired.json").exists() != gateway.has_sqlite


def test_no_secret_is_told(runner, gateway, paired):
    device = paired()
    for options in ({}, {"state": "rotated", "device": device.id, "when": "always"},
                    {"state": "absent", "device": device.id}):
        options["state_dir"] = str(gateway.state_dir)
        result, output = runner.told(options, _ansible_diff=True, _ansible_verbosity=4)
        assert not result.get("failed")
        assert device.token not in output and TOKEN not in output


# ------------------------------------------------------------------------------------------------------------ approved
@pytest.mark.parametrize("role, scopes, more", [
    ("operator", ("operator.read",), {"scopes": READ}),
    ("operator", ("operator.read",), {"scopes": ["operator.admin"], "roles": ["operator", "node"]}),
    ("node", (), {}),
])
def test_approves_what_is_within_the_declared(converge, gateway, new_device, role, scopes, more):
    device = new_device()
    assert device.connect(role=role, scopes=scopes) == "PAIRING_REQUIRED"
    request = request_of(gateway, device)
    result = converge(**dict({"state": "approved", "device": device.id[:8], "roles": [role], "request": request},
                             **more))
    assert result["actions"] == [{"action": "approve", "device": device.id, "request": request, "role": None}]
    assert [row["device"] for row in result["devices"]] == [device.id]
    assert result["pending"] == []
    assert device.connect(role=role, scopes=scopes) is None


@pytest.mark.parametrize("role, scopes, beyond", [
    ("operator", ("operator.read", "operator.admin"), "operator.admin"), ("node", (), "node")])
def test_refuses_what_exceeds_the_declared(converge, new_device, role, scopes, beyond):
    device = new_device()
    device.connect(role=role, scopes=scopes)
    result = converge(state="approved", device=device.id, roles=["operator"], scopes=READ)
    assert result["failure"]["code"] == "request_exceeds"
    assert beyond in result["failure"]["message"]
    assert device.connect(role=role, scopes=scopes) == "PAIRING_REQUIRED"


def test_an_upgrade_is_judged_like_any_request(converge, gateway, paired):
    device = paired()
    assert device.connect(scopes=("operator.write",)) == "PAIRING_REQUIRED"
    wish = {"state": "approved", "device": device.id, "roles": ["operator"]}
    assert converge(scopes=READ, **wish)["failure"]["code"] == "request_exceeds"
    stale = converge(scopes=["operator.write"], request="c2dcb676-a630-4a78-8424-bfebd6fe3587", **wish)
    assert stale["failure"]["code"] == "request_superseded"
    assert request_of(gateway, device) in stale["failure"]["message"]
    assert converge(scopes=["operator.write"], **wish)["changed"]
    assert device.connect(scopes=("operator.write",)) is None
    assert converge(scopes=READ, **wish)["failure"]["code"] == "device_exceeds"


def test_cannot_approve_who_does_not_ask(converge):
    result = converge(state="approved", device="0123456789abcdef", roles=["operator"])
    assert result["failure"]["code"] == "device_unknown"


# ------------------------------------------------------------------------------------------------------------ rejected
@pytest.mark.parametrize("by", ["device", "request"])
def test_rejects(converge, gateway, new_device, by):
    device, other = new_device(), new_device()
    device.connect()
    other.connect()
    names = {"device": device.id, "request": request_of(gateway, device)}
    result = converge(state="rejected", **{by: names[by]})
    assert kinds(result) == [("reject", None)]
    assert [row["device"] for row in result["pending"]] == [other.id]


# ------------------------------------------------------------------------------------------------------------- revoked
def test_revokes_and_lets_in_again_only_by_approval(converge, run, paired):
    device = paired()
    assert device.let_in() is None
    assert kinds(converge(state="revoked", device=device.id)) == [("revoke", "operator")]
    assert device.let_in() == "AUTH_DEVICE_TOKEN_MISMATCH"
    wish = {"state": "approved", "device": device.id, "roles": ["operator"], "scopes": READ}
    assert run(**wish)["failure"]["code"] == "device_revoked"
    again = converge(state="rotated", device=device.id, when="always")
    assert again["failure"]["code"] == "device_token_missing"
    assert device.connect() == "PAIRING_REQUIRED"
    assert converge(**wish)["changed"]
    assert device.connect() is None
    assert device.let_in() is None


def test_revokes_for_a_role_and_after_an_age(converge, paired):
    node, operator = paired(role="node", scopes=()), paired()
    assert not converge(state="revoked", device=node.id, roles=["operator"])["changed"]
    assert not converge(state="revoked", max_age="1h")["changed"]
    time.sleep(1.2)
    result = converge(state="revoked", roles=["node"], max_age="1s")
    assert result["actions"] == [{"action": "revoke", "device": node.id, "request": None, "role": "node"}]
    assert operator.let_in() is None


def test_on_loopback_the_shared_token_undoes_it(converge, run, new_device):
    """What the documentation says of it: neither a revocation nor a removal keeps out who has that token."""
    device = new_device()
    for state in ("revoked", "absent"):
        assert device.connect(headers=NEAR) is None
        assert converge(state=state, device=device.id)["changed"]
        assert device.let_in() == "AUTH_DEVICE_TOKEN_MISMATCH"
    assert device.connect(headers=NEAR) is None
    assert [row["device"] for row in run()["devices"]] == [device.id]


# ------------------------------------------------------------------------------------------------------------- rotated
@pytest.mark.parametrize("role, scopes", [("operator", ("operator.read",)), ("node", ())])
def test_rotates_now(converge, paired, role, scopes):
    device = paired(role=role, scopes=scopes)
    with device.connected(role=role, scopes=scopes) as (talk, _hello):
        assert kinds(converge(again=False, state="rotated", device=device.id, when="always")) == [("rotate", role)]
        with pytest.raises(WireError) as ended:
            while True:
                talk.call("nothing", {})
        assert ended.value.code == "close_4001"
    how = {"role": role, "scopes": scopes}
    assert device.connect(auth={"deviceToken": device.token}, **how) == "AUTH_DEVICE_TOKEN_MISMATCH"
    assert device.connect(**how) is None
    assert device.connect(auth={"deviceToken": device.token}, **how) is None


def test_rotates_what_is_old(converge, run, paired):
    old = paired()
    time.sleep(4)
    young = paired()
    assert not converge(state="rotated", max_age="30d")["changed"]
    result = converge(state="rotated", max_age="3s")
    assert [row["device"] for row in result["actions"]] == [old.id]
    assert (old.let_in(), young.let_in()) == ("AUTH_DEVICE_TOKEN_MISMATCH", None)
    assert not run(state="rotated", device=young.id, max_age="1h")["changed"]


# -------------------------------------------------------------------------------------------------------------- absent
def test_removes_a_device_with_what_it_asks_for(converge, gateway, paired, new_device):
    device, asking = paired(), new_device()
    device.connect(scopes=("operator.admin",))
    asking.connect()
    assert kinds(converge(state="absent", device=device.id)) == [("reject", None), ("remove", None)]
    assert kinds(converge(state="absent", device=asking.id)) == [("reject", None)]
    assert gateway.listed() == {"paired": [], "pending": []}
    assert device.let_in() in ("AUTH_DEVICE_TOKEN_MISMATCH", "PAIRING_REQUIRED")


def test_removes_what_is_not_used(converge, paired):
    idle, busy = paired(), paired(role="node", scopes=())
    with busy.connected(role="node", scopes=()) as (talk, _hello):
        time.sleep(1.2)
        assert not converge(state="absent", max_age="1d")["changed"]
        result = converge(state="absent", max_age="1s")
        assert [(row["action"], row["device"]) for row in result["actions"]] == [("remove", idle.id)]
        assert [row["device"] for row in result["devices"]] == [busy.id]
        talk.call("health", {})


# ------------------------------------------------------------------------------------------------------------ failures
def test_wrong_token(run, paired):
    device = paired()
    result = run(state="absent", device=device.id, token="a-wrong-token-0123456789abcdef")
    assert result["failure"]["code"] == "AUTH_TOKEN_MISMATCH"
    assert result["failure"]["done"] == []
    assert "a-wrong-token" not in json.dumps(result)
    assert device.let_in() is None


@pytest.mark.parametrize("state", [{"state": "listed"}, {"state": "absent", "max_age": "1d"}])
def test_missing_scope(run, gateway, state):
    with stripping_proxy(gateway) as port:
        for check in (True, False):
            result = run(check=check, port=port, **state)
            assert result["failure"]["code"] == "MISSING_SCOPE"
            assert "operator.pairing" in result["failure"]["message"]


def test_gateway_down(runner, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (tmp_path / "openclaw.json").write_text(json.dumps({"gateway": {"port": port, "auth": {"token": TOKEN}}}))
    options = {"state_dir": str(tmp_path), "state": "absent", "max_age": "30d"}
    for check in (True, False):
        result = runner.quick(options, check=check)
        assert result["failure"]["code"] == "connection_refused"
        assert str(port) in result["failure"]["message"]


def test_before_anything_is_deployed(runner, tmp_path):
    options = {"state_dir": str(tmp_path / "none"), "state": "absent", "max_age": "30d"}
    foretold = runner.quick(options, check=True)
    assert (foretold["changed"], foretold["devices"], foretold["version"]) == (False, [], None)
    assert runner.quick(options)["failure"]["code"] == "config_missing"


def test_a_device_cannot_see_into_others(gateway, paired):
    """Not of this module: that the kit's devices are real, and hold no more than they were given."""
    device = paired()
    with device.connected() as (talk, _hello), pytest.raises(RpcError) as refusal:
        talk.call("device.pair.list", {})
    assert refusal.value.code == "MISSING_SCOPE"
