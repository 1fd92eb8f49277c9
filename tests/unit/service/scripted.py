# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A launchctl that follows a script: which answer comes to which words; whatever else is asked fails the test."""


import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, parsing, service, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl

LAUNCHCTL = "/bin/launchctl"
ABSENT = (113, "", 'Bad request.\nCould not find service "x" in domain for system\n')
NO_GUI = (112, "", "Bad request.\nCould not find domain for user gui: 502\n")
OK = (0, "", "")
EIO = (5, "", "Bootstrap failed: 5: Input/output error\n")
DRAINING = (37, "", "Bootstrap failed: 37: Operation already in progress\n")
HANGS = (None, "", "")


class Script:
    """Answers as told, and fails the test when it is asked anything else, or when something told was not asked.

    :param lines: (words, answer) or (words, answer, times); C(times) of None means as often as asked, at least once.
    """

    def __init__(self, lines):
        self.lines = [(line + (1,))[:3] for line in lines]
        self.position = 0
        self.used = 0

    def __call__(self, argv, timeout):
        assert argv[0] == LAUNCHCTL
        assert timeout > 0
        words = " ".join(argv[1:])
        while True:
            assert self.position < len(self.lines), "unexpected: %s" % words
            expected, answer, times = self.lines[self.position]
            if self.used and (self.used == times or (times is None and expected != words)):
                self.position += 1
                self.used = 0
                continue
            assert words == expected, "asked %r, expected %r" % (words, expected)
            self.used += 1
            return answer

    def finish(self):
        rest = self.lines[self.position + (1 if self.used else 0) :]
        assert not rest, "never asked: %r" % (rest,)
        if self.used:
            times = self.lines[self.position][2]
            assert times is None or self.used == times, "asked %d times: %r" % (self.used, self.lines[self.position])


def shown(mac, domain="system", **changes):
    """The answer of print for a job as it shall be, with changes."""
    fields = {
        "state": "running",
        "path": str(mac.daemons / "x.plist"),
        "program": "/bin/sh",
        "domain": domain,
        "minimum runtime": 30,
        "exit timeout": 30,
        "runs": 1,
        "pid": 7,
    }
    fields.update(changes)
    lines = ["\t%s = %s" % item for item in fields.items() if item[1] is not None]
    return (0, "%s/x = {\n%s\n\targuments = {\n\t\t/bin/sh\n\t}\n}\n" % (domain, "\n".join(lines)), "")


@pytest.fixture
def play(own_mac, clock, monkeypatch):
    """Runs converge on a script and returns (result, launchctl)."""
    mac = own_mac
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda *arguments: None)
    account = mac.account._replace(uid=502)

    def declared(**changes):
        definition = {"Label": "x", "ProgramArguments": ["/bin/sh"], "ThrottleInterval": 30, "ExitTimeOut": 30}
        return dict(definition, StandardOutPath=str(mac.home / "x.log"), WorkingDirectory=str(mac.home), **changes)

    def run(state, definition, lines, scope="daemon", check_mode=False, settle=1.5, **more):
        script = Script(lines)
        launchctl = Launchctl(LAUNCHCTL, script)
        place = target.target(scope, "x", account, str(mac.daemons), str(mac.agents))
        patience = act.Patience(20, settle)
        try:
            return service.converge(launchctl, place, account, state, definition, patience, check_mode, clock, **more)
        finally:
            run.actions = launchctl.actions
            script.finish()

    # What does not belong to the script: whose the log is.
    monkeypatch.setattr(service.observe.files, "lacks", lambda *arguments: [])
    run.declared, run.mac, run.clock = declared, mac, clock
    run.plist = str(mac.daemons / "x.plist")
    run.shown = lambda **changes: shown(mac, **changes)
    return run


ELSEWHERE = [("print gui/502/x", NO_GUI), ("print user/502/x", ABSENT)]
NO_OVERRIDE = ("print-disabled system", (0, "\tdisabled services = {\n\t}\n", ""))
OVERRIDE = ("print-disabled system", (0, '\tdisabled services = {\n\t\t"x" => disabled\n\t}\n', ""))
VIRGIN = ELSEWHERE + [("print system/x", ABSENT), NO_OVERRIDE]


def install(play, definition=None):
    (play.mac.daemons / "x.plist").write_bytes(parsing.render(definition or play.declared()))
    (play.mac.daemons / "x.plist").chmod(0o644)


def started(play, definition):
    """The script of a job of another definition that is loaded and running."""
    return [*ELSEWHERE, ("print system/x", play.shown(**definition)), NO_OVERRIDE]


def failing(code, play, *arguments, **keywords):
    with pytest.raises(Failure) as caught:
        play(*arguments, **keywords)
    assert caught.value.code == code
    assert caught.value.hint
    return caught.value
