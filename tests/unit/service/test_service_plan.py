# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: a pure function of the declaration and of what was found."""

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._service import (
    files,
    job,
    observe,
    print_grammar,
    target,
)

PLACE = target.target(
    "daemon",
    "x",
    type("Account", (), {"name": "u", "uid": 502, "gid": 20, "home": "/Users/u"}),
    "/Library/LaunchDaemons",
    "/Users/u/Library/LaunchAgents",
)
PLIST = "/Library/LaunchDaemons/x.plist"
DECLARED = {"Label": "x", "ProgramArguments": ["/n"], "ThrottleInterval": 30, "KeepAlive": True}

NO_FILE = files.OnDisk("absent")
GOOD_FILE = files.OnDisk("file", DECLARED, None, (0, 0), 0o644)
OLD_FILE = files.OnDisk("file", dict(DECLARED, ThrottleInterval=10), None, (0, 0), 0o644)
BROKEN_FILE = files.OnDisk("file", None, "not well-formed", (0, 0), 0o644)
LINK = files.OnDisk("symlink")
FOREIGN_FILE = GOOD_FILE._replace(owner=(501, 20))
OPEN_FILE = GOOD_FILE._replace(mode=0o666)

RUNNING = print_grammar.Loaded(
    state="running", path=PLIST, program="/n", arguments=("/n",), throttle_interval=30, pid=7, runs=1, domain="system"
)
OLD_RUNNING = RUNNING._replace(throttle_interval=10)
ELSEWHERE = RUNNING._replace(path="/opt/homebrew/x.plist")
THROTTLED = RUNNING._replace(state="spawn scheduled", pid=None, runs=9)
PENDED = RUNNING._replace(state="not running", pid=None, runs=0, pended="speculative")
LACKS = [files.Lack("directory", "/Users/u/Library/Logs"), files.Lack("file", "/Users/u/Library/Logs/x.log")]

ENABLE, DISABLE, BOOTOUT = "enable system/x", "disable system/x", "bootout system/x"
BOOTSTRAP = "bootstrap system " + PLIST
KICK, REKICK = "kickstart system/x", "kickstart -k system/x"


def found(loaded=None, on_disk=NO_FILE, disabled=None, lacks=()):
    return observe.Observed(loaded, True, disabled, on_disk, list(lacks))


