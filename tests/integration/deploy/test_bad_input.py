# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every bad input is refused: non-zero, with host, key, value and next step, and no byte of the host changes."""

from __future__ import annotations

import json
import re
import shlex

import pytest

SHORT = "correct-horse-battery"

#: What is declared, and what the refusal has to say.
DECLARED = {
    "bind without auth": (
        {"gateway_bind": "tailnet", "gateway_exposure": "tailnet", "gateway_auth_mode": "none"},
        ['gateway_bind = "tailnet"', "gateway_auth_mode: token"],
    ),
    "exposure contradictory": (
        {"gateway_bind": "lan"},
        ['gateway_exposure = "loopback": contradicts gateway_bind lan'],
    ),
    "token undefined word": ({"gateway_token": "undefined"}, ['gateway_token = "undefined"', "placeholder"]),
    "token null word": ({"gateway_token": "null"}, ['gateway_token = "null"', "placeholder"]),
    "token null": ({"gateway_token": None}, ["gateway_token = null"]),
    "token redacted": ({"gateway_token": "__OPENCLAW_REDACTED__"}, ['gateway_token = "__OPENCLAW_REDACTED__"']),
    "token empty": ({"gateway_token": ""}, ['gateway_token = "": it is empty']),
    "token short": ({"gateway_token": SHORT}, ["gateway_token = (21 characters)", "too short"]),
    "token from nowhere": ({"gateway_token": "{{ vault_of_nobody }}"}, ["gateway_token = (unresolved)"]),
    "token of a shell": ({"gateway_token": "${OPENCLAW_GATEWAY_TOKEN}"}, ["gateway_token = ", "unresolved"]),
    "throttle 0": ({"gateway_throttle_interval": 0}, ["gateway_throttle_interval = 0", "5..3600"]),
    "throttle 1": ({"gateway_throttle_interval": 1}, ["gateway_throttle_interval = 1", "5..3600"]),
    "throttle 60": ({"gateway_throttle_interval": 60}, ["gateway_throttle_interval = 60", "stale"]),
    "throttle abc": ({"gateway_throttle_interval": "abc"}, ['gateway_throttle_interval = "abc"', "whole number"]),
    "port out of range": ({"gateway_port": 70000}, ["gateway_port = 70000", "18789"]),
    "install mode": ({"gateway_install": "brew"}, ['gateway_install = "brew"', "npm, archive, existing"]),
    "npm from nowhere": (
        {"gateway_install": "npm", "gateway_npm_registry": ""},
        ['gateway_npm_registry = ""', "npm config get registry"],
    ),
    "version not exact": ({"gateway_version": "latest"}, ['gateway_version = "latest"']),
}

HALF_A_CONFIG = (
    "sh -c 'd=/Users/openclaw/.openclaw; install -d -m 700 -o openclaw $d; echo \"{ gateway: {\" >$d/openclaw.json'"
)

#: How the host is broken (a fault of the lab, or a command inside), what is declared, and what the refusal has to say.
HOSTS = {
    "no such user": ([], {"gateway_user": "nobody-here"}, ['gateway_user = "nobody-here"', "mac_host"]),
    "user gone": (["missing_user"], {}, ['gateway_user = "openclaw"', "mac_host"]),
    "port held": (["foreign_port"], {}, ["gateway_port = 18789: held by process", "another gateway_port"]),
    "config broken": ([HALF_A_CONFIG], {}, ["openclaw.json", "not JSON5 (line "]),
    "state read-only": (["state_dir_readonly"], {}, ["gateway_state_dir", "read-only file system"]),
    "state full": (["state_dir_full"], {}, ["gateway_state_dir", "MiB free"]),
    "no GUI login": ([], {"gateway_scope": "agent"}, ['gateway_scope = "agent"', "log openclaw in"]),
    "label in the other scope": (
        ["label_in_agent"], {}, ["gateway_label", "scope agent", "gateway_others: replace_label"]),
    "not a Mac": (["not_a_mac"], {}, ['ansible_host = "Linux"', "take the host out"]),
    "Node outside engines": (
        [],
        {"gateway_install": "npm", "gateway_node_version": "22.12.0"},
        ["22.12.0", ">=24.16"],
    ),
    "OpenClaw version unknown": (
        [],
        {"gateway_install": "npm", "gateway_version": "2026.99.99"},
        ["2026.99.99"],
    ),
    "existing OpenClaw is another": ([], {"gateway_version": "2026.9.1"}, ["2026.9.1"]),
}


def refused(run, expected):
    assert run.rc != 0
    told = " ".join(run.out.split())
    for text in expected:
        assert text in told, told
    assert "Next:" in told, told
    assert "Traceback" not in run.out
    assert SHORT not in run.out


