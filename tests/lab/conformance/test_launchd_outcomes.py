# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exit codes and sentences, one row per situation, per release and caller where they differ."""

import os
import pty
import subprocess

import pytest
from harness import PROFILES, wait_for

HINT = "Try re-running the command as root for richer errors.\n"
BOOTSTRAP_5 = "Bootstrap failed: 5: Input/output error\n"
BOOTOUT_5 = "Boot-out failed: 5: Input/output error\n"
ROOT, ADMIN = 0, 501


def caller(mac, uid, *argv):
    return mac.run(*argv) if uid == ROOT else mac.run_as(uid, *argv)


def place(uid):
    return "system" if uid == ROOT else "gui/%d" % uid


# -- bootstrap refusals: (name, keys of the plist file, true code) ---------------------------------

GOOD = ["/bin/sleep", "600"]
REFUSALS = (
    ("no label", {"raw": b"<plist version='1.0'><dict><key>Program</key><string>/bin/ls</string></dict></plist>"}, 110),
    ("label is a number", {"raw": b"<plist><dict><key>Label</key><integer>1</integer></dict></plist>"}, 110),
    ("no program", {"ProgramArguments": None}, 111),
    ("empty arguments", {"ProgramArguments": []}, 111),
    ("arguments with a number", {"ProgramArguments": ["/bin/sleep", 5]}, 111),
    ("not a plist", {"raw": b"hello"}, 109),
    ("empty file", {"raw": b""}, 109),
    ("unclosed", {"raw": b"<plist version='1.0'><dict><key>Label</key>"}, 109),
    ("an array", {"raw": b"<plist version='1.0'><array/></plist>"}, 109),
    ("throttle is a string", {"ThrottleInterval": "30"}, 109),
    ("throttle is a float", {"ThrottleInterval": 1.5}, 109),
    ("keepalive is a string", {"KeepAlive": "yes"}, 109),
    ("runatload is a number", {"RunAtLoad": 1}, 109),
    ("environment with a number", {"EnvironmentVariables": {"PORT": 18789}}, 109),
    ("limits with a string", {"SoftResourceLimits": {"NumberOfFiles": "10240"}}, 109),
    ("umask is no mode", {"Umask": "89"}, 109),
    ("process type unknown", {"ProcessType": "Fast"}, 109),
    ("group writable", {"mode": 0o664}, 122),
    ("other writable", {"mode": 0o646}, 122),
    ("somebody else's", {"owner": 502}, 122),
    ("disabled in the plist", {"Disabled": True}, 119),
)


@pytest.mark.needs_root
@pytest.mark.parametrize("uid", (ROOT, ADMIN))
@pytest.mark.parametrize("profile", PROFILES)
def test_bootstrap_refusals(doubles, profile, uid):
    mac = doubles(profile)
    labels = []
    for name, keys, true in REFUSALS:
        label, path = mac.plist(**keys)
        result = caller(mac, uid, "bootstrap", place(uid), path)
        shown = true if uid == ROOT and profile <= 13 else 5
        line = BOOTSTRAP_5 if shown == 5 else "Bootstrap failed: %d: " % shown
        assert result.rc == shown, (name, result)
        assert line in result.err, (name, result)
        assert (HINT in result.err) is (shown == 5 and uid != ROOT), (name, result)
        assert result.err.startswith(path + ": ") is (shown != 5), (name, result)
        assert result.out == ""
        assert "failed (%d: " % true in mac.unified().splitlines()[-1], name
        labels.append(label)
    assert not set(labels) & set(mac.ctl("status")["domains"][place(uid)]), "nothing refused is loaded"


