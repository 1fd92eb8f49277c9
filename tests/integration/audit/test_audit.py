# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit of real Gateways: it finds what is wrong and nothing else, and leaves no trace on a host."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest
import yaml
from audit_kit import CANARIES, LOOKING, MODULE_RUN, ROOT, SINKS

CONFIG = "/Users/openclaw/.openclaw/openclaw.json"
MINIS = ("mini01", "mini02")
OLDEST = ROOT / "build/venv/core-oldest/bin/ansible-playbook"
CORES = [None] + ([OLDEST] if OLDEST.exists() else [])


def told(audit):
    """Return what an audit found, without what may differ between two of them."""
    return {host["name"]: [(item["checkId"], item["result"], item["message"]) for item in host["findings"]]
            for host in audit.record["hosts"]}  # fmt: skip


def test_healthy_hosts_raise_nothing(fleet, tmp_path):
    audit = fleet.audit(tmp_path)
    assert told(audit) == {"mini01": [], "mini02": []}
    assert [audit.host(name)["state"] for name in MINIS] == ["clean", "clean"]
    assert audit.rc == 0, audit.out
    assert all(len(audit.host(name)["passed"]) >= 60 for name in MINIS)
    assert "All 2 hosts are as declared." in audit.out


def test_one_module_runs_on_each_host_and_nothing_there_changes(fleet, tmp_path):
    disks = {name: fleet.disk(name) for name in MINIS}
    calls = {name: len(fleet.calls(name)) for name in MINIS}
    audit = fleet.audit(tmp_path, "-vvv")
    assert audit.rc == 0, audit.out[-4000:]
    runs = Counter(MODULE_RUN.findall(audit.out))
    assert sorted(runs.values()) == [1, 1], runs
    assert {name: fleet.disk(name) ^ disks[name] for name in MINIS} == {name: set() for name in MINIS}
    for name in MINIS:
        made = fleet.calls(name)[calls[name] :]
        assert made, "the audit is expected to ask launchd"
        assert {words[0] for words in made} <= LOOKING


def test_an_audit_says_the_same_in_check_mode_and_the_next_time(fleet, tmp_path, open_state):
    first, second = fleet.audit(tmp_path), fleet.audit(tmp_path)
    checked = fleet.audit(tmp_path, "--check", "--diff")
    assert told(first) == told(second) == told(checked)
    hashes = {audit.record["findingsHash"] for audit in (first, second, checked)}
    assert len(hashes) == 1
    assert (first.rc, second.rc, checked.rc) == (2, 2, 2)
    assert second.record["previous"]["appeared"] == second.record["previous"]["gone"] == []
    assert second.record["previous"]["same"] == 1


def test_what_appeared_and_what_is_gone_since_the_last_audit(fleet, tmp_path):
    assert fleet.audit(tmp_path).rc == 0
    fleet.lab("inject", "mini02", "state_dir_open")
    broken = fleet.audit(tmp_path)
    fleet.sh("mini02", "chmod 0700 /Users/openclaw/.openclaw")
    mended = fleet.audit(tmp_path)
    assert broken.rc == 2, broken.out
    assert list(broken.failing("mini02")) == ["OCG-FILE-001"]
    assert broken.failing("mini02")["OCG-FILE-001"]["drift"] == "corrective"
    assert broken.host("mini01")["state"] == "clean"
    assert broken.record["previous"]["appeared"] == [{"host": "mini02", "checkId": "OCG-FILE-001"}]
    assert mended.rc == 0, mended.out
    assert mended.record["previous"]["gone"] == [{"host": "mini02", "checkId": "OCG-FILE-001"}]


def test_an_audit_of_one_host_forgets_nothing_of_the_others(fleet, tmp_path, open_state):
    fleet.audit(tmp_path)
    alone = fleet.audit(tmp_path, target="mini01")
    limited = fleet.audit(tmp_path, "--limit", "mini01")
    after = fleet.audit(tmp_path)
    assert (alone.rc, limited.rc, after.rc) == (0, 0, 2)
    assert [host["name"] for host in alone.record["hosts"] + limited.record["hosts"]] == ["mini01", "mini01"]
    assert after.record["previous"]["appeared"] == []
    assert after.record["previous"]["same"] == 1


