# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done when launchd answers one thing and means another, against a launchctl that follows a script."""

import plistlib

import pytest
from scripted import (
    ABSENT,
    DRAINING,
    EIO,
    ELSEWHERE,
    HANGS,
    NO_OVERRIDE,
    OK,
    OVERRIDE,
    VIRGIN,
    failing,
    install,
    started,
)


def test_from_nothing(play):
    boot = "bootstrap system " + play.plist
    up = ("print system/x", play.shown(), None)
    result = play("started", play.declared(), [*VIRGIN, ("enable system/x", OK), (boot, OK), up, NO_OVERRIDE])
    assert result["changed"] and result["actions"] == ["enable system/x", boot]
    assert not result["restarted"] and result["job"]["pid"] == 7 and result["job"]["loaded"]


def test_nothing_to_do_asks_four_questions(play):
    install(play)
    result = play("started", play.declared(), [*ELSEWHERE, ("print system/x", play.shown()), NO_OVERRIDE])
    assert not result["changed"] and result["actions"] == [] and result["diff"] == []
    assert play.clock.now == 1000.0


def test_check_mode_only_looks_and_says_the_same(play):
    before = play.mac.tree()
    foreseen = play("started", play.declared(), VIRGIN, check_mode=True)
    assert play.mac.tree() == before and play.actions == []
    boot = "bootstrap system " + play.plist
    up = ("print system/x", play.shown(), None)
    done = play("started", play.declared(), [*VIRGIN, ("enable system/x", OK), (boot, OK), up, NO_OVERRIDE])
    for key in ("changed", "actions", "diff", "restarted", "reload_reasons", "plist"):
        assert foreseen[key] == done[key]


def test_check_mode_does_not_ask_for_the_program(play):
    declared = dict(play.declared(), ProgramArguments=["/not/there/yet"], WorkingDirectory="/nor/this")
    assert play("started", declared, VIRGIN, check_mode=True)["changed"]
    assert failing("program_missing", play, "started", declared, VIRGIN).details["path"] == "/not/there/yet"
    assert not (play.mac.daemons / "x.plist").exists()
    declared = dict(play.declared(), WorkingDirectory="/nor/this")
    failing("working_directory_missing", play, "started", declared, VIRGIN)


def reload_script(play, bootout, gone, bootstraps):
    """A changed definition, up to and including the last bootstrap."""
    return [
        *started(play, {"minimum runtime": 10}),
        ("enable system/x", OK),
        ("print system/x", play.shown()),
        ("bootout system/x", bootout),
        *gone,
        *bootstraps,
    ]


@pytest.mark.parametrize("bootout", [OK, (36, "", "Boot-out failed: 36"), (3, "", "No such process"), EIO, HANGS])
def test_bootout_is_waited_for_whatever_it_answers(play, bootout):
    boot = "bootstrap system " + play.plist
    gone = [("print system/x", play.shown(state="SIGTERMed"), 9), ("print system/x", ABSENT)]
    script = reload_script(play, bootout, gone, [(boot, OK)])
    result = play("started", play.declared(), [*script, ("print system/x", play.shown(), None), NO_OVERRIDE])
    assert result["restarted"] and "ThrottleInterval" in result["reload_reasons"]
    assert result["actions"] == ["enable system/x", "bootout system/x", boot]


def test_teardown_is_waited_for_as_long_as_the_loaded_job_may_take(play):
    lines = reload_script(play, OK, [("print system/x", play.shown(state="SIGTERMed", pid=4711), None)], [])
    failure = failing("job_will_not_end", play, "started", play.declared(), lines)
    assert "4711" in failure.message and "40 s" in failure.message
    assert 40 <= play.clock.now - 1000 < 41


@pytest.mark.parametrize("answers", [[EIO] * 3, [DRAINING] * 3, [EIO, DRAINING, HANGS]])
def test_bootstrap_is_repeated_while_the_label_is_still_taken(play, answers):
    boot = "bootstrap system " + play.plist
    tries = [line for answer in answers for line in ((boot, answer), ("print system/x", ABSENT), NO_OVERRIDE)]
    script = reload_script(play, OK, [("print system/x", ABSENT)], [*tries, (boot, OK)])
    result = play("started", play.declared(), [*script, ("print system/x", play.shown(), None), NO_OVERRIDE])
    assert result["actions"] == ["enable system/x", "bootout system/x"] + [boot] * 4


def test_repetition_ends(play):
    boot = "bootstrap system " + play.plist
    tries = [(boot, EIO), ("print system/x", ABSENT), NO_OVERRIDE]
    script = [*VIRGIN, ("enable system/x", OK)] + tries * 7
    failure = failing("bootstrap_failed", play, "started", play.declared(), script)
    assert "Input/output error" in failure.message and "log show" in failure.hint
    assert play.clock.now - 1000 <= 4


