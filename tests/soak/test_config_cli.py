# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenClaw's commands beside openclaw_config: they leave what it wrote, and no race with one loses anything unsaid."""
import json
import re
import time

import pytest
from config_kit import cached, json5, runner  # noqa: F401 (fixtures)  # pylint: disable=unused-import
from module_runner import agreed, result_of
from openclaw_cli import Cli
from soak_kit import EVERY
from watched_gateway import BASE, WatchedGateway

#: The release upgraded from, in a soak only: it may have to be downloaded.
OLD_RELEASE = "2026.7.1"
RACES_A_ROUND = 8
#: How the module says that somebody else was at work on the file.
REPORTED = ("config_changed_meanwhile", "config_locked")

#: Written by hand as far as OpenClaw is concerned, and without the block by which it knows its own files.
BARE = """\
{ // no meta in here
  gateway: { mode: "local", port: 18789, bind: "lan", auth: { mode: "token", token: "bare-bare-bare-bare-bare-bare" } },
  logging: { level: "info" },
}
"""
MANAGED = {
    "gateway": {"bind": "loopback", "port": 19177, "controlUi": {"allowedOrigins": ["https://mini.example.net"]}},
    "logging": {"level": "warn"}, "session": {"identityLinks": {"ada.lovelace": ["telegram:1"]}},
}  # fmt: skip
COMMANDS = (
    ("models", "list"), ("config", "get", "gateway.port"), ("doctor", "--lint", "--json"),
    ("gateway", "status", "--no-probe"),
)  # fmt: skip
#: After these the file is as OpenClaw writes it.
MORE_COMMANDS = (("config", "validate"), ("config", "set", "tools.updatePlan", "true"), ("models", "list"))


@pytest.fixture
def cli(cached, tmp_path):
    return Cli(*cached, tmp_path / "home")


def begin(home, text):
    state = home / ".openclaw"
    state.mkdir(mode=0o700, parents=True)
    write(state / "openclaw.json", text)
    return state


def write(file, text):
    fresh = file.with_name("fresh")
    fresh.write_text(text)
    fresh.chmod(0o600)
    fresh.replace(file)


def lacking(file, wanted):
    """The part of the wanted values that a file does not hold."""

    def compare(found, value):
        if not isinstance(value, dict):
            return None if json5.same(found, value) else value
        found = found if isinstance(found, dict) else {}
        return {key: left for key, item in value.items() if (left := compare(found.get(key), item)) is not None} or None

    return compare(json5.loads(file.read_text()), wanted)


def stands(state, wanted):
    assert lacking(state / "openclaw.json", wanted) is None
    assert not [path.name for path in state.iterdir() if re.search(r"\.(clobbered|rejected)\.", path.name)]


@pytest.mark.parametrize("start", [BARE, BASE % (18789, "base-base-base-base-base-base")], ids=["bare", "commented"])
def test_commands_leave_what_was_written(runner, cli, rounds, start):
    """The short run has nothing for the commented file but the one command that is known to throw files away."""
    commands = COMMANDS + MORE_COMMANDS if EVERY else COMMANDS if start is BARE else COMMANDS[:1]
    state = begin(cli.home, start)
    # Gives OpenClaw a last good file and backups of its own to restore, and the file a meta block.
    code, output = cli.run("config", "set", "logging.level", "error")
    assert code == 0, output
    write(state / "openclaw.json", start)
    result = agreed(runner.process, state, {"settings": MANAGED, "openclaw_version": "2026.9.6"})
    assert result.get("changed"), result
    for command in commands:
        code, output = cli.run(*command)
        assert code == 0 or command[0] == "doctor", f"{command}: {output}"
        stands(state, MANAGED)
    again = agreed(runner.process, state, {"settings": MANAGED, "openclaw_version": "2026.9.6"})
    assert not again["changed"], again


def test_restart_and_upgrade_leave_what_was_written(runner, cached, rounds, tmp_path):
    """The short run restarts one release; the long one begins with the older and goes on with the newer."""
    new = cached[1]
    releases = [new, new]
    if EVERY:
        from lablib import cache

        releases = [cache.ensure(OLD_RELEASE, print)[1], new, new]
    gateway = WatchedGateway(tmp_path / "home")
    # An older OpenClaw refuses to start with a file that a newer one says it has written.
    text = gateway.config.read_text().replace(new.name, releases[0].name)
    gateway.write(text.replace(", updatePlan: false", ""))
    port = gateway.port
    wanted = dict(MANAGED, gateway=dict(MANAGED["gateway"], port=port))
    served = []
    for number, release in enumerate(releases):
        gateway.entry = release / "lib/node_modules/openclaw/dist/index.js"
        gateway.start()
        try:
            with gateway.session() as (_talk, hello):
                served.append(hello["server"]["version"])
            if number == 0:
                result = agreed(runner.process, gateway.state_dir, {"settings": wanted, "openclaw_version": served[0]})
                assert result["changed"], result
                until_applied(gateway)
            stands(gateway.state_dir, wanted)
            if EVERY:
                code, output = Cli(cached[0], release, gateway.home).run("models", "list")
                assert code == 0, output
                stands(gateway.state_dir, wanted)
            assert not agreed(runner.process, gateway.state_dir, {"settings": wanted})["changed"]
        finally:
            gateway.stop()
    assert served == [release.name for release in releases]


def until_applied(gateway):
    end = time.monotonic() + 60
    while "evaluating reload" not in gateway.log():
        assert time.monotonic() < end, gateway.log()
        time.sleep(0.1)
    gateway.look()


def test_races_lose_nothing_in_silence(runner, cli, rounds, chance):
    """One C(config set) at a time, and the module at a random moment of it."""
    state = begin(cli.home, BASE % (18789, "race-race-race-race-race-race"))
    file = state / "openclaw.json"
    began = time.monotonic()
    assert cli.run("config", "set", "logging.level", "error")[0] == 0
    whole = time.monotonic() - began
    outcomes = {}
    for number in range(RACES_A_ROUND * rounds if EVERY else 5):
        theirs, ours = {"tools": {"deny": ["race-%d" % number]}}, {"gateway": {"port": 20000 + number}}
        process = cli.start("config", "set", "tools.deny", json.dumps(theirs["tools"]["deny"]))
        # Its read, check and write are in the last third.
        time.sleep(chance.uniform(0.3, 1.0) * whole)
        result = result_of(runner.start(
            {"state_dir": str(state), "settings": ours, "backup": False}).communicate()[0])
        output = process.communicate()[0]
        # Never torn: what is there is a whole configuration.
        assert json5.loads(file.read_text())["gateway"]["mode"] == "local"
        told = process.returncode != 0, bool(result.get("failed"))
        assert not told[1] or result["failure"]["code"] in REPORTED, result
        lost = lacking(file, theirs) is not None, lacking(file, ours) is not None
        outcome = "theirs %s, ours %s" % (words(lost[0], told[0]), words(lost[1], told[1]))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        assert not lost[0] or told[0], f"race {number}: their update is lost, and they were told it is there\n{output}"
        assert not lost[1] or told[1], f"race {number}: our update is lost, and we said it is there\n{result}\n{output}"
        assert not list(state.glob(".openclaw.json.ansible-*"))
        assert not list(state.glob("*.clobbered.*"))
        stands(state, {})
    print(outcomes)


def words(lost, told):
    return "reported" if told else "lost" if lost else "kept"
