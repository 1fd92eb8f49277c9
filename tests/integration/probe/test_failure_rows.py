# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which a Gateway refuses a client, produced with the real one of each release: what is told of it."""
import socket
import threading
import time
from collections import namedtuple
from functools import partial
from http.server import HTTPServer

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import exposure, observe, probe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from failing import CLI, CONTROL_UI, NODE, PROBE, RIGHT, WRONG, Device, Page, ask, connect, nothing, refused, say
from real_gateway import TOKEN, RealGateway

RELEASES = ("2026.6.1", "2026.7.1", "2026.9.6")
OLDER = RELEASES[:2]
PATIENCE = 180.0

#: config: gateway.* of openclaw.json. settled: code of auth by which one knows that the Gateway runs with it.
Setup = namedtuple("Setup", "config credential settled")
TOKEN_MODE = Setup({"auth": {"mode": "token", "token": TOKEN}}, {"token": TOKEN}, None)
PASSWORD_MODE = Setup({"auth": {"mode": "password", "password": TOKEN}}, {"password": TOKEN}, None)
OPEN_MODE = Setup({"auth": {"mode": "none"}}, {"token": TOKEN}, "auth_not_required")
PROXY_MODE = Setup({"auth": {"mode": "trusted-proxy", "trustedProxy": {"userHeader": "x-user", "allowLoopback": True}},
                    "trustedProxies": ["127.0.0.1"]}, {"token": TOKEN}, "AUTH_UNAUTHORIZED")
LAN_MODE = Setup(dict(TOKEN_MODE.config, bind="lan"), {"token": TOKEN}, None)

#: setup: openclaw.json. first: the first frame. state, code, layer, close: what must come of it. next: words of it.
#: headers: of the upgrade. then: a request after a handshake that works. older: what differs in the older releases.
Row = namedtuple("Row", "name setup first state code layer close next headers then older", defaults=({}, None, {}))
SAME, FOREIGN = "gateway.auth.token", {"Origin": "https://foreign.example"}

