# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section of a look that asks the Gateway, against a stand-in: once, and with one wrong credential at most."""
import json
import os
import pwd

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe as looks
from ansible_collections.clawops.openclaw.plugins.module_utils._host import memory
from ansible_collections.clawops.openclaw.plugins.module_utils._info import answers, observe
from ansible_collections.clawops.openclaw.plugins.module_utils._info.wanted import Wanted
from gateway_peers import TOKEN

WRONG = "wrong-token-0123456789abcdefgh"


@pytest.fixture(autouse=True)
def this_host(monkeypatch):
    monkeypatch.setattr(looks, "addresses", lambda: ["127.0.0.9"])
    monkeypatch.setattr(memory, "pressure", lambda: "normal")


@pytest.fixture
def ask(gateway, tmp_path, monkeypatch):
    """Function that asks: C(token) stands in openclaw.json, C(environment) is that of the Gateway's process."""
    def ask(token=TOKEN, environment=None, port=None, **options):
        (tmp_path / "openclaw.json").write_text(json.dumps(
            {"gateway": {"mode": "local", "port": port or gateway.port, "auth": {"mode": "token", "token": token}}}))
        os.utime(str(tmp_path / "openclaw.json"), (1, 1))
        seen = dict({"OPENCLAW_STATE_DIR": str(tmp_path)}, **(environment or {}))
        monkeypatch.setattr(_process, "look", lambda pid: ([], seen))
        wanted = Wanted(pwd.getpwuid(os.geteuid()).pw_name, str(tmp_path), "l", None, "/none", "/none", "/none",
                        "/none", request_timeout=3.0, **options)
        look = observe.Look(wanted)
        look.found["port"] = {"port": port or gateway.port, "listeners": [{"pid": 5}], "version": "2026.9.6"}
        found = answers.gateway(look)
        assert TOKEN not in json.dumps(found) and WRONG not in json.dumps(found)
        return found
    return ask


def test_a_healthy_one_is_asked_once(ask, gateway):
    found = ask()
    # The stand-in's file is younger than it is itself, so whether it has read that is not known yet.
    assert found["verdicts"]["auth"]["verdict"] == found["verdicts"]["rpc"]["verdict"] == "ok"
    assert found["self"]["state"] == "healthy" and found["asked"] and found["pressure"] == "normal"
    assert found["server"]["version"] == "2026.9.6" and found["paths"] == {}
    assert len(gateway.connects) == 1 and gateway.connects[0]["scopes"] == ["operator.read"]


def test_a_wrong_token_is_presented_once_whatever_is_declared(ask, gateway):
    declared = ({"kind": "loopback"}, {"kind": "loopback_forced_host", "host_header": "h"}, {"kind": "self"},
                {"kind": "lan"})
    found = ask(WRONG, {"OPENCLAW_GATEWAY_TOKEN": TOKEN}, paths=declared)
    assert found["state"] == "locked_out" and found["code"] == "AUTH_TOKEN_MISMATCH"
    assert len(gateway.connects) == 1
    told = {name: (one["state"], one["code"]) for name, one in found["paths"].items()}
    assert told["loopback"] == told["loopback_forced_host"] == ("unknown", "refused_before")
    assert told["lan"][0] == "healthy"


def test_the_gateways_own_commands_with_another_token(ask, gateway):
    # As a child that is told of another Gateway by the environment of its parent.
    found = ask(environment={"OPENCLAW_GATEWAY_URL": "ws://127.0.0.1:%d" % gateway.port})
    assert found["verdicts"]["auth"]["verdict"] == "ok" and found["self"]["state"] == "healthy"
    assert len(gateway.connects) == 2 and found["self"]["to"] != "127.0.0.1:%d" % gateway.port


def test_a_reference_is_followed_to_what_the_process_has(ask, gateway):
    found = ask("${OPENCLAW_GATEWAY_TOKEN}", {"OPENCLAW_GATEWAY_TOKEN": TOKEN})
    assert found["verdicts"]["auth"]["verdict"] == "ok" and len(gateway.connects) == 1
    found = ask("${OPENCLAW_GATEWAY_TOKEN}")
    assert found["verdicts"]["auth"] == dict(found["verdicts"]["auth"], verdict="unknown", code="token_reference")
    assert len(gateway.connects) == 1


def test_nobody_there(ask):
    found = ask(port=1)
    assert (found["state"], found["code"], found["self"]["state"]) == ("down", "connection_refused", "down")


def test_a_host_short_of_memory_is_spared(ask, monkeypatch):
    monkeypatch.setattr(memory, "pressure", lambda: "critical")
    found = ask()
    assert found["verdicts"]["rpc"]["code"] == found["verdicts"]["config_applied"]["code"] == "deferred"
    assert found["verdicts"]["auth"]["verdict"] == "ok" and found["pressure"] == "critical"


def test_what_is_not_wanted_is_not_asked(ask, gateway):
    found = ask(probe=False)
    assert found["asked"] is False and found["state"] is None and gateway.connections == 0


def test_what_may_not_be_read_is_unknown_and_presents_nothing(ask, gateway, monkeypatch):
    def refuse(look):
        raise PermissionError(13, "Permission denied", "openclaw.json")

    monkeypatch.setattr(answers.kept, "configuration", refuse)
    monkeypatch.setattr(answers.own_way, "_environment", lambda here: (None, "not to be read"))
    found = ask()
    assert found["verdicts"]["auth"]["code"] == "config_unreadable" and found["state"] == "unknown"
    assert (found["self"]["verdicts"]["auth"]["verdict"], found["self"]["verdicts"]["auth"]["code"]) == (
        "unknown", "self_unseen")  # fmt: skip
    assert found["verdicts"]["live"]["verdict"] == "ok" and gateway.connects == []
