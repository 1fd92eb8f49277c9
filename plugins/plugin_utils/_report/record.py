# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The record of one audit: what every sink renders, and what the next audit is compared with. Pure.

C(docs/record.schema.json) is its schema. A record is plain data (JSON) and holds no secret: fingerprints only.
"""

from __future__ import annotations

import hashlib
import json
import re

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import changes

SCHEMA_VERSION = 1
SEVERITIES = ("error", "warning", "info")
#: States of a host, the one to look at first first.
STATES = ("drift", "unreachable", "unknown", "clean")
RESULTS = ("pass", "fail", "unknown", "not_applicable", "waived")
#: What a failing or unknown check of each severity takes from a host's score, in shares of all that applies to it.
WEIGHTS = {"error": 10, "warning": 3, "info": 1}
#: Results that are told in full; of the others the id is enough.
TOLD = ("fail", "unknown", "waived")
#: What makes a host drift. A failing check that only informs is told, and the host is still as declared.
DRIFTS = ("error", "warning")
_CHECK_KEYS = ("id", "title", "severity", "layer", "why", "impact", "diagnosis", "step", "requirements", "repair")


def build(hosts, checks, run, previous=None, fleet=(), plan=None, tool=None):
    """Return the record of one audit.

    :param hosts: list of C({name, class, environment, unreachable, reason, openclaw, macos, ms, metrics, findings}),
        one a host of the play. C(findings) is every finding of the host, also those that pass; C(reason) says why there
        are none, or only some; C(unreachable) tells a dead host from one that could not be looked at; C(ms) is what the
        look took on the host, C(metrics) what :func:`metrics` returns. All but C(name) may be missing.
    :param checks: list of checks (mappings as in the catalogue), for their titles and texts.
    :param run: C({id, started, finished, inventory, command}); times as ISO 8601 in UTC. C(reports), a mapping of sink
        to path, is where the reports of this run will lie, for those who are told only the short version.
    :param previous: the record of an earlier audit to compare with, or C(None).
    :param fleet: findings about several hosts together, C(host) null.
    :param plan: C(None), or C({hosts: [{name, changed: [{task, module, path, diff}]}]}): what a deploy would change.
    :param tool: C({name, version}) of the collection.
    :returns: the record, its hosts with the most drifted first.
    """
    rows = sorted((_host(host) for host in hosts), key=_order)
    fleet = [item for item in fleet if item["result"] in TOLD]
    counts = _tally(rows, fleet)
    told = [item for row in rows for item in row["findings"]] + fleet
    record = {
        "schemaVersion": SCHEMA_VERSION,
        "tool": dict(tool or {"name": "clawops.openclaw", "version": None}),
        "run": dict(run),
        "findingsHash": None,
        "summary": _summary(rows, told, checks),
        "hosts": rows,
        "checks": [_check(check, counts) for check in checks],
        "fleet": fleet,
        "plan": plan,
        "previous": None,
    }
    record = clean(record)
    record["findingsHash"] = findings_hash(record)
    if previous:
        record["previous"] = changes.since(record, clean(previous))
    return record


_LONE = re.compile("[\ud800-\udfff]")


def clean(value):
    """Return plain data in which every text can be encoded: what a host said in broken UTF-8 becomes U+FFFD."""
    if isinstance(value, str):
        # A plain str, whatever Ansible made of it.
        return _LONE.sub("\ufffd", str(value))
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    return value


def findings_hash(record):
    """Return C(sha256:HEX) over what was found, and nothing that differs between two audits of an unchanged fleet.

    That is each host's state, and of each finding the host, check, result, severity and path; no message (it may hold
    an age or a process id), no time, and no check that passes.
    """
    stable = [[host["name"], host["state"]] for host in record["hosts"]]
    for item in findings(record):
        stable.append([item.get("host"), item["checkId"], item["result"], item["severity"], item.get("path")])
    # Sorted as texts: a path may be null on one finding and a text on the next.
    lines = sorted(json.dumps(entry, ensure_ascii=True) for entry in stable)
    return "sha256:" + hashlib.sha256("\n".join(lines).encode("ascii")).hexdigest()


def findings(record):
    """Return every finding of the record that is not a pass: the fleet's first, then those of each host."""
    return record["fleet"] + [item for host in record["hosts"] for item in host["findings"]]


def area(check_id):
    """Return the area a check id names: C(TOKEN) of C(OCG-TOKEN-001)."""
    parts = check_id.split("-")
    return parts[-2] if len(parts) > 1 else parts[0]


def drifts(finding):
    """Return whether a finding makes its host drift: it fails, and not only informs."""
    return finding["result"] == "fail" and finding["severity"] in DRIFTS


def exit_code(record):
    """Return 2 where anything drifts, else 1 where something could not be told, else 0."""
    if any(drifts(item) for item in findings(record)):
        return 2
    blind = any(item["result"] == "unknown" for item in findings(record))
    return 1 if blind or any(host["state"] in ("unreachable", "unknown") for host in record["hosts"]) else 0


