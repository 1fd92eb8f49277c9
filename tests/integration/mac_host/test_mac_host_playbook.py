# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Mac as it comes out of the box is predicted, made fit, and left alone from then on."""

from __future__ import annotations

import pytest

HOST = "mini01"
#: As Apple ships it, and without the account.
NEW = ("pmset -a sleep 1 autorestart 0 womp 0 powermode 1; "
       "sed -i /^openclaw:/d /private/etc/passwd; rm -rf /Users/openclaw")  # fmt: skip
LOGS = "/Library/LaunchDaemons/ai.openclaw.gateway.logs.plist"
LIMITS = "/Library/LaunchDaemons/ai.openclaw.gateway.limits.plist"
TOP = "/Library/Application Support/clawops.openclaw"
LOW = "kern.maxfiles=12288\nkern.maxfilesperproc=10000"


def test_a_new_mac_is_predicted_made_fit_and_then_left_alone(mini, diff_of):
    mini.sh(NEW)
    mini.knob("sysctl", LOW)
    before, calls = mini.disk(), mini.setting_calls()
    predicted = mini.play("--check", "--diff")
    assert (predicted.rc, predicted.recap[HOST]["changed"]) == (0, 1), predicted.out
    assert (mini.disk(), mini.setting_calls()) == (before, calls)

    run = mini.play("--diff")
    assert (run.rc, run.recap[HOST]["changed"]) == (0, 1), run.out
    assert diff_of(predicted) == diff_of(run)
    expected = {"-sleep: 1", "+sleep: 0", "+autorestart: 1", "+kern.maxfilesperproc: 10240",
                "+/Users/openclaw/.openclaw: excluded"}  # fmt: skip
    assert expected <= set(diff_of(run)), run.out
    assert mini.sh("id openclaw") == "uid=600(openclaw) gid=20(staff) groups=20(staff)\n"
    assert mini.sh("dscl . -read /Users/openclaw IsHidden Password UserShell") == (
        "dsAttrTypeNative:IsHidden: 1\nPassword: *\nUserShell: /bin/zsh\n")  # fmt: skip
    assert mini.sh("cd /Users/openclaw; stat -c '%U %a %n' . .openclaw .openclaw/.metadata*") == (
        "openclaw 700 .\nopenclaw 700 .openclaw\nopenclaw 600 .openclaw/.metadata_never_index\n")  # fmt: skip
    assert mini.sh("tmutil isexcluded /Users/openclaw/.openclaw").startswith("[Excluded]")
    assert mini.sh("sysctl -n kern.maxfiles kern.maxfilesperproc").split() == ["49152", "10240"]
    told = {" ".join(line.split()) for line in mini.sh("pmset -g custom").splitlines()}
    assert {"autorestart 1", "womp 1", "sleep 0", "disksleep 0", "powermode 0"} <= told

    after, calls = mini.disk(), mini.setting_calls()
    again = mini.play("--diff")
    assert (again.rc, again.recap[HOST]["changed"], diff_of(again)) == (0, 0, []), again.out
    assert (mini.disk(), mini.setting_calls()) == (after, calls)


def test_limits_are_raised_again_after_a_power_cut_and_never_lowered(mini):
    mini.knob("sysctl", "kern.maxfilesperproc=10000")
    run = mini.play(mac_host_log_rotation="as_is")
    assert run.rc == 0, run.out
    assert "kern.maxfilesperproc=10240" in mini.sh("cat " + LIMITS) and "kern.maxfiles=" not in mini.sh("cat " + LIMITS)
    assert mini.sh("sysctl -n kern.maxfiles kern.maxfilesperproc").split() == ["245760", "10240"]
    mini.lab("reboot", HOST)
    assert mini.sh("for i in $(seq 50); do [ $(sysctl -n kern.maxfilesperproc) = 10240 ] && break; sleep 0.2; done; "
                   "sysctl -n kern.maxfilesperproc") == "10240\n"  # fmt: skip
    assert mini.play(mac_host_log_rotation="as_is").recap[HOST]["changed"] == 0


def test_a_limit_that_is_high_enough_needs_no_job(mini):
    assert mini.play().rc == 0
    assert mini.there(LIMITS, LOGS) == [LOGS]