ROWS = [
    Row("nothing presented", TOKEN_MODE, connect(), "locked_out", "DEVICE_IDENTITY_REQUIRED", "auth", 1008, SAME),
    Row("empty token", TOKEN_MODE, connect({"token": ""}), "locked_out", "DEVICE_IDENTITY_REQUIRED", "auth", 1008,
        SAME),
    Row("device token without device", TOKEN_MODE, connect({"deviceToken": "d" * 43}), "locked_out",
        "DEVICE_IDENTITY_REQUIRED", "auth", 1008, SAME),
    Row("device without token", TOKEN_MODE, connect(device=Device(), client=CLI), "locked_out", "AUTH_TOKEN_MISSING",
        "auth", 1008, SAME),
    Row("wrong token", TOKEN_MODE, connect(WRONG), "locked_out", "AUTH_TOKEN_MISMATCH", "auth", 1008, SAME),
    Row("wrong token and a device", TOKEN_MODE, connect(WRONG, CLI, Device()), "locked_out", "AUTH_TOKEN_MISMATCH",
        "auth", 1008, SAME),
    Row("stale device token", TOKEN_MODE, connect({"deviceToken": "d" * 43}, CLI, Device()), "locked_out",
        "AUTH_DEVICE_TOKEN_MISMATCH", "auth", 1008, "openclaw devices"),
    Row("foreign origin", TOKEN_MODE, connect(RIGHT, CONTROL_UI), "locked_out", "CONTROL_UI_ORIGIN_NOT_ALLOWED",
        "auth", 1008, "allowedOrigins", FOREIGN),
    Row("control UI without origin", TOKEN_MODE, connect(RIGHT, CONTROL_UI), "locked_out",
        "CONTROL_UI_ORIGIN_NOT_ALLOWED", "auth", 1008, "allowedOrigins"),
    Row("control UI without device", TOKEN_MODE, connect({"token": ""}, CONTROL_UI), "locked_out",
        "CONTROL_UI_DEVICE_IDENTITY_REQUIRED", "auth", 1008, "device", "own"),
    Row("role nobody knows", TOKEN_MODE, connect(RIGHT, role="admin"), "locked_out", "INVALID_ROLE", "auth", 1008,
        "report the code"),
    Row("node without device", TOKEN_MODE, connect(RIGHT, NODE, role="node"), "locked_out", "DEVICE_IDENTITY_REQUIRED",
        "auth", 1008, SAME),
    Row("protocol too old", TOKEN_MODE, connect(RIGHT, minProtocol=3, maxProtocol=3), "degraded", "PROTOCOL_MISMATCH",
        "input", 1002, "report the code"),
    Row("protocol too new", TOKEN_MODE, connect(RIGHT, minProtocol=5, maxProtocol=9), "degraded", "PROTOCOL_MISMATCH",
        "input", 1002, "report the code"),
    Row("device: another challenge", TOKEN_MODE, connect(RIGHT, CLI, Device(nonce="n" * 36)), "locked_out",
        "DEVICE_AUTH_NONCE_MISMATCH", "auth", 1008, "openclaw devices"),
    Row("device: no signature of its own", TOKEN_MODE, connect(RIGHT, CLI, Device(signed=False)), "locked_out",
        "DEVICE_AUTH_SIGNATURE_INVALID", "auth", 1008, "openclaw devices"),
    Row("device: id of another", TOKEN_MODE, connect(RIGHT, CLI, Device(id="a" * 64)), "locked_out",
        "DEVICE_AUTH_DEVICE_ID_MISMATCH", "auth", 1008, "openclaw devices"),
    Row("device: signed long ago", TOKEN_MODE, connect(RIGHT, CLI, Device(signedAt=1700000000000)), "locked_out",
        "DEVICE_AUTH_SIGNATURE_EXPIRED", "auth", 1008, "clock"),
    Row("request before the handshake", TOKEN_MODE, ask("health"), "degraded", "INVALID_HANDSHAKE", "input", 1008,
        "report the code"),
    Row("handshake without parameters", TOKEN_MODE, ask("connect"), "degraded", "INVALID_CONNECT_PARAMS", "input",
        1008, "report the code"),
    Row("client nobody knows", TOKEN_MODE, connect(RIGHT, {"id": "somebody"}), "degraded", "INVALID_CONNECT_PARAMS",
        "input", 1008, "report the code"),
    Row("no JSON", TOKEN_MODE, say("hello"), "degraded", "close_1000", "service", 1000, "log"),
    Row("not a word for 15 seconds", TOKEN_MODE, nothing, "degraded", "close_1000", "service", 1000, "log"),
    Row("forwarded by a proxy nobody trusts", TOKEN_MODE, connect(RIGHT), "degraded", "proxy_attribution_required",
        "network", None, "trustedProxies", {"X-Forwarded-For": "203.0.113.7"}, None,
        {"code": "MISSING_SCOPE", "layer": "auth", "next": "127.0.0.1"}),
    Row("scope taken away", TOKEN_MODE, connect(RIGHT, PROBE), "degraded", "MISSING_SCOPE", "auth", None,
        "127.0.0.1", {}, "status"),
    Row("request nobody knows", TOKEN_MODE, connect(RIGHT, scopes=["operator.admin"]), "degraded", "UNKNOWN_METHOD",
        "input", None, "report the code", {}, "no.such.method"),
    Row("wrong password", PASSWORD_MODE, connect({"password": "wrong"}), "locked_out", "AUTH_PASSWORD_MISMATCH",
        "auth", 1008, SAME),
    Row("device without password", PASSWORD_MODE, connect(device=Device(), client=CLI), "locked_out",
        "AUTH_PASSWORD_MISSING", "auth", 1008, SAME),
    Row("no password", PASSWORD_MODE, connect(), "locked_out", "DEVICE_IDENTITY_REQUIRED", "auth", 1008, SAME),
    Row("no secret asked for, but a device of a command", OPEN_MODE, connect(client=CLI), "locked_out",
        "DEVICE_IDENTITY_REQUIRED", "auth", 1008, SAME),
    Row("trusted proxy without its header", PROXY_MODE, connect(), "locked_out", "DEVICE_IDENTITY_REQUIRED", "auth",
        1008, SAME),
]


@pytest.fixture(scope="module", params=RELEASES)
def release(request, tmp_path_factory):
    gateway = RealGateway(tmp_path_factory.mktemp("failing") / "home", request.param)
    gateway.setup = None
    yield gateway
    gateway.stop()


def look(gateway, credential, host="127.0.0.1", **changes):
    wanted = probe.Request(path=observe.tcp_path(host, gateway.port), port=None, credential=Credential(credential),
                           config_path=None, wait_for=None, expect=(), timeout=PATIENCE, request_timeout=10.0)
    return probe.probe(wanted._replace(**changes))[0]