@pytest.mark.parametrize("answer", [EIO, (119, "", "Service is disabled\n")])
def test_disabled_behind_our_back(play, answer):
    # Enabled, disabled again by somebody, refused: enabled once more, and only once.
    boot = "bootstrap system " + play.plist
    asked = [OVERRIDE] if answer is EIO else []
    script = [*VIRGIN, ("enable system/x", OK), (boot, answer), ("print system/x", ABSENT), *asked]
    script += [("enable system/x", OK), (boot, OK)]
    result = play("started", play.declared(), [*script, ("print system/x", play.shown(), None), NO_OVERRIDE])
    assert result["actions"] == ["enable system/x", boot] * 2


@pytest.mark.parametrize("answer", [EIO, DRAINING, (17, "", ""), (133, "", ""), HANGS])
def test_bootstrap_that_fails_and_has_loaded(play, answer):
    boot = "bootstrap system " + play.plist
    script = [*VIRGIN, ("enable system/x", OK), (boot, answer), ("print system/x", play.shown(), None), NO_OVERRIDE]
    assert play("started", play.declared(), script)["changed"]


def test_label_taken_by_another_file(play):
    boot = "bootstrap system " + play.plist
    other = ("print system/x", play.shown(path="/opt/homebrew/x.plist"))
    script = [*VIRGIN, ("enable system/x", OK), (boot, EIO), other]
    assert "/opt/homebrew/x.plist" in failing("label_taken", play, "started", play.declared(), script).message


@pytest.mark.parametrize(
    "answer, code",
    [
        ((122, "", "Path had bad ownership/permissions"), "plist_refused"),
        ((109, "", ""), "plist_refused"),
        ((110, "", ""), "plist_refused"),
        ((111, "", ""), "plist_refused"),
        ((134, "", ""), "session_refused"),
        ((2, "", ""), "plist_refused"),
        ((125, "", "Domain does not support specified action"), "plist_refused"),
        ((1, "", "Operation not permitted"), "denied"),
        ((155, "", ""), "bootstrap_failed"),
        ((64, "", "Usage"), "launchctl_misused"),
    ],
)
def test_refusals_that_no_repetition_cures(play, answer, code):
    script = [*VIRGIN, ("enable system/x", OK), ("bootstrap system " + play.plist, answer)]
    failing(code, play, "started", play.declared(), script)


@pytest.mark.parametrize("again, put_back", [(OK, True), ((122, "", ""), False)])
def test_a_job_is_not_lost_to_a_definition_that_launchd_refuses(play, again, put_back):
    old = play.declared(Nice=1)
    install(play, old)
    boot = "bootstrap system " + play.plist
    script = [*started(play, {}), ("enable system/x", OK), ("print system/x", play.shown()), ("bootout system/x", OK)]
    script += [("print system/x", ABSENT), (boot, (122, "", "")), ("print system/x", ABSENT), (boot, again)]
    failure = failing("plist_refused", play, "started", play.declared(), script)
    assert failure.details["put_back"] is put_back and "previous definition" in failure.message
    assert plistlib.loads((play.mac.daemons / "x.plist").read_bytes()) == old


def test_loaded_otherwise_than_written(play):
    boot = "bootstrap system " + play.plist
    other = ("print system/x", play.shown(**{"minimum runtime": 10}), None)
    failure = failing(
        "loaded_definition_differs",
        play,
        "started",
        play.declared(),
        [*VIRGIN, ("enable system/x", OK), (boot, OK), other],
    )
    assert "ThrottleInterval" in failure.message


def test_accepted_but_not_loaded(play):
    script = [*VIRGIN, ("enable system/x", OK), ("bootstrap system " + play.plist, OK), ("print system/x", ABSENT)]
    assert "Login Items" in failing("job_not_loaded", play, "started", play.declared(), script).hint


def test_pended_spawn_is_pushed(play):
    boot = "bootstrap system " + play.plist
    pended = play.shown(state="not running", pid=None, runs=0, **{"pended nondemand spawn": "speculative"})
    script = [*VIRGIN, ("enable system/x", OK), (boot, OK), ("print system/x", pended, 8)]
    script += [("kickstart system/x", OK), ("print system/x", play.shown(), None), NO_OVERRIDE]
    result = play("started", play.declared(), script)
    assert result["actions"][-1] == "kickstart system/x"


@pytest.mark.parametrize("answer", [OK, DRAINING, HANGS])
def test_kickstart_answers_are_not_believed(play, answer):
    install(play)
    idle = play.shown(state="not running", pid=None, runs=0)
    script = [*started(play, {"state": "not running", "pid": None, "runs": 0}), ("print system/x", idle)]
    script += [("kickstart system/x", answer), ("print system/x", play.shown(), None), NO_OVERRIDE]
    result = play("started", play.declared(), script)
    assert result["changed"] and result["job"]["pid"] == 7


def test_never_spawned(play):
    boot = "bootstrap system " + play.plist
    idle = play.shown(state="not running", pid=None, runs=0)
    script = [*VIRGIN, ("enable system/x", OK), (boot, OK), ("print system/x", idle, None)]
    script += [("kickstart system/x", OK), ("print system/x", idle, None)]
    assert "not running" in failing("job_not_running", play, "started", play.declared(), script).message