def test_all_of_it_is_taken_back_where_it_is_declared_away(mini):
    mini.knob("sysctl", LOW)
    assert mini.play().rc == 0
    assert mini.there(LIMITS, LOGS, TOP) == [LIMITS, LOGS, TOP]
    away = {"mac_host_log_rotation": "absent", "mac_host_max_files": 0, "mac_host_max_files_per_process": 0,
            "mac_host_time_machine": "included", "mac_host_spotlight": "included", "mac_host_power": {}}  # fmt: skip
    before = mini.disk()
    assert mini.play("--check", **away).recap[HOST]["changed"] == 1 and mini.disk() == before
    run = mini.play(**away)
    assert (run.rc, run.recap[HOST]["changed"]) == (0, 1), run.out
    assert mini.there(LIMITS, LOGS, TOP) == []
    jobs = mini.sh("launchctl list")
    assert "PID" in jobs and "openclaw" not in jobs
    assert mini.sh("ls -A /Users/openclaw/.openclaw") == ""
    assert mini.sh("tmutil isexcluded /Users/openclaw/.openclaw").startswith("[Included]")
    assert mini.play(**away).recap[HOST]["changed"] == 0


@pytest.mark.parametrize("knobs, said", [
    ({"filevault": "On"}, "FileVault is on"),
    ({}, "FileVault is off"),
    ({"firewall": "1"}, "The application firewall is on (state 1)"),
], ids=["filevault on", "filevault off", "firewall"])  # fmt: skip
def test_what_a_person_decides_is_said_and_not_changed(mini, knobs, said):
    for name, text in knobs.items():
        mini.knob(name, text)
    run = mini.play(mac_host_log_rotation="as_is")
    assert run.rc == 0 and said in run.out, run.out
    assert {program for program, words in mini.calls("fdesetup", "socketfilterfw")
            if words not in (["status"], ["--getglobalstate"])} == set()  # fmt: skip


def test_a_line_that_has_newsyslog_rename_the_log_is_told_and_left(mini):
    line = "/Users/openclaw/Library/Logs/openclaw/*.log openclaw:staff 640 7 1000 * GJN"
    mini.sh("echo '%s' > /etc/newsyslog.d/openclaw.conf" % line)
    run = mini.play()
    assert run.rc == 0 and "/etc/newsyslog.d/openclaw.conf line 1 has newsyslog rename" in run.out, run.out
    assert mini.sh("cat /etc/newsyslog.d/openclaw.conf") == line + "\n"


@pytest.mark.parametrize("variables, said", [
    ({"mac_host_power": {"sleep": "never"}}, "option 'power.sleep' is 'never'"),
    ({"mac_host_account_settings": {"uid": 777}}, "account openclaw has uid 502, and 777 is declared"),
    ({"mac_host_max_files": 100}, "the host needs at least as many as one process"),
    ({"mac_host_log_keep": 0}, "option 'log_keep' is 0"),
    ({"gateway_user": "root"}, "an account of a Gateway is not root"),
    ({"gateway_user": "claw", "mac_host_account": "as_is"}, "user 'claw' does not exist"),
], ids=["power", "uid", "limits", "keep", "root", "nobody"])  # fmt: skip
def test_bad_input_changes_nothing(mini, variables, said):
    mini.sh("pmset -a sleep 5")
    before, calls = mini.disk(), mini.setting_calls()
    run = mini.play(**variables)
    assert run.rc == 2 and said in run.out and "Next: " in run.out, run.out
    assert (mini.disk(), mini.setting_calls()) == (before, calls)


def test_a_command_that_lies_is_found_out(mini):
    """It ends with 0, and nothing is so: a profile of an MDM, say, has set the same."""
    mini.sh("pmset -a sleep 5")
    mini.knob("pmset", "lie")
    run = mini.play(mac_host_log_rotation="as_is")
    assert run.rc == 2 and "sleep of power was to become 0 and is still 5" in run.out, run.out
    assert "/usr/bin/pmset -a sleep 0 disksleep 0 ended with 0" in run.out and "not_proven" in run.out
