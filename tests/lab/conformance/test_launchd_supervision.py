# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job gets from launchd, and when it is started again."""

import json
import os
import sys
import time

import pytest
from harness import wait_for

SHOW = r"""
import json, os, resource, sys
fds = sorted(int(n) for n in os.listdir("/proc/self/fd"))
json.dump({
    "env": dict(os.environ), "fds": [n for n in fds if n < 3 or os.path.exists("/proc/self/fd/%d" % n)],
    "uid": os.getuid(), "euid": os.geteuid(), "gid": os.getgid(), "groups": sorted(os.getgroups()),
    "umask": os.umask(0), "cwd": os.getcwd(), "nice": os.nice(0), "pgid": os.getpgid(0), "sid": os.getsid(0),
    "pid": os.getpid(), "files": resource.getrlimit(resource.RLIMIT_NOFILE), "argv": sys.argv[1:],
    "stdin": os.readlink("/proc/self/fd/0"), "stderr": os.readlink("/proc/self/fd/2"),
    "blocked": [line.split()[1] for line in open("/proc/self/status") if line.startswith(("SigBlk", "SigIgn"))],
}, sys.stdout)
sys.stdout.flush()
"""


@pytest.fixture
def seen(double):
    """seen(domain, **keys): what a job with these keys finds about itself."""

    def run(domain="system", **keys):
        label = double.label()
        log = os.path.join(double.directory, label + ".json")
        open(log, "w", encoding="ascii").close()
        os.chmod(log, 0o666)
        python = os.path.realpath(sys.executable)
        arguments = ["/usr/bin/env", python, "-IS", "-c", SHOW, "one", "two words"]
        double.load(domain, label=label, ProgramArguments=arguments, RunAtLoad=True, StandardOutPath=log, **keys)
        wait_for(lambda: double.events("exit", label), what="exit")
        with open(log, encoding="utf-8") as stream:
            return dict(json.load(stream), label=label)

    return run


def test_environment_is_built_from_nothing(fresh):
    os.environ["LEAK_CANARY"] = "yes"
    mac = fresh()
    mac.stop()
    mac.start(environment=dict(os.environ))
    log = mac.directory + "/env"
    label = mac.load(ProgramArguments=["/usr/bin/env"], RunAtLoad=True, StandardOutPath=log)
    wait_for(lambda: mac.events("exit", label), what="exit")
    del os.environ["LEAK_CANARY"]
    with open(log, encoding="utf-8") as stream:
        lines = sorted(stream.read().splitlines())
    assert lines == ["OSLogRateLimit=64", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "XPC_SERVICE_NAME=" + label]


def test_defaults(seen):
    job = seen()
    assert job["cwd"] == "/"
    assert job["umask"] == 0o022
    assert job["stdin"] == job["stderr"] == "/dev/null"
    assert job["argv"] == ["one", "two words"]
    assert job["pgid"] == job["sid"] == job["pid"]
    assert job["files"][0] == 256
    assert len(job["fds"]) == 3, "only the standard three"
    assert int(job["blocked"][0], 16) == 0, "no signal is blocked"


def test_keys(seen, double):
    job = seen(Umask=0o77, WorkingDirectory=double.directory, Nice=3,
               EnvironmentVariables={"A": "b c", "PATH": "/x:/usr/bin:/bin"},
               SoftResourceLimits={"NumberOfFiles": 600}, HardResourceLimits={"NumberOfFiles": 700})
    assert job["umask"] == 0o77
    assert job["cwd"] == os.path.realpath(double.directory)
    assert job["nice"] == 3
    assert job["files"] == [600, 700]
    assert job["env"]["A"] == "b c"
    assert job["env"]["PATH"] == "/x:/usr/bin:/bin"


def identity(double, domain="system", **keys):
    """What id and the environment say in a job: uid, gid, groups, HOME, USER, LOGNAME, SSH_AUTH_SOCK."""
    log = os.path.join(double.directory, double.label())
    open(log, "w", encoding="ascii").close()
    os.chmod(log, 0o666)
    script = 'id -u; id -g; id -G; echo "$HOME"; echo "$USER"; echo "$LOGNAME"; echo "$SSH_AUTH_SOCK"'
    label = double.load(domain, RunAtLoad=True, StandardOutPath=log, ProgramArguments=["/bin/sh", "-c", script], **keys)
    wait_for(lambda: double.events("exit", label), what="exit")
    with open(log, encoding="utf-8") as stream:
        return stream.read().splitlines()


