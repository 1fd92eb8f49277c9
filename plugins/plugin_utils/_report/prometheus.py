# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The report as metrics in the text format that node_exporter's textfile collector reads."""

from __future__ import annotations

import datetime

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import words

#: Close codes that get a sample even where none was seen, so that a graph of their mix has no holes.
CLOSE_CODES = ("1000", "1002", "1006", "1008", "1012")


def render(record):
    """Return every family with its help and type, then its samples. All are gauges: each audit counts anew."""
    lines = []
    for name, about, samples in _families(record):
        samples = [(labels, value) for labels, value in samples if value is not None]
        if samples:
            lines += ["# HELP %s %s" % (name, about), "# TYPE %s gauge" % name]
            lines += ["%s%s %s" % (name, _labels(labels), _number(value)) for labels, value in samples]
    return "\n".join(lines) + "\n"


def _families(record):
    run, summary, hosts = record["run"], record["summary"], record["hosts"]
    started, finished = _seconds(run.get("started")), _seconds(run.get("finished"))
    took = finished - started if None not in (started, finished) else None
    yield "openclaw_audit_last_run_timestamp_seconds", "When the last audit ended.", [({}, finished)]
    yield "openclaw_audit_duration_seconds", "How long the audit of all hosts took.", [({}, took)]
    yield "openclaw_audit_exit_code", "0 all as declared, 2 drift, 1 could not tell.", [({}, records.exit_code(record))]
    yield "openclaw_audit_checks", "Checks in the catalogue.", [({}, summary["checks"])]
    yield "openclaw_audit_hosts", "Hosts by state.", [({"state": state}, summary[state]) for state in records.STATES]
    yield "openclaw_audit_findings", "Failing checks of all hosts by severity.", [
        ({"severity": severity}, number) for severity, number in summary["findings"].items()]
    yield "openclaw_audit_unknown_findings", "Checks that could not be told, of all hosts.", [
        ({}, summary["unknown_findings"])]
    yield "openclaw_audit_waived_findings", "Failing checks that are waived, of all hosts.", [({}, summary["waived"])]
    yield "openclaw_audit_check_failing_hosts", "Hosts on which a check fails.", [
        ({"check": check["id"], "severity": check["severity"]}, check["hosts_failed"]) for check in record["checks"]]
    yield "openclaw_audit_host_state", "1 for the state a host is in.", [
        (dict(_whose(host), state=host["state"]), 1) for host in hosts]
    yield "openclaw_audit_host_failing_checks", "Failing checks of a host by severity.", [
        (dict(_whose(host), severity=severity), _failing(host, severity))
        for host in hosts if host["state"] != "unreachable" for severity in records.SEVERITIES]
    yield "openclaw_audit_host_unknown_checks", "Checks of a host that could not be told.", [
        (_whose(host), host["counts"]["unknown"]) for host in hosts if host["state"] != "unreachable"]
    yield "openclaw_audit_host_score", "0 to 100: share of what applies to a host that passes, by weight.", [
        (_whose(host), host["score"]) for host in hosts]
    yield "openclaw_audit_host_seconds", "How long looking at a host took, on the host.", [
        (_whose(host), host["ms"] / 1000.0 if host["ms"] is not None else None) for host in hosts]
    yield from _gateways([(_whose(host), host["metrics"]) for host in hosts if host["metrics"]])


def _gateways(metrics):
    """Yield what was counted at the Gateways; what comes from their logs is over the window of the audit."""
    yield "openclaw_gateway_token_sources", "Places that supply a Gateway token. One is right.", [
        (whose, item["token_sources"]) for whose, item in metrics]
    yield "openclaw_gateway_log_window_seconds", "How far back the log counters below reach.", [
        (whose, item["log_hours"] and item["log_hours"] * 3600.0) for whose, item in metrics]
    yield "openclaw_gateway_auth_failures", "Refused credentials by layer: of clients, or for model providers.", [
        (dict(whose, layer=layer), number)
        for whose, item in metrics for layer, number in item["auth_failures"].items()]
    yield "openclaw_gateway_pairing_attempts", "Attempts of devices to pair.", [
        (whose, item["pairing_attempts"]) for whose, item in metrics]
    yield "openclaw_gateway_pairing_successes", "Devices that were paired.", [
        (whose, item["pairing_successes"]) for whose, item in metrics]
    yield "openclaw_gateway_pairing_retries_per_hour", "Attempts to pair that led nowhere, per hour.", [
        (whose, retry_rate(item)) for whose, item in metrics]
    yield "openclaw_gateway_closes", "Connections closed by close code; the mix of 1006 and 1008 tells causes apart.", [
        (dict(whose, code=code), item["closes"].get(code, 0))
        for whose, item in metrics if item["closes"] is not None
        for code in sorted({*CLOSE_CODES, *item["closes"]})]
    yield "openclaw_gateway_starts", "Starts of the Gateway.", [(whose, item["starts"]) for whose, item in metrics]
    yield "openclaw_gateway_pending_devices", "Devices that wait for approval.", [
        (whose, item["pending_devices"]) for whose, item in metrics]


def retry_rate(metrics):
    """Return attempts to pair beyond those that succeeded, per hour; C(None) where it cannot be told."""
    tried, through, hours = metrics["pairing_attempts"], metrics["pairing_successes"], metrics["log_hours"]
    if tried is None or not hours:
        return None
    return max(0, tried - (through or 0)) / float(hours)


def _whose(host):
    return {key: text for key, text in (
        ("host", host["name"]), ("environment", host["environment"]), ("class", host["class"]),
    ) if text}


def _failing(host, severity):
    return sum(item["result"] == "fail" and item["severity"] == severity for item in host["findings"])


def _labels(labels):
    pairs = ['%s="%s"' % (key, _escaped(words.harmless(text))) for key, text in labels.items()]
    return "{%s}" % ",".join(pairs) if pairs else ""


def _escaped(text):
    # A line break would be escaped too, had one been left.
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _number(value):
    number = float(value)
    return "%d" % number if number == int(number) else repr(round(number, 6))


def _seconds(moment):
    if not moment:
        return None
    # A time without a zone is one in UTC: nobody's local time belongs on a dashboard.
    at = datetime.datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
    return (at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)).timestamp()
