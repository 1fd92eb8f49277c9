# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts with which C(openclaw gateway status) is content (it exits with 0), and that are not in order."""
import getpass
import json
import os
import pwd
import signal
import socket
import subprocess
import threading
import time
from collections import namedtuple
from http.server import HTTPServer

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import exposure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.module_utils._probe import task
from failing import Page
from real_gateway import TOKEN, RealGateway

PATIENCE = 180.0
OTHER = "another-token-0123456789abcdef"
RIGHT = {"mode": "token", "token": TOKEN}
OPTIONS = {"host": "127.0.0.1", "wait_for": None, "expect": [], "paths": [], "label": "no.such.job",
           "timeout": PATIENCE, "launchctl": "/no/launchctl", "request_timeout": 8.0}

BY_PROXY = {"mode": "trusted-proxy", "trustedProxy": {"userHeader": "x-user", "allowLoopback": True}}
FORWARDED = {"kind": "loopback_forced_host", "host_header": "gateway.example.com",
             "headers": {"X-Forwarded-For": "203.0.113.7"}}
FROM_A_PAGE = {"kind": "loopback_forced_host", "host_header": "h", "origin": "https://gateway.example.com"}

#: auth, more: what openclaw.json says when the Gateway starts. after: function of the Gateway that spoils the host.
#: options: of the task. state, code, layer: what must be told. verdict: where.
Liar = namedtuple("Liar", "name auth more after options state code layer verdict",
                  defaults=({}, None, {}, None, None, None, None))


def edited(**gateway):
    """Change openclaw.json under the running Gateway; None takes a key away."""
    def spoil(host):
        config = json.loads(host.config.read_text())
        for key, value in gateway.items():
            config["gateway"].pop(key, None)
            if value is not None:
                config["gateway"][key] = value
        host.write(json.dumps(config))
    return spoil


def replaced(host):
    """Somebody else holds the port."""
    host.stop()
    host.stranger = HTTPServer(("127.0.0.1", host.port), Page)
    threading.Thread(target=host.stranger.serve_forever, daemon=True).start()


def elsewhere(host):
    own = next(address for address in exposure.addresses() if ":" not in address)
    host.stranger = socket.create_server((own, host.port))


LIARS = [
    Liar("a runtime token", {"mode": "token"}, state="locked_out", code="AUTH_TOKEN_MISMATCH", layer="auth",
         verdict="auth"),
    Liar("another token than the fleet's", {"mode": "token", "token": OTHER}, state="locked_out",
         code="AUTH_TOKEN_MISMATCH", layer="auth", verdict="auth"),
    Liar("a token for its clients only", {"mode": "token"}, {"remote": {"token": TOKEN}}, state="locked_out",
         code="AUTH_TOKEN_NOT_CONFIGURED", layer="auth", verdict="auth"),
    Liar("no secret asked for", {"mode": "none"}, state="unprotected", code="auth_not_required", layer="auth",
         verdict="auth"),
    Liar("open to the network", RIGHT, {"bind": "lan"}, state="exposed", code="port_open", layer="network",
         verdict="exposure"),
    Liar("a stranger on another address", RIGHT, after=elsewhere, state="exposed", code="port_open", layer="network",
         verdict="exposure"),
    Liar("a broken file that the next start will not survive", RIGHT, after=lambda host: host.write("{ gateway: {"),
         state="degraded", code="config_invalid", layer="config", verdict="config_applied"),
    Liar("a key that the next start will not survive", RIGHT, after=edited(token=OTHER), state="degraded",
         code="config_invalid", layer="config", verdict="config_applied"),
    Liar("gateway.mode is gone", RIGHT, after=edited(mode=None), state="degraded", code="mode_not_local",
         layer="config", verdict="config_applied"),
    Liar("the file is gone", RIGHT, after=lambda host: host.config.unlink(), state="degraded", code="config_gone",
         layer="config", verdict="config_applied"),
    Liar("a second root", RIGHT, options={"config_path": "/nonexistent/.openclaw/openclaw.json"}, state="degraded",
         code="other_config", layer="config", verdict="config_applied"),
    Liar("a change that nobody applies", RIGHT, {"reload": {"mode": "off"}}, edited(controlUi={"enabled": False}),
         state="degraded", code="config_pending", layer="config", verdict="config_applied"),
    Liar("frozen", RIGHT, after=lambda host: host.signal(signal.SIGSTOP), state="unresponsive", code="timeout",
         layer="service", verdict="live"),
    Liar("not there", RIGHT, after=lambda host: host.stop(), state="down", code="connection_refused", layer="service",
         verdict="tcp"),
    Liar("a web server in its place", RIGHT, after=replaced, state="foreign", code="html_answer", layer="service",
         verdict="live"),
    Liar("locked out by its proxy mode", BY_PROXY, {"trustedProxies": ["127.0.0.1"]}, state="locked_out",
         code="AUTH_UNAUTHORIZED", layer="auth", verdict="auth"),
    Liar("its own commands find no token", {"mode": "token"}, {"environment": {"OPENCLAW_GATEWAY_PASSWORD": TOKEN}},
         options={"paths": [{"kind": "self"}]}, state="locked_out", code="AUTH_TOKEN_MISMATCH", layer="auth",
         verdict="auth"),
    Liar("the ingress is turned away", RIGHT, options={"paths": [FORWARDED]}, state="degraded",
         code="proxy_attribution_required", layer="network"),
    Liar("browsers are turned away", RIGHT, options={"paths": [FROM_A_PAGE]}, state="locked_out",
         code="CONTROL_UI_ORIGIN_NOT_ALLOWED", layer="auth"),
]
LIARS.sort(key=lambda liar: (str(liar.auth), str(liar.more)))


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    gateway = RealGateway(tmp_path_factory.mktemp("liars") / "home", "2026.9.6")
    gateway.stranger = gateway.started_with = None
    yield gateway
    gateway.stop()