@pytest.mark.needs_root
@pytest.mark.parametrize("uid", (ROOT, ADMIN))
@pytest.mark.parametrize("profile", PROFILES)
def test_bootstrap_states(doubles, profile, uid):
    """Missing file, already loaded, draining, disabled in the database."""
    mac = doubles(profile)
    real = uid == ROOT and profile <= 13

    def refused(path, true, sentence):
        result = caller(mac, uid, "bootstrap", place(uid), path)
        assert result.rc == (true if real else 5), result
        wanted = "%s: %s\nBootstrap failed: %d: " % (path, sentence, true) if real else BOOTSTRAP_5
        assert result.err.startswith(wanted), result

    refused(mac.directory + "/nowhere.plist", 2, "No such file or directory")

    label = mac.load_stubborn(place(uid), ExitTimeOut=600)
    path = os.path.join(mac.directory, label + ".plist")
    refused(path, 37, "service already bootstrapped")

    target = "%s/%s" % (place(uid), label)
    out = caller(mac, uid, "bootout", target)
    in_progress = "Boot-out failed: 36: Operation now in progress\n"
    assert (out.rc, out.err) == ((36, in_progress) if profile == 11 else (0, ""))
    refused(path, 37, "service already bootstrapped")
    kicked = caller(mac, uid, "kickstart", target)
    assert (kicked.rc, kicked.err) == (37, "")
    assert mac.run("kill", "KILL", target).rc == 0
    wait_for(lambda: mac.run("print", target).rc == 113, what="end of draining")

    assert caller(mac, uid, "disable", target).rc == 0
    refused(path, 119, "Service is disabled")
    assert "failed (119: Service is disabled)" in mac.unified()
    assert caller(mac, uid, "enable", target).rc == 0
    assert caller(mac, uid, "bootstrap", place(uid), path).rc == 0


@pytest.mark.parametrize("profile", (13, 26))
def test_session_type_mismatch(doubles, profile):
    mac = doubles(profile)
    rows = (
        ("user/501", {}, 134),
        ("user/501", {"LimitLoadToSessionType": "Aqua"}, 134),
        ("user/501", {"LimitLoadToSessionType": "Background"}, 0),
        ("user/501", {"LimitLoadToSessionType": ["Aqua", "Background"]}, 0),
        ("gui/501", {"LimitLoadToSessionType": "Background"}, 134),
        ("gui/501", {}, 0),
        ("system", {"LimitLoadToSessionType": "Aqua"}, 0),
    )
    for domain, keys, true in rows:
        _label, path = mac.plist(**keys)
        result = mac.run("bootstrap", domain, path)
        assert result.rc == (true if profile == 13 or true == 0 else 5), (domain, keys, result)


STARTS_WELL_BUT = (
    ("missing program", {"ProgramArguments": ["/nonexistent/node"]}),
    ("not executable", {"ProgramArguments": ["/etc/hostname"]}),
    ("missing directory", {"WorkingDirectory": "/nonexistent"}),
    ("missing user", {"UserName": "nobody-has-this-name"}),
    ("missing group", {"GroupName": "nobody-has-this-name"}),
    ("log is a directory", {"StandardOutPath": "/"}),
)


@pytest.mark.needs_root
@pytest.mark.parametrize(("name", "keys"), STARTS_WELL_BUT)
def test_bootstrap_zero_does_not_mean_running(double, name, keys):
    label = double.load(RunAtLoad=True, **keys)
    target = "system/" + label
    wait_for(lambda: double.field(target, "job state") == "spawn failed", what="spawn failure")
    assert double.field(target, "last exit code") == "78: EX_CONFIG"
    assert double.field(target, "runs") == "1"
    assert double.field(target, "state") == "not running"


@pytest.mark.needs_root
def test_log_in_a_directory_launchd_made_is_out_of_reach_for_the_user(double):
    label = double.load(RunAtLoad=True, UserName="claw", StandardOutPath=double.directory + "/made/by/launchd.log")
    wait_for(lambda: double.field("system/" + label, "job state") == "spawn failed", what="spawn failure")
    assert os.stat(double.directory + "/made").st_uid == 0


# -- domains that are not there --------------------------------------------------------------------

