# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lock for two: OpenClaw's C(config set) and openclaw_config, stopped where they would get in each other's way."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5, openclaw_lock
from module_runner import result_of
from openclaw_cli import Cli

CONFIG = '{gateway: {mode: "local", auth: {mode: "token", token: "%s"}}, meta: {lastTouchedVersion: "2026.9.6"}}\n'
COMMAND = ("config", "set", "logging.level", "error")

HOLDER = """
import os, sys
sys.path.insert(0, %r)
import conftest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import openclaw_lock
with openclaw_lock.held(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cli(cached, tmp_path):
    return Cli(*cached, tmp_path / "home")


@pytest.fixture
def config(cli):
    state = cli.home / ".openclaw"
    state.mkdir(mode=0o700)
    file = state / "openclaw.json"
    file.write_text(CONFIG % ("lock" * 8))
    file.chmod(0o600)
    return file


@pytest.fixture
def holder(config):
    code = HOLDER % str(Path(__file__).resolve().parents[2] / "unit")
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(config)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def level(config):
    return json5.loads(config.read_text()).get("logging", {}).get("level")


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_openclaw_waits_for_ours(cli, config, holder):
    command = cli.start(*COMMAND)
    # Nothing but our lock keeps it: without, it takes a few seconds.
    time.sleep(6)
    assert command.poll() is None and level(config) is None
    holder.stdin.close()
    output = command.communicate(timeout=60)[0]
    assert command.returncode == 0, output
    assert level(config) == "error"
    assert not Path(openclaw_lock.path_of(str(config))).exists()


def test_openclaw_takes_over_from_a_killed_holder(cli, config, holder):
    holder.kill()
    holder.wait()
    assert Path(openclaw_lock.path_of(str(config))).exists()
    code, output = cli.run(*COMMAND)
    assert code == 0, output
    assert level(config) == "error"
    assert not Path(openclaw_lock.path_of(str(config))).exists()


def test_ours_waits_for_openclaw_and_then_sees_what_it_did(cli, config, runner):
    """Stopped between its comparison and its rename, it would otherwise overwrite us, and nobody would know."""
    lock = Path(openclaw_lock.path_of(str(config)))
    command = cli.start(*COMMAND)
    until(lambda: lock.exists() and lock.read_text().startswith("{"))
    # The command is a child of what was started.
    worker = json.loads(lock.read_text())["pid"]
    os.kill(worker, signal.SIGSTOP)
    try:
        assert lock.exists()
        before = config.read_text()
        module = runner.start({"state_dir": str(config.parent), "settings": {"gateway": {"port": 20001}}})
        time.sleep(2)
        assert module.poll() is None and config.read_text() == before
    finally:
        os.kill(worker, signal.SIGCONT)
    result = result_of(module.communicate(timeout=60)[0])
    output = command.communicate(timeout=60)[0]
    assert command.returncode == 0, output
    assert result["failure"]["code"] == "config_changed_meanwhile"
    assert level(config) == "error"
    assert sorted(path.name for path in config.parent.glob("*.lock")) == []
