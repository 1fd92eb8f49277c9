# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts keep apart from one another, are spread over a fleet, and take a job out of its loop first."""

import os
import stat

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import pace, records
from scripted import ABSENT, ELSEWHERE, NO_OVERRIDE, OK, failing, install, started

KICK = "kickstart -k system/x"


@pytest.fixture
def slow(play, tmp_path, monkeypatch):
    """play() with a pace; C(.noted) is the file that notes a restart."""
    # What belongs to root on a Mac belongs here to whoever runs this.
    directory = tmp_path / "records" / "x.service"

    def run(state, definition, lines, cooldown=60, jitter=0, window=2, **more):
        restarts = pace.Pace(str(directory), cooldown, jitter, "mini01", window)
        return play(state, definition, lines, restarts=restarts, **more)

    run.declared, run.mac, run.clock, run.shown, run.plist = play.declared, play.mac, play.clock, play.shown, play.plist
    run.noted = directory / "restart.json"
    monkeypatch.setattr(pace, "boot_id", lambda: "this boot")
    monkeypatch.setattr(_process, "age", {7: 3600.0, 8: 3.0}.get)
    return run


def restart(slow, begun=7, then=8, runs=2):
    install(slow)
    script = [*started(slow, {"pid": begun}), ("print system/x", slow.shown(pid=begun)), (KICK, OK)]
    return [*script, ("print system/x", slow.shown(pid=then, runs=runs), None), NO_OVERRIDE]


