# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults, the logs, and what garbage does."""

import json
import os
import socket
import time

import pytest
from harness import client, wait_for

BOOTSTRAP_5 = "Bootstrap failed: 5: Input/output error\n"


@pytest.fixture
def mac(fresh):
    made = fresh()
    made.ctl("login", 501)
    return made


def no_answer(mac, *argv):
    """The call hangs until its caller goes away."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(mac.socket)
        sock.settimeout(0.5)
        sock.sendall(json.dumps({"argv": argv}).encode() + b"\n")
        with pytest.raises(socket.timeout):
            sock.recv(1)


def test_bootstrap_rc_strikes_as_often_as_told(mac):
    _label, path = mac.plist()
    mac.ctl("inject", "bootstrap_rc", "rc=5", "times=2")
    assert [mac.run("bootstrap", "system", path).rc for _i in range(3)] == [5, 5, 0]


def test_bootstrap_rc_for_one_label(mac):
    label, path = mac.plist()
    mac.ctl("inject", "bootstrap_rc", "rc=125", "label=" + label)
    mac.load()
    assert mac.run("bootstrap", "system", path).rc == 125


def test_bootstrap_false_negative(mac):
    label, path = mac.plist(KeepAlive=True)
    mac.ctl("inject", "bootstrap_false_negative")
    result = mac.run("bootstrap", "system", path)
    assert (result.rc, result.err) == (5, BOOTSTRAP_5)
    assert mac.field("system/" + label, "state") == "running"


def test_bootout_36_means_accepted_5_means_nothing(mac):
    label = mac.load(KeepAlive=True)
    mac.ctl("inject", "bootout_rc", "rc=5")
    assert mac.run("bootout", "system/" + label).rc == 5
    assert mac.field("system/" + label, "state") == "running"
    mac.ctl("inject", "bootout_rc", "rc=36")
    result = mac.run("bootout", "system/" + label)
    assert (result.rc, result.err) == (36, "Boot-out failed: 36: Operation now in progress\n")
    wait_for(lambda: mac.run("print", "system/" + label).rc == 113)


def test_bootout_hangs_until_the_kill(mac):
    label = mac.load(KeepAlive=True, ExitTimeOut=10)
    mac.ctl("inject", "bootout_hang_until_kill")
    assert mac.run("bootout", "system/" + label).rc == 0
    wait_for(lambda: mac.run("print", "system/" + label).rc == 113)
    assert mac.events("sigterm", label)[0]["swallowed"] is True
    assert mac.events("exit", label)[0]["how"] == ["signal", 9]


def test_teardown_lag(mac):
    label, path = mac.plist(KeepAlive=True)
    mac.run("bootstrap", "system", path)
    mac.ctl("inject", "teardown_lag", "seconds=600")
    mac.run("bootout", "system/" + label)
    wait_for(lambda: mac.events("exit", label))
    assert mac.run("bootstrap", "system", path).rc == 5
    assert mac.field("system/" + label, "state") == "SIGTERMed"
    assert mac.field("system/" + label, "pid") is None
    assert mac.events("bootout-done", label) == []


def test_gui_absent(mac):
    label, path = mac.plist()
    mac.ctl("inject", "gui_absent", "uid=501")
    codes = [mac.run(*argv).rc for argv in (("print", "gui/501"), ("bootstrap", "gui/501", path),
                                            ("kickstart", "gui/501/" + label), ("enable", "gui/501/" + label))]
    assert codes == [112, 125, 125, 125]
    mac.ctl("clear", "gui_absent")
    assert mac.run("bootstrap", "gui/501", path).rc == 0


def test_print_rc_and_timeout(mac):
    label = mac.load()
    mac.ctl("inject", "print_rc", "rc=1")
    result = mac.run("print", "system/" + label)
    assert (result.rc, result.err) == (1, "Could not print domain: 1: Operation not permitted\n")
    mac.ctl("inject", "print_timeout")
    no_answer(mac, "print", "system/" + label)
    assert mac.run("print", "system/" + label).rc == 0
    wait_for(lambda: [call for call in mac.calls() if call.get("abandoned") and call["rc"] is None])


@pytest.mark.parametrize(("rc", "err"), (
    (37, ""), (5, 'Could not kickstart service "{l}": 5: Input/output error\n'),
    (125, 'Could not kickstart service "{l}": 125: Domain does not support specified action\n'), (119, "")))
def test_kickstart_rc(mac, rc, err):
    label = mac.load()
    mac.ctl("inject", "kickstart_rc", "rc=%d" % rc)
    result = mac.run("kickstart", "system/" + label)
    assert (result.rc, result.err) == (rc, err.format(l=label))
    assert mac.run("kickstart", "system/" + label).rc == 0


def test_kickstart_block(mac):
    label = mac.load()
    mac.ctl("inject", "kickstart_block")
    no_answer(mac, "kickstart", "system/" + label)
    assert mac.run("kickstart", "system/" + label).rc == 0


def test_pended_until_a_kickstart(mac):
    mac.ctl("inject", "pend_spawns", "domain=gui/501", "reason=inefficient")
    label = mac.load("gui/501", KeepAlive=True)
    target = "gui/501/" + label
    assert mac.field(target, "state") == "not running"
    assert mac.field(target, "pended nondemand spawn") == "inefficient"
    assert mac.field(target, "runs") == "0"
    other = mac.load(KeepAlive=True)
    assert mac.field("system/" + other, "state") == "running"
    assert mac.run("kickstart", target).rc == 0
    assert mac.field(target, "state") == "running"
    assert mac.field(target, "pended nondemand spawn") is None


def test_bootstrap_over_ssh_pends(fresh):
    mac = fresh(session="ssh", pend_ssh_bootstraps="true")
    mac.ctl("login", 501)
    label = mac.load("gui/501", KeepAlive=True)
    assert mac.field("gui/501/" + label, "pended nondemand spawn") == "speculative"
    assert mac.run("kickstart", "gui/501/" + label).rc == 0
    assert mac.field("gui/501/" + label, "state") == "running"


def test_btm_block_outlives_a_reboot(mac):
    label, path = mac.plist(directory=mac.daemons, KeepAlive=True, ThrottleInterval=5)
    mac.ctl("inject", "btm_block", "label=" + label)
    assert mac.run("bootstrap", "system", path).rc == 0
    wait_for(lambda: mac.field("system/" + label, "job state") == "spawn failed")
    assert "161: " in mac.unified()
    mac.ctl("reboot")
    assert mac.run("print", "system/" + label).rc == 113
    mac.power_cut()
    mac.start(boot=True)
    assert mac.run("print", "system/" + label).rc == 113
    mac.ctl("clear")
    mac.ctl("reboot")
    assert mac.field("system/" + label, "state") == "running"
    mac.power_cut()
    mac.start(boot=True)
    assert mac.field("system/" + label, "state") == "running", "what was cleared stays cleared"


def test_deeds(mac):
    label = mac.load(KeepAlive=True, ThrottleInterval=600)
    target = "system/" + label
    mac.ctl("inject", "disable_behind_back", "label=" + label)
    assert '"%s" => disabled' % label in mac.run("print-disabled", "system").out
    mac.ctl("inject", "setenv_poison", "key=OPENCLAW_GATEWAY_TOKEN", "value=stale-token-from-long-ago")
    assert mac.run("getenv", "OPENCLAW_GATEWAY_TOKEN").out == "stale-token-from-long-ago\n"
    mac.ctl("inject", "jetsam", "label=" + label)
    wait_for(lambda: mac.field(target, "last exit reason") == "JETSAM_REASON_MEMORY_PERPROCESSLIMIT")
    mac.ctl("inject", "session_drop", "uid=501")
    assert mac.run("print", "gui/501").rc == 112


def test_what_somebody_did_by_hand(mac):
    label, path = mac.plist(directory=mac.daemons, KeepAlive=True, ThrottleInterval=5)
    target = "system/" + label
    assert mac.run("bootstrap", "system", path).rc == 0
    first = mac.field(target, "pid")
    mac.ctl("inject", "park", "label=" + label)
    wait_for(lambda: mac.field(target, "state") == "not running")
    mac.ctl("clear")
    mac.ctl("inject", "load_instead", "label=" + label, "path=" + path)
    wait_for(lambda: mac.run("print", target).rc == 0 and mac.field(target, "state") == "running")
    assert mac.field(target, "pid") != first
    mac.ctl("inject", "boot_out", "label=" + label)
    wait_for(lambda: mac.run("print", target).rc == 113)
    mac.ctl("inject", "load", "path=" + path)
    assert mac.field(target, "state") == "running"


def test_crash(mac):
    label = mac.load(KeepAlive=True, ThrottleInterval=600)
    mac.ctl("inject", "kill_job", "label=" + label, "signal=SEGV")
    wait_for(lambda: mac.field("system/" + label, "successive crashes") == "1")
    assert mac.field("system/" + label, "last terminating signal") == "Segmentation fault: 11"


def test_slow_launchctl(mac):
    mac.ctl("inject", "slow_launchctl", "ms=400", "times=1")
    start = time.monotonic()
    mac.run("version")
    assert time.monotonic() - start >= 0.4


BAD = (("inject", "nonsense"), ("inject", "bootstrap_rc", "rc=x"), ("inject", "bootstrap_rc", "color=red"),
       ("inject", "btm_block"), ("inject", "boot_out", "label=nobody"), ("inject", "load", "path=/nowhere.plist"),
       ("inject", "kill_job", "label=nobody"), ("inject", "kill_job", "label=x", "signal=FOO"),
       ("set", "nonsense=1"), ("set", "time_scale=fast"), ("login",), ("login", "no-such-user"), ("frobnicate",))


@pytest.mark.parametrize("words", BAD, ids=[" ".join(words) for words in BAD])
def test_bad_control_words_are_answered(double, words):
    answer = client.ask(os.path.join(double.record, "ctl.sock"), {"verb": words[0], "words": list(words[1:])})
    assert answer["ok"] is False and answer["error"]
    assert double.run("version").rc == 0


def test_every_fault_is_listed_with_words(double):
    faults = double.ctl("faults")["faults"]
    assert len(faults) == 24
    assert all(fault["what"] and fault["kind"] in ("deed", "condition") for fault in faults)


def test_knobs_outlive_a_restart(mac):
    mac.ctl("set", "bootout_missing_rc=113")
    mac.power_cut()
    mac.start()
    assert mac.run("bootout", "system/x").rc == 113


# -- logs ------------------------------------------------------------------------------------------


def test_calls_are_recorded(mac):
    mac.run("print", "system/none")
    row = mac.calls()[-1]
    assert row["argv"] == ["print", "system/none"]
    assert (row["euid"], row["rc"], row["stdout"]) == (os.geteuid(), 113, "")
    assert row["stderr"].startswith("Bad request.\n")
    assert row["t0"] <= row["t1"] and row["session"] in ("root", "aqua", "background", "ssh")


def test_no_secret_reaches_the_logs(mac):
    secret, other, third = "s3cret-of-setenv-0123456789", "s3cret-of-plist-0123456789", "s3cret-injected-0123456789"
    mac.run("setenv", "OPENCLAW_GATEWAY_TOKEN", secret)
    assert mac.run("getenv", "OPENCLAW_GATEWAY_TOKEN").out == secret + "\n"
    mac.run("setenv", "A", "1", secret)
    label = mac.load(KeepAlive=True, EnvironmentVariables={"MY_TOKEN": other})
    mac.ctl("inject", "setenv_poison", "key=K", "value=" + third)
    text = mac.run("print", "system/" + label).out
    assert secret in text and other in text and third in text
    mac.run("print", "system")
    for name in os.listdir(mac.record):
        path = os.path.join(mac.record, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as stream:
                content = stream.read()
            assert secret not in content and other not in content and third not in content, name
    mac.run("setenv", "PIN", "12")
    assert mac.calls()[-1]["argv"][2][:7] == "sha256:", "however short"
    mac.run("setenv", "A", "B", "never-seen-before-0123456789")
    assert "never-seen" not in str(mac.calls()[-1]), "nor where the words do not pair up"
    calls = [call for call in mac.calls() if call["argv"][:2] == ["setenv", "OPENCLAW_GATEWAY_TOKEN"]]
    assert [call["argv"][2][:7] for call in calls] == ["sha256:"]


def test_events_are_json_with_times(mac):
    label = mac.load(RunAtLoad=True, ProgramArguments=["/bin/sh", "-c", "exit 3"])
    wait_for(lambda: mac.events("exit", label))
    spawn, exited = mac.events("spawn", label)[0], mac.events("exit", label)[0]
    assert spawn["pid"] == exited["pid"] and exited["how"] == ["code", 3] and exited["t"] >= spawn["t"]


# -- garbage ---------------------------------------------------------------------------------------

GARBAGE = (b"", b"\x00\xff\xfe\n", b"hello\n", b"[]\n", b"null\n", b"{}\n", b'{"argv": 5}\n', b'{"argv": [1]}\n',
           b'{"argv": ["print"], "cwd": 7}\n', b"{" * 5000 + b"\n", b"x" * (2 << 20), b'{"argv": []}\n',
           b'{"argv": ["print", "gui/99999999999999999999/x"]}\n', b'{"argv": ["print", "gui/\xc2\xb2/x"]}\n',
           b'{"argv": ["setenv", "\\ud800", "\\ud800"]}\n', b'{"verb": [], "words": 3}\n', b'{"verb": "inject"}\n')


@pytest.mark.parametrize("where", ("launchctl", "ctl"))
def test_garbage(fresh, where):
    mac = fresh()
    path = mac.socket if where == "launchctl" else os.path.join(mac.record, "ctl.sock")
    open_ones = []
    for junk in GARBAGE:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        sock.settimeout(5)
        try:
            sock.sendall(junk)
            if junk.endswith(b"\n"):
                sock.recv(4096)
        except (BrokenPipeError, ConnectionResetError):
            pass
        open_ones.append(sock)
    assert mac.run("version").rc == 0
    for sock in open_ones:
        sock.close()
    assert mac.run("version").rc == 0
    assert not mac.events("internal-error"), mac.events("internal-error")


def test_patience_is_for_questions_not_for_answers(fresh):
    mac = fresh(client_patience=0.3)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(mac.socket)
        silent.settimeout(30)
        assert silent.recv(1) == b"", "sent away"
    mac.ctl("set", "client_patience=2")
    mac.ctl("inject", "slow_launchctl", "ms=2500", "times=1")
    assert mac.run("version").rc == 0


def test_clients_that_never_speak_or_listen(mac):
    silent = [socket.socket(socket.AF_UNIX) for _i in range(200)]
    for sock in silent:
        sock.connect(mac.socket)
    deaf = socket.socket(socket.AF_UNIX)
    deaf.connect(mac.socket)
    deaf.sendall(json.dumps({"argv": ["help"]}).encode() + b"\n")
    assert mac.run("version").rc == 0
    for sock in silent:
        sock.close()
    deaf.close()


def test_shutdown_leaves_nothing(fresh):
    mac = fresh()
    label = mac.load(KeepAlive=True)
    pid = int(mac.field("system/" + label, "pid"))
    assert mac.stop() == 0
    assert not os.path.exists("/proc/%d" % pid)
    assert not os.path.exists(mac.socket)
    assert mac.run("version").rc not in (0, 64, 113), "no launchd, no answer"


def test_shutdown_does_not_wait_for_ever(fresh):
    mac = fresh(shutdown_limit=10)
    label = mac.load_stubborn(ExitTimeOut=0)
    assert mac.stop() == 0
    assert mac.events("exit", label)[0]["how"] == ["signal", 9]


def test_a_dead_socket_is_replaced(mac):
    mac.power_cut()
    assert os.path.exists(mac.socket)
    mac.start()
    assert mac.run("version").rc == 0