def test_fresh_job_that_dies_is_not_waited_for(play):
    boot = "bootstrap system " + play.plist
    dead = play.shown(state="spawn scheduled", pid=None, runs=1, **{"last exit code": "78: EX_CONFIG"})
    script = [*VIRGIN, ("enable system/x", OK), (boot, OK), ("print system/x", dead, None)]
    failure = failing("job_dies", play, "started", play.declared(), script)
    assert "78: EX_CONFIG" in failure.message and "tail" in failure.hint
    assert play.clock.now - 1000 < 1


def test_job_that_dies_while_it_settles(play):
    boot = "bootstrap system " + play.plist
    script = [*VIRGIN, ("enable system/x", OK), (boot, OK), ("print system/x", play.shown(), 3)]
    script += [("print system/x", play.shown(pid=8, runs=2))]
    failing("job_dies", play, "started", play.declared(), script)


def test_throttled_job_is_waited_for_and_not_touched(play):
    install(play)
    dead = {"state": "spawn scheduled", "pid": None, "runs": 9}
    script = [*started(play, dead), ("print system/x", play.shown(**dead), 100)]
    script += [("print system/x", play.shown(pid=8, runs=10), None)]
    result = play("started", play.declared(), script)
    assert not result["changed"] and result["actions"] == [] and result["job"]["pid"] == 8


def test_throttled_job_that_never_returns(play):
    install(play)
    dead = {"state": "spawn scheduled", "pid": None, "runs": 9}
    script = [*started(play, dead), ("print system/x", play.shown(**dead), None)]
    failing("job_throttled", play, "started", play.declared(), script)
    assert 50 <= play.clock.now - 1000 < 51


def test_restart_waits_out_the_throttle(play):
    install(play)
    script = [*started(play, {}), ("print system/x", play.shown()), ("kickstart -k system/x", HANGS)]
    script += [("print system/x", play.shown(state="SIGTERMed"), 20)]
    script += [("print system/x", play.shown(state="spawn scheduled", pid=None), 100)]
    script += [("print system/x", play.shown(pid=8, runs=2), None), NO_OVERRIDE]
    result = play("restarted", None, script)
    assert result["restarted"] and result["actions"] == ["kickstart -k system/x"] and result["job"]["pid"] == 8


def test_restart_without_successor(play):
    install(play)
    script = [*started(play, {}), ("print system/x", play.shown()), ("kickstart -k system/x", OK)]
    script += [("print system/x", play.shown(state="spawn scheduled", pid=None), None)]
    failing("job_throttled", play, "restarted", None, script)


def test_restart_refused_and_carried_out_is_not_repeated(play):
    install(play)
    script = [*started(play, {}), ("print system/x", play.shown()), ("kickstart -k system/x", DRAINING)]
    script += [("print system/x", play.shown(), 3), ("print system/x", play.shown(state="SIGTERMed"), 2)]
    script += [("print system/x", play.shown(pid=8, runs=2), None), NO_OVERRIDE]
    assert play("restarted", None, script)["actions"] == ["kickstart -k system/x"]


def test_restart_refused_for_ever(play):
    install(play)
    untouched = ("print system/x", play.shown(), None)
    script = [*started(play, {}), ("print system/x", play.shown())]
    script += [("kickstart -k system/x", DRAINING), untouched] * 4
    assert "process 7" in failing("job_not_running", play, "restarted", None, script).message


def test_job_somebody_just_told_to_go(play):
    install(play)
    lines = [*ELSEWHERE, ("print system/x", play.shown(state="SIGTERMed")), NO_OVERRIDE]
    lines += [("print system/x", play.shown(state="SIGTERMed"), 5), ("print system/x", ABSENT, 2), NO_OVERRIDE]
    boot = "bootstrap system " + play.plist
    lines += [("enable system/x", OK), (boot, OK), ("print system/x", play.shown(), None), NO_OVERRIDE]
    assert play("started", play.declared(), lines)["actions"] == ["enable system/x", boot]


@pytest.mark.parametrize(
    "answer, code",
    [
        ((5, "", ""), "launchd_unclear"),
        (HANGS, "launchd_unclear"),
        ((113, "", ""), "launchd_unclear"),
        ((0, "gibberish", ""), "launchd_unclear"),
        ((1, "", "Operation not permitted"), "denied"),
    ],
)
@pytest.mark.parametrize("state", ["started", "absent"])
def test_no_answer_is_never_absence(play, state, answer, code):
    install(play)
    before = play.mac.tree()
    lines = (ELSEWHERE if state == "started" else []) + [("print system/x", answer)]
    failing(code, play, state, play.declared() if state == "started" else None, lines)
    assert play.mac.tree() == before


def test_no_definition(play):
    failing("definition_missing", play, "started", None, VIRGIN)
    (play.mac.daemons / "x.plist").write_text("rubbish")
    failing("plist_unreadable", play, "restarted", None, VIRGIN)


def test_needs_root_before_anything_changes(play, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 501)
    assert "become" in failing("denied", play, "started", play.declared(), VIRGIN, check_mode=True).hint
    install(play)