def test_a_declaration_that_moved_is_a_pending_change(fleet, tmp_path):
    assert fleet.audit(tmp_path).rc == 0
    fleet.declare({"gateway_throttle_interval": 45})
    audit = fleet.audit(tmp_path)
    assert audit.rc == 2
    assert audit.failing("mini01")["OCG-SERVICE-004"]["drift"] == "pending"


def test_a_dead_host_is_a_row_and_the_first_of_all(fleet, tmp_path):
    fleet.declare({}, dead=["a-dead-one"])
    audit = fleet.audit(tmp_path)
    row = audit.host("a-dead-one")
    assert row["state"] == "unreachable"
    assert "Connection refused" in row["reason"]
    assert [audit.host(name)["state"] for name in MINIS] == ["clean", "clean"]
    assert audit.rc == 1, audit.out


def test_a_fleet_of_the_dead_still_gets_its_report(fleet, tmp_path):
    fleet.declare({}, dead=["a-dead-one", "another-dead-one"])
    for words in ((), ("--limit", "*dead-one")):
        audit = fleet.audit(tmp_path, *words, target="*dead-one")
        assert audit.rc == 1, audit.out
        assert [host["state"] for host in audit.record["hosts"]] == ["unreachable", "unreachable"]


def test_every_kind_of_pattern_names_its_hosts(fleet, tmp_path):
    for target, names in (("mini01,mini02", MINIS), ("minis:!mini01", ("mini02",)), ("mini0*", MINIS)):
        audit = fleet.audit(tmp_path, target=target)
        assert sorted(host["name"] for host in audit.record["hosts"]) == list(names), audit.out


def test_nobody_at_all_is_not_clean(fleet, tmp_path):
    assert fleet.audit(tmp_path, target="nobody").rc == 1


@pytest.mark.parametrize("command", CORES, ids=lambda path: path.parts[-3] if path else "this-core")
def test_exit_codes(fleet, tmp_path, command):
    """0 clean, 1 could not tell, 2 drift, 2 before 1, and 0 whatever there is if that is wanted."""
    assert fleet.audit(tmp_path, command=command).rc == 0
    fleet.declare({}, dead=["a-dead-one"])
    assert fleet.audit(tmp_path, command=command).rc == 1
    assert fleet.audit(tmp_path, command=command, audit_fail=False).rc == 0
    fleet.lab("inject", "mini02", "state_dir_open")
    try:
        assert fleet.audit(tmp_path, command=command).rc == 2
        assert fleet.audit(tmp_path, command=command, audit_fail=False).rc == 0
    finally:
        fleet.sh("mini02", "chmod 0700 /Users/openclaw/.openclaw")


def readable_by_anybody(passed):
    """Return of the checks that passed those that compare what only root or the Gateway's account may read."""
    private = ("CONFIG", "TOKEN", "DEVICE", "CHANNEL", "PROVIDER", "PLUGIN", "LOG")
    return [ident for ident in passed if ident.split("-")[1] in private]


@pytest.mark.parametrize("how", ["not wanted", "refused"])
def test_without_root_what_cannot_be_seen_is_unknown_and_never_passes(fleet, tmp_path, how):
    if how == "refused":
        fleet.sh("mini02", "cp -p /etc/sudoers /private/tmp/sudoers && sed -i 's/NOPASSWD: *//' /private/etc/sudoers")
    variables = {"ansible_become": False} if how == "not wanted" else {}
    try:
        audit = fleet.audit(tmp_path, target="mini02", **variables)
    finally:
        if how == "refused":
            fleet.sh("mini02", "cp -p /private/tmp/sudoers /private/etc/sudoers && rm /private/tmp/sudoers")
    row = audit.host("mini02")
    unknown = {item["checkId"] for item in row["findings"] if item["result"] == "unknown"}
    assert {"OCG-CONFIG-002", "OCG-CONFIG-006", "OCG-TOKEN-001"} <= unknown
    assert readable_by_anybody(row["passed"]) == []
    # It only informs, and says how to see more.
    assert list(audit.failing("mini02")) == ["OCG-HOST-009"]
    assert audit.rc == 1, audit.out
    if how == "refused":
        assert "root was refused" in row["reason"]