ABSENT = (
    # argv with {t} for gui/777 and {p} for a plist; code; stderr by release (12, later)
    (("bootstrap", "gui/777", "{p}"), 125, "Bootstrap failed: 125: Domain does not support specified action\n"),
    (("print", "gui/777"), 112, "Could not find domain for user gui: 777\n"),
    (("print", "gui/777/x"), 112, "Could not find domain for user gui: 777\n"),
    (("kickstart", "gui/777/x"), 125,
     'Could not kickstart service "x": 125: Domain does not support specified action\n'),
    (("bootout", "gui/777/x"), 125, "Boot-out failed: 125: Domain does not support specified action\n"),
)
UNKNOWN = (
    (("print", "gui/501/x"), 113, 'Could not find service "x" in domain for user gui: 501\n'),
    (("print", "user/501/x"), 113, 'Could not find service "x" in domain for uid: 501\n'),
    (("print", "system/x"), 113, 'Could not find service "x" in domain for system\n'),
    (("kickstart", "gui/501/x"), 113, 'Could not find service "x" in domain for user gui: 501\n'),
    (("kickstart", "-k", "system/x"), 113, 'Could not find service "x" in domain for system\n'),
    (("kill", "TERM", "system/x"), 113, 'Could not find service "x" in domain for system\n'),
    (("blame", "system/x"), 113, 'Could not find service "x" in domain for system\n'),
    (("bootout", "system/x"), 3, "Boot-out failed: 3: No such process\n"),
    (("bootout", "gui/501/x"), 3, "Boot-out failed: 3: No such process\n"),
    (("list", "x"), 113, 'Could not find service "x" in domain for port\n'),
    (("start", "x"), 3, ""),
    (("stop", "x"), 3, ""),
    (("remove", "x"), 3, ""),
)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("argv", "code", "err"), ABSENT + UNKNOWN, ids=[" ".join(r[0]) for r in ABSENT + UNKNOWN])
def test_what_is_not_there(doubles, profile, argv, code, err):
    mac = doubles(profile)
    _label, path = mac.plist()
    result = mac.run(*[word.replace("{p}", path) for word in argv])
    prefix = "Bad request.\n" if argv[0] == "print" and profile >= 13 else ""
    assert (result.rc, result.out, result.err) == (code, "", prefix + err)


@pytest.mark.needs_root
@pytest.mark.parametrize("uid", (ROOT, ADMIN))
def test_bootout_by_path_of_something_not_loaded(double, uid):
    _label, path = double.plist()
    result = caller(double, uid, "bootout", place(uid), path)
    assert (result.rc, result.err) == (5, BOOTOUT_5 + (HINT if uid else ""))


def test_bootout_by_path(double):
    label, path = double.plist()
    assert double.run("bootstrap", "system", path).rc == 0
    result = double.run("bootout", "system", path)
    assert (result.rc, result.err) == (0, "")
    wait_for(lambda: double.run("print", "system/" + label).rc == 113)


@pytest.mark.parametrize("profile", PROFILES)
def test_bootout_wait_exists_since_26(doubles, profile):
    mac = doubles(profile)
    label = mac.load(RunAtLoad=True)
    result = mac.run("bootout", "--wait", "system/" + label)
    if profile >= 26:
        assert (result.rc, result.err) == (0, "")
        assert mac.run("print", "system/" + label).rc == 113
    else:
        assert result.rc == 64
        assert result.err.startswith("Unrecognized target specifier.\n")
        assert mac.field("system/" + label, "state") == "running"


# -- kickstart, kill -------------------------------------------------------------------------------


def test_kickstart_of_a_running_job_changes_nothing(double):
    label = double.load(KeepAlive=True)
    pid = double.field("system/" + label, "pid")
    assert double.run("kickstart", "system/" + label).rc == 0
    result = double.run("kickstart", "-p", "system/" + label)
    assert (result.rc, result.out) == (0, pid + "\n")
    assert double.field("system/" + label, "runs") == "1"


def test_kickstart_tells_a_terminal_more(double):
    label = double.load(KeepAlive=True)
    leader, follower = pty.openpty()
    subprocess.run([double.launchctl, "kickstart", "-p", "system/" + label], stdout=follower, check=True, timeout=30)
    os.close(follower)
    text = os.read(leader, 200).decode().strip()
    os.close(leader)
    assert text == "service spawned with pid: " + double.field("system/" + label, "pid")


def test_kickstart_starts_a_job_nobody_asked_for(double):
    label = double.load()
    assert double.field("system/" + label, "state") == "not running"
    result = double.run("kickstart", "-p", "system/" + label)
    assert result.out.strip() == double.field("system/" + label, "pid")
    assert double.field("system/" + label, "immediate reason") == "non-ipc demand"
    assert double.run("blame", "system/" + label).out == "non-ipc demand\n"


def test_kickstart_does_not_read_the_plist_again(double):
    label, path = double.plist(ThrottleInterval=1, KeepAlive=True)
    assert double.run("bootstrap", "system", path).rc == 0
    double.plist(label=label, ThrottleInterval=1, KeepAlive=True, ProgramArguments=["/bin/sleep", "987.5"])
    pid = double.field("system/" + label, "pid")
    assert double.run("kickstart", "-k", "system/" + label).rc == 0
    wait_for(lambda: double.field("system/" + label, "pid") not in (None, pid), what="new process")
    # No pid, and no other number of it, looks like that.
    assert "987.5" not in double.run("print", "system/" + label).out


