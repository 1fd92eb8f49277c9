# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_config and a real Gateway that runs: waiting until a change is applied, what is never applied, includes, and
OpenClaw's own validation. The settings of every kind are in tests/soak/test_config_gateway.py.
"""

import json
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from module_runner import agreed
from watched_gateway import TOKEN, WatchedGateway

PROVIDERS = """\
// what the fleet shares
{ providers: { shared: { baseUrl: "http://127.0.0.1:9/v1", api: "openai-completions", apiKey: "sk-shared-0123456789",
  models: [{ id: "one", name: "One" }] } } }
"""


def started(home):
    real = WatchedGateway(home)
    real.start()
    # A file that changes while it starts makes it give that start up: see the last test.
    real.look()
    return real


@pytest.fixture(scope="module")
def shared(cached, tmp_path_factory):
    real = started(tmp_path_factory.mktemp("live") / "home")
    yield real
    real.stop()


@pytest.fixture
def gateway(shared, runner):
    """A running Gateway, which gets its first configuration back afterwards."""
    first = shared.config.read_text()
    yield shared
    shared.write(first)
    shared.secret = TOKEN
    result = run(runner, shared, settings={}, wait_applied=60)
    assert result["applied"]["ok"], result


@pytest.fixture
def own(cached, tmp_path):
    """A running Gateway that a test may leave in any state."""
    real = started(tmp_path / "home")
    yield real
    real.stop()


@pytest.fixture
def openclaw(cached, tmp_path):
    """OpenClaw's command, as the role installs it."""
    command = tmp_path / "openclaw"
    node, entry = cached[0] / "bin/node", cached[1] / "lib/node_modules/openclaw/openclaw.mjs"
    command.write_text('#!/bin/sh\nexec "%s" "%s" "$@"\n' % (node, entry))
    command.chmod(0o755)
    return str(command)


def run(runner, gateway, **options):
    return runner.process(dict({"state_dir": str(gateway.state_dir)}, **options))


def test_applied_is_waited_for_and_seen(gateway, runner):
    boot = gateway.look()[0]
    hot = run(runner, gateway, settings={"cron": {"enabled": False}}, wait_applied=60)
    assert (hot["effect"], hot["applied"]["ok"], hot["applied"]["code"]) == ("hot", True, None), hot
    assert hot["applied"]["server"]["boot_id"] == boot
    assert gateway.look()[1]["resolved"]["cron"]["enabled"] is False
    again = run(runner, gateway, settings={"gateway": {"controlUi": {"basePath": "/ui"}}}, wait_applied=60)
    assert (again["effect"], again["applied"]["ok"]) == ("in_process_restart", True), again
    assert again["applied"]["server"]["boot_id"] != boot
    assert again["applied"]["waited_s"] > 1
    nothing = run(runner, gateway, settings={"cron": {"enabled": False}}, wait_applied=60)
    assert (nothing["changed"], nothing["applied"]["ok"]) == (False, True)


def test_a_gateway_that_is_not_there_is_said_to_be_unproven(cached, runner, tmp_path):
    gateway = WatchedGateway(tmp_path / "home")
    result = run(runner, gateway, settings={"cron": {"enabled": False}}, wait_applied=2)
    assert result["failed"] and result["changed"] and result["applied"]["ok"] is False
    assert result["failure"]["code"] == result["applied"]["code"] == "connection_refused"
    assert json5.loads(gateway.config.read_text())["cron"]["enabled"] is False


def test_with_reloading_off_nothing_is_applied_and_nobody_waits(own, runner):
    boot = own.look()[0]
    off = run(runner, own, settings={"gateway": {"reload": {"mode": "off"}}})
    assert off["effect"] == "none"
    time.sleep(3)
    mark = len(own.log())
    result = run(runner, own, settings={"cron": {"enabled": False}}, wait_applied=60)
    assert result["effect"] == "restart"
    assert (result["failed"], result["failure"]["code"]) == (True, "restart_needed")
    assert result["applied"]["waited_s"] == 0
    own.await_said(mark, "config reload disabled")
    assert own.effect(mark) == "restart"
    boot_now, answer = own.look()
    assert boot_now == boot
    assert answer["configRevisionHash"] != answer["appliedConfigHash"]


def test_a_secret_that_is_taken_away_is_never_applied(own, runner):
    boot = own.look()[0]
    result = run(runner, own, absent=["gateway.auth.token"], settings={"cron": {"enabled": False}})
    assert result["effect"] == "restart", result
    end = time.monotonic() + 60
    while "reload skipped" not in own.log() and "reload failed" not in own.log():
        assert time.monotonic() < end, own.log()[-2000:]
        time.sleep(0.1)
    # It goes on with the secret it has, and takes up nothing of the change.
    boot_now, answer = own.look()
    assert boot_now == boot
    assert answer["configRevisionHash"] != answer["appliedConfigHash"]


