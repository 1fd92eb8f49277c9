# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of an audit to what is asked, what it is judged by, and what is kept. No secret gets any further."""

import json

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _audit_task

TOKEN = "a-token-that-nobody-may-see-0123"
OPTIONS = {
    "user": "openclaw", "state_dir": None, "label": "ai.openclaw.gateway", "port": 18789, "root": "/opt/openclaw",
    "scope": "daemon", "throttle_interval": 30, "exit_timeout": 30, "program_arguments": None, "log_hours": 24.0,
    "settings": {
        "gateway": {"mode": "local", "auth": {"token": TOKEN}}, "channels": {"my.bot": {"allow": []}, "none": {}}},
    "token": TOKEN, "consumers": [{"name": "phone", "value": TOKEN}, {"name": "ci", "fingerprint": "sha256:0"}],
    "policy": {"exposure": "loopback", "version": None}, "baseline": None, "paths": [], "operators": [],
}  # fmt: skip
SEEN = {"account": {"home": "/Users/openclaw", "error": None}}


def with_(**changes):
    return dict(OPTIONS, **changes)


def test_the_host_is_asked_for_paths_and_the_job_and_never_gets_a_value():
    asked = _audit_task.look(OPTIONS)
    assert asked["settings"] == [
        "gateway.mode", "gateway.auth.token", 'channels["my.bot"].allow', "channels.none",
    ]  # fmt: skip
    assert asked["program_arguments"][-3:] == ["gateway", "--port", "18789"]
    assert asked["program_arguments"][0] == "/opt/openclaw/current/node/bin/node"
    assert "state_dir" not in asked
    assert TOKEN not in json.dumps(asked)
    assert not {"token", "policy", "consumers", "baseline"} & set(asked)


def test_a_policy_holds_fingerprints():
    policy = _audit_task.policy(OPTIONS, SEEN)
    assert TOKEN not in json.dumps(policy)
    assert policy["token_fingerprint"] == policy["settings"]["gateway.auth.token"] == fingerprint(TOKEN)
    assert policy["consumers"] == [
        {"name": "phone", "fingerprint": fingerprint(TOKEN)}, {"name": "ci", "fingerprint": "sha256:0"}]


def test_what_nobody_declares_is_null_and_there():
    policy = _audit_task.policy(with_(token=None, policy={}), SEEN)
    assert {name for name in _audit_task.NOT_DECLARED if policy[name] is not None} == {"program", "config_root"}
    assert policy["mode"] == "managed"


def test_a_null_does_not_undo_what_is_derived():
    assert _audit_task.policy(with_(policy={"config_root": None, "port": None}), SEEN)["port"] == 18789


@pytest.mark.parametrize(
    ("state_dir", "seen", "root"),
    [(None, SEEN, "/Users/openclaw/.openclaw"), ("/srv/claw", SEEN, "/srv/claw"), (None, {"account": {}}, None)],
)
def test_the_config_root_is_the_declared_one_or_that_of_the_account(state_dir, seen, root):
    assert _audit_task.policy(with_(state_dir=state_dir), seen)["config_root"] == root


@pytest.mark.parametrize(
    ("changes", "program"),
    [
        ({"policy": {"mode": "adopt"}}, None),
        ({"port": None}, None),
        ({"program_arguments": ["/usr/bin/true", 1]}, ["/usr/bin/true", "1"]),
    ],
)
def test_a_program_is_only_declared_where_somebody_does(changes, program):
    assert _audit_task.program(with_(**changes)) == program
    assert ("program_arguments" in _audit_task.look(with_(**changes))) == (program is not None)


def test_an_agent_needs_the_gui():
    assert _audit_task.policy(with_(scope="agent"), SEEN)["needs_gui"] is True
    assert _audit_task.policy(OPTIONS, SEEN)["needs_gui"] is False


def finding(result, severity="error", check="OCG-HOST-001"):
    return {"checkId": check, "host": "mini01", "result": result, "severity": severity, "message": "m",
            "evidence": {"value": 1}, "policyDigest": "sha256:1"}  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "state"),
    [
        ([], "unknown"),
        ([finding("pass"), finding("not_applicable"), finding("waived")], "clean"),
        ([finding("pass"), finding("fail", "info")], "clean"),
        ([finding("pass"), finding("unknown")], "unknown"),
        ([finding("unknown"), finding("fail", "warning")], "drift"),
    ],
)
def test_the_state_of_a_host(findings, state):
    assert _audit_task.state(findings) == state


def test_of_what_passes_little_is_kept_and_all_of_what_does_not():
    found = [finding("pass", check="A"), finding("not_applicable", "info", "B"), finding("unknown", "warning", "C")]
    kept = _audit_task.folded(found)
    assert kept == {"findings": [found[2]], "passed": {"error": {"A": "sha256:1"}},
                    "not_applicable": {"info": ["B"]}}  # fmt: skip
    short = [{"checkId": "A", "host": "mini01", "result": "pass", "severity": "error", "policyDigest": "sha256:1"},
             {"checkId": "B", "host": "mini01", "result": "not_applicable", "severity": "info",
              "policyDigest": None}]  # fmt: skip
    assert _audit_task.unfolded(kept, "mini01") == [found[2], *short]


def test_findings_are_counted():
    assert _audit_task.counts([finding("pass"), finding("fail")])["fail"] == 1


def test_what_is_told_names_the_sections_that_could_not_be():
    told = _audit_task.told({
        "schema_version": 2, "survey_ms": 80.0, "port": {"version": None, "error": None},
        "release": {"version": "2026.9.6", "error": None}, "gui": {"error": "no launchctl"},
    })  # fmt: skip
    assert (told["openclaw"], told["ms"], told["blind"]) == ("2026.9.6", 80.0, {"gui": "no launchctl"})
