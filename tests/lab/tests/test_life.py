# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Up, exec, reset, reboot, down: what the words promise."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from lablib import machine, requirements
from lablib.errors import LabError
from lablib.paths import LabPaths


def test_up_prints_only_the_inventory_and_twice_the_same(lab):
    first = lab.ok("up", "--hosts", "2")
    assert first == lab.ok("up", "--hosts", "1") == lab.ok("inventory")
    assert first.count("\n") == 1
    assert Path(first.strip()).is_file()
    before = {name: host["pid"] for name, host in lab.status()["hosts"].items()}
    assert sorted(before) == ["mini01", "mini02"]


def test_up_only_adds(other_lab):
    before = other_lab.status()["hosts"]["mini01"]["pid"]
    other_lab.ok("up", "--hosts", "3")
    after = other_lab.status()["hosts"]
    assert sorted(after) == ["mini01", "mini02", "mini03"]
    assert after["mini01"]["pid"] == before
    assert {host["state"] for host in after.values()} == {"on"}


def test_three_hosts_are_up_within_ten_seconds(other_lab):
    other_lab.ok("down")
    started = time.monotonic()
    other_lab.ok("up", "--hosts", "3")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["true"], 0),
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -9 $$"], 137),
        (["no-such-program"], 127),
        (["/etc"], 126),
        (["launchctl", "--help-me"], None),
    ],
)
def test_exec_returns_the_exit_code(lab, command, code):
    done = lab.run("exec", "mini01", "--", *command)
    assert done.returncode == code if code is not None else done.returncode != 0


def test_exec_passes_stdin_and_its_own_options_belong_to_the_command(lab):
    assert lab.ok("exec", "mini01", "--", "cat", "-", stdin="one\ntwo\n") == "one\ntwo\n"
    assert lab.ok("exec", "mini01", "--", "echo", "--user", "x", "--", "y") == "--user x -- y\n"


def test_exec_as_user_is_a_login(lab):
    env = dict(line.split("=", 1) for line in lab.sh("mini01", "pwd >&2; env", user="openclaw").splitlines())
    assert env["HOME"] == env["PWD"] == "/Users/openclaw"
    assert env["USER"] == env["LOGNAME"] == "openclaw"
    assert env["PATH"] == "/usr/bin:/bin:/usr/sbin:/sbin"
    assert not [key for key in env if key.startswith("OPENCLAW")]
    assert lab.sh("mini01", "id -u; id -g", user="openclaw").split() == ["502", "20"]


def test_a_signal_to_the_lab_reaches_the_command(lab):
    script = "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    with lab.popen("exec", "mini01", "--", "sh", "-c", script, stdout=subprocess.PIPE) as running:
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGTERM)
        assert running.stdout.readline() == "caught\n"
        assert running.wait(10) == 9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["exec", "mini77", "--", "true"], "it has: mini01, mini02"),
        (["exec", "mini01", "--user", "nobody-here", "--", "true"], "nobody-here"),
        (["exec", "mini01"], "write: exec HOST -- COMMAND"),
        (["inject", "mini01", "no_such_fault"], "lab faults"),
        (["inject", "mini01", "foreign_port", "prot=1"], "it takes: port=18789"),
        (["up", "--hosts", "0"], "1 to 90"),
        (["login", "mini01", "nobody-here"], "nobody-here"),
        (["launchd", "mini01", "no-such-verb"], "no such verb"),
    ],
)
def test_a_mistake_is_one_clear_line(lab, words, said):
    done = lab.run(*words)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_lab_that_is_not_up_says_how_to_bring_it_up(lab):
    done = lab.run("--name", "never-made", "status")
    assert done.returncode == 1
    assert "lab --name never-made up" in done.stderr


def test_without_root_it_says_so(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match="needs root.*sudo"):
        requirements.check()


def test_without_a_program_it_prints_the_line_to_run(monkeypatch):
    monkeypatch.setattr(requirements.shutil, "which", lambda name: None if name in ("ip", "sshd") else "/bin/true")
    with pytest.raises(LabError, match="apt-get install .*iproute2 openssh-server$"):
        requirements.check()


def test_reset_gives_a_virgin_mac_in_under_a_second(lab, fresh):
    virgin = lab.ok("checksum", fresh)
    lab.sh(fresh, "echo x > /Users/openclaw/x; mkdir /opt/openclaw; rm /etc/shells; chmod 700 /opt; echo y > /tmp/y")
    lab.ok("exec", fresh, "--", "launchctl", "disable", "system/x.y.z")
    assert lab.ok("checksum", fresh) != virgin
    lab.ok("reset", fresh)
    assert lab.ok("checksum", fresh) == virgin
    assert "x.y.z" not in lab.sh(fresh, "ls /tmp; launchctl print-disabled system")


def test_reset_takes_less_than_a_second(lab, fresh):
    spent, idle = [], []
    for _round in range(7):
        started = time.monotonic()
        lab.ok("inventory")
        idle.append(time.monotonic() - started)
        lab.sh(fresh, "dd if=/dev/zero of=/Users/openclaw/data bs=1M count=20 2>/dev/null")
        started = time.monotonic()
        lab.ok("reset", fresh)
        spent.append(time.monotonic() - started)
    # On a busy machine even a word that does nothing is slow: 0.07 s is what that takes on an idle one.
    assert min(spent) < max(1.0, min(idle) / 0.07), (spent, idle)


