# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service room at work on a launchd double, with a person who gets in its way between any two of its calls.

Time of the room and time of the double are scaled alike, and the room's passes only while it sleeps: it never gives up
early because the machine that runs the tests is busy.
"""

import collections
import contextlib
import json
import os
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab" / "conformance"))

import harness
from ansible_collections.clawops.openclaw.plugins.module_utils._service import (
    act,
    plist,
    service,
    target,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl

#: Where launchd keeps which labels are disabled.
STORE = "private/var/db/com.apple.xpc.launchd"
LABEL = "ai.openclaw.gateway"
SCALE = 0.04
Account = collections.namedtuple("Account", "name uid gid home")
#: What a Gateway may be like: one that does as it is told, one that wants to be killed, one that says goodbye, one that
#: cannot start, one that is not installed.
PROGRAMS = {
    "steady": ["/bin/sleep", "600"],
    "stubborn": ["/bin/sh", "-c", "trap '' TERM; exec sleep 600"],
    "polite": ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait"],
    "dying": ["/bin/sh", "-c", "exit 3"],
    "missing": ["/nonexistent/bin/node", "gateway"],
}
DOMAINS = {"daemon": "system", "agent": "gui/502"}


class Clock:
    """Passes while somebody sleeps, and the double's time passes with it."""

    def __init__(self, scale):
        self._scale = scale
        self._now = 1000.0

    def monotonic(self):
        return self._now

    def sleep(self, seconds):
        time.sleep(seconds * self._scale)
        self._now += seconds


class Hands:
    """A Mac of a release with the account claw, and what is done on it.

    :param knobs: of the double.
    """

    def __init__(self, profile, **knobs):
        knobs = dict({"time_scale": SCALE, "teardown_lag_ms": int(300 * SCALE)}, **knobs)
        self.double = harness.Double(profile, **knobs)
        self.home = self.double.home("claw")
        self.account = Account("claw", 502, 20, self.home)
        self.agents = self.double.agents("claw")
        self.state_dir = os.path.join(self.home, ".openclaw")
        os.mkdir(self.state_dir)
        for row in os.walk(self.home):
            os.chown(row[0], 502, 20)
        #: Verb -> seconds (real) after which launchctl counts as one that does not answer, where it is made not to.
        self.patience = {}
        #: Words of launchctl -> what happens before that call; or number of the call -> the same.
        self.before = {}
        self.happened = False
        self.calls = []
        self._is_user = False

    def close(self):
        self.double.close()

    # -- the room ----------------------------------------------------------------------------------

    def place(self, scope, label=LABEL):
        return target.target(scope, label, self.account, self.double.daemons, self.agents)

    def definition(self, scope, program="steady", throttle=30, exit_timeout=5, label=LABEL):
        values = {
            "label": label,
            "program_arguments": PROGRAMS[program],
            "working_directory": self.state_dir,
            "environment": {},
            "throttle_interval": throttle,
            "exit_timeout": exit_timeout,
            "log_path": os.path.join(self.home, "Library/Logs/openclaw/gateway.log"),
            "soft_file_limit": 1024,
            "hard_file_limit": 1024,
            "umask": "077",
            "process_type": "Interactive",
        }
        key = self.place(scope, label).username_key
        return plist.definition(values, "claw", self.home, self.state_dir, key)

    def converge(self, state, scope="daemon", definition=None, check=False):
        """What the module does. Raises Failure as it does."""
        self.calls, self.happened = [], False
        return service.converge(
            Launchctl("/bin/launchctl", self._run),
            self.place(scope),
            self.account,
            state,
            definition,
            act.Patience(60, 1),
            check,
            Clock(SCALE),
        )

    def _run(self, argv, timeout):
        words = tuple(argv[1:])
        self.calls.append(words)
        for key in (len(self.calls), words[0]):
            deed = self.before.pop(key, None)
            if deed:
                self._do(deed)
        try:
            return self.ask(words, self.patience.get(words[0], 60))
        except socket.timeout:
            return None, "", ""

    def ask(self, words, seconds=60):
        """(rc, stdout, stderr) of launchctl, without the price of a process."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(seconds)
            sock.connect(self.double.socket)
            sock.sendall(json.dumps({"argv": words, "cwd": "/", "tty": False, "ssh": False}).encode() + b"\n")
            answer = json.loads(b"".join(iter(lambda: sock.recv(65536), b"")).decode())
        return answer["rc"], answer["stdout"], answer["stderr"]

    @contextlib.contextmanager
    def as_the_user(self):
        """The room runs as the account itself, as the module does without become; a person's deeds stay root's."""
        groups = os.getgroups()
        self._switch(self.account.uid, self.account.gid, [])
        self._is_user = True
        try:
            yield
        finally:
            self._is_user = False
            self._switch(0, 0, groups)

    @staticmethod
    def _switch(uid, gid, groups):
        os.seteuid(0)
        os.setgroups(groups)
        os.setegid(gid)
        os.seteuid(uid)

    def _do(self, deed):
        self.happened = True
        if self._is_user:
            self._switch(0, 0, [])
        deed()
        if self._is_user:
            self._switch(self.account.uid, self.account.gid, [])

    def reset(self):
        """No job and no override, the account logged in at the screen, and a place for its log."""
        self.double.boot_all_out()
        if "com.apple.example" in self.jobs()["system"]:
            self.double.ctl("inject", "boot_out", "label=com.apple.example")
        harness.wait_for(lambda: not any(self.jobs().values()), what="end of all jobs")
        if "gui/502" not in self.jobs():
            self.double.ctl("login", 502)
        for directory in (self.double.daemons, self.agents, os.path.join(self.double.root, STORE)):
            for name in os.listdir(directory) if os.path.isdir(directory) else ():
                os.unlink(os.path.join(directory, name))
        logs = os.path.join(self.home, "Library/Logs/openclaw")
        os.makedirs(logs, exist_ok=True)
        for directory in (os.path.dirname(logs), logs):
            os.chown(directory, *self.account[1:3])

    # -- what can be seen --------------------------------------------------------------------------

    def jobs(self):
        """Domain -> label -> what the double knows of the job; the truth, whatever launchctl says."""
        return self.double.ctl("status")["domains"]

    def job(self, scope="daemon", label=LABEL):
        return self.jobs().get(DOMAINS[scope], {}).get(label)

    def plist(self, scope="daemon"):
        return self.place(scope).plist
