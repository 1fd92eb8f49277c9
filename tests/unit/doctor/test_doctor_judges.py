# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of OpenClaw's judges, as they were heard from 2026.6.1, 2026.7.1 and 2026.9.6 (shortened), and others."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor import judges
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import LAYERS

SERVICE = {"runtime": {"status": "running"}, "configAudit": {"ok": True, "issues": []}}
AUTH = {"missingProvidersInUse": [], "unusableProfiles": [], "oauth": {"profiles": []}}


def lint(*rows, ok=False, ran=35):
    return {"schemaVersion": 1, "ok": ok, "checksRun": ran, "findings": list(rows)}


def row(check, severity="warning", **more):
    return dict({"checkId": check, "severity": severity, "message": "m"}, **more)


def heard(name, answer):
    """Return findings as (check, severity, layer, path)."""
    return [one[1:5] for one in judges.findings_of(name, [answer])]


SAID = [
    ("doctor", lint(row("core/doctor/gateway-auth", path="gateway.auth.token", fixHint="x")),
     [("core/doctor/gateway-auth", "warning", "auth", "gateway.auth.token")]),
    ("doctor", lint(row("core/doctor/final-config-validation", "error", path="<root>"), ran=1),
     [("core/doctor/final-config-validation", "error", "config", "<root>")]),
    ("doctor", lint(row("core/doctor/new-in-2027", "catastrophic")),
     [("core/doctor/new-in-2027", "error", "config", None)]),
    ("doctor", lint(row("core/doctor/heartbeat-cadence-migration")), []),
    ("doctor", lint(ok=True), []),
    ("config_validate", {"valid": True, "path": "x", "warnings": []}, []),
    ("config_validate", {"valid": True, "warnings": [{"path": "a.b", "message": "m"}]},
     [("warning", "warning", "config", "a.b")]),
    ("config_validate", {"valid": False, "issues": [{"path": "gateway", "message": "Unrecognized key"}]},
     [("invalid", "error", "config", "gateway")]),
    ("config_validate", {"valid": False, "error": {"message": "file not found"}, "path": "/x"},
     [("missing", "error", "config", "/x")]),
    ("config_validate", {"valid": False}, [("invalid", "error", "config", None)]),
    ("gateway_status", {"service": SERVICE}, []),
    ("gateway_status", {"service": dict(SERVICE, runtime={"status": "unknown", "detail": "no"})},
     [("service-not-inspected", "info", "service", None)]),
    ("gateway_status", {"service": dict(SERVICE, configAudit={"ok": False, "issues": [
        {"code": "gateway-token-embedded", "message": "m"}, {"code": "launchd-keep-alive"}]})},
     [("gateway-token-embedded", "warning", "auth", None), ("launchd-keep-alive", "warning", "service", None)]),
    ("gateway_status", {"service": dict(SERVICE, configAudit={"definitionDrift": [
        {"kind": "preserved", "key": "ThrottleInterval"}, {"kind": "outdated", "key": "ThrottleInterval"}]})},
     [("definition-drift", "warning", "service", "ThrottleInterval")]),
    ("gateway_status", {"service": SERVICE, "config": {"cli": {"issues": [{"path": "", "message": "m"}]}},
                        "extraServices": [{"label": "x.y"}], "pluginVersionDrift": {"drifts": [{"pluginId": "p"}]}},
     [("config-invalid", "error", "config", None), ("extra-service", "warning", "service", "x.y"),
      ("plugin-version-drift", "warning", "config", "p")]),
    ("secrets_audit", {"status": "clean", "summary": {}, "findings": []}, []),
    ("secrets_audit", {"status": "findings", "summary": {}, "findings": [
        {"code": "PLAINTEXT_FOUND", "severity": "warn", "jsonPath": "gateway.auth.token", "message": "m"}]},
     [("PLAINTEXT_FOUND", "warning", "config", "gateway.auth.token")]),
    ("secrets_audit", {"status": "clean", "summary": {}, "findings": [], "resolution": {"skippedExecRefs": 2}},
     [("exec-not-resolved", "info", "config", None)]),
    ("security_audit", {"summary": {"critical": 1}, "findings": [
        {"checkId": "fs.config.perms_world_readable", "severity": "critical", "title": "t", "detail": "d"},
        {"checkId": "gateway.loopback_no_auth", "severity": "warn"}, {"checkId": "models.legacy", "severity": "info"}]},
     [("fs.config.perms_world_readable", "error", "host", None), ("gateway.loopback_no_auth", "warning", "auth", None),
      ("models.legacy", "info", "provider", None)]),
    ("models_status", {"auth": AUTH}, []),
    ("models_status", {"auth": dict(AUTH, missingProvidersInUse=["openai"], unusableProfiles=[{"profileId": "p"}],
                                    oauth={"profiles": [{"provider": "x", "status": "expired"}, {"status": "ok"}]})},
     [("provider-missing", "warning", "provider", "openai"), ("profile-unusable", "warning", "provider", "p"),
      ("oauth-expired", "warning", "provider", "x")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "found"), SAID, ids=range(len(SAID)))
def test_what_judges_say(name, answer, found):
    assert heard(name, answer) == found


@pytest.mark.parametrize(
    ("name", "answer", "code"),
    [
        ("doctor", lint(), "unexplained"),
        ("doctor", lint(ok=True, ran=0), "nothing_checked"),
        ("doctor", {"ok": True}, "no_verdict"),
        ("secrets_audit", {"status": "unresolved", "summary": {}, "findings": []}, "unexplained"),
        ("secrets_audit", {"summary": {}, "findings": []}, "unexplained"),
        ("security_audit", {"summary": {"warn": 1}, "findings": []}, "unexplained"),
        ("security_audit", {"ok": False, "error": {"type": "cli_error"}, "issues": []}, "no_verdict"),
        ("models_status", {"ok": False, "error": {"type": "cli_error"}}, "no_verdict"),
        ("config_validate", {"valid": "true"}, "no_verdict"),
        ("gateway_status", {"service": None}, "no_verdict"),
        ("gateway_status", {"service": {}}, "no_verdict"),
        ("models_status", {"auth": {}}, "no_verdict"),
    ],
)
def test_what_is_no_verdict_is_never_a_yes(name, answer, code):
    with pytest.raises(judges.NoVerdict) as caught:
        judges.findings_of(name, [answer])
    assert caught.value.code == code


@pytest.mark.parametrize("name", judges.JUDGES)
def test_silence_is_no_verdict(name):
    with pytest.raises(judges.NoVerdict):
        judges.findings_of(name, [])


ODD = [None, 5, "x", [], {}, [None], ["x"], [{}], [[{}]], {"a": None}]


@pytest.mark.parametrize("name", judges.JUDGES)
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_odd_answers_hurt_nobody(name, odd):
    """Every part of every answer above, replaced by something else: findings or no verdict, nothing else."""
    for other, answer, _found in SAID:
        if other != name:
            continue
        for key in answer:
            changed = dict(answer, **{key: odd})
            if isinstance(answer[key], dict):
                changed = dict(answer, **{key: dict(answer[key], **dict.fromkeys(answer[key], odd))})
            for one in _findings(name, changed):
                assert one.severity in judges.SEVERITIES and one.layer in LAYERS and isinstance(one.message, str)
                assert one.path is None or isinstance(one.path, str)


def _findings(name, answer):
    try:
        return judges.findings_of(name, [answer])
    except judges.NoVerdict:
        return []


def test_nobody_is_asked_to_repair():
    words = " ".join(word for judge in judges.JUDGES.values() for word in judge.words)
    assert not {"--fix", "--repair", "--force", "--allow-exec", "--deep", "--probe"} & set(words.split())
