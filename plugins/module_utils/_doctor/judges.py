# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""OpenClaw's own judges as data: what each is asked, and how its answer becomes findings of one shape. Pure.

None of them is believed by its exit code: C(gateway status), C(models status) and C(security audit) end with 0 in
every broken state, C(doctor) with 1 on a host in order. An answer that is not of the shape known here is no verdict.
"""

from __future__ import annotations

from typing import NamedTuple

#: Worst first.
SEVERITIES = ("error", "warning", "info")
_SEVERITY = {"critical": "error", "error": "error", "warn": "warning", "warning": "warning", "info": "info"}


class NoVerdict(Exception):
    """The answer says nothing that can be relied on: C(code) and a sentence why."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code, self.reason = code, reason


class Finding(NamedTuple):
    """C(check) is stable, C(path) is a key of the configuration or a file, C(next) what to do; both may be None."""

    judge: str
    check: str
    severity: str
    layer: str
    path: str | None
    message: str
    next: str | None


#: (beginning of the id of a check, layer); the first that fits decides.
_DOCTOR_LAYERS = (
    ("gateway-auth", "auth"),
    ("device-pairing", "auth"),
    ("auth-profiles", "provider"),
    ("oauth", "provider"),
    ("claude-cli", "provider"),
    ("codex", "provider"),
    ("model", "provider"),
    ("provider", "provider"),
    ("memory-search", "provider"),
    ("gateway-services", "service"),
    ("gateway-daemon", "service"),
    ("systemd", "service"),
    ("gateway-health", "network"),
    ("node-hosting", "network"),
    ("node-runtime", "host"),
    ("disk", "host"),
    ("state-integrity", "host"),
    ("skills", "host"),
    ("browser", "host"),
    ("shell", "host"),
    ("stale", "host"),
)
_SECURITY_LAYERS = (
    ("fs.", "host"),
    ("gateway.bind", "network"),
    ("gateway.tailscale", "network"),
    ("gateway.trusted_prox", "network"),
    ("gateway.", "auth"),
    ("models.", "provider"),
    ("sandbox.", "host"),
)
#: What cannot be told on a copy: OpenClaw finds the jobs it has scheduled by the path of the state directory.
_NOT_ON_A_COPY = (
    "core/doctor/heartbeat-cadence-migration",
    "core/doctor/heartbeat-scratch-migration",
    "core/doctor/heartbeat-task-cron-migration",
)
_SERVICE_HINT = "see what is there with openclaw_info, and put it right with openclaw_service."
_PROVIDER_HINT = "give the account a credential for this provider, or choose a model of another one."


def _layer(name, table, otherwise="config"):
    return next((layer for begins, layer in table if name.startswith(begins)), otherwise)


def _text(value):
    return value if isinstance(value, str) and value else None


def _rows(answer, key):
    rows = answer.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _mapping(answer, key):
    found = answer.get(key)
    return found if isinstance(found, dict) else {}


def _require(answer, key, kind):
    """An answer that lacks what is looked for there has not said that there is nothing."""
    if not isinstance(answer.get(key), kind):
        raise NoVerdict("no_verdict", "its output lacks %s" % key)


def _severity(row):
    # A word nobody knows is not taken lightly.
    return _SEVERITY.get(row.get("severity"), "error")


def _doctor(answer):
    found = []
    for row in _rows(answer, "findings"):
        check = _text(row.get("checkId")) or "unnamed"
        message, hint = _text(row.get("message")) or "it does not say what is wrong.", _text(row.get("fixHint"))
        layer = _layer(check.rsplit("core/doctor/", 1)[-1], _DOCTOR_LAYERS)
        found.append(Finding("doctor", check, _severity(row), layer, _text(row.get("path")), message, hint))
    if answer["ok"] is False and not found:
        raise NoVerdict("unexplained", "it calls the host not in order, and names no finding")
    if not answer.get("checksRun"):
        raise NoVerdict("nothing_checked", "it ran no check")
    return [one for one in found if one.check not in _NOT_ON_A_COPY]


def _status(answer):
    service, found = answer["service"], []
    _require(service, "configAudit", dict)
    audit = _mapping(service, "configAudit")
    for row in _rows(audit, "issues"):
        code = _text(row.get("code")) or "unnamed"
        message = _text(row.get("message")) or "the definition of the service is not as OpenClaw wants it."
        layer = "auth" if "token" in code or "password" in code else "service"
        found.append(Finding("gateway_status", code, "warning", layer, _text(service.get("sourcePath")), message,
                             _SERVICE_HINT))  # fmt: skip
    for row in _rows(audit, "definitionDrift"):
        # "preserved" is a choice that OpenClaw respects.
        if row.get("kind") != "preserved":
            key, message = _text(row.get("key")), _text(row.get("message")) or "not what OpenClaw installs."
            found.append(Finding("gateway_status", "definition-drift", "warning", "service", key, message,
                                 _SERVICE_HINT))  # fmt: skip
    for side, config in sorted(_mapping(answer, "config").items()):
        for row in _rows(config if isinstance(config, dict) else {}, "issues"):
            found.append(Finding("gateway_status", "config-invalid", "error", "config", _text(row.get("path")),
                                 "the configuration of the %s: %s" % (side, row.get("message")), None))  # fmt: skip
    for row in _rows(answer, "extraServices"):
        label = _text(row.get("label")) or "a service without a label"
        found.append(Finding("gateway_status", "extra-service", "warning", "service", label,
                             "%s looks like another Gateway." % label, _SERVICE_HINT))  # fmt: skip
    for row in _rows(_mapping(answer, "pluginVersionDrift"), "drifts"):
        name = _text(row.get("pluginId")) or _text(row.get("id")) or "a plugin"
        found.append(Finding("gateway_status", "plugin-version-drift", "warning", "config", name,
                             "%s is of another version than the Gateway." % name, "update the plugin."))  # fmt: skip
    runtime = _mapping(service, "runtime")
    if runtime.get("status") not in ("running", "stopped"):
        said = _text(runtime.get("detail")) or "it does not say why."
        found.append(Finding("gateway_status", "service-not-inspected", "info", "service", None,
                             "OpenClaw could not look at the service: %s" % said,
                             "see the job with openclaw_info."))  # fmt: skip
    return found