@pytest.mark.needs_root
def test_user_name(double):
    home = double.root + "/Users/_openclaw"
    assert identity(double, UserName="_openclaw") == ["503", "20", "20 80", home, "_openclaw", "_openclaw", ""]
    assert identity(double, UserName="_openclaw", GroupName="admin")[1] == "80"
    assert identity(double, UserName="_openclaw", InitGroups=False)[2] == "20"
    assert identity(double)[:3] == ["0", "0", "0 20"]
    assert identity(double, GroupName="staff")[:2] == ["0", "20"]


@pytest.mark.needs_root
def test_agents_run_as_their_user_and_ignore_user_name(double):
    found = identity(double, "gui/501", UserName="root")
    assert found[:2] == ["501", "20"]
    assert found[4] == "admin"
    assert found[6].startswith("/var/run/com.apple.launchd.")


@pytest.mark.needs_root
def test_logs_are_opened_as_the_user_and_appended_to(double):
    directory = os.path.join(double.directory, "logs")
    os.mkdir(directory)
    os.chown(directory, 502, 20)
    log = os.path.join(directory, "gateway.log")
    label = double.load(UserName="claw", RunAtLoad=True, StandardOutPath=log, StandardErrorPath=log, Umask=0o77,
                        ProgramArguments=["/bin/sh", "-c", "echo out; echo err >&2"])
    wait_for(lambda: double.events("exit", label), what="exit")
    info = os.stat(log)
    assert (info.st_uid, info.st_mode & 0o777) == (502, 0o600)
    with open(log, encoding="utf-8") as stream:
        assert stream.read() == "out\nerr\n"


@pytest.mark.needs_root
def test_log_owned_by_root_stops_the_user_job(double):
    log = os.path.join(double.directory, "rotated.log")
    open(log, "w", encoding="ascii").close()
    os.chmod(log, 0o644)
    label = double.load(UserName="claw", RunAtLoad=True, StandardOutPath=log)
    wait_for(lambda: double.field("system/" + label, "last exit code") == "78: EX_CONFIG", what="spawn failure")
    assert "StandardOutPath" in double.events("exit", label)[0]["why"]


def test_own_exit_78_is_no_spawn_failure(double):
    label = double.load(RunAtLoad=True, ProgramArguments=["/bin/sh", "-c", "exit 78"])
    wait_for(lambda: double.field("system/" + label, "job state") == "exited", what="exit")
    assert double.field("system/" + label, "last exit code") == "78: EX_CONFIG"


def test_spawn_failures_end_in_the_penalty_box(double):
    label = double.load(KeepAlive=True, ThrottleInterval=1, ProgramArguments=["/nonexistent"])
    wait_for(lambda: "penalty box" in (double.field("system/" + label, "properties") or ""), what="penalty box")
    assert int(double.field("system/" + label, "runs")) >= 2


# KeepAlive, script -> is it started again?
AGAIN = (
    (True, "exit 0", True),
    (True, "exit 1", True),
    (False, "exit 1", False),
    ({}, "exit 1", False),
    ({"SuccessfulExit": False}, "exit 0", False),
    ({"SuccessfulExit": False}, "exit 1", True),
    ({"SuccessfulExit": False}, "kill -TERM $$", True),
    ({"SuccessfulExit": True}, "exit 0", True),
    ({"SuccessfulExit": True}, "exit 1", False),
    ({"Crashed": True}, "exit 1", False),
    ({"Crashed": True}, "kill -TERM $$", False),
    ({"Crashed": True}, "kill -SEGV $$", True),
    ({"Crashed": False}, "exit 0", True),
    ({"SuccessfulExit": False, "Crashed": True}, "exit 1", True),
    ({"NetworkState": True}, "exit 1", False),
    ({"PathState": {"/": True}}, "exit 0", True),
    ({"PathState": {"/nonexistent": True}}, "exit 0", False),
    ({"PathState": {"/nonexistent": False}}, "exit 0", True),
    ({"OtherJobEnabled": {"never.heard.of": False}}, "exit 0", True),
)


