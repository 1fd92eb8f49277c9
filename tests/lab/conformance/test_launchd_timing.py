# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Throttle, exit timeout, draining. Times are scaled; events carry both real and simulated seconds."""

import os
import resource
import subprocess
import time

import pytest
from harness import wait_for

SCALE = 0.05
# What a loaded machine may add between a timer and its event, in real seconds.
SLACK = 3.0


def run_for(simulated):
    return ["/bin/sleep", "%.3f" % (simulated * SCALE)]


def spawns(mac, label, count):
    """When the double decided to spawn, in monotonic seconds: the fork itself may be late on a busy machine."""
    wait_for(lambda: len(mac.events("spawn", label)) >= count, what="%d spawns" % count)
    return [row["mono"] for row in mac.events("spawn", label)][:count]


def test_short_run_waits_out_the_remainder(fresh):
    mac = fresh(time_scale=0.1)
    label = mac.load(ProgramArguments=["/bin/sleep", "0.2"], KeepAlive=True)
    first, second = spawns(mac, label, 2)
    assert 0.98 <= second - first < 1 + SLACK
    event = mac.events("throttle", label)[0]
    assert event["ran_s"] + event["delay_s"] == pytest.approx(10, abs=0.01)
    assert 2 <= event["ran_s"] < 10
    assert "Pushing respawn out by" in mac.unified()


def test_long_run_respawns_at_once(double):
    label = double.load(ProgramArguments=run_for(12), KeepAlive=True)
    spawns(double, label, 2)
    assert double.events("throttle", label) == []
    exited, again = double.events("exit", label)[0]["t"], double.events("spawn", label)[1]["t"]
    assert again - exited < SLACK


@pytest.mark.parametrize("interval", (1, 5, 30))
def test_interval_is_from_spawn_to_spawn(double, interval):
    label = double.load(ProgramArguments=["/usr/bin/false"], KeepAlive=True, ThrottleInterval=interval)
    times = spawns(double, label, 3)
    for before, after in zip(times, times[1:]):
        assert interval * SCALE - 0.02 <= after - before < interval * SCALE + SLACK


def test_state_during_the_throttle(double):
    label = double.load(ProgramArguments=["/bin/sh", "-c", "exit 1"], KeepAlive=True, ThrottleInterval=6000)
    target = "system/" + label
    wait_for(lambda: double.field(target, "state") == "spawn scheduled", what="throttled state")
    assert double.field(target, "job state") == "exited"
    assert double.field(target, "last exit code") == "1"
    assert double.field(target, "pid") is None
    assert double.field(target, "minimum runtime") == "6000"


def test_clock_jump_does_not_shorten_the_throttle(fresh):
    mac = fresh()
    label = mac.load(ProgramArguments=["/bin/sh", "-c", "exit 1"], KeepAlive=True, ThrottleInterval=6000)
    wait_for(lambda: mac.events("throttle", label), what="throttle")
    mac.ctl("inject", "clock_jump", "seconds=100000")
    time.sleep(0.2)
    assert mac.field("system/" + label, "runs") == "1"
    assert mac.events()[-1]["t"] - mac.events("spawn", label)[0]["t"] > 90000


def test_reload_forgets_the_throttle(double):
    label, path = double.plist(ProgramArguments=["/bin/sh", "-c", "exit 1"], KeepAlive=True, ThrottleInterval=6000)
    assert double.run("bootstrap", "system", path).rc == 0
    wait_for(lambda: double.events("throttle", label), what="throttle")
    assert double.run("bootout", "system/" + label).rc == 0
    wait_for(lambda: double.run("print", "system/" + label).rc == 113)
    assert double.run("bootstrap", "system", path).rc == 0
    wait_for(lambda: len(double.events("spawn", label)) == 2, what="spawn right after the reload")


def test_kickstart_cannot_unthrottle(double):
    label = double.load(ProgramArguments=["/bin/sh", "-c", "exit 1"], KeepAlive=True, ThrottleInterval=6000)
    wait_for(lambda: double.events("throttle", label), what="throttle")
    assert double.run("kickstart", "system/" + label).rc == 0
    assert double.field("system/" + label, "state") == "spawn scheduled"
    assert double.field("system/" + label, "runs") == "1"


def test_kickstart_k_inside_the_window_kills_now_and_spawns_later(double):
    label = double.load(KeepAlive=True, ThrottleInterval=20)
    assert double.run("kickstart", "-k", "system/" + label).rc == 0
    assert double.field("system/" + label, "last terminating signal") == "Terminated: 15"
    first, second = spawns(double, label, 2)
    assert second - first >= 20 * SCALE - 0.02


def test_kickstart_k_after_the_window_respawns_at_once(double):
    label = double.load(KeepAlive=True, ThrottleInterval=1)
    pid = double.field("system/" + label, "pid")
    time.sleep(2 * SCALE)
    assert double.run("kickstart", "-kp", "system/" + label).out.strip() not in ("", pid)
    assert double.events("throttle", label) == []