def test_another_mode_of_authentication_restarts(gateway, runner):
    boot, _answer = gateway.look()
    mark = len(gateway.log())
    password = "password-0123456789-abcdefghij"
    auth = {"mode": "password", "password": password}
    result = agreed(runner.process, gateway.state_dir, {
        "settings": {"gateway": {"auth": auth}}, "absent": ["gateway.auth.token"]})
    assert result["effect"] == "in_process_restart", result
    assert password not in json.dumps(result) and TOKEN not in json.dumps(result)
    gateway.await_said(mark, "requires gateway restart")
    waited = run(runner, gateway, settings={"gateway": {"auth": {"password": password}}}, wait_applied=60)
    assert (waited["changed"], waited["applied"]["ok"]) == (False, True), waited
    assert waited["applied"]["server"]["boot_id"] != boot


def test_an_include_is_read_and_never_written(gateway, runner, openclaw):
    shared = gateway.state_dir / "providers.json5"
    shared.write_text(PROVIDERS)
    shared.chmod(0o600)
    text = gateway.config.read_text()
    mark = len(gateway.log())
    gateway.write(text.replace("cron: {", 'models: { $include: "./providers.json5" }, // shared\n  cron: {'))
    gateway.await_said(mark, "config hot reload applied")
    wanted = {
        "cron": {"enabled": False},
        "models": {"providers": {"shared": {"baseUrl": "http://127.0.0.1:9/v1"}}},
    }
    result = run(runner, gateway, settings=wanted, wait_applied=60, validate="always", openclaw=openclaw)
    assert [row["path"] for row in result["changes"]] == ["cron.enabled"], result
    assert (result["validated"], result["applied"]["ok"]) == ("openclaw", True), result
    assert '$include: "./providers.json5" }, // shared' in gateway.config.read_text()
    assert shared.read_text() == PROVIDERS
    assert gateway.look()[1]["resolved"]["models"]["providers"]["shared"]["models"][0]["id"] == "one"
    before = gateway.config.read_bytes()
    wanted["models"]["providers"]["shared"]["baseUrl"] = "http://127.0.0.1:10/v1"
    refused = run(runner, gateway, settings=wanted)
    assert refused["failure"]["code"] == "setting_in_include"
    assert "providers.json5" in refused["msg"]
    assert gateway.config.read_bytes() == before


def test_openclaw_itself_judges_what_would_be_written(gateway, runner, openclaw):
    good = {"settings": {"logging": {"level": "warn"}}, "validate": "always", "openclaw": openclaw}
    bad = {"settings": {"logging": {"level": "loudly"}, "nonsense": {"a": 1}}, "openclaw": openclaw}
    before = gateway.config.read_bytes()
    refused = agreed(runner.process, gateway.state_dir, bad)
    assert refused["failure"]["code"] == "config_invalid"
    told = {issue["path"] for issue in refused["failure"]["issues"]}
    assert "logging.level" in told
    assert gateway.config.read_bytes() == before
    assert agreed(runner.process, gateway.state_dir, good)["validated"] == "openclaw"
    assert gateway.look()[1]["valid"] is True
    unjudged = {"settings": {"logging": {"level": "error"}}, "openclaw": "/none/openclaw"}
    missing = run(runner, gateway, validate="always", **unjudged)
    assert missing["failure"]["code"] == "openclaw_missing"
    builtin = run(runner, gateway, **unjudged)
    assert (builtin["changed"], builtin["validated"]) == (True, "builtin")


def test_a_baseline_is_reported_and_enforced(gateway, runner):
    good = {"settings": {"gateway": {"bind": "loopback", "controlUi": {}}, "cron": {"enabled": False}},
            "replace": ["gateway.controlUi"]}
    report = run(runner, gateway, baseline=dict(good, mode="report"))
    drift = {row["path"]: row["action"] for row in report["baseline"]["drift"]}
    assert not report["changed"] and not report["baseline"]["matches"]
    assert drift == {"gateway.controlUi.allowedOrigins": "remove", "cron.enabled": "change"}
    enforced = run(runner, gateway, baseline=dict(good, mode="enforce"), wait_applied=60)
    assert enforced["changed"] and enforced["applied"]["ok"]
    shown = gateway.look()[1]["resolved"]
    assert shown["cron"]["enabled"] is False and not shown["gateway"]["controlUi"].get("allowedOrigins")
    again = run(runner, gateway, baseline=dict(good, mode="report"))
    assert (again["changed"], again["baseline"]["matches"], again["baseline"]["drift"]) == (False, True, [])


def test_a_change_costs_a_gateway_that_starts_this_one_start(own, runner):
    """What the documentation warns of; launchd then starts it again, and the change is there."""
    own.stop()
    own.start()
    # It compares what the file says at two moments of its start: no content may come back in between.
    end = time.monotonic() + 60
    runs = 0
    while own.process.poll() is None and time.monotonic() < end:
        runs += 1
        result = run(runner, own, settings={"session": {"resetTriggers": ["/new", "/%d" % runs]}})
        assert result["changed"], result
    assert own.process.poll() not in (None, 0)
    assert "changed during startup" in own.log()
    own.start()
    assert own.look()[1]["resolved"]["session"]["resetTriggers"] == ["/new", "/%d" % runs]