def settle(gateway, setup):
    """Have the Gateway run with a configuration. A start is certain, a reload is hard to tell."""
    if gateway.setup is setup:
        return
    gateway.stop()
    gateway.configure(**setup.config)
    gateway.start()
    gateway.setup = setup
    end = time.monotonic() + PATIENCE
    while True:
        verdicts = look(gateway, setup.credential)["verdicts"]
        if verdicts["ready"]["verdict"] == "ok" and verdicts["auth"]["code"] == setup.settled:
            return
        assert time.monotonic() < end, (verdicts, (gateway.home / "log").read_text()[-2000:])
        time.sleep(0.3)


def test_nobody_there_then_starting_then_there(release):
    """Of the moments between, an older release shows none: it listens when it is ready."""
    release.configure(**TOKEN_MODE.config)
    met = [look(release, TOKEN_MODE.credential)]
    assert (met[0]["code"], met[0]["layer"]) == ("connection_refused", "service") and "launchctl" in met[0]["next"]
    release.start()
    end = time.monotonic() + PATIENCE
    while met[-1]["verdicts"]["rpc"]["verdict"] != "ok":
        assert time.monotonic() < end
        met.append(look(release, TOKEN_MODE.credential))
        time.sleep(0.1)
    release.setup = TOKEN_MODE
    told = {(result["state"], result["code"], result["layer"]) for result in met[1:-1]}
    known = {("down", "connection_refused", "service"), ("starting", "startup_sidecars", "service"),
             ("starting", "UNAVAILABLE", "service"), ("unresponsive", "timeout", "service")}
    assert told <= known
    assert release.version in OLDER or ("starting", "startup_sidecars", "service") in told


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_row(release, row):
    settle(release, row.setup)
    headers = {"Origin": "http://127.0.0.1:%d" % release.port} if row.headers == "own" else row.headers
    whole, close = refused(release.port, row.first, headers, row.then)
    row = row._replace(**row.older) if release.version in OLDER else row
    assert (whole["state"], whole["code"], whole["layer"], close) == (row.state, row.code, row.layer, row.close)
    assert row.next in whole["next"]


def test_no_secret_asked_for(release):
    settle(release, OPEN_MODE)
    told = look(release, OPEN_MODE.credential)
    assert (told["state"], told["code"], told["layer"]) == ("unprotected", "auth_not_required", "auth")
    assert "openclaw_token" in told["next"]


def test_from_another_host(release):
    """A new device is to be paired, the shared token keeps no scope, and ten wrong ones lock the address out."""
    host = next((address for address in exposure.addresses() if "%" not in address), None)
    if host is None:
        pytest.skip("this machine has no address but loopback")
    settle(release, LAN_MODE)
    whole, close = refused(release.port, connect(RIGHT, CLI, Device()), host=host)
    assert (whole["state"], whole["code"], whole["layer"], close) == ("locked_out", "PAIRING_REQUIRED", "auth", 1008)
    assert "openclaw_device" in whole["next"]
    told = look(release, {"token": TOKEN}, host)
    assert (told["state"], told["code"], told["layer"]) == ("degraded", "MISSING_SCOPE", "auth")
    exposed = look(release, {"token": TOKEN}, port=release.port)
    assert (exposed["state"], exposed["code"], exposed["layer"]) == ("exposed", "port_open", "network")
    assert "gateway.bind" in exposed["next"]
    for _attempt in range(12):
        whole, _close = refused(release.port, connect(WRONG), host=host)
        if whole["code"] != "AUTH_TOKEN_MISMATCH":
            break
    assert (whole["state"], whole["code"], whole["layer"]) == ("locked_out", "AUTH_RATE_LIMITED", "auth")
    assert "wait five minutes" in whole["next"]


def banner(listener):
    while True:
        try:
            sock, _address = listener.accept()
        except OSError:
            return
        with sock:
            sock.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")


def test_somebody_else_on_the_port():
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = look(namedtuple("Listener", "port")(server.server_port), RIGHT)
        server.shutdown()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=partial(banner, listener), daemon=True).start()
        other = look(namedtuple("Listener", "port")(listener.getsockname()[1]), RIGHT)
    assert (page["state"], page["code"], page["layer"]) == ("foreign", "html_answer", "service")
    assert (other["state"], other["code"], other["layer"]) == ("foreign", "not_http", "service")
    assert "lsof" in page["next"] and "lsof" in other["next"]