def test_a_restart_is_noted_in_private(slow):
    result = slow("restarted", None, restart(slow))
    assert result["restarted"] and result["waited"] == {"cooldown": 0.0, "jitter": 0.0} and result["storm"] is None
    assert stat.S_IMODE(os.stat(str(slow.noted)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(str(slow.noted.parent)).st_mode) == 0o700
    assert records.read(str(slow.noted)) == {"boot": "this boot", "monotonic": 1000.0}


def test_what_changes_nothing_notes_and_waits_for_nothing(slow):
    install(slow)
    result = slow("started", slow.declared(), started(slow, {"runs": 900}), jitter=600)
    assert not result["changed"] and slow.clock.now == 1000.0 and not slow.noted.exists()


@pytest.mark.parametrize("state", ["started", "restarted"])
def test_what_starts_is_not_restarted(slow, state):
    boot = "bootstrap system " + slow.plist
    script = [*ELSEWHERE, ("print system/x", ABSENT), NO_OVERRIDE, ("enable system/x", OK), (boot, OK)]
    slow(state, slow.declared(), [*script, ("print system/x", slow.shown(), None), NO_OVERRIDE], jitter=600)
    assert slow.clock.now < 1010 and not slow.noted.exists()


def test_the_next_one_waits_for_what_is_left(slow):
    slow("restarted", None, restart(slow))
    slow.clock.now = 1020.0
    result = slow("restarted", None, restart(slow, 8, 9, 3))
    assert result["waited"]["cooldown"] == 40.0
    assert 1060 <= records.read(str(slow.noted))["monotonic"] <= 1061


def test_what_would_take_long_is_refused_and_touches_nothing(slow):
    slow("restarted", None, restart(slow))
    slow.clock.now = 1020.0
    install(slow)
    before = slow.mac.tree()
    for check_mode in (True, False):
        lines = started(slow, {"pid": 8})
        failure = failing("cooling_down", slow, "restarted", None, lines, cooldown=600, check_mode=check_mode)
        assert "580 s are left" in failure.message and failure.details["seconds"] == 580
    assert slow.mac.tree() == before and slow.clock.now == 1020.0
    # Nothing forbids what does not restart.
    assert not slow("started", slow.declared(), started(slow, {"pid": 8}), cooldown=600)["changed"]


@pytest.mark.parametrize("noted", [
    {"boot": "another boot", "monotonic": 999.0},
    {"boot": "this boot", "monotonic": 5000.0},
    {"boot": "this boot", "monotonic": "rubbish"},
    {"boot": "this boot", "monotonic": True},
    {},
])  # fmt: skip
def test_a_boot_and_rubbish_end_it(slow, noted):
    records.write(str(slow.noted), noted)
    assert slow("restarted", None, restart(slow))["waited"]["cooldown"] == 0
    slow.noted.write_bytes(b"\xff not json")
    assert pace.remaining(pace.Pace(str(slow.noted.parent), 60, 0, "", 0), slow.clock, "this boot") == 0


def test_the_time_of_day_does_not_matter(slow, monkeypatch):
    slow("restarted", None, restart(slow))
    monkeypatch.setattr("time.time", lambda: 0.0)
    slow.clock.now = 1050.0
    assert slow("restarted", None, restart(slow, 8, 9, 3))["waited"]["cooldown"] == 10.0


def test_a_fleet_is_spread_and_each_host_keeps_its_place():
    shares = [pace.share("mini%03d" % number, "ai.openclaw.gateway") for number in range(200)]
    assert shares == [pace.share("mini%03d" % number, "ai.openclaw.gateway") for number in range(200)]
    assert all(0 <= share < 1 for share in shares)
    assert [25 < sum(low <= share < low + 0.25 for share in shares) < 75 for low in (0, 0.25, 0.5, 0.75)] == [True] * 4
    assert pace.share("mini001", "ai.openclaw.gateway") != pace.share("mini001", "ai.openclaw.second")


def test_its_share_is_waited_but_not_in_check_mode(slow):
    install(slow)
    slow("restarted", None, started(slow, {}), jitter=600, check_mode=True)
    assert slow.clock.now == 1000.0
    result = slow("restarted", None, restart(slow), jitter=600)
    assert result["waited"]["jitter"] == round(600 * pace.share("mini01", "x"), 1) > 0
    assert slow.clock.now - 1000 >= result["waited"]["jitter"]


# -- storms ------------------------------------------------------------------------------------------------------------


def test_a_loop_is_left_before_it_is_mended(slow):
    install(slow, slow.declared(Nice=1))
    loop = {"state": "spawn scheduled", "pid": None, "runs": 14, "minimum runtime": 10}
    boot = "bootstrap system " + slow.plist
    script = [*started(slow, loop), ("print system/x", slow.shown(**loop), 2), ("bootout system/x", OK)]
    script += [("print system/x", ABSENT), ("enable system/x", OK), (boot, OK)]
    script += [("print system/x", slow.shown(pid=9, runs=1), None), NO_OVERRIDE]
    result = slow("started", slow.declared(), script)
    assert result["actions"] == ["bootout system/x", "enable system/x", boot]
    assert result["storm"]["looping"] and result["storm"]["held_back"] and result["storm"]["seconds"] == 0


def test_a_restart_of_what_loops_does_not_wait_for_its_throttle(slow):
    install(slow)
    loop = {"state": "spawn scheduled", "pid": None, "runs": 14}
    boot = "bootstrap system " + slow.plist
    script = [*started(slow, loop), ("print system/x", slow.shown(**loop), 2), ("bootout system/x", OK)]
    script += [("print system/x", ABSENT), ("enable system/x", OK), (boot, OK)]
    script += [("print system/x", slow.shown(pid=9, runs=1), None), NO_OVERRIDE]
    result = slow("restarted", None, script)
    assert result["restarted"] and result["actions"][0] == "bootout system/x" and slow.clock.now - 1000 < 3


@pytest.mark.parametrize("later, looping", [
    ({"runs": 41, "pid": 8}, True),
    ({"runs": 41, "pid": None, "state": "not running"}, True),
    ({"runs": 40, "pid": 7}, False),
])  # fmt: skip
def test_many_starts_are_looked_at_for_a_while(slow, later, looping):
    """40 starts are a loop, or a year of restarts: what counts is whether the number grows."""
    install(slow)
    script = [*started(slow, {"runs": 40}), ("print system/x", slow.shown(runs=40), 3)]
    script += [("print system/x", slow.shown(**dict({"runs": 40}, **later)), None)]
    result = slow("restarted", None, script, check_mode=True)
    assert result["storm"]["looping"] is looping
    assert result["actions"] == (["bootout system/x", "enable system/x", "bootstrap system " + slow.plist] if looping
                                 else [KICK])  # fmt: skip
    assert 0 < slow.clock.now - 1000 <= 2.5


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("later", [
    {"runs": 41, "pid": 9}, {"runs": 40, "pid": None, "state": "spawn scheduled"},
])  # fmt: skip
def test_what_loops_is_not_said_to_run_because_it_is_alive_at_the_moment(slow, later, check_mode):
    install(slow)
    script = [*started(slow, {"runs": 40, "pid": 8}), ("print system/x", slow.shown(runs=40, pid=8), 3)]
    script += [("print system/x", slow.shown(**later), None)]
    with pytest.raises(Failure, match="does not stay up: launchd has spawned it 4[01] times") as caught:
        slow("started", slow.declared(), script, check_mode=check_mode)
    assert caught.value.code == "job_dies" and slow.clock.now - 1000 <= 2


def test_what_was_started_often_and_runs_is_left_alone(slow):
    install(slow)
    often = {"runs": 40, "pid": 8}
    result = slow("started", slow.declared(), [*started(slow, often), ("print system/x", slow.shown(**often), None)])
    assert result["changed"] is False and result["storm"]["looping"] is False
    assert 2 <= slow.clock.now - 1000 <= 2.5


@pytest.mark.parametrize("seen, suspicious", [
    ({"runs": 1, "pid": 7}, False),
    ({"runs": 4, "pid": 7}, False),
    ({"runs": 5, "pid": 7}, True),
    ({"runs": 1, "pid": None, "state": "spawn scheduled"}, True),
    ({"runs": 9, "pid": 7, "state": "SIGTERMed"}, False),
])  # fmt: skip
def test_only_what_may_loop_is_looked_at(slow, seen, suspicious):
    from ansible_collections.clawops.openclaw.plugins.module_utils._service import print_grammar

    loaded = print_grammar.parse_service(slow.shown(**seen)[1])
    assert pace.is_suspicious(loaded) is suspicious
    assert not pace.is_suspicious(None)


def test_this_boot_has_a_name():
    assert pace.boot_id() and pace.boot_id() == pace.boot_id()