def test_kickstart_that_blocks_behind_the_throttle(fresh):
    mac = fresh(kickstart_blocks_when_throttled="true")
    label = mac.load(KeepAlive=True, ThrottleInterval=20)
    assert mac.run("kickstart", "-k", "system/" + label).rc == 0
    assert mac.field("system/" + label, "runs") == "2"


def test_kickstart_p_waits_for_a_pid_and_for_no_longer_than_the_job_lives(double):
    label = double.load(ProgramArguments=["/bin/sh", "-c", "exit 1"], KeepAlive=True, ThrottleInterval=6000)
    target = "system/" + label
    wait_for(lambda: double.events("throttle", label), what="throttle")
    waiting = subprocess.Popen([double.launchctl, "kickstart", "-p", target], stdout=subprocess.PIPE)
    time.sleep(0.5)
    assert waiting.poll() is None
    assert double.run("bootout", target).rc == 0
    assert waiting.communicate(timeout=60)[0] == b""


def test_exit_timeout_ends_in_sigkill(double):
    label = double.load_stubborn(ExitTimeOut=10)
    target = "system/" + label
    assert double.run("bootout", target).rc == 0
    wait_for(lambda: double.run("print", target).rc == 113, what="end")
    term, kill, done = (double.events(name, label)[0]["t"] for name in ("sigterm", "sigkill", "bootout-done"))
    assert 10 * SCALE - 0.02 <= kill - term < 10 * SCALE + SLACK
    assert done >= kill
    assert double.events("exit", label)[0]["how"] == ["signal", 9]


def test_exit_timeout_zero_never_kills(double):
    label = double.load_stubborn(ExitTimeOut=0)
    assert double.run("bootout", "system/" + label).rc == 0
    time.sleep(6 * SCALE)
    assert double.field("system/" + label, "state") == "SIGTERMed"
    assert double.events("sigkill", label) == []
    assert double.run("kill", "KILL", "system/" + label).rc == 0
    wait_for(lambda: double.run("print", "system/" + label).rc == 113)


def test_default_exit_timeout_is_5(double):
    label = double.load_stubborn()
    assert double.run("bootout", "system/" + label).rc == 0
    wait_for(lambda: double.events("sigkill", label), what="sigkill")
    delay = double.events("sigkill", label)[0]["t"] - double.events("sigterm", label)[0]["t"]
    assert 5 * SCALE - 0.02 <= delay < 5 * SCALE + SLACK


@pytest.mark.parametrize(("profile", "code"), ((13, 37), (26, 5)))
def test_bootstrap_of_a_draining_label_until_it_is_gone(fresh, profile, code):
    mac = fresh(profile, teardown_lag_ms=200)
    label = mac.load_stubborn(ExitTimeOut=0)
    path = mac.directory + "/%s.plist" % label
    assert mac.run("bootout", "system/" + label).rc == 0
    assert mac.events("exit", label) == [], "bootout does not wait"
    assert [mac.run("bootstrap", "system", path).rc for _round in range(3)] == [code] * 3
    assert mac.run("kill", "KILL", "system/" + label).rc == 0
    wait_for(lambda: mac.run("bootstrap", "system", path).rc == 0, what="bootstrap")
    exited = mac.events("exit", label)[0]["t"]
    assert mac.events("bootout-done", label)[0]["t"] - exited >= 0.19, "the label outlives the process by the lag"
    mac.run("kill", "KILL", "system/" + label)


def test_stop_ends_in_a_respawn_under_keepalive(double):
    label = double.load(KeepAlive=True, ThrottleInterval=1)
    assert double.run("stop", label).rc == 0
    wait_for(lambda: len(double.events("spawn", label)) == 2, what="respawn")


def test_start_interval(double):
    label = double.load(ProgramArguments=["/bin/true"], StartInterval=12)
    times = spawns(double, label, 3)
    for before, after in zip(times, times[1:]):
        assert 12 * SCALE - 0.02 <= after - before < 12 * SCALE + SLACK
    assert double.events("spawn", label)[0]["reason"] == "interval"


def test_idle_costs_nothing(fresh):
    mac = fresh()
    mac.load(KeepAlive=True)
    stat = "/proc/%d/status" % mac.process.pid

    def switches():
        with open(stat, encoding="ascii") as stream:
            return sum(int(line.split()[1]) for line in stream if "ctxt_switches" in line)

    def quiet_second():
        before = switches()
        time.sleep(1)
        return switches() - before <= 2

    wait_for(quiet_second, 20, "a second without waking up")


def test_answers_cost_little(fresh):
    """CPU time, not wall time: other tests may keep the machine busy."""
    mac = fresh()

    def spent():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open("/proc/%d/stat" % mac.process.pid, encoding="ascii") as stream:
            ticks = sum(int(word) for word in stream.read().rpartition(")")[2].split()[11:13])
        return used.ru_utime + used.ru_stime + ticks / os.sysconf("SC_CLK_TCK")

    before = spent()
    for _round in range(10):
        mac.run("print", "system")
    assert (spent() - before) / 10 < 0.1