# --------------------------------------------------------------------------------------------------------------- a host
def _host(host):
    found = sorted(host.get("findings") or [], key=_urgency)
    counts = {result: sum(item["result"] == result for item in found) for result in RESULTS}
    reason = host.get("reason")
    if not found and not reason:
        reason = "nothing was heard of it"
    return {
        "name": host["name"],
        "class": host.get("class"),
        "environment": host.get("environment"),
        "state": _state(host, found),
        "reason": reason,
        "openclaw": host.get("openclaw"),
        "macos": host.get("macos"),
        "score": _score(found),
        "counts": counts,
        "ms": host.get("ms"),
        "metrics": host.get("metrics"),
        "findings": [item for item in found if item["result"] in TOLD],
        "passed": sorted(item["checkId"] for item in found if item["result"] == "pass"),
        "not_applicable": sorted(item["checkId"] for item in found if item["result"] == "not_applicable"),
    }


def _state(host, found):
    if host.get("unreachable"):
        return "unreachable"
    if any(drifts(item) for item in found):
        return "drift"
    return "unknown" if not found or any(item["result"] == "unknown" for item in found) else "clean"


def _urgency(finding):
    # The runbook's order within a severity: what a later step sees is often only the consequence.
    step = finding.get("step") or 9
    return (TOLD + RESULTS).index(finding["result"]), SEVERITIES.index(finding["severity"]), step, finding["checkId"]


def _order(row):
    failed = [sum(item["result"] == "fail" and item["severity"] == severity for item in row["findings"])
              for severity in SEVERITIES]
    return STATES.index(row["state"]), [-number for number in failed], -row["counts"]["unknown"], natural(row["name"])


def natural(name):
    """Return a key by which mini9 comes before mini10."""
    # Texts and numbers take turns, so that like is always compared with like.
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"([0-9]+)", name))]


def _score(found):
    """Return 0 to 100: the share of what applies that passes, by weight; C(None) where nothing was judged.

    Rounded down, so that 100 means that nothing is wrong. Unknown is not pass; what was waived counts for nothing.
    """
    applies = [item for item in found if item["result"] in ("pass", "fail", "unknown")]
    total = sum(WEIGHTS[item["severity"]] for item in applies)
    if not total:
        return None
    return 100 * sum(WEIGHTS[item["severity"]] for item in applies if item["result"] == "pass") // total


def metrics(observation):
    """Return the numbers of a host that dashboards want, C(None) each where it could not be told.

    :param observation: result of C(openclaw_info).
    :returns: C({token_sources, log_hours, auth_failures: {gateway, provider}, pairing_attempts, pairing_successes,
        closes: {code: n}, starts, pending_devices}); what is counted in logs is counted over C(log_hours).
    """
    logs = observation.get("logs") or {}
    counters = logs.get("counters") or {}
    pairing, closes = counters.get("pairing"), {}
    for name, number in (counters.get("closes") or {}).items():
        # Code and cause: dashboards take the code, the page and its checks name the cause.
        code = name.partition("/")[0]
        closes[code] = closes.get(code, 0) + number
    return {
        "token_sources": (observation.get("token_sources") or {}).get("count"),
        "log_hours": logs.get("hours"),
        "auth_failures": {layer: _total(counters.get(layer + "_auth_failures")) for layer in ("gateway", "provider")},
        "pairing_attempts": _total(pairing, ("asked", "granted_silently")),
        "pairing_successes": _total(pairing, ("granted", "granted_silently")),
        "closes": closes if "closes" in counters else None,
        "starts": _total(counters.get("starts")),
        "pending_devices": (observation.get("devices") or {}).get("pending_count"),
    }


def _total(counter, names=None):
    """Return the sum of a counter's names (all, or some); C(None) where it was not counted."""
    if counter is None:
        return None
    return sum(number for name, number in counter.items() if names is None or name in names)


# ----------------------------------------------------------------------------------------------------------- everything
def _summary(rows, told, checks):
    states = {state: sum(row["state"] == state for row in rows) for state in STATES}
    failed = [item for item in told if item["result"] == "fail"]
    return {
        "hosts": len(rows),
        **states,
        "findings": {severity: sum(item["severity"] == severity for item in failed) for severity in SEVERITIES},
        "unknown_findings": sum(item["result"] == "unknown" for item in told),
        "waived": sum(item["result"] == "waived" for item in told),
        "checks": len(checks),
    }


def _tally(rows, fleet):
    """Return C({check id: {result: number of hosts}}); C(fleet) is how often it fails for the fleet as a whole."""
    counts = {}

    def add(ident, result):
        counts.setdefault(ident, dict.fromkeys((*RESULTS, "fleet"), 0))[result] += 1

    for row in rows:
        for item in row["findings"]:
            add(item["checkId"], item["result"])
        for result, idents in (("pass", row["passed"]), ("not_applicable", row["not_applicable"])):
            for ident in idents:
                add(ident, result)
    for item in fleet:
        if item["result"] == "fail":
            add(item["checkId"], "fleet")
    return counts


def _check(check, counts):
    count = counts.get(check["id"]) or dict.fromkeys((*RESULTS, "fleet"), 0)
    return {
        **{key: check.get(key) for key in _CHECK_KEYS},
        "area": area(check["id"]),
        "hosts_failed": count["fail"],
        "hosts_passed": count["pass"],
        "hosts_unknown": count["unknown"],
        "hosts_waived": count["waived"],
        "hosts_not_applicable": count["not_applicable"],
        "fleet_failed": count["fleet"],
    }
