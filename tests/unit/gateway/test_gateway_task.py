# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task of openclaw_probe, against a stand-in for a Gateway: memory, paths, and what makes it fail."""
import contextlib
import json
import socket
from collections import namedtuple

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure, check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.module_utils._probe import task
from gateway_peers import TOKEN

Account = namedtuple("Account", "name uid gid home")
PARAMS = {"host": "127.0.0.1", "port": None, "token": None, "wait_for": None, "expect": [], "paths": [], "label": "l",
          "launchctl": "/no/launchctl", "timeout": 5.0, "request_timeout": 2.0}


@pytest.fixture(autouse=True)
def own_addresses(monkeypatch):
    monkeypatch.setattr(observe, "addresses", lambda: ["127.0.0.9"])


@pytest.fixture
def run(gateway, tmp_path):
    def run(pressure="normal", enforced=True, token=TOKEN, config="{}", **options):
        path = tmp_path / "openclaw.json"
        path.write_text(config)
        account = Account("nobody", 0, 0, str(tmp_path))
        return task.run(dict(PARAMS, **options), task.Gateway(
            account, str(path), gateway.port, Credential({"token": token}), None), enforced, lambda: pressure)
    return run


@pytest.mark.parametrize("pressure, deferred", [("normal", False), (None, False), ("warn", True), ("critical", True)])
def test_memory(run, pressure, deferred):
    result, failure = run(pressure, expect=["auth"])
    assert failure is None and result["pressure"] == pressure
    assert (result["verdicts"]["rpc"]["code"] == "deferred") == deferred
    result, failure = run(pressure, paths=[{"kind": "loopback"}])
    assert (result["paths"]["loopback"]["code"] == "deferred") == deferred


def test_a_path_fails_the_task_only_when_paths_are_expected(run):
    bad = [{"kind": "loopback_forced_host", "host_header": "h", "refusal": ["connection_refused"]}]
    result, failure = run(paths=bad)
    assert failure is None and (result["state"], result["path"]) == ("exposed", "loopback_forced_host")
    result, failure = run(paths=bad, expect=["paths"])
    assert (failure.code, failure.details["path"]) == ("not_refused", "loopback_forced_host")
    assert run(paths=bad, expect=["paths"], enforced=False)[1] is None
    # The Gateway's own vector comes first.
    assert run(paths=bad, expect=["auth", "paths"], token="wrong")[1].code == "AUTH_TOKEN_MISMATCH"


def test_a_wrong_token_is_presented_once_on_each_path(run, gateway):
    run(token="wrong", paths=[{"kind": "loopback"}, {"name": "again", "kind": "loopback"}])
    assert len(gateway.connects) == 3 and gateway.connections == 9


def test_headers_reach_the_gateway(run, gateway):
    run(paths=[{"kind": "loopback_forced_host", "host_header": "gateway.example.com", "origin": "https://o.example",
                "headers": {"X-Forwarded-For": "203.0.113.7"}}])
    forced = [head for head in gateway.heads if "Host: gateway.example.com\r\n" in head]
    assert len(forced) == 3
    assert all("Origin: https://o.example\r\n" in head and "X-Forwarded-For: 203.0.113.7\r\n" in head
               for head in forced)


@pytest.fixture
def elsewhere(monkeypatch, gateway):
    """The URL of the stand-in by a name that is not loopback."""
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda address, **more: connect(("127.0.0.1", address[1]), **more))
    return "http://gateway.example.com:%d" % gateway.port


@pytest.mark.parametrize("declared", [True, False])
def test_a_token_is_never_sent_in_the_clear(run, gateway, elsewhere, declared):
    config = {"gateway": {"controlUi": {"allowedOrigins": [elsewhere]}}}
    way = {"kind": "advertised", "url": elsewhere if declared else None}
    result, _failure = run(paths=[way], config=json.dumps(config))
    told = result["paths"]["advertised"]
    assert (told["state"], told["code"], told["layer"]) == ("unknown", "token_withheld", "network")
    assert elsewhere in told["reason"] and told["verdicts"]["ready"]["verdict"] == "ok"
    there = [head for head in gateway.heads if "Host: gateway.example.com" in head]
    assert [head.split()[1] for head in there] == ["/healthz", "/readyz"] and TOKEN not in "".join(there)
    # That one is of the Gateway's own vector, over loopback.
    assert len(gateway.connects) == 1
    # What needs no token can be expected all the same.
    result, failure = run(paths=[dict(way, expect=["tcp", "live", "ready"])], config=json.dumps(config),
                          expect=["paths"])
    assert failure is None and result["paths"]["advertised"]["state"] == "healthy"
    assert len(gateway.connects) == 2


def test_a_token_is_presented_to_what_is_advertised_on_loopback(run, gateway):
    result, _failure = run(paths=[{"kind": "advertised", "url": "http://localhost:%d" % gateway.port}])
    assert result["paths"]["advertised"]["state"] == "healthy" and len(gateway.connects) == 2


@pytest.mark.parametrize("declared", [
    [{"kind": "bastion"}], [{"kind": "container"}], [{"kind": "container", "url": "x"}],
    [{"kind": "lan"}, {"kind": "lan"}],
])
def test_paths_that_make_no_sense(declared):
    with pytest.raises(Failure) as caught:
        task.check_paths(declared)
    assert caught.value.code == "option_invalid"


@pytest.mark.parametrize(("value", "refused"), [(0, True), (65536, True), (1, False), (65535, False), (None, False)])
def test_numbers_that_make_no_sense(value, refused):
    with pytest.raises(Failure) if refused else contextlib.nullcontext() as caught:
        check_numbers({"port": value}, (("port", 1, 65535),))
    assert not refused or (caught.value.code, caught.value.details["option"]) == ("option_invalid", "port")