def test_no_secret_is_said_or_written(fleet, tmp_path, open_state):
    fleet.declare({"audit_consumers": [{"name": "phone", "value": CANARIES["consumer"]}]})
    audit = fleet.audit(tmp_path, "-vvvv", "--diff")
    assert audit.rc == 2, audit.out[-4000:]
    # The consumer holds something else than the Gateway: that is found, by fingerprint.
    assert "OCG-TOKEN-010" in audit.failing("mini01")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == len(SINKS) + 2
    written = "".join(path.read_text() for path in files)
    held = fleet.sh("mini02", "sed -n 's/.*\"token\": *\"\\(.*\\)\".*/\\1/p' %s" % CONFIG).split()
    assert held
    for secret in [*CANARIES.values(), *held]:
        assert secret not in audit.out
        assert secret not in written
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_waiver_holds_until_it_ends(fleet, tmp_path, open_state):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    waiver = {"check": open_state, "hosts": ["mini02"], "owner": "ops", "reason": "is being restored"}
    file = tmp_path / "ours.yml"
    for days, code, state in ((1, 0, "clean"), (-1, 2, "drift")):
        ends = (today + datetime.timedelta(days=days)).isoformat()
        file.write_text(yaml.safe_dump({"waivers": [dict(waiver, expires=ends)]}))
        audit = fleet.audit(tmp_path / "reports", audit_waivers=[str(file)])
        assert (audit.rc, audit.host("mini02")["state"]) == (code, state), audit.out


def test_rules_of_ones_own(fleet, tmp_path):
    file = tmp_path / "ours.yml"
    rule = {
        "id": "OURS-HOST-001", "title": "The Macs have names of ours", "why": "Others are not ours.", "layer": "host",
        "severity": "warning", "query": "platform.hostname", "expect": {"equals": "mini01"}, "hint": "Rename it.",
        "message": "It is called {value}.",
    }  # fmt: skip
    file.write_text(yaml.safe_dump({"checks": [rule]}))
    audit = fleet.audit(tmp_path / "reports", audit_rules=[str(file)])
    assert list(audit.failing("mini02")) == ["OURS-HOST-001"]
    assert "OURS-HOST-001" in audit.host("mini01")["passed"]
    file.write_text(yaml.safe_dump({"checks": [dict(rule, query="platform.hostnam")]}))
    broken = fleet.audit(tmp_path / "none", audit_rules=[str(file)])
    assert broken.rc == 2
    assert "OURS-HOST-001" in broken.out and "hostnam" in broken.out


def test_the_same_report_shows_what_a_deploy_would_change(fleet, tmp_path):
    fleet.declare({"gateway_throttle_interval": 45})
    plan = tmp_path / "changes.json"
    enabled = {
        "ANSIBLE_CALLBACKS_ENABLED": "clawops.openclaw.openclaw_changes", "OPENCLAW_CHANGES": str(plan)}  # fmt: skip
    done = fleet.playbook("clawops.openclaw.deploy", "--check", "--diff", environment=enabled, target="mini02")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not any(secret in plan.read_text() for secret in CANARIES.values())
    audit = fleet.audit(tmp_path / "reports", audit_plan=str(plan))
    (host,) = audit.record["plan"]["hosts"]
    (change,) = host["changed"]
    assert (host["name"], change["module"]) == ("mini02", "clawops.openclaw.openclaw_service")
    assert "45" in change["diff"]
    assert "A deploy would change 1 thing on 1 host." in audit.out
