# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways from the controller, as far as they need no SSH; those through SSH are walked in the lab."""
import json
import socket
import sys
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _controller_paths, _ssh_channel

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "gateway"))

from gateway_peers import TOKEN, FakeGateway


@pytest.fixture
def gateway():
    fake = FakeGateway()
    yield fake
    fake.close()


def walked(port, *paths, token=TOKEN):
    there = _controller_paths.There("127.0.0.1", 22, "admin", None, None, port, token, 2.0)
    return _controller_paths.walk(declared_paths.named(list(paths)), there)


def test_tailnet(gateway):
    way = {"kind": "tailnet", "url": "http://127.0.0.1:%d" % gateway.port, "headers": {"X-Test": "1"}}
    found = walked(gateway.port, way, dict(way, name="must not", refusal=["connection_refused"]))
    assert (found["tailnet"]["state"], found["tailnet"]["to"]) == ("healthy", way["url"])
    assert (found["must not"]["state"], found["must not"]["code"]) == ("exposed", "not_refused")
    assert all("X-Test: 1\r\n" in head for head in gateway.heads)
    assert TOKEN not in json.dumps(found)


def test_without_a_token_it_is_unknown_and_nothing_is_presented(gateway):
    found = walked(gateway.port, {"kind": "tailnet", "url": "http://127.0.0.1:%d" % gateway.port}, token=None)
    assert (found["tailnet"]["state"], found["tailnet"]["code"]) == ("unknown", "token_missing")
    assert all("auth" not in params for params in gateway.connects)


def test_a_closed_tailnet_that_must_be():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = walked(port, {"kind": "tailnet", "url": "http://127.0.0.1:%d" % port, "refusal": ["connection_refused"]})
    assert found["tailnet"]["state"] == "healthy"


@pytest.mark.parametrize("outcome, verdict", [
    ("refused", "ok"), ("silent", "ok"), ("open", "fail"), ("unclear: EACCES", "unknown")])
def test_knocking_directly(monkeypatch, outcome, verdict):
    """A packet filter that drops what comes is as good as a refusal, for the host is known to be up."""
    monkeypatch.setattr(_controller_paths, "knock", lambda hosts, port, patience: dict.fromkeys(hosts, outcome))
    monkeypatch.setattr(_controller_paths.Tunnel, "dial", lambda *words: pytest.fail("dialled without need"))
    facts = _controller_paths._direct("127.0.0.1", 18789)
    from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.verdict import judge

    seen = {"tcp": {"ms": 1.0}, "exposure": facts}
    assert judge(seen, None)["exposure"]["verdict"] == verdict


def test_without_paramiko_it_says_so(monkeypatch):
    monkeypatch.setattr(_ssh_channel, "paramiko", None)
    with pytest.raises(Failure) as caught:
        walked(18789, {"kind": "bastion"})
    assert caught.value.code == "paramiko_missing"