@pytest.fixture
def tidy(host):
    """Takes back what a liar did beside the files."""
    yield
    if host.process.poll() is None:
        host.signal(signal.SIGCONT)
    if isinstance(host.stranger, HTTPServer):
        host.stranger.shutdown()
        host.stranger.server_close()
    elif host.stranger:
        host.stranger.close()
    host.stranger = None


def settle(host, liar):
    """Have the Gateway run as the liar begins. Most begin alike, and a file put right again costs no start."""
    more = dict(liar.more)
    host.environment = more.pop("environment", {})
    host.configure(liar.auth, **more)
    begins = (liar.auth, liar.more)
    alike = host.started_with == begins and host.process.poll() is None
    if not alike:
        host.stop()
        host.start()
        host.started_with = begins
    end = time.monotonic() + PATIENCE
    while True:
        said = probe(host, {})["verdicts"]
        if said["ready"]["verdict"] == "ok" and (not alike or said["config_applied"]["verdict"] == "ok"):
            return
        assert time.monotonic() < end and host.process.poll() is None, (host.home / "log").read_text()[-2000:]
        time.sleep(0.3)


def probe(host, options):
    options = dict(OPTIONS, **options)
    account = pwd.getpwnam(getpass.getuser())
    account = namedtuple("Account", "name uid gid home")(account.pw_name, os.getuid(), os.getgid(), str(host.home))
    path = options.pop("config_path", str(host.config))
    gateway = task.Gateway(account, path, host.port, Credential({"token": TOKEN}), None)
    return task.run(options, gateway, True)[0]


def status(host):
    """The exit code of what operators ask."""
    env = {"HOME": str(host.home), "PATH": "%s:/usr/bin:/bin" % host.node.parent, "DO_NOT_TRACK": "1",
           "OPENCLAW_GATEWAY_PORT": str(host.port)}
    return subprocess.run([str(host.node), str(host.entry), "gateway", "status", "--json"], env=env, cwd=host.home,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120,
                          check=False).returncode


@pytest.mark.sampled("liar", 10)
@pytest.mark.parametrize("liar", LIARS, ids=[liar.name for liar in LIARS])
def test_none_of_them_is_healthy(host, tidy, liar):
    settle(host, liar)
    if liar.after:
        liar.after(host)
    end, met = time.monotonic() + 60, []
    while True:
        result = probe(host, liar.options)
        now = (result["state"], result["code"], result["layer"])
        met.append(now)
        if now == (liar.state, liar.code, liar.layer) or time.monotonic() > end:
            break
        # A Gateway takes a second or two to notice a changed file, and longer to restart in itself.
        time.sleep(0.5)
    assert now == (liar.state, liar.code, liar.layer), list(dict.fromkeys(met))
    assert result["next"] and result["step"]
    assert not liar.verdict or result["verdicts"][liar.verdict]["code"] == liar.code
    assert status(host) == 0
