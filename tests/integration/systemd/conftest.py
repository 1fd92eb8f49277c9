# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Linux host with a real systemd, and openclaw_service run on it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/lab"))

from lablib import cache, paths
from lablib.linux import ACCOUNT, HOME, LinuxHost

#: A program that tells in a file what it was started with, then runs on; the word after it says otherwise.
PROGRAM = """#!/usr/bin/python3
import json, os, resource, signal, sys, time
with open(sys.argv[1], "w") as file:
    json.dump({"pid": os.getpid(), "words": sys.argv[2:], "environment": dict(os.environ), "directory": os.getcwd(),
               "umask": os.umask(0), "files": resource.getrlimit(resource.RLIMIT_NOFILE)}, file)
print("started", flush=True)
for word in sys.argv[2:]:
    if word.startswith("exit="):
        sys.exit(int(word[5:]))
    if word == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(1000)
"""
#: Where npm puts a package for the whole host.
PACKAGE = "/usr/local/lib/node_modules/openclaw"
#: A systemctl that waits to see its caller killed when it is to do one thing: the power goes in the middle of a run.
DEADLY = """#!/bin/sh
for word in "$@"; do [ "$word" = VERB ] && echo $PPID $$ >/tmp/doomed && exec sleep 1000; done
exec /usr/bin/systemctl "$@"
"""


class Runner:
    """run_module.py on the host, started anew after each boot."""

    def __init__(self, host):
        self.host, self.pid, self.process = host, None, None

    def ask(self, uid, options):
        self.begin(uid, options)
        return self.answer()

    def begin(self, uid, options):
        if self.pid != self.host.pid:
            self.close()
            argv = self.host.argv(sys.executable, str(ROOT / "tests/integration/systemd/run_module.py"))
            self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.pid = self.host.pid
        self.process.stdin.write(json.dumps({"uid": uid, "options": options}) + "\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(20)
            self.process.stdout.close()
            self.process = None


class Service:
    """openclaw_service for one label on the host."""

    def __init__(self, host, runner, label):
        self.host, self.runner, self.label = host, runner, label
        self.unit = label + ".service"
        self.told = f"{HOME}/{label}.json"

    def path(self, *parts):
        """A path of the account's units on the host."""
        return self.host.root.joinpath(HOME[1:], ".config/systemd/user", *parts)

    def options(self, words):
        program = ["/opt/program", self.told, *words]
        return {"program_arguments": program, "working_directory": HOME, "settle": 0.3}

    def given(self, state="started", *, words=(), uid=0, **others):
        """What the runner is asked for; C(words=None) declares nothing."""
        options = {} if words is None else self.options(words)
        return uid, {"user": ACCOUNT, "label": self.label, "state": state, **options, **others}

    def __call__(self, *positional, **options):
        """Run the module; return its result."""
        return json.loads(self.runner.ask(*self.given(*positional, **options)))

    def killed(self, verb, **options):
        """Run the module and kill it when it is about to have systemctl do C(verb)."""
        doomed = self.host.root / "tmp/doomed"
        self.runner.begin(*self.given(systemctl=f"/opt/deadly-{verb}/systemctl", **options))
        while not (doomed.exists() and doomed.read_text().strip()):
            time.sleep(0.02)
        # The one that waits keeps a pipe open, so it goes, too.
        self.host.run("kill", "-9", *doomed.read_text().split())
        doomed.unlink()
        assert self.runner.answer() == ""

    def refused(self, code, *positional, **options):
        """Run the module, which must fail so; return the failure."""
        result = self(*positional, **options)
        assert result.get("failure", {}).get("code") == code, result
        return result["failure"]

    def foretold(self, *positional, **options):
        """Run the module in check mode, then for real; both must say the same, and a third run nothing."""
        foreseen = self(*positional, _ansible_check_mode=True, **options)
        done = self(*positional, **options)
        assert "failure" not in done, done
        for key in ("changed", "actions", "diff", "restarted", "reload_reasons", "plist"):
            assert foreseen[key] == done[key], key
        again = self(*positional, **options)
        assert not again["changed"] and again["actions"] == [] and again["diff"] == [], again
        assert again["job"]["pid"] == done["job"]["pid"]
        return done

    def show(self, name):
        """One property of the unit, as its manager tells it."""
        return self.host.systemctl("show", "--value", "--property=" + name, self.unit).stdout.strip()

    def process(self):
        """What the present process has told of itself."""
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError, ValueError):
                told = json.loads(self.host.root.joinpath(self.told[1:]).read_text())
                if str(told["pid"]) == self.show("MainPID"):
                    return told
            assert time.monotonic() < deadline, "the process tells nothing"
            time.sleep(0.05)


@pytest.fixture(scope="session")
def host():
    openclaw = paths.DEFAULT_OPENCLAW
    node, release = cache.ensure(openclaw, print)
    place = Path(tempfile.mkdtemp(prefix="linux-host-"))
    host = LinuxHost(place, [(str(node), "/opt/node"), (str(release / "lib/node_modules/openclaw"), PACKAGE)])
    program = host.upper / "opt/program"
    program.parent.mkdir(exist_ok=True)
    program.write_text(PROGRAM)
    program.chmod(0o755)
    for verb in ("daemon-reload", "restart"):
        tools = host.upper / "opt" / ("deadly-" + verb)
        tools.mkdir()
        (tools / "systemctl").write_text(DEADLY.replace("VERB", verb))
        (tools / "systemctl").chmod(0o755)
        (tools / "loginctl").symlink_to("/usr/bin/loginctl")
    try:
        host.boot()
        yield host
    finally:
        host.close()


@pytest.fixture(scope="session")
def runner(host):
    runner = Runner(host)
    yield runner
    runner.close()


@pytest.fixture
def service(host, runner, request):
    """A label of this test's own, whose unit is gone afterwards."""
    service = Service(host, runner, "lab." + request.node.name.partition("[")[0].replace("_", "-"))
    yield service
    service("absent", words=None)