#: Writes a number into one file, then into another, and so on. They are files that come and go, as a Gateway's do.
BUSY = """
import itertools, os
os.chdir("/Users/openclaw")
for number in range(2000):
    open("%d" % number, "w").close()
for number in itertools.count():
    for name in ("first", "second"):
        with open(name + ".new", "w") as stream:
            stream.write(str(number))
        os.replace(name + ".new", name)
"""


def test_a_clone_is_of_one_moment_of_a_host_that_works_on(lab, fresh):
    def number(host, name):
        return int(lab.sh(host, f"cat /Users/openclaw/{name}"))

    worker = lab.popen("exec", fresh, "--", "python3", "-c", BUSY)
    try:
        lab.sh(fresh, "until test -e /Users/openclaw/second; do sleep 0.05; done")
        before = number(fresh, "first")
        for _copy in range(3):
            lab.ok("clone", fresh, "mini02")
            assert number("mini02", "first") - number("mini02", "second") in (0, 1)
        until = number(fresh, "first")
        lab.sh(fresh, f"until test $(cat /Users/openclaw/second) -gt {until}; do sleep 0.05; done")
        assert until > before
    finally:
        worker.terminate()
        worker.wait()
        lab.ok("reset", "mini02")


def test_a_power_cut_keeps_the_disk_and_drops_the_rest(lab, fresh):
    lab.ok("login", fresh, "openclaw")
    lab.sh(fresh, "echo kept > /Users/openclaw/file; echo gone > /tmp/file; sleep 1000 >/dev/null 2>&1 & ")
    assert lab.sh(fresh, "stat -c %U /dev/console").strip() == "openclaw"
    boots = lab.status()["hosts"][fresh]["boots"]
    lab.ok("reboot", fresh)
    assert lab.status()["hosts"][fresh]["boots"] == boots + 1
    assert lab.sh(fresh, "cat /Users/openclaw/file; ls -A /tmp; stat -c %U /dev/console").split() == ["kept", "root"]
    assert "sleep" not in lab.sh(fresh, "cat /proc/[0-9]*/comm")
    assert "gui/502" not in json.loads(lab.ok("launchd", fresh, "status"))["domains"]


def test_automatic_login_survives_a_power_cut(lab, fresh):
    lab.ok("autologin", fresh, "openclaw")
    lab.ok("reboot", fresh)
    assert "gui/502" in json.loads(lab.ok("launchd", fresh, "status"))["domains"]
    assert lab.sh(fresh, "stat -c %U /dev/console").strip() == "openclaw"
    lab.ok("autologin", fresh, "off")
    lab.ok("reboot", fresh)
    assert "gui/502" not in json.loads(lab.ok("launchd", fresh, "status"))["domains"]


def test_login_and_logout(lab, fresh):
    lab.ok("login", fresh)
    assert lab.run("exec", fresh, "--", "launchctl", "print", "gui/502").returncode == 0
    lab.ok("logout", fresh)
    assert lab.run("exec", fresh, "--", "launchctl", "print", "gui/502").returncode != 0


def _left_of(paths: LabPaths) -> list:
    links = os.listdir("/sys/class/net")
    mounts = Path("/proc/self/mountinfo").read_text()
    found = [name for name in links if paths.id in name]
    found += [str(path) for path in (paths.state, paths.control) if path.exists()]
    found += [line for line in mounts.splitlines() if str(paths.state) in line]
    for pid in (name for name in os.listdir("/proc") if name.isdigit()):
        try:
            mine = f"{paths.state}/" in Path(f"/proc/{pid}/mountinfo").read_text()
            mine = mine or f"{paths.state}/" in Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            continue
        found += [f"process {pid}"] if mine and machine.start_time(int(pid)) else []
    return found


def test_down_leaves_nothing(other_lab):
    paths = LabPaths(other_lab.name)
    assert _left_of(paths)
    other_lab.sh("mini01", "sleep 1000 >/dev/null 2>&1 &")
    other_lab.ok("down")
    assert _left_of(paths) == []
    other_lab.ok("down")


@pytest.mark.parametrize("damage", ["lab.json is gone", "lab.json is half written", "mirror was killed"])
def test_down_cleans_up_after_a_crash(other_lab, damage):
    paths = LabPaths(other_lab.name)
    state = json.loads(paths.file.read_text())
    if damage == "lab.json is gone":
        paths.file.unlink()
    elif damage == "lab.json is half written":
        paths.file.write_text(paths.file.read_text()[:100])
    else:
        os.kill(state["mirror"]["pid"], signal.SIGKILL)
        machine.end(state["hosts"]["mini01"]["pid1"])
        other_lab.ok("up", "--hosts", "1")
        assert other_lab.status()["mirror"]["state"] == other_lab.status()["hosts"]["mini01"]["state"] == "on"
    other_lab.ok("down")
    assert _left_of(paths) == []


def test_log_merges_what_happened(lab, fresh):
    lab.run("exec", fresh, "--", "launchctl", "print", "system/no.such.job")
    lab.sh(fresh, "sw_vers >/dev/null")
    log = [json.loads(line) for line in lab.ok("log", fresh).splitlines()]
    assert [entry["t"] for entry in log] == sorted(entry["t"] for entry in log)
    assert {"launchctl", "launchd", "program"} == {entry["source"] for entry in log}
    call = next(entry for entry in log if entry["source"] == "launchctl")
    assert call["argv"] == ["print", "system/no.such.job"]
    assert call["rc"] == 113
