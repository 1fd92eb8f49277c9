# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Gateway is asked, then its host looks after it by itself, in the order of these tests."""

from __future__ import annotations

import json
import re

import pytest

HOST, LABEL = "mini01", "ai.openclaw.gateway"
TOP = "/Library/Application Support/clawops.openclaw"
PLIST = "/Library/LaunchDaemons/%s.smoke.plist" % LABEL
#: As often as it may. The lab's launchd counts faster; what the check waits by itself is real seconds.
DECLARED = {"gateway_smoke": True, "gateway_smoke_interval": 30}
CHANGING = ("bootstrap", "bootout", "kickstart", "enable", "disable")


def changes(run):
    return [line for line in run.out.splitlines() if re.match(r"[+-](?!\+\+ |-- )", line)]


def line_of(run, host=HOST):
    return re.search(r'"(%s [^"]*)"' % host, run.out).group(1)


def findings(mini, tmp_path, **variables):
    """Audit, and return {check id: finding} of what is told of the smoke check and of other services."""
    chosen = dict({"audit_report_dir": str(tmp_path), "audit_sinks": ["json"], "audit_fail": False}, **variables)
    run = mini.play("audit", **chosen)
    assert run.rc == 0, run.out
    host = json.loads((tmp_path / "drift.json").read_text())["hosts"][0]
    told = {item["checkId"]: item for item in host["findings"] if item["result"] in ("fail", "unknown")}
    wanted = ("OCG-SMOKE-001", "OCG-SMOKE-002", "OCG-SERVICE-011")
    return {name: (told[name]["result"], told[name]["message"]) for name in wanted if name in told}


@pytest.mark.parametrize("words", [[], ["--check", "--diff"]], ids=["run", "check"])
def test_a_healthy_gateway_is_a_line_and_nothing_is_changed(mini, words):
    before, calls = mini.disk(), mini.lab.launchctl_calls(HOST, *CHANGING)
    run = mini.play("smoke", "-vvv", *words)
    assert (run.rc, run.recap[HOST]["changed"], run.recap[HOST]["failed"]) == (0, 0, 0), run.out
    assert re.fullmatch(r"mini01 healthy \(OpenClaw \d[\d.]+, up \S+\)", line_of(run))
    assert len(re.findall(r"^<\S+> SSH: EXEC .*/usr/bin/python3", run.out, re.M)) == 1
    assert mini.disk() == before and mini.lab.launchctl_calls(HOST, *CHANGING) == calls


def test_a_dead_host_is_a_line_and_the_others_are_asked(mini, tmp_path):
    dead = tmp_path / "dead.json"
    dead.write_text(json.dumps({"minis": {"hosts": {"mini09": {"ansible_host": "127.0.0.9", "ansible_port": 9}}}}))
    run = mini.play("smoke", "--inventory=%s" % dead, target="minis")
    assert run.rc == 2, run.out
    assert line_of(run).startswith("mini01 healthy")
    assert line_of(run, "mini09").startswith("mini09 could not be asked: unreachable: ")
    assert run.recap[HOST]["failed"] == 0


def test_a_host_without_the_account_is_a_line(mini):
    run = mini.play("smoke", gateway_user="nobody-here")
    assert run.rc == 2 and "mini01 could not be asked: user 'nobody-here' does not exist" in run.out, run.out


def test_a_stopped_gateway_ends_with_a_failure_that_says_why(mini):
    mini.stop()
    run = mini.play("smoke")
    assert run.rc == 2, run.out
    line = line_of(run)
    assert line.startswith("mini01 down: tcp fail (connection_refused, ")
    assert "Next: " in line and line.endswith("clawops.openclaw.remediate -e target=mini01 --check --diff")
    mini.start()


def test_the_check_is_predicted_installed_once_and_notes_what_it_sees(mini, tmp_path):
    before = mini.disk()
    predicted = mini.play("deploy", "--check", "--diff", **DECLARED)
    assert (predicted.rc, predicted.recap[HOST]["changed"]) == (0, 1), predicted.out
    assert mini.disk() == before
    seen = findings(mini, tmp_path, **DECLARED)
    assert seen["OCG-SMOKE-001"] == ("fail", "The host's own check is silent: it is not installed.")
    assert seen["OCG-SMOKE-002"][0] == "unknown"

    mini.launchd("set", "time_scale=0.1")
    pid = mini.sh("launchctl print system/%s | grep -m1 'pid ='" % LABEL)
    run = mini.play("deploy", "--diff", **DECLARED)
    assert (run.rc, run.recap[HOST]["changed"]) == (0, 1), run.out
    assert changes(predicted) == changes(run) and PLIST in run.out
    status = mini.wait(lambda status: status["state"] == "healthy")
    assert (status["failures"], status["outages"], status["port"]) == (0, [], 18789)
    later = mini.wait(lambda now: now["checked"] > status["checked"])
    assert later["since"] == status["since"]
    again = mini.play("deploy", **DECLARED)
    assert (again.rc, again.recap[HOST]["changed"]) == (0, 0), again.out
    assert mini.sh("launchctl print system/%s | grep -m1 'pid ='" % LABEL) == pid


