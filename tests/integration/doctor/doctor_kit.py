# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with the real OpenClaw of one release, and openclaw_doctor as Ansible runs it on it."""
import contextlib
import getpass
import hashlib
import json
import os
import plistlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/lab"))

from lablib import cache

RELEASES = ("2026.6.1", "2026.7.1", "2026.9.6")
LABEL = "ai.openclaw.gateway"
#: Planted wherever a secret can be; none may be in any output.
TOKEN, DOTENV, SERVICE = ("canary-%s-0123456789abcdef" % place for place in ("token", "dotenv", "service"))
CANARIES = (TOKEN, DOTENV, SERVICE)
#: Seconds for a Gateway to start: 10 on a quiet machine.
PATIENCE = 240


class Patient:
    """:ivar state: its state directory. :ivar config: its openclaw.json."""

    def __init__(self, version, scratch):
        self.version, self.scratch = version, scratch
        node, release = cache.ensure(version, print)
        self.node, self.openclaw = node / "bin/node", release / "bin/openclaw"
        self.state = scratch / "home/.openclaw"
        self.config, self.log = self.state / "openclaw.json", scratch / "gateway.log"
        self.daemons = scratch / "daemons"
        self.state.mkdir(mode=0o700, parents=True)
        for directory in (self.daemons, scratch / "tmp", scratch / "agents", scratch / "collections"):
            directory.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        self.process = None
        (self.state / ".env").write_text("OPENAI_API_KEY=%s\n" % DOTENV)
        (self.state / ".env").chmod(0o600)
        self.write(self.settings())
        self.define()

    def settings(self, **gateway):
        """A configuration in order, as a mapping. The log of its own lies where no other Gateway of a test writes."""
        auth = {"mode": "token", "token": TOKEN}
        return {
            "meta": {"lastTouchedVersion": self.version},
            "logging": {"file": str(self.scratch / "own.log")},
            # The first heartbeat comes at any moment of half an hour, and makes the agent's directories.
            "agents": {"defaults": {"heartbeat": {"every": "0m"}}},
            "gateway": dict({"mode": "local", "port": self.port, "bind": "loopback", "auth": auth}, **gateway),
        }

    def write(self, config):
        self.config.write_text(config if isinstance(config, str) else json.dumps(config))
        self.config.chmod(0o600)

    def define(self, program=None):
        """Write the definition of the service, with a program that names the right Node or another one."""
        environment = {"HOME": str(self.scratch / "home"), "ANTHROPIC_API_KEY": SERVICE}
        (self.daemons / "gateway.plist").write_bytes(plistlib.dumps({
            "Label": LABEL, "StandardOutPath": str(self.log), "EnvironmentVariables": environment,
            "ProgramArguments": program or [str(self.node), str(self.openclaw), "gateway", "run"],
        }))  # fmt: skip

    def start(self):
        environment = {"HOME": str(self.scratch / "home"), "PATH": "%s:/usr/bin:/bin" % self.node.parent,
                       "TMPDIR": str(self.scratch / "tmp"), "DO_NOT_TRACK": "1"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.node), str(self.openclaw.resolve()), "gateway", "run", "--port", str(self.port)],
                env=environment, cwd=self.scratch, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)  # fmt: skip

    def wait_ready(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen("http://127.0.0.1:%d/readyz" % self.port, timeout=5) as answer:
                    if b'"ready":true' in answer.read():
                        return
            except OSError:
                pass
            time.sleep(0.3)
        raise AssertionError(self.log.read_text()[-2000:])

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)

    def bytes_of_the_host(self):
        """Every file of the host: path -> mode, size, time of change of its data, digest."""
        found = {}
        for path in sorted(path for where in ("home/**/*", "tmp/**/*", "*.log") for path in self.scratch.glob(where)):
            # A live Gateway moves files while they are looked at.
            with contextlib.suppress(FileNotFoundError):
                status = path.lstat()
                digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
                found[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns, digest)
        return found

    def settled_bytes(self, apart_from):
        """The same without files of such endings, once nothing changes any more: a Gateway that has begun writes."""
        end, before = time.monotonic() + 120, None
        while True:
            now = {path: seen for path, seen in self.bytes_of_the_host().items() if not path.endswith(apart_from)}
            if now == before:
                return now
            assert time.monotonic() < end
            before = now
            time.sleep(3)

    def paired(self):
        """What the Gateway knows of devices."""
        known = [path.read_text() for path in sorted(self.state.glob("devices/*.json"))]
        database = self.state / "state/openclaw.sqlite"
        if database.exists():
            with sqlite3.connect("file:%s?mode=ro" % database, uri=True) as connection:
                tables = [row[0] for row in connection.execute("select name from sqlite_master where type='table'")]
                known += [sorted(map(repr, connection.execute("select * from %s" % table)))
                          for table in sorted(tables) if table.startswith("device")]  # fmt: skip
        return known

    def doctor(self, check=False, **options):
        """Run the module as Ansible runs it; returns its result. No canary is in anything that is said."""
        folder = self.scratch / "collections/ansible_collections/clawops"
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "openclaw").symlink_to(ROOT)
            (self.scratch / "ansible.cfg").write_text("")
        options = dict({
            "user": getpass.getuser(), "state_dir": str(self.state), "openclaw": str(self.openclaw),
            "launch_daemons_dir": str(self.daemons), "launch_agents_dir": str(self.scratch / "agents"),
        }, **options)  # fmt: skip
        command = Path(sys.executable).with_name("ansible")
        argv = [str(command if command.exists() else shutil.which("ansible")), "localhost", "-i", "localhost,",
                "-c", "local", "-m", "clawops.openclaw.openclaw_doctor", "-a", json.dumps(options), "-vvvv",
                "-e", json.dumps({"ansible_python_interpreter": sys.executable})] + ["--check"] * check  # fmt: skip
        environment = dict(
            os.environ, ANSIBLE_COLLECTIONS_PATH=str(self.scratch / "collections"),
            ANSIBLE_CONFIG=str(self.scratch / "ansible.cfg"), ANSIBLE_NOCOLOR="1", ANSIBLE_LOAD_CALLBACK_PLUGINS="1",
            ANSIBLE_STDOUT_CALLBACK="ansible.builtin.minimal", LC_ALL="C.UTF-8",
            ANSIBLE_HOME=str(self.scratch / "ansible"),
        )  # fmt: skip
        before = set(os.listdir("/tmp"))
        done = subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=900, check=False)  # fmt: skip
        text = done.stdout + done.stderr
        assert [canary for canary in CANARIES if canary in text] == []
        left = [name for name in set(os.listdir("/tmp")) - before if name.startswith("openclaw-doctor-")]
        # Another run's copy may be there until its judges have been heard.
        deadline = time.monotonic() + 300
        while any(os.path.exists("/tmp/" + name) for name in left) and time.monotonic() < deadline:
            time.sleep(1)
        assert [name for name in left if os.path.exists("/tmp/" + name)] == []
        start = re.search(r"^localhost \| (\S+) => (?=\{)", done.stdout, re.MULTILINE)
        assert start, text
        result = json.JSONDecoder().raw_decode(done.stdout[start.end():])[0]
        assert not result["changed"]
        return result


def checks(result, judge):
    """Checks that a judge found something in, by their severity."""
    return {one["check"].rsplit("core/doctor/", 1)[-1]: one["severity"]
            for one in result["findings"] if one["judge"] == judge}  # fmt: skip
