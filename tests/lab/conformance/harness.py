# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A launchctl to test: the double's, in a scratch root, or a real Mac's named by LAUNCHCTL."""

import contextlib
import itertools
import json
import os
import plistlib
import shutil
import subprocess
import sys
import tempfile
import time

LAB = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, LAB)

from launchd_double import launchctl as client  # noqa: E402
from launchd_double import profiles  # noqa: E402

PROFILES = tuple(sorted(profiles.PROFILES))
#: The client that hosts of the lab have: Perl's where there is a Perl. run_as() is Python's everywhere.
PERL = shutil.which("perl")
STUB = """#!/bin/sh
LAUNCHD_DOUBLE_SOCKET={socket} exec {perl} {lab}/launchd_double/launchctl.pl "$@"
""" if PERL else """#!{python} -IS
import sys
sys.path.insert(0, {lab!r})
from launchd_double.launchctl import main
sys.exit(main(sys.argv[1:], {socket!r}))
"""
PASSWD = """root:*:0:0:System Administrator:/private/var/root:/bin/sh
admin:*:501:20:Admin:/Users/admin:/bin/sh
claw:*:502:20:Claw:/Users/claw:/bin/sh
_openclaw:*:503:20:Gateway:/Users/_openclaw:/bin/sh
"""
GROUP = "wheel:*:0:root\nstaff:*:20:root\nadmin:*:80:admin,_openclaw\n"
_serial = itertools.count(1)


class Result:
    def __init__(self, rc, out, err):
        self.rc, self.out, self.err = rc, out, err

    def __repr__(self):
        return "rc=%s out=%r err=%r" % (self.rc, self.out, self.err)