def test_it_runs_as_the_gateways_account_in_the_background_and_knows_no_secret(mini):
    shown = mini.sh("launchctl print system/%s.smoke" % LABEL)
    assert "username = openclaw" in shown and "run interval = 30 seconds" in shown
    owners = mini.sh("cd '%s/%s' && stat -c '%%U %%a %%n' . check.py status status/smoke.json" % (TOP, LABEL))
    assert owners.splitlines() == ["root 755 .", "root 644 check.py", "openclaw 755 status",
                                   "openclaw 644 status/smoke.json"]  # fmt: skip
    everything = mini.sh("cat '%s'; find '%s' -type f -exec cat {} +" % (PLIST, TOP))
    assert "canary" not in everything and "Background" in everything


def test_the_audit_finds_nothing_about_a_check_that_works(mini, tmp_path):
    assert findings(mini, tmp_path, **DECLARED) == {}
    # Nor does a host that has it without a declaration show another service.
    assert findings(mini, tmp_path) == {}


def test_the_runbook_leaves_the_check_alone_and_mends_the_gateway_beside_it(mini, tmp_path):
    """One restart of the Gateway is over before the check counts it as an outage."""
    chosen = dict(DECLARED, remediate_doctor=False, remediate_evidence_dir=str(tmp_path))
    looks = "cat %s; launchctl print system/%s.smoke | grep 'path ='" % (PLIST, LABEL)
    seen = mini.sh(looks)
    healthy = mini.play("remediate", **chosen)
    assert (healthy.rc, healthy.recap[HOST]["changed"]) == (0, 0), healthy.out
    mini.lab("inject", HOST, "plist_throttle")
    mended = mini.play("remediate", **chosen)
    assert mended.rc == 0 and mended.recap[HOST]["changed"] > 0, mended.out
    assert mini.play("remediate", **chosen).recap[HOST]["changed"] == 0
    assert mini.sh(looks) == seen
    assert mini.wait(lambda status: status["failures"] == 0)["outages"] == []


def test_an_outage_is_noted_and_told_by_the_audit(mini, tmp_path):
    mini.stop()
    status = mini.wait(lambda status: status["failures"] >= 1)
    assert status["verdicts"]["live"]["code"] == "connection_refused"
    assert (status["state"], status["outages"][0]["until"]) == ("unhealthy", None)
    seen = findings(mini, tmp_path, **DECLARED)
    assert seen["OCG-SMOKE-002"][0] == "fail" and "connection_refused" in seen["OCG-SMOKE-002"][1]
    assert "OCG-SMOKE-001" not in seen
    mini.start()
    status = mini.wait(lambda status: status["state"] == "healthy")
    assert status["failures"] == 0 and status["outages"][0]["until"] >= status["outages"][0]["since"]
    assert findings(mini, tmp_path, **DECLARED)["OCG-SMOKE-002"][0] == "fail"


def test_a_silent_check_is_told_and_put_right_by_a_deploy(mini, tmp_path):
    mini.sh("launchctl bootout system/%s.smoke" % LABEL)
    assert findings(mini, tmp_path, **DECLARED)["OCG-SMOKE-001"] == (
        "fail", "The host's own check is silent: launchd does not have its job.")  # fmt: skip
    run = mini.play("deploy", **DECLARED)
    assert (run.rc, run.recap[HOST]["changed"]) == (0, 1), run.out
    assert "OCG-SMOKE-001" not in findings(mini, tmp_path, **DECLARED)


def left(mini):
    return mini.sh("ls '%s' %s 2>/dev/null; launchctl list | grep smoke; true" % (TOP, PLIST)).split()


def test_it_goes_when_it_is_no_longer_declared(mini):
    assert left(mini)
    run = mini.play("deploy", "--check")
    assert run.recap[HOST]["changed"] == 1 and left(mini)
    run = mini.play("deploy")
    assert (run.rc, run.recap[HOST]["changed"]) == (0, 1), run.out
    assert left(mini) == []
    assert mini.play("deploy").recap[HOST]["changed"] == 0


def test_uninstalling_leaves_nothing_of_it(mini):
    mini.play("deploy", **DECLARED)
    assert left(mini)
    run = mini.play("uninstall")
    assert run.rc == 0, run.out
    assert left(mini) == [] and "smoke" not in run.out.partition("Say what is left")[2]
    assert mini.play("uninstall").recap[HOST]["changed"] == 0
