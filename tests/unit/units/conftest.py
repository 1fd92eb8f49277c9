# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Linux host for the room of units: an account, directories, and a systemd that follows a table."""

import collections
import os

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act
from ansible_collections.clawops.openclaw.plugins.module_utils._units import (
    definition,
    observe,
    place,
    service,
    systemctl,
)

Account = collections.namedtuple("Account", "name uid gid home")

#: What systemd shows of a unit that it does not know.
NOTHING = {"LoadState": "not-found", "ActiveState": "inactive", "SubState": "dead", "Result": "success", "MainPID": "0"}


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Host:
    """One account, one unit, and what systemd answers: C(self.shown), and C(self.answers) by verb."""

    def __init__(self, root, scope="daemon"):
        home = root / "home"
        (home / ".openclaw").mkdir(parents=True)
        for name in ("linger", "run", "system"):
            (root / name).mkdir(parents=True)
        self.account = Account("openclaw", os.geteuid(), os.getegid(), str(home))
        self.place = place.place(
            scope, "x", self.account, str(root / "linger"), str(root / "run"), (str(root / "system"),)
        )
        self.shown = dict(NOTHING)
        self.answers = {}
        self.calls = []
        #: Environment of the process.
        self.process = {}
        self.clock = Clock()

    def declared(self, **options):
        given = {
            "label": "x", "program_arguments": ["/bin/sh", "-c", "true"], "working_directory": self.account.home,
            "log_path": self.account.home + "/log", "environment": {}, "throttle_interval": 30, "exit_timeout": 30,
            "soft_file_limit": 10240, "hard_file_limit": 10240, "umask": "077", "process_type": "Interactive",
        }  # fmt: skip
        given.update(options)
        return definition.definition(given, "openclaw", self.account.home, self.account.home + "/.openclaw")

    def holds(self, declared, **others):
        """Let systemd hold a definition, as systemctl shows it."""
        words = " ".join(declared["ExecStart"])
        variables = " ".join("%s=%s" % pair for pair in declared["Environment"].items())
        self.shown.update(
            NOTHING, LoadState="loaded", FragmentPath=self.place.unit, Type="exec",
            ExecStart="{ path=/bin/sh ; argv[]=%s ; ignore_errors=no ; start_time=[n/a] }" % words,
            Environment=variables, WorkingDirectory=declared["WorkingDirectory"], Restart="always", RestartUSec="5s",
            RestartPreventExitStatus="78", TimeoutStopUSec="30s", StartLimitIntervalUSec="5min", StartLimitBurst="10",
            KillMode="mixed", UMask="0077", StandardOutput="append", StandardError="append", LimitNOFILE="10240",
            LimitNOFILESoft="10240",
        )  # fmt: skip
        self.shown.update(others)

    def run(self, argv, timeout, environment, user):
        words = [word for word in argv[1:] if not word.startswith("--")]
        assert "TOKEN" not in str(environment) and timeout >= systemctl.TIMEOUT
        self.calls.append(" ".join(words[:1]))
        answer = self.answers.get(words[0])
        if callable(answer):
            answer = answer()
        if answer is not None:
            return answer
        if words[0] == "show":
            return 0, "".join("%s=%s\n" % pair for pair in self.shown.items()), ""
        return 0, "", ""

    def __call__(self, state="started", declared=None, check_mode=False):
        systemd = systemctl.Systemd("/usr/bin/systemctl", self.place, self.run)
        return service.converge(
            systemd, self.place, state, declared, self.account.home + "/.openclaw", act.Patience(3, 1), check_mode,
            self.clock,
        )  # fmt: skip


def _made(root, scope, monkeypatch):
    host = Host(root, scope)
    monkeypatch.setattr(observe, "environment_of", lambda pid: host.process)
    return host


@pytest.fixture
def host(tmp_path, monkeypatch):
    return _made(tmp_path / "host", "daemon", monkeypatch)


@pytest.fixture
def agent(tmp_path, monkeypatch):
    return _made(tmp_path / "agent", "agent", monkeypatch)