def wait_for(condition, seconds=60.0, what="condition"):
    """The first true value of condition(); fails the test after *seconds*."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "%s did not come true within %s s" % (what, seconds)
        time.sleep(0.01)


class Mac:
    """What both kinds share: run launchctl, write plists with labels nobody else uses."""

    launchctl = None
    directory = None

    def run(self, *argv, cwd=None):
        done = subprocess.run([self.launchctl, *argv], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              cwd=cwd, timeout=120, check=False)
        return Result(done.returncode, done.stdout, done.stderr)

    def label(self):
        return "ai.openclaw.conformance.%d.%d" % (os.getpid(), next(_serial))

    def plist(self, label=None, directory=None, mode=0o644, owner=None, raw=None, **keys):
        """Write a plist; returns (label, path). Program defaults to a long sleep."""
        label = label or self.label()
        data = {"Label": label}
        if "Program" not in keys and "ProgramArguments" not in keys:
            data["ProgramArguments"] = ["/bin/sleep", "600"]
        data.update(keys)
        path = os.path.join(directory or self.directory, label + ".plist")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(plistlib.dumps({k: v for k, v in data.items() if v is not None}) if raw is None else raw)
        os.chmod(path, mode)
        if owner is not None:
            os.chown(path, owner, -1)
        return label, path


class Double(Mac):
    """One running double with its own root, record directory and launchctl."""

    def __init__(self, profile=26, boot=False, root=None, **knobs):
        self.profile = profile
        self.directory = root or tempfile.mkdtemp(prefix="launchd-double-")
        os.chmod(self.directory, 0o755)
        self.root = os.path.join(self.directory, "root")
        self.record = os.path.join(self.directory, "record")
        self.socket = os.path.join(self.directory, "launchd.sock")
        self.launchctl = os.path.join(self.directory, "launchctl")
        self.daemons = os.path.join(self.root, "Library/LaunchDaemons")
        self.knobs = dict({"time_scale": 0.05, "teardown_lag_ms": 20}, **knobs)
        for path in (self.record, os.path.join(self.root, "etc"), self.daemons):
            os.makedirs(path, exist_ok=True)
        self._text(os.path.join(self.root, "etc/passwd"), PASSWD)
        self._text(os.path.join(self.root, "etc/group"), GROUP)
        self._text(self.launchctl, STUB.format(python=sys.executable, perl=PERL, lab=LAB, socket=self.socket), 0o755)
        self.process = None
        self.start(boot)

    @staticmethod
    def _text(path, text, mode=0o644):
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.chmod(path, mode)

    def home(self, user):
        path = os.path.join(self.root, "Users", user)
        os.makedirs(os.path.join(path, "Library/LaunchAgents"), exist_ok=True)
        return path

    def agents(self, user):
        return os.path.join(self.home(user), "Library/LaunchAgents")

    def start(self, boot=False, environment=None):
        ready_read, ready_write = os.pipe()
        argv = [sys.executable, "-m", "launchd_double", "--record", self.record, "--socket", self.socket,
                "--root", self.root, "--profile", str(self.profile), "--ready-fd", str(ready_write), "--until-eof"]
        for name, value in self.knobs.items():
            argv += ["--set", "%s=%s" % (name, value)]
        environment = dict(environment or {}, PATH=os.environ["PATH"])
        self.process = subprocess.Popen(argv + (["--boot"] if boot else []), cwd=LAB, stdin=subprocess.PIPE,
                                        env=environment, pass_fds=[ready_write])
        os.close(ready_write)
        with open(ready_read, "rb") as stream:
            assert stream.read() == b"ready\n", "the double did not come up"

    def stop(self):
        """Orderly; returns the exit code."""
        if self.process is None:
            return None
        self.process.terminate()
        code = self.process.wait(30)
        self.process.stdin.close()
        self.process = None
        return code

    def power_cut(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process = None

    def close(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def run_as(self, uid, *argv, gid=20):
        """launchctl as another uid: forks, because the interpreter may be out of that uid's reach."""
        if uid == os.geteuid():
            return self.run(*argv)
        pipes = [os.pipe(), os.pipe()]
        pid = os.fork()
        if pid == 0:
            try:
                os.setgroups([])
                os.setgid(gid)
                os.setuid(uid)
                os.chdir("/")
                for number, (_read, write) in enumerate(pipes, 1):
                    os.dup2(write, number)
                os.environ.pop("SSH_CONNECTION", None)
                os._exit(client.main(list(argv), self.socket))
            finally:
                os._exit(99)
        texts = []
        for _read, write in pipes:
            os.close(write)
        for read, _write in pipes:
            with open(read, encoding="utf-8") as stream:
                texts.append(stream.read())
        _pid, status = os.waitpid(pid, 0)
        return Result(os.WEXITSTATUS(status), *texts)

    def ctl(self, verb, *words):
        """The answer of the controlling side. Fails the test when it refuses."""
        answer = client.ask(os.path.join(self.record, "ctl.sock"), {"verb": verb, "words": [str(w) for w in words]})
        assert answer["ok"], answer
        return answer

    def boot_all_out(self):
        """Every job gone, every fault cleared; logins and settings stay."""
        self.ctl("clear")
        for name, jobs in self.ctl("status")["domains"].items():
            for label, job in jobs.items():
                client.ask(self.socket, {"argv": ["bootout", "%s/%s" % (name, label)]})
                if job["pid"]:
                    client.ask(self.socket, {"argv": ["kill", "KILL", "%s/%s" % (name, label)]})

    def _lines(self, name):
        with open(os.path.join(self.record, name), encoding="utf-8") as stream:
            return stream.read().splitlines()

    def events(self, event=None, label=None):
        rows = [json.loads(line) for line in self._lines("events.jsonl")]
        return [row for row in rows if (event is None or row["event"] == event)
                and (label is None or row.get("target", "").endswith("/" + label))]

    def calls(self):
        return [json.loads(line) for line in self._lines("calls.jsonl")]

    def unified(self):
        return "\n".join(self._lines("unified.log"))

    def field(self, target, key):
        """One top-level field of print, read the plain way."""
        start = "\t%s = " % key
        for line in self.run("print", target).out.splitlines():
            if line.startswith(start):
                return line[len(start):]
        return None

    def load_stubborn(self, domain="system", **keys):
        """As load, for a job that ignores SIGTERM and is seen to do so before this returns."""
        label = keys.pop("label", None) or self.label()
        log = os.path.join(self.directory, label + ".up")
        self._text(log, "", 0o666)
        script = "trap '' TERM; echo up; while :; do sleep 0.02; done"
        self.load(domain, label=label, ProgramArguments=["/bin/sh", "-c", script], RunAtLoad=True,
                  StandardOutPath=log, **keys)
        wait_for(lambda: os.path.getsize(log), what="trap of " + label)
        return label

    def load(self, domain="system", **keys):
        """Write, own and bootstrap a job as root; returns its label."""
        label, path = self.plist(**keys)
        result = self.run("bootstrap", domain, path)
        assert result.rc == 0, result
        return label


class RealMac(Mac):
    """The machine's own launchd. Only labels of label(), all booted out at the end."""

    def __init__(self, launchctl):
        self.launchctl = launchctl
        self.directory = tempfile.mkdtemp(prefix="openclaw-conformance-")
        self._labels = []
        self.domain = self._domain()

    def _domain(self):
        uid = os.getuid()
        if uid == 0:
            return "system"
        gui = "gui/%d" % uid
        return gui if self.run("print", gui).rc == 0 else "user/%d" % uid

    def label(self):
        self._labels.append(super().label())
        return self._labels[-1]

    def plist(self, *args, **keys):
        if self.domain.startswith("user/"):
            keys.setdefault("LimitLoadToSessionType", "Background")
        return super().plist(*args, **keys)

    def close(self):
        for label in self._labels:
            with contextlib.suppress(Exception):
                self.run("bootout", "%s/%s" % (self.domain, label))
        shutil.rmtree(self.directory, ignore_errors=True)