def test_keep_alive_conditions(double):
    labels = [double.load(KeepAlive=keep, RunAtLoad=True, ThrottleInterval=10,
                          ProgramArguments=["/bin/sh", "-c", script]) for keep, script, _again in AGAIN]
    for label, (keep, script, again) in zip(labels, AGAIN):
        wait_for(lambda label=label: double.events("exit", label), what="exit")
        if again:
            wait_for(lambda label=label: len(double.events("spawn", label)) > 1, what="respawn %s %s" % (keep, script))
    time.sleep(12 * 0.05)
    for label, (keep, script, again) in zip(labels, AGAIN):
        assert (len(double.events("spawn", label)) > 1) is again, (keep, script)
        double.run("bootout", "system/" + label)


def test_clean_exit_is_held_down_for_good(double):
    label = double.load(KeepAlive={"SuccessfulExit": False}, ProgramArguments=["/bin/true"])
    wait_for(lambda: double.events("exit", label), what="the first run that SuccessfulExit implies")
    assert double.field("system/" + label, "state") == "not running"
    assert double.field("system/" + label, "last exit code") == "0"


def test_path_state_starts_when_the_path_appears(double):
    path = os.path.join(double.directory, "go")
    label = double.load(KeepAlive={"PathState": {path: True}}, ThrottleInterval=1)
    assert double.events("spawn", label) == []
    open(path, "w", encoding="ascii").close()
    wait_for(lambda: double.events("spawn", label), what="spawn")
    double.run("bootout", "system/" + label)


def test_launch_only_once(double):
    label = double.load(KeepAlive=True, LaunchOnlyOnce=True, ThrottleInterval=1, ProgramArguments=["/bin/true"])
    wait_for(lambda: double.events("exit", label), what="exit")
    time.sleep(0.2)
    assert len(double.events("spawn", label)) == 1


def test_reasons(double):
    label = double.load(KeepAlive=True, ThrottleInterval=1, ProgramArguments=["/bin/true"])
    wait_for(lambda: len(double.events("spawn", label)) > 1, what="respawn")
    assert [row["reason"] for row in double.events("spawn", label)][:2] == ["speculative", "inefficient"]


def alive(pid):
    """Does the process run (a zombie does not)?"""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(("abandon", "own_session", "survives"), (
    (False, False, False), (True, False, True), (False, True, True)))
def test_what_is_left_of_the_process_group(fresh, abandon, own_session, survives):
    mac = fresh()
    note = os.path.join(mac.directory, "pid")
    child = "%s sh -c 'echo $$ > %s; exec sleep 700' & " % ("setsid" if own_session else "", note)
    script = child + "while [ ! -s %s ]; do sleep 0.05; done; exit 0" % note
    label = mac.load(RunAtLoad=True, AbandonProcessGroup=abandon, ProgramArguments=["/bin/sh", "-c", script])
    wait_for(lambda: mac.events("exit", label), what="exit")
    with open(note, encoding="ascii") as stream:
        pid = int(stream.read())
    if survives:
        time.sleep(0.2)
        assert alive(pid)
    else:
        wait_for(lambda: not alive(pid), what="end of the child")
    mac.stop()
    assert not alive(pid), "the machine's end is everybody's end"


def test_orphans_are_reaped(fresh):
    mac = fresh()
    label = mac.load(RunAtLoad=True, AbandonProcessGroup=True,
                     ProgramArguments=["/bin/sh", "-c", "for i in 1 2 3 4 5; do (setsid sleep 0.1 &) ; done; exit 0"])
    wait_for(lambda: mac.events("exit", label), what="exit")

    def children():
        with open("/proc/%d/task/%d/children" % (mac.process.pid, mac.process.pid), encoding="ascii") as stream:
            return stream.read().split()

    wait_for(lambda: not children(), what="reaping")


def test_a_term_between_fork_and_exec_is_not_lost(double):
    for _round in range(8):
        label = double.load(RunAtLoad=True, ExitTimeOut=600)
        double.run("bootout", "system/" + label)
        wait_for(lambda label=label: double.run("print", "system/" + label).rc == 113, what="end of " + label)
        assert double.events("sigkill", label) == []


def test_many_jobs_at_once(fresh):
    mac = fresh()
    for number in range(60):
        mac.plist(label="many.%d" % number, directory=mac.daemons, KeepAlive=True)
    start = time.monotonic()
    mac.ctl("boot")
    assert time.monotonic() - start < 20
    assert len(mac.ctl("status")["domains"]["system"]) == 60
    assert mac.stop() == 0
