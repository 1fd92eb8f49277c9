# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of every kind, applied to a real running Gateway and taken back: seen in it, with the effect reported.

A round is one setting of each effect; the long run takes them all. The Gateway is started once and never by us again.
"""
import time

import pytest
from config_kit import cached, json5, paths, runner  # noqa: F401 (fixtures)  # pylint: disable=unused-import
from module_runner import agreed
from watched_gateway import WatchedGateway

OTHER_TOKEN = "rotated-token-0123456789abcdefghij"
GONE = object()
PROVIDER = {
    "baseUrl": "http://127.0.0.1:9/v1", "api": "openai-completions", "apiKey": "sk-soak-0123456789",
    "models": [{"id": "stub-1", "name": "Stub", "contextWindow": 32000, "maxTokens": 1024, "input": ["text"],
                "reasoning": False, "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}}],
}  # fmt: skip

#: Dotted path -> the value it gets, or GONE. Grouped by what a reader would expect; the Gateway is the judge.
SETTINGS = {
    "none": {
        "logging.level": "debug",
        "logging.consoleStyle": GONE,
        "logging.redactPatterns": ["soak-[0-9]+"],
        "logging.maxFileBytes": 7000000,
        "messages.ackReaction": "\U0001f980",
        "ui.seamColor": "#FF4500",
        "talk.silenceTimeoutMs": 700,
        "session.resetTriggers": ["/new"],
        "session.identityLinks": {"ada.lovelace": ["telegram:1"]},
        'skills.entries["my.skill"]': {"enabled": False},
    },
    "hot": {
        "cron.enabled": False,
        "tools.deny": [],
        "tools.updatePlan": True,
        "update": GONE,
        "mcp.sessionIdleTtlMs": 60000,
        "memory.citations": "off",
        "models.providers.stub": PROVIDER,
        'agents.defaults.models["stub/stub.1"]': {"alias": "s"},
        "gateway.auth.token": OTHER_TOKEN,
        "gateway.auth.rateLimit": {"maxAttempts": 20, "windowMs": 60000, "lockoutMs": 60000},
        "gateway.controlUi.allowedOrigins": ["https://one.example.net", "https://two.example.net"],
        "gateway.trustedProxies": ["192.0.2.1"],
        "gateway.http.endpoints.chatCompletions.enabled": True,
        "hooks": {"enabled": True, "token": "hooks-token-0123456789abcdef", "path": "/soak"},
        "broadcast.strategy": "sequential",
    },
    "in_process_restart": {
        "gateway.controlUi.basePath": "/soak",
        "gateway.tailscale": {"mode": "off"},
        "gateway.controlUi.dangerouslyDisableDeviceAuth": False,
        'env.vars["SOAK_VALUE"]': "a value of its own",
        "discovery.wideArea.domain": "example.net.",
    },
}


@pytest.fixture(scope="module")
def gateway(cached, tmp_path_factory):
    real = WatchedGateway(tmp_path_factory.mktemp("watched") / "home")
    real.start()
    yield real
    real.stop()


def sample(rounds, chance):
    """As many settings of each kind as there are rounds, in a random order."""
    chosen = [(path, group[path]) for group in SETTINGS.values()
              for path in chance.sample(sorted(group), min(rounds, len(group)))]
    chance.shuffle(chosen)
    return chosen


def declared(path, value):
    """Options that give a path a value, or take it away."""
    if value is GONE:
        return {"absent": [path]}
    for key in reversed(paths.parse_path(path)):
        value = {key: value}
    return {"settings": value}


def apply(gateway, runner, path, value):
    """Give a path a value through the module; everything it says must be what the Gateway then does."""
    pid = gateway.process.pid
    boot = gateway.look()[0]
    mark = len(gateway.log())
    result = agreed(runner.process, gateway.state_dir, declared(path, value))
    assert not result.get("failed"), result
    assert result["changed"]
    if path == "gateway.auth.token":
        gateway.await_said(mark, "config hot reload applied")
        gateway.secret = value
    effect = gateway.reaction(mark, boot, lambda answer: shows(answer, path, value))
    assert result["effect"] == effect, "%s: reported %s, but %s" % (path, result["effect"], gateway.said(mark))
    assert gateway.process.poll() is None
    assert gateway.process.pid == pid
    return effect


def shows(answer, path, value):
    """Whether a configuration shown by the Gateway has the value, or has nothing there for GONE."""
    shown = paths.value_at(answer["resolved"], paths.parse_path(path), GONE)
    return shown is GONE if value is GONE else unredacted(shown, value)


def unredacted(shown, value):
    """Whether the Gateway shows the value; in the place of a secret it shows that there is one."""
    if shown == "__OPENCLAW_REDACTED__":
        return isinstance(value, str)
    if isinstance(value, dict) and isinstance(shown, dict):
        return all(key in shown and unredacted(shown[key], item) for key, item in value.items())
    return shown == value


def test_applied_seen_and_taken_back(gateway, runner, rounds, chance):
    effects = {}
    for path, value in sample(rounds, chance):
        began = time.monotonic()
        before = json5.loads(gateway.config.read_text())
        effects[path] = apply(gateway, runner, path, value)
        apply(gateway, runner, path, paths.value_at(before, paths.parse_path(path), GONE))
        text = gateway.config.read_text()
        for words in ("// kept by hand", "// not for the network", "/* plain words */"):
            assert words in text
        print("%-55s %-18s %4.1f s" % (path, effects[path], time.monotonic() - began))
    assert not list(gateway.state_dir.glob("*.clobbered.*"))