# state, declared, found -> file steps, launchctl calls, restarts
ROWS = [
    ("started", DECLARED, found(lacks=LACKS), ["directory", "file", "write"], [ENABLE, BOOTSTRAP], False),
    ("present", DECLARED, found(), ["write"], [ENABLE, BOOTSTRAP], False),
    ("started", DECLARED, found(RUNNING, GOOD_FILE), [], [], False),
    ("started", DECLARED, found(RUNNING, GOOD_FILE, lacks=LACKS[1:]), ["file"], [], False),
    ("started", DECLARED, found(RUNNING, GOOD_FILE, disabled=False), [], [], False),
    ("started", DECLARED, found(RUNNING, GOOD_FILE, disabled=True), [], [ENABLE], False),
    ("started", DECLARED, found(None, GOOD_FILE, disabled=True), [], [ENABLE, BOOTSTRAP], False),
    ("started", DECLARED, found(OLD_RUNNING, OLD_FILE), ["write"], [ENABLE, BOOTOUT, BOOTSTRAP], True),
    # Written by an earlier run that was cut off before it could load it.
    ("started", DECLARED, found(OLD_RUNNING, GOOD_FILE), [], [ENABLE, BOOTOUT, BOOTSTRAP], True),
    ("started", DECLARED, found(RUNNING, OLD_FILE), ["write"], [], False),
    ("started", DECLARED, found(RUNNING, BROKEN_FILE), ["write"], [ENABLE, BOOTOUT, BOOTSTRAP], True),
    ("started", DECLARED, found(RUNNING, LINK), ["write"], [ENABLE, BOOTOUT, BOOTSTRAP], True),
    ("started", DECLARED, found(RUNNING, FOREIGN_FILE), ["write"], [], False),
    ("started", DECLARED, found(RUNNING, OPEN_FILE), ["write"], [], False),
    ("started", DECLARED, found(ELSEWHERE, GOOD_FILE), [], [ENABLE, BOOTOUT, BOOTSTRAP], True),
    ("started", DECLARED, found(PENDED, GOOD_FILE), [], [KICK], False),
    ("started", DECLARED, found(THROTTLED, GOOD_FILE), [], [], False),
    ("present", DECLARED, found(PENDED, GOOD_FILE), [], [], False),
    ("restarted", DECLARED, found(RUNNING, GOOD_FILE), [], [REKICK], True),
    ("restarted", DECLARED, found(OLD_RUNNING, OLD_FILE), ["write"], [ENABLE, BOOTOUT, BOOTSTRAP], True),
    ("restarted", DECLARED, found(None, GOOD_FILE), [], [ENABLE, BOOTSTRAP], False),
    ("restarted", DECLARED, found(RUNNING, GOOD_FILE, disabled=True), [], [ENABLE, REKICK], True),
    # With nothing declared the installed definition counts.
    ("started", None, found(RUNNING, GOOD_FILE), [], [], False),
    ("started", None, found(None, OLD_FILE), [], [ENABLE, BOOTSTRAP], False),
    ("restarted", None, found(RUNNING, GOOD_FILE), [], [REKICK], True),
    ("restarted", None, found(RUNNING, OLD_FILE), [], [ENABLE, BOOTOUT, BOOTSTRAP], True),
    ("stopped", None, found(RUNNING, GOOD_FILE), [], [DISABLE, BOOTOUT], False),
    ("stopped", None, found(None, GOOD_FILE), [], [DISABLE], False),
    ("stopped", None, found(None, GOOD_FILE, disabled=True), [], [], False),
    ("stopped", None, found(), [], [], False),
    ("stopped", DECLARED, found(RUNNING, OLD_FILE), ["write"], [DISABLE, BOOTOUT], False),
    ("absent", None, found(RUNNING, GOOD_FILE), ["remove"], [BOOTOUT], False),
    ("absent", None, found(None, GOOD_FILE, disabled=True), ["remove"], [ENABLE], False),
    ("absent", None, found(None, LINK), ["remove"], [], False),
    ("absent", DECLARED, found(RUNNING, OLD_FILE), ["remove"], [BOOTOUT], False),
    ("absent", None, found(), [], [], False),
]


@pytest.mark.parametrize("state, declared, observed, file_steps, calls, restarts", ROWS)
def test_plan(state, declared, observed, file_steps, calls, restarts):
    planned = job.plan(state, declared, PLACE, observed)
    assert [step.kind for step in planned.steps if step.kind != "launchctl"] == file_steps
    assert planned.actions == calls
    assert planned.restarts is restarts


@pytest.mark.parametrize("state, declared, observed, file_steps, calls, restarts", ROWS)
def test_diff_says_something_exactly_when_something_changes(state, declared, observed, file_steps, calls, restarts):
    planned = job.plan(state, declared, PLACE, observed)
    assert bool(job.diff(state, declared, PLACE, observed, planned, "u")) is bool(file_steps or calls)


@pytest.mark.parametrize("state", sorted(job.POLICIES))
def test_never_two_cycles(state):
    for row in ROWS:
        calls = job.plan(state, row[1] or DECLARED, PLACE, row[2]).calls
        assert sum(words[0] in ("bootstrap", "kickstart") for words in calls) <= 1


def test_agent_is_disabled_where_no_login_is_needed():
    account = type("Account", (), {"name": "u", "uid": 502, "gid": 20, "home": "/Users/u"})
    place = target.target("agent", "x", account, "/Library/LaunchDaemons", "/Users/u/Library/LaunchAgents")
    assert place.service == "gui/502/x"
    observed = found(on_disk=files.OnDisk("file", DECLARED, None, (502, 20), 0o644))
    assert job.plan("stopped", None, place, observed).actions == ["disable user/502/x"]
    assert place.other_domains == ("system", "user/502")
    # The group of an agent's file is its directory's.
    observed = found(RUNNING._replace(path=place.plist), files.OnDisk("file", DECLARED, None, (502, 0), 0o644))
    assert job.plan("started", DECLARED, place, observed).steps == []
