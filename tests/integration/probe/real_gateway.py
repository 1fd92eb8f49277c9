# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the real Gateway of a release (fetched where the lab's cache lacks it) in a home of its own, and the module."""
import getpass
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/lab"))

from lablib import cache
from lablib.paths import DEFAULT_OPENCLAW

TOKEN = "integration-token-0123456789abcdef"


class RealGateway:
    """One Gateway on a port of its own. `start` and `stop` as often as needed; `configure` writes openclaw.json."""

    def __init__(self, home, version=DEFAULT_OPENCLAW):
        self.home = home
        self.state_dir = home / ".openclaw"
        self.config = self.state_dir / "openclaw.json"
        node, release = cache.ensure(version, print)
        self.node, self.entry = node / "bin/node", release / "lib/node_modules/openclaw/dist/index.js"
        #: An older OpenClaw does not start on what a newer one has written.
        self.version = version
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        self.process = None
        #: Further variables of its environment.
        self.environment = {}
        self.state_dir.mkdir(mode=0o700, parents=True)
        (home / "tmp").mkdir()
        self.configure({"mode": "token", "token": TOKEN})

    def configure(self, auth, **more):
        """Replace openclaw.json atomically, as every writer should."""
        gateway = dict({"mode": "local", "port": self.port, "bind": "loopback", "auth": auth}, **more)
        self.write(json.dumps({"meta": {"lastTouchedVersion": self.version}, "gateway": gateway}))

    def write(self, text):
        fresh = self.state_dir / "openclaw.json.new"
        fresh.write_text(text)
        fresh.chmod(0o600)
        fresh.replace(self.config)

    def start(self):
        env = {"HOME": str(self.home), "PATH": "%s:/usr/bin:/bin" % self.node.parent, "TMPDIR": str(self.home / "tmp"),
               "DO_NOT_TRACK": "1", **self.environment}
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.node), str(self.entry), "gateway", "--port", str(self.port)],
                env=env, cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def signal(self, number):
        """Send a signal to the Gateway and its helpers, which have a session of their own."""
        os.killpg(self.process.pid, number)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.process.wait(10)


def run_module(collections, check=False, verbose=False, **options):
    """Run the module as Ansible runs it; return (result mapping, whole output)."""
    folder = collections / "ansible_collections/clawops"
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / "openclaw").symlink_to(ROOT)
        (collections / "ansible.cfg").write_text("")
    command = Path(sys.executable).with_name("ansible")
    argv = [str(command if command.exists() else shutil.which("ansible")), "localhost", "-i", "localhost,",
            "-c", "local", "-m", "clawops.openclaw.openclaw_probe",
            "-a", json.dumps(dict({"user": getpass.getuser()}, **options)),
            "-e", json.dumps({"ansible_python_interpreter": sys.executable})]
    argv += ["--check"] * check + ["-vvvv"] * verbose
    env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(collections), ANSIBLE_CONFIG=str(collections / "ansible.cfg"),
               ANSIBLE_NOCOLOR="1",
               ANSIBLE_LOAD_CALLBACK_PLUGINS="1", ANSIBLE_STDOUT_CALLBACK="ansible.builtin.minimal", LC_ALL="C.UTF-8",
               ANSIBLE_HOME=str(collections / "home"))
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                          check=False)
    text = done.stdout + done.stderr
    start = re.search(r"^localhost \| (\S+) => (?=\{)", done.stdout, re.MULTILINE)
    assert start, text
    result = json.JSONDecoder().raw_decode(done.stdout[start.end():])[0]
    return dict(result, failed=start.group(1) == "FAILED!"), text
