# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's launchctl, in a scratch root."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

LAB = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [LAB, os.path.join(LAB, "conformance")]

from launchd_double import launchctl as client
from launchd_double import profiles
from mac import Mac, Result, wait_for  # noqa: F401 (others import it from here)

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
        self.domain, self.scale = "system", self.knobs["time_scale"]
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