def _validate(answer):
    hint = "correct the key (openclaw_config)."
    rows = [(row, "invalid", "error") for row in _rows(answer, "issues")]
    rows += [(row, "warning", "warning") for row in _rows(answer, "warnings")]
    found = [
        Finding("config_validate", check, severity, "config", _text(row.get("path")),
                _text(row.get("message")) or "OpenClaw does not say what is wrong.", hint)
        for row, check, severity in rows
    ]  # fmt: skip
    if answer["valid"] or any(one.severity == "error" for one in found):
        return found
    said = _text(_mapping(answer, "error").get("message")) or _text(answer.get("error"))
    check = "missing" if said and "not found" in said.lower() else "invalid"
    return found + [Finding("config_validate", check, "error", "config", _text(answer.get("path")),
                            said or "OpenClaw calls the configuration invalid without saying why.", hint)]  # fmt: skip


def _secrets(answer):
    found = []
    for row in _rows(answer, "findings"):
        path = _text(row.get("jsonPath")) or _text(row.get("file"))
        found.append(Finding("secrets_audit", _text(row.get("code")) or "unnamed", _severity(row), "config", path,
                             _text(row.get("message")) or "it does not say what is wrong.",
                             "hold it in a secret reference (openclaw_token, source: file or exec)."))  # fmt: skip
    if answer.get("status") != "clean" and not found:
        raise NoVerdict("unexplained", "its status is not clean, and it names no finding")
    skipped = _mapping(answer, "resolution").get("skippedExecRefs")
    if skipped:
        found.append(Finding("secrets_audit", "exec-not-resolved", "info", "config", None,
                             "%s references to programs were not followed: that would run them." % skipped,
                             "prove the token with openclaw_probe."))  # fmt: skip
    return found


def _security(answer):
    found = []
    for row in _rows(answer, "findings"):
        check = _text(row.get("checkId")) or "unnamed"
        told = [part for part in (_text(row.get("title")), _text(row.get("detail"))) if part]
        found.append(Finding("security_audit", check, _severity(row), _layer(check, _SECURITY_LAYERS), None,
                             ": ".join(told) or "it does not say what is wrong.",
                             _text(row.get("remediation"))))  # fmt: skip
    counted = answer["summary"]
    if any(counted.get(word) for word in ("critical", "warn")) and not found:
        raise NoVerdict("unexplained", "it counts findings, and names none")
    return found


def _models(answer):
    auth, found = answer["auth"], []
    _require(auth, "missingProvidersInUse", list)
    for provider in auth["missingProvidersInUse"]:
        found.append(Finding("models_status", "provider-missing", "warning", "provider", _text(provider),
                             "a model in use is of %s, and there is no credential for it." % provider,
                             _PROVIDER_HINT))  # fmt: skip
    for check, key in (("profile-unusable", "unusableProfiles"), ("route", "modelRouteIssues")):
        for row in _rows(auth, key):
            path = _text(row.get("provider")) or _text(row.get("profileId")) or _text(row.get("model"))
            said = _text(row.get("message")) or _text(row.get("detail")) or _text(row.get("reason"))
            found.append(Finding("models_status", check, "warning", "provider", path,
                                 said or "it does not say what is wrong.", _PROVIDER_HINT))  # fmt: skip
    for row in _rows(_mapping(auth, "oauth"), "profiles"):
        if row.get("status") in ("expired", "expiring", "missing"):
            found.append(Finding("models_status", "oauth-%s" % row["status"], "warning", "provider",
                                 _text(row.get("provider")), "the sign-in is %s." % row["status"],
                                 "sign in anew (openclaw models auth login)."))  # fmt: skip
    return found


class Judge(NamedTuple):
    """:ivar words: what C(openclaw) is called with. :ivar shape: keys its answer must have, and their types.
    :ivar read: function of the answer to findings. :ivar needs_config: whether it judges OpenClaw's defaults, and does
    not say so, where there is no configuration."""

    words: tuple
    shape: dict
    read: object
    needs_config: bool


JUDGES = {
    "config_validate": Judge(("config", "validate", "--json"), {"valid": bool}, _validate, False),
    "doctor": Judge(("doctor", "--lint", "--json"), {"ok": bool, "findings": list}, _doctor, False),
    "gateway_status": Judge(("gateway", "status", "--no-probe", "--json"), {"service": dict}, _status, True),
    "secrets_audit": Judge(("secrets", "audit", "--json"), {"summary": dict, "findings": list}, _secrets, True),
    "security_audit": Judge(("security", "audit", "--json"), {"summary": dict, "findings": list}, _security, True),
    "models_status": Judge(("models", "status", "--json"), {"auth": dict}, _models, True),
}


def findings_of(name, answers):
    """Return the findings in what a judge said.

    :param name: key of :data:`JUDGES`. :param answers: the JSON objects in its output.
    :raises NoVerdict: none of them is a verdict.
    """
    judge = JUDGES[name]
    answer = next((one for one in answers if _fits(one, judge.shape)), None)
    if answer is None:
        raise NoVerdict("no_verdict", "its output holds no verdict")
    return judge.read(answer)


def _fits(answer, shape):
    return all(isinstance(answer.get(key), kind) for key, kind in shape.items())
