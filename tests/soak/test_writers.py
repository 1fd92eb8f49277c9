# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 in the middle of a write: openclaw.json is the old or the new one, never half, never readable by others."""
import json
import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLD = """\
// kept by hand
{
  gateway: { mode: "local", port: 18789, auth: { mode: "token", token: "soak-soak-soak-soak-soak-soak" } },
  meta: { lastTouchedVersion: "2026.9.6" }, // OpenClaw's own
}
"""


class State:
    """A state directory with a configuration in it, and the module that changes its port."""

    def __init__(self, directory):
        self.directory = directory
        self.file = directory / "openclaw.json"
        directory.mkdir(mode=0o700)
        self.write(OLD)

    def write(self, text):
        self.file.write_text(text)
        self.file.chmod(0o600)

    def start(self, fatal=0):
        arguments = {
            "user": pwd.getpwuid(os.getuid()).pw_name, "state_dir": str(self.directory), "openclaw_version": "2026.9.6",
            "settings": {"gateway": {"port": 19001, "bind": "loopback"}},
        }  # fmt: skip
        return subprocess.Popen(
            [
                sys.executable, str(Path(__file__).with_name("dying.py")), str(fatal), str(self.directory),
                str(ROOT / "plugins/modules/openclaw_config.py"), json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            ],
            env=dict(os.environ, PYTHONPATH=str(ROOT / "build/collections")),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self):
        """A whole run; returns how often it touched the directory."""
        process = self.start()
        out, err = process.communicate()
        assert process.returncode == 0, out + err
        return int(err.rsplit("touched ", 1)[1])

    def loose(self):
        """Files that anybody but the owner can read."""
        return [path.name for path in self.directory.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.fixture
def new(tmp_path):
    """What the file is after a run that nobody disturbs."""
    state = State(tmp_path / "undisturbed")
    state.run()
    text = state.file.read_text()
    assert "19001" in text
    assert "kept by hand" in text
    return text


def survives(state, new):
    """What must hold whenever the writer died, and that the next run puts everything right."""
    assert state.file.read_text() in (OLD, new)
    assert state.loose() == []
    state.run()
    assert state.file.read_text() == new


def test_death_before_each_touch(tmp_path, new):
    """Not a sample: the writer dies once before every single call that touches the directory."""
    touches = State(tmp_path / "counted").run()
    assert touches > 3
    seen = set()
    for fatal in range(1, touches + 1):
        state = State(tmp_path / f"death-{fatal}")
        process = state.start(fatal)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        seen.add(state.file.read_text() == new)
        survives(state, new)
    assert False in seen, "no death came before the switch: the test has missed it"


def test_death_at_any_moment(tmp_path, new, rounds, chance):
    state = State(tmp_path / "timed")
    began = time.monotonic()
    state.run()
    whole = time.monotonic() - began
    died = 0
    for _round in range(10 * rounds):
        state.write(OLD)
        process = state.start()
        time.sleep(chance.uniform(0, 1.2 * whole))
        process.kill()
        process.communicate()
        died += process.returncode == -signal.SIGKILL
        survives(state, new)
    assert died > 0
