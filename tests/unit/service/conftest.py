# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Mac for the service room: accounts, directories, a launchctl of a table, and a launchctl of the launchd double."""

import collections
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import pytest

# Fixtures of the tests here; only what this file names is one.
from moving import mover  # noqa: F401 (fixtures)  # pylint: disable=unused-import
from scripted import play  # noqa: F401 (fixtures)  # pylint: disable=unused-import

HERE = pathlib.Path(__file__).parent
LAB = HERE.parents[1] / "lab"

Account = collections.namedtuple("Account", "name uid gid home")


def golden(name):
    return (HERE / "golden" / (name + ".txt")).read_text(encoding="utf-8")


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


class Mac:
    """A directory that stands for a Mac's file system, with one account in it."""

    def __init__(self, root, uid, gid):
        self.root = root
        self.daemons = root / "Library/LaunchDaemons"
        self.home = root / "Users/openclaw"
        self.agents = self.home / "Library/LaunchAgents"
        for directory in (self.daemons, self.home / ".openclaw"):
            directory.mkdir(parents=True)
        self.account = Account("openclaw", uid, gid, str(self.home))
        for path in (self.home, self.home / ".openclaw"):
            os.chown(path, uid, gid)

    def tree(self):
        """Every path with what can be seen of it, to show that nothing has changed."""
        return {
            str(path.relative_to(self.root)): (
                path.lstat().st_mode,
                path.lstat().st_uid,
                path.lstat().st_mtime_ns,
                path.read_bytes() if path.is_file() else None,
            )
            for path in sorted(self.root.rglob("*"))
        }


@pytest.fixture
def own_mac(tmp_path):
    """A Mac whose account is that of the tests."""
    return Mac(tmp_path, os.geteuid(), os.getegid())


class Launchd:
    """The launchd double of the lab, running by itself below a directory."""

    def __init__(self, mac, record, knobs):
        self.mac = mac
        self.record = record
        environment = {"PYTHONPATH": str(LAB), "PATH": os.environ["PATH"]}
        address = record / "launchd.sock"
        self.launchctl = record / "launchctl"
        self.launchctl.write_text(
            '#!/bin/sh\nexport PYTHONPATH=%s LAUNCHD_DOUBLE_SOCKET=%s\nexec %s -S -m launchd_double.launchctl "$@"\n'
            % (LAB, address, sys.executable)
        )
        self.launchctl.chmod(0o755)
        reading, writing = os.pipe()
        command = [sys.executable, "-m", "launchd_double", "--record", str(record), "--socket", str(address)]
        command += ["--root", str(mac.root), "--ready-fd", str(writing), "--until-eof"]
        for knob in knobs:
            command += ["--profile", knob[8:]] if knob.startswith("profile=") else ["--set", knob]
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as stream:
            assert stream.read() == "ready\n"

    def control(self, *words):
        """Let something happen to the Mac; returns the double's answer."""
        answer = self._ask("ctl.sock", {"verb": words[0], "words": words[1:]})
        assert answer.pop("ok"), answer
        return answer

    def run(self, argv, timeout):
        """What launchctl would answer, without the price of a process for each question."""
        answer = self._ask("launchd.sock", {"argv": argv[1:], "cwd": "/", "tty": False, "ssh": False})
        return answer["rc"], answer["stdout"], answer["stderr"]

    def _ask(self, name, message):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.connect(str(self.record / name))
            sock.sendall(json.dumps(message).encode() + b"\n")
            return json.loads(b"".join(iter(lambda: sock.recv(65536), b"")).decode())

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def launchd(request):
    """A Mac with the double for launchd and an account of its own; C(.mac), C(.launchctl), C(.control())."""
    if os.geteuid() != 0:
        pytest.skip("a launchd that starts jobs of another account needs root")
    top = pathlib.Path(tempfile.mkdtemp(prefix="launchd-"))
    top.chmod(0o755)
    mac = Mac(top / "mac", 5020, 5020)
    (mac.root / "etc").mkdir()
    passwd = "root:x:0:0::/var/root:/bin/sh\nopenclaw:x:5020:5020::/Users/openclaw:/bin/sh\n"
    (mac.root / "etc/passwd").write_text(passwd)
    (mac.root / "etc/group").write_text("wheel:x:0:\nopenclaw:x:5020:\n")
    (top / "record").mkdir()
    double = Launchd(mac, top / "record", ("time_scale=0.02", "teardown_lag_ms=100") + getattr(request, "param", ()))
    yield double
    double.close()
    shutil.rmtree(str(top))