KILL = (
    (("kill", "TERM", "system/{l}"), 3, "No process to signal.\n"),
    (("kill", "NONSENSE", "system/{l}"), 64, "Invalid signal.\n"),
    (("kill", "99", "system/{l}"), 64, "Invalid signal.\n"),
    (("kill", "0", "system/{l}"), 64, "Invalid signal.\n"),
)


@pytest.mark.parametrize(("argv", "code", "err"), KILL, ids=[" ".join(row[0]) for row in KILL])
def test_kill_of_an_idle_job(double, argv, code, err):
    label = double.load()
    result = double.run(*[word.replace("{l}", label) for word in argv])
    assert (result.rc, result.err) == (code, err)


@pytest.mark.parametrize(("word", "text"), (
    ("15", "Terminated: 15"), ("TERM", "Terminated: 15"), ("SIGTERM", "Terminated: 15"), ("-TERM", "Terminated: 15"),
    ("KILL", "Killed: 9"), ("USR1", "User defined signal 1: 30"), ("30", "User defined signal 1: 30"),
    ("10", "Bus error: 10"), ("SEGV", "Segmentation fault: 11")))
def test_kill_uses_the_numbers_of_darwin(double, word, text):
    label = double.load(RunAtLoad=True)
    assert double.run("kill", word, "system/" + label).rc == 0
    wait_for(lambda: double.events("exit", label), what="exit")
    assert double.field("system/" + label, "last terminating signal") == text
    assert double.field("system/" + label, "last exit code") is None


# -- syntax ----------------------------------------------------------------------------------------

SYNTAX = (
    ("kickstart", "bare.label"), ("bootout", "bare.label"), ("enable", "bare.label"), ("kickstart", "gui/abc/x"),
    ("print", "nonsense/1"), ("bootstrap", "system/x", "/y.plist"), ("kickstart", "-z", "system/x"), ("kickstart",),
    ("bootstrap",), ("bootout",), ("print",), ("print", "system", "x"), ("enable",), ("enable", "system"),
    ("disable", "a", "b"), ("kill", "TERM"), ("blame",), ("setenv", "K"), ("error",), ("error", "x"),
    ("print-disabled",), ("frobnicate",), ("bootstrap", "-w", "system"), ("load",), ("unload", "-q", "x"),
    ("start",), ("submit", "-l", "x"), ("asuser", "x"), ("getenv",), ("limit", "nonsense"),
)


@pytest.mark.parametrize("argv", SYNTAX, ids=[" ".join(argv) for argv in SYNTAX])
@pytest.mark.parametrize("profile", (12, 26))
def test_wrong_syntax_is_64(doubles, profile, argv):
    result = doubles(profile).run(*argv)
    assert (result.rc, result.out) == (64, "")
    assert result.err.startswith(("Usage: ", "Unrecognized "))


def test_bare_label_gets_a_suggestion(double):
    wanted = "Unrecognized target specifier, did you mean gui/%d/x.y\n" % os.getuid()
    assert double.run("kickstart", "x.y").err == wanted


ERRORS = ((0, "No error"), (1, "Operation not permitted"), (5, "Input/output error"), (17, "File exists"),
          (36, "Operation now in progress"), (37, "Operation already in progress"), (78, "Function not implemented"),
          (112, "Could not find specified domain"), (113, "Could not find specified service"),
          (119, "Service is disabled"), (122, "Path had bad ownership/permissions"),
          (125, "Domain does not support specified action"), (134, "Service cannot load in requested session"),
          (150, "Operation not permitted while System Integrity Protection is engaged"),
          (161, "Service cannot be launched because of BTM policy"))


@pytest.mark.parametrize(("code", "text"), ERRORS)
def test_error(double, code, text):
    assert double.run("error", str(code)).out == "%d: %s\n" % (code, text)


def test_version(double):
    result = double.run("version")
    assert result.rc == 0 and result.out.startswith("Darwin Bootstrapper Version 7.0.0: ")


def test_system_integrity_protection(fresh):
    mac = fresh()
    apple = os.path.join(mac.root, "System/Library/LaunchDaemons")
    mac.plist(label="com.apple.example", directory=apple, KeepAlive=True)
    mac.ctl("boot")
    for argv in (("kickstart", "-k"), ("bootout",)):
        result = mac.run(*argv, "system/com.apple.example")
        assert result.rc == 150
        assert "150: Operation not permitted while System Integrity Protection is engaged" in result.err
    assert mac.run("kickstart", "system/com.apple.example").rc == 0