def test_bad_declarations_touch_no_host(lab, tmp_path):
    """All of them in one fleet, one to a host."""
    names = ["case%02d" % number for number in range(len(DECLARED))]
    cases = dict(zip(names, DECLARED.values()))
    hosts = {name: dict(variables, gateway_environment=name) for name, (variables, _expected) in cases.items()}
    (tmp_path / "bad.json").write_text(json.dumps({"bad": {"hosts": hosts}}))
    run = lab.playbook("deploy", "--inventory=%s" % (tmp_path / "bad.json"), target="bad,minis")
    refused(run, [])
    for name, (_variables, expected) in cases.items():
        told = " ".join(line for line in run.out.splitlines() if name in line)
        assert [text for text in expected if text not in run.out] == [], name
        assert expected[0] in told, name
    assert "See what is there" not in run.out, "a host was asked although a declaration is wrong"


@pytest.mark.sampled("faults", 4)
@pytest.mark.parametrize("faults,variables,expected", HOSTS.values(), ids=HOSTS)
def test_a_host_that_cannot_be_is_left_as_it_is(lab, mini, faults, variables, expected):
    for fault in faults:
        lab("exec", mini, "--", *shlex.split(fault)) if " " in fault else lab("inject", mini, fault)
    before = lab("checksum", mini)
    for mode in ("--check", "--diff"):
        run = lab.playbook("deploy", mode, target=mini, **variables)
        refused(run, [mini, *expected])
        assert lab("checksum", mini) == before
    assert lab.launchctl_calls(mini, "bootstrap", "bootout", "kickstart", "enable", "disable") == []


def test_mixed_exposure_refuses_all_hosts_of_the_environment_and_touches_none(lab, tmp_path):
    lines = "minis:\n  hosts:\n    mini01: {gateway_exposure: tailnet, gateway_bind: tailnet}\n    mini02: {}\n"
    (tmp_path / "mixed.yml").write_text(lines)
    run = lab.playbook("deploy", "--inventory=%s" % (tmp_path / "mixed.yml"))
    refused(run, ["mini01: gateway_exposure", "mini02: gateway_exposure", "loopback on mini02; tailnet on mini01"])
    assert "See what is there" not in run.out


DEAD = "minis:\n  hosts:\n    mini99: {ansible_host: 127.0.0.254, ansible_port: 1}\n"


def row_of(run, host):
    return next(line for line in run.out.splitlines() if re.search(r'"%s +[0-9-]' % host, line))


def test_a_dead_host_is_a_row_of_the_status(lab, tmp_path):
    (tmp_path / "dead.yml").write_text(DEAD)
    run = lab.playbook("status", "--inventory=%s" % (tmp_path / "dead.yml"))
    assert run.rc == 0
    assert "unreachable: Connection refused" in row_of(run, "mini99")


def test_a_dead_host_stops_no_other(lab, mini, tmp_path):
    (tmp_path / "dead.yml").write_text(DEAD)
    dead = "--inventory=%s" % (tmp_path / "dead.yml")
    run = lab.playbook("deploy", dead, target="mini01,mini99", gateway_ready_timeout=600)
    assert run.rc != 0 and run.recap["mini01"]["failed"] == 0
    assert "all 7 ok" in row_of(run, "mini01")
    assert "Connection refused" in run.out and "mini99: ansible_host" in row_of(run, "mini99")


@pytest.mark.parametrize("allowed,reached", [(0, False), (1, True)])
def test_a_failed_batch_is_finished_and_those_after_it_are_left_alone(lab, mini, tmp_path, allowed, reached):
    lab("reset", "mini02")
    (tmp_path / "dead.yml").write_text(DEAD)
    dead = "--inventory=%s" % (tmp_path / "dead.yml")
    rules = {"deploy_serial": [2, "100%"], "deploy_max_failures": allowed, "gateway_ready_timeout": 600}
    run = lab.playbook("deploy", dead, target="mini99,mini01,mini02", **rules)
    assert run.rc != 0
    assert run.recap["mini01"]["changed"] == 5
    assert run.recap["mini02"]["changed"] == (5 if reached else 0)


def test_a_failed_canary_stops_the_rest(lab, mini, tmp_path):
    (tmp_path / "dead.yml").write_text(DEAD)
    dead = "--inventory=%s" % (tmp_path / "dead.yml")
    run = lab.playbook("deploy", dead, target="mini99,mini01", deploy_serial=[1, "100%"])
    assert run.rc != 0
    assert "not its turn yet" in row_of(run, "mini01")
    assert lab.launchctl_calls("mini01", "bootstrap") == []
