# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A life of a Gateway, in the order of these tests: checked, deployed, deployed again, healed, uninstalled."""

from __future__ import annotations

import json
import re

import pytest

#: launchctl verbs that change something.
CHANGING = ("bootstrap", "bootout", "kickstart", "kill", "enable", "disable", "load", "unload", "setenv")
MODULE_RUNS = 12
PATIENT = {"gateway_ready_timeout": 600}
HOST = "mini02"


class Life:
    """What earlier tests learned."""

    listing = None
    predicted = None
    token = None


@pytest.fixture(scope="module")
def life(lab):
    lab("reset", HOST)
    Life.listing = paths(lab)
    return Life


def paths(lab):
    """Return every path of the host's disk, but for logs, temporary files and what sshd keeps."""
    find = "find /Users /Library /opt /private -xdev -not -path '/private/tmp*' -not -path '/private/var/run*'"
    return set(lab("exec", HOST, "--", "sh", "-c", find + " -not -path '/private/var/log*'").split("\n"))


def told_changes(run):
    """Return the lines of all diffs in order, and how many tasks changed something."""
    lines = [line for line in run.out.splitlines() if re.match(r"[+-](?!\+\+ |-- )", line)]
    return lines, run.recap[HOST]["changed"]


def remote_runs(run):
    """Count module runs on the host: with pipelining, each is one ssh."""
    return len(re.findall(r"^<\S+> SSH: EXEC ", run.out, re.M))


def test_a_check_of_a_virgin_host_runs_to_the_end_and_changes_nothing(lab, life):
    before = lab("checksum", HOST)
    run = lab.playbook("deploy", "--check", "--diff", target=HOST, **PATIENT)
    assert run.rc == 0, run.out
    assert lab("checksum", HOST) == before
    life.predicted = told_changes(run)


def test_the_first_run_does_what_the_check_said(lab, life):
    run = lab.playbook("deploy", "--diff", target=HOST, **PATIENT)
    assert run.rc == 0, run.out
    assert told_changes(run) == life.predicted
    assert "all 7 ok" in run.out
    life.token = re.search(r'token"?\s*:\s*"([^"]+)"', lab("exec", HOST, "--", "cat", CONFIG)).group(1)
    assert life.token not in run.out


CONFIG = "/Users/openclaw/.openclaw/openclaw.json"


@pytest.mark.parametrize("check", [[], ["--check"]], ids=["run", "check"])
def test_a_second_run_changes_nothing_and_says_no_secret(lab, life, check):
    before = lab.launchctl_calls(HOST, *CHANGING)
    run = lab.playbook("deploy", "--diff", "-vvvv", *check, target=HOST, **PATIENT)
    assert run.rc == 0, run.out
    assert run.recap[HOST]["changed"] == 0
    assert lab.launchctl_calls(HOST, *CHANGING) == before
    assert 0 < remote_runs(run) <= MODULE_RUNS
    assert life.token not in run.out
    assert "all 7 ok" in run.out


def test_a_declared_token_replaces_the_other_without_a_restart(lab, life, tmp_path):
    before = lab.launchctl_calls(HOST, *CHANGING)
    declared = "declared-" + life.token
    # Not as an extra variable: those Ansible itself prints.
    (tmp_path / "vault.json").write_text(json.dumps({"minis": {"hosts": {HOST: {"gateway_token": declared}}}}))
    vault = "--inventory=%s" % (tmp_path / "vault.json")
    run = lab.playbook("deploy", "--diff", "-vvvv", vault, target=HOST, **PATIENT)
    assert run.rc == 0, run.out
    assert run.recap[HOST]["changed"] == 1
    assert lab.launchctl_calls(HOST, *CHANGING) == before
    assert declared not in run.out and life.token not in run.out
    assert declared in lab("exec", HOST, "--", "cat", CONFIG)


def test_another_throttle_interval_costs_one_cycle(lab, life):
    before = len(lab.launchctl_calls(HOST, "bootstrap", "kickstart"))
    run = lab.playbook("deploy", target=HOST, gateway_throttle_interval=45, **PATIENT)
    assert run.rc == 0, run.out
    assert len(lab.launchctl_calls(HOST, "bootstrap", "kickstart")) == before + 1
    assert re.search(r"%s .* 45 +1 " % HOST, run.out), run.out


def test_status_shows_it_and_changes_nothing(lab, life):
    before = lab.launchctl_calls(HOST, *CHANGING)
    run = lab.playbook("status", target=HOST)
    assert (run.rc, run.recap[HOST]["changed"]) == (0, 0)
    assert re.search(r"%s +\S+ +\d+ +\S+ +45 +1 +1 sha256:[0-9a-f]{12} +no +all 7 ok" % HOST, run.out), run.out
    assert lab.launchctl_calls(HOST, *CHANGING) == before


def test_uninstall_removes_the_service_and_the_releases_and_says_what_is_left(lab, life):
    run = lab.playbook("uninstall", target=HOST)
    assert run.rc == 0, run.out
    assert "/Users/openclaw/.openclaw" in told_left(run)
    assert untold(lab, life, run) == set()
    again = lab.playbook("uninstall", target=HOST)
    assert (again.rc, again.recap[HOST]["changed"]) == (0, 0), again.out


#: Directories, and launchd's own store, that every Mac has and only a virgin one of a lab lacks.
EVERY_MAC = {
    "/Users/openclaw/Library/Logs",
    "/Users/openclaw/.cache",
    "/private/var/db/com.apple.xpc.launchd/disabled.plist",
}


def told_left(run):
    """Return the places that an uninstallation said are left."""
    return re.findall(r'"[a-z\' ]+: (/[^"]+)"', run.out)


def untold(lab, life, run):
    """Return what is on the disk, was not when the host was virgin, and was not told."""
    left = paths(lab) - life.listing - EVERY_MAC
    return {path for path in left if not any((path + "/").startswith(place + "/") for place in told_left(run))}


def test_uninstall_with_the_state_leaves_nothing(lab, life):
    run = lab.playbook("uninstall", target=HOST, gateway_remove_state=True)
    assert run.rc == 0, run.out
    assert not [place for place in told_left(run) if "/.openclaw" in place or "/Logs/" in place or "/opt/" in place]
    assert untold(lab, life, run) == set()


def test_uninstall_asks_for_its_hosts(lab):
    run = lab.playbook("uninstall")
    assert run.rc != 0 and "-e target=mini07" in run.out
    assert json.dumps(run.recap).count("mini0") == 0
