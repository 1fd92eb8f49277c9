# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that can stand between a job and its declaration, as a table: each is cured, or has a code, a cause and a command
of its own."""

import os
import pathlib
import plistlib
import re

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, plist, service, target, troubles
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from scripted import ABSENT, EIO, NO_GUI, NO_OVERRIDE, OK, OVERRIDE, VIRGIN, failing, install, started

ROOT = pathlib.Path(__file__).resolve().parents[3]
LABEL = "ai.openclaw.gateway"


# -- against the double: what is cured, and how ------------------------------------------------------------------------


class Job:
    """A declared job on a Mac, to be converged again after something has happened to it."""

    def __init__(self, launchd):
        self.launchd, self.mac = launchd, launchd.mac
        self.plist = self.mac.daemons / (LABEL + ".plist")

    def __call__(self, scope="daemon", state="started", definition=True, program=("/bin/sleep", "600")):
        mac = self.mac
        place = target.target(scope, LABEL, mac.account, str(mac.daemons), str(mac.agents))
        values = {
            "label": LABEL,
            "program_arguments": list(program),
            "working_directory": str(mac.home / ".openclaw"),
            "environment": {},
            "throttle_interval": 30,
            "exit_timeout": 30,
            "log_path": str(mac.home / "gateway.log"),
            "soft_file_limit": 1024,
            "hard_file_limit": 1024,
            "umask": "077",
            "process_type": "Interactive",
        }
        state_dir = str(mac.home / ".openclaw")
        declared = plist.definition(values, "openclaw", mac.account.home, state_dir, place.username_key)
        return service.converge(
            Launchctl("/bin/launchctl", self.launchd.run),
            place,
            mac.account,
            state,
            declared if definition else None,
            act.Patience(5, 0.2),
            False,
        )

    def inject(self, *words):
        self.launchd.control("inject", *words)

    def orders(self, *words):
        assert self.launchd.run(["launchctl", *words], 5)[0] == 0


@pytest.fixture
def job(launchd):
    launchd.control("login", "5020")
    return Job(launchd)


def disabled(job):
    job.orders("disable", "system/" + LABEL)


def parked_by_openclaw(job):
    """What a Gateway of 2026.9 does to its own agent when it cannot take its state over: exit code 78 would loop."""
    job.orders("disable", "system/" + LABEL)
    job.orders("bootout", "system/" + LABEL)


def draining(job):
    job.inject("teardown_lag", "seconds=1")
    job.orders("bootout", "system/" + LABEL)


def parked(job):
    pid = job.launchd.control("status")["domains"]["system"][LABEL]["pid"]
    job.inject("park", "label=" + LABEL)
    while job.launchd.control("status")["domains"]["system"][LABEL]["pid"] == pid:
        pass


def throttled(job):
    job.inject("kill_job", "label=" + LABEL)


def owned_by_a_person(job):
    os.chown(str(job.plist), 5020, 5020)


def writable_for_all(job):
    job.plist.chmod(0o666)


def unreadable_for_others(job):
    job.plist.chmod(0o600)


def symlinked(job):
    job.plist.rename(job.mac.root / "elsewhere.plist")
    job.plist.symlink_to(job.mac.root / "elsewhere.plist")


def garbled(job):
    job.plist.write_bytes(b"not a property list")


def loaded_from_elsewhere(job):
    copy = job.mac.root / "copy.plist"
    copy.write_bytes(plistlib.dumps(dict(plistlib.loads(job.plist.read_bytes()), ThrottleInterval=10)))
    job.inject("load_instead", "label=" + LABEL, "path=%s" % copy)


# What happens -> the verbs of launchctl that cure it ("": the file alone is put right), and whether it is a restart.
CURED = [
    (disabled, ["enable"], False),
    (parked_by_openclaw, ["enable", "bootstrap"], False),
    (draining, ["enable", "bootstrap"], False),
    (parked, ["kickstart"], False),
    (throttled, [], False),
    (owned_by_a_person, [], False),
    (writable_for_all, [], False),
    (unreadable_for_others, [], False),
    (symlinked, ["enable", "bootout", "bootstrap"], True),
    (garbled, ["enable", "bootout", "bootstrap"], True),
    (loaded_from_elsewhere, ["enable", "bootout", "bootstrap"], True),
]


@pytest.mark.parametrize("trouble, verbs, restarted", CURED, ids=lambda value: getattr(value, "__name__", None))
def test_cured(job, trouble, verbs, restarted):
    job()
    trouble(job)
    done = job()
    assert [line.split()[0] for line in done["actions"]] == verbs
    assert done["restarted"] is restarted and done["job"]["pid"] and not done["job"]["disabled"]
    assert not job.plist.is_symlink() and job.plist.stat().st_uid == 0 and job.plist.stat().st_mode & 0o777 == 0o644
    assert not job()["changed"]


def blocked_by_btm(job):
    job.inject("btm_block", "label=" + LABEL)


def user_gone(job):
    definition = plistlib.loads(job.plist.read_bytes())
    job.plist.write_bytes(plistlib.dumps(dict(definition, UserName="nobody-here")))


@pytest.mark.parametrize("trouble, code, says, next_command, keywords", [
    (blocked_by_btm, "spawn_refused", "does not let it run in the background", "sfltool dumpbtm", {}),
    (user_gone, "user_missing", "nobody-here", "clawops.openclaw.mac_host", {"definition": False}),
], ids=lambda value: getattr(value, "__name__", None))  # fmt: skip
def test_not_to_be_cured(job, trouble, code, says, next_command, keywords):
    job()
    job(state="stopped")
    trouble(job)
    with pytest.raises(Failure) as caught:
        job(**keywords)
    assert (caught.value.code, says in caught.value.message, next_command in caught.value.hint) == (code, True, True)


# -- against a script: what remains when the cure does not help --------------------------------------------------------

BOOT = "bootstrap system {plist}"
PENDED = {"state": "not running", "pid": None, "runs": 0, "pended nondemand spawn": "speculative"}
PARKED = {"state": "not running", "pid": None, "runs": 3, "properties": "keepalive | runatload"}
DEAD = dict(PENDED, runs=2, **{"last exit code": "1"})
HELD = {"state": "spawn scheduled", "pid": None, "runs": 9, "last exit code": "1"}
BLOCKED = {"state": "spawn scheduled", "pid": None, "runs": 1, "job state": "spawn failed",
           "last exit code": "78: EX_CONFIG"}  # fmt: skip
REFUSED = (122, "", "Path had bad ownership/permissions\n")
SWITCHED_OFF = (119, "", "Bootstrap failed: 119: Service is disabled\n")
ENABLE = ("enable system/x", OK)

# name, script after the first look, the code, a piece of the cause, a piece of the next command
LASTING = [
    ("disabled override", [*VIRGIN, ENABLE, (BOOT, SWITCHED_OFF), ("print system/x", ABSENT), ENABLE,
                           (BOOT, SWITCHED_OFF)], "label_disabled", "again right after", "Login Items"),
    ("disabled override, only 5", [*VIRGIN, ENABLE, (BOOT, EIO), ("print system/x", ABSENT), OVERRIDE, ENABLE,
                                   *[(BOOT, EIO), ("print system/x", ABSENT)] * 7, OVERRIDE],
     "label_disabled", "again right after", "Login Items"),
    ("pended spawn", [*VIRGIN, ENABLE, (BOOT, OK), ("print system/x", PENDED, None), ("kickstart system/x", OK),
                      ("print system/x", PENDED, None)], "spawn_pended", "speculative", "lowpowermode 0"),
    ("dies where starts are put off", [*VIRGIN, ENABLE, (BOOT, OK), ("print system/x", DEAD, None),
                                       ("kickstart system/x", OK), ("print system/x", DEAD, None)],
     "job_dies", "2 times, last exit: 1", "tail -50"),
    ("parked", [*VIRGIN, ENABLE, (BOOT, OK), ("print system/x", PARKED, None), ("kickstart system/x", OK),
                ("print system/x", PARKED, None)], "job_parked", "started it 3 times", "kickstart system/x"),
    ("blocked", [*VIRGIN, ENABLE, (BOOT, OK), ("print system/x", BLOCKED, None)], "spawn_refused", "spawn failed",
     "sfltool"),
    ("dies", [*VIRGIN, ENABLE, (BOOT, OK), ("print system/x", HELD, None)], "job_dies", "9 times", "tail -50"),
    ("not registered", [*VIRGIN, ENABLE, (BOOT, OK), ("print system/x", ABSENT)], "job_not_loaded", "does not have",
     "Login Items"),
    ("owner or mode", [*VIRGIN, ENABLE, (BOOT, REFUSED)], "plist_refused", "owner or mode", "each directory above"),
    ("draining", [*VIRGIN[:2], ("print system/x", {"state": "SIGTERMed"}, 1), NO_OVERRIDE,
                  ("print system/x", {"state": "SIGTERMed"}, None)],
     "job_will_not_end", "keeps the label", "ps -o pid"),
]  # fmt: skip


@pytest.mark.parametrize("lines, code, cause, command", [pytest.param(*row[1:], id=row[0]) for row in LASTING])
def test_what_lasts_has_a_name(play, lines, code, cause, command):
    def line(words, answer, *times):
        return (words.format(plist=play.plist), play.shown(**answer) if isinstance(answer, dict) else answer, *times)

    failure = failing(code, play, "started", play.declared(), [line(*one) for one in lines])
    assert cause in failure.message and command in failure.hint
    assert "x" in failure.message and failure.layer == "service"


def test_throttled_for_ever_has_a_name(play):
    install(play)
    failure = failing("job_throttled", play, "started", play.declared(),
                      [*started(play, HELD), ("print system/x", play.shown(**HELD), None)])  # fmt: skip
    assert "9 times" in failure.message and "tail -50" in failure.hint


def test_no_login_has_a_name(play):
    lines = [("print system/x", ABSENT), ("print user/502/x", ABSENT), ("print gui/502/x", NO_GUI)]
    lines += [("print-disabled user/502", (0, "", ""))]
    failure = failing("gui_domain_absent", play, "started", play.declared(), lines, scope="agent")
    assert "GUI login" in failure.message and "scope: daemon" in failure.hint


def test_every_code_is_documented():
    room = ROOT / "plugins/module_utils/_service"
    text = "".join(path.read_text() for path in sorted(room.glob("*.py")))
    said = set(re.findall(r'(?:Failure|_refuse)\(\s*"([a-z_]+)"', text))
    said.update(code for code, dummy, hint in troubles.TERMINAL.values())
    said.update(re.findall(r' code(?:, [a-z]+)* = "([a-z_]+)"', text))
    assert {"cooling_down", "job_parked", "label_defined_twice", "plist_refused", "user_missing"} <= said
    documented = (ROOT / "plugins/modules/openclaw_service.py").read_text()
    documented = re.search(r"Stable identifier, one of (.*?)\.\n", documented, re.S).group(1)
    assert said - set(re.findall(r"C\(([a-z_]+)\)", documented)) == set()
