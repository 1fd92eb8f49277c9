# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job of launchd that writes all the time goes on writing, to the same file, while its log is kept short."""

from __future__ import annotations

import json
import plistlib
import time

HOST, LABEL = "mini01", "ai.openclaw.gateway"
LOG = "/Users/openclaw/Library/Logs/openclaw/gateway.log"
PLIST = "/Library/LaunchDaemons/%s.plist" % LABEL
#: Numbers its lines, and writes each with one call, as Node does.
WRITER = """
import os, time
number = 0
while True:
    for _ in range(20):
        number += 1
        os.write(1, b"%09d a line of a Gateway that says what it does, and to whom\\n" % number)
    time.sleep(0.001)
"""
#: With a newsyslog of any Mac: the file is renamed, and a new one made in its place.
RENAMED = f"mv {LOG} {LOG}.0; install -o openclaw -g staff -m 640 /dev/null {LOG}"


def start_writer(mini):
    definition = {
        "Label": LABEL, "UserName": "openclaw", "KeepAlive": True, "StandardOutPath": LOG, "StandardErrorPath": LOG,
        "ProgramArguments": ["/usr/bin/python3", "-c", WRITER],
    }  # fmt: skip
    mini.sh("install -d -o openclaw -g staff -m 700 /Users/openclaw/Library/Logs/openclaw; "
            "install -o openclaw -g staff -m 600 /dev/null %s" % LOG)  # fmt: skip
    mini.sh("cat > %s <<'END'\n%s\nEND\nlaunchctl bootstrap system %s"
            % (PLIST, plistlib.dumps(definition).decode(), PLIST))  # fmt: skip
    return pid(mini)


def pid(mini):
    return mini.sh("launchctl print system/%s | grep -E '^.(pid|runs) ='" % LABEL)


def numbers(mini):
    """Return the numbers of all lines, oldest file first."""
    said = mini.sh("cd /Users/openclaw/Library/Logs/openclaw; cat $(ls -r gateway.log.[0-9]*) gateway.log")
    # One that was being written while its file was emptied is cut, and counts as lost.
    return [int(line[:9]) for line in said.splitlines() if line.endswith("and to whom")]


def rotated(mini):
    return len(mini.there(*("%s.%d" % (LOG, age) for age in range(1, 10))))


def test_what_a_rename_does(mini):
    """Why newsyslog is not the way: from then on nothing reaches the log."""
    start_writer(mini)
    time.sleep(0.5)
    mini.sh(RENAMED)
    time.sleep(0.5)
    assert mini.sh("stat -c %%s %s" % LOG) == "0\n"


def test_the_job_goes_on_in_the_same_file(mini):
    before = start_writer(mini)
    inode = mini.sh("stat -c %%i %s" % LOG)
    mini.lab("launchd", HOST, "set", "time_scale=0.1")
    run = mini.play(mac_host_log_size=1, mac_host_log_interval=30, mac_host_log_keep=9)
    assert run.rc == 0, run.out
    end = time.monotonic() + 60
    while rotated(mini) < 3:
        assert time.monotonic() < end, mini.sh("ls -l /Users/openclaw/Library/Logs/openclaw")
        time.sleep(0.2)
    mini.sh("launchctl bootout system/%s.logs" % LABEL)
    assert pid(mini) == before and mini.sh("stat -c %%i %s" % LOG) == inode
    size = mini.sh("stat -c %%s %s" % LOG)
    time.sleep(0.5)
    assert int(mini.sh("stat -c %%s %s" % LOG)) > int(size)
    assert mini.sh("stat -c '%%U %%a' %s.1" % LOG) == "openclaw 600\n"
    mini.sh("launchctl bootout system/%s" % LABEL)
    seen = numbers(mini)
    times = rotated(mini)
    assert seen == sorted(set(seen)), "lines twice, or out of order"
    lost = seen[-1] - seen[0] + 1 - len(seen)
    print("%d lines, %d rotations, %d lines lost" % (len(seen), times, lost))
    # What comes in some milliseconds each time at most; it writes some twenty thousand lines a second.
    assert lost <= 200 * times


def test_our_jobs_are_no_other_gateways_and_told_when_uninstalling(mini, tmp_path):
    mini.knob("sysctl", "kern.maxfilesperproc=10000")
    assert mini.play().rc == 0
    chosen = {"audit_report_dir": str(tmp_path), "audit_sinks": ["json"], "audit_fail": False}
    run = mini.lab.playbook("audit", target=HOST, **chosen)
    assert run.rc == 0, run.out
    found = json.loads((tmp_path / "drift.json").read_text())["hosts"][0]["findings"]
    told = {one["checkId"] for one in found if one["result"] in ("fail", "unknown")}
    # No Gateway has been deployed, which is told; that another one is there is not, nor anything about the Mac.
    assert {one for one in told if one.startswith("OCG-SERVICE-")} and "OCG-SERVICE-011" not in told
    assert not told & {"OCG-HOST-003", "OCG-HOST-004", "OCG-HOST-007"}
    run = mini.lab.playbook("uninstall", target=HOST)
    assert run.rc == 0, run.out
    for what, name in (("log rotation", "logs"), ("file limits", "limits")):
        assert "%s: /Library/LaunchDaemons/%s.%s.plist" % (what, LABEL, name) in run.out, run.out
