# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Whether a fault is corrective or pending, by a record of what last passed. Pure; whoever has the record keeps it.

A check that passed with the policy of today and fails now has moved on the host: C(corrective), put it back. One that
passed with another policy fails because the declaration moved: C(pending), a deploy will follow it. One that never
passed says neither.
"""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import judge

CORRECTIVE, PENDING = "corrective", "pending"
VERSION = 1


def empty():
    """Return the record of nobody: C({schemaVersion, hosts: {host: {check id: digest of the policy}}})."""
    return {"schemaVersion": VERSION, "hosts": {}}


def mark_drift(findings, state):
    """Say of each fault which kind it is, and remember what passes.

    :param findings: list of findings of all hosts, before or after waivers.
    :param state: the record, as returned by the last run; None or one of another version counts as none.
    :returns: tuple (findings, with C(drift) corrective, pending or null; the new record). What is unknown or does not
        apply leaves the record as it is, and so do hosts that are not among the findings.
    """
    known = state if isinstance(state, dict) and state.get("schemaVersion") == VERSION else empty()
    hosts = {host: dict(checks) for host, checks in known["hosts"].items()}
    told = []
    for finding in findings:
        host, name, digest = finding["host"], finding["checkId"], finding.get("policyDigest")
        passed = hosts.get(host, {}).get(name)
        if finding["result"] in (judge.FAIL, judge.WAIVED) and passed is not None:
            finding = dict(finding, drift=CORRECTIVE if passed == digest else PENDING)
        elif finding["result"] == judge.PASS and host is not None:
            hosts.setdefault(host, {})[name] = digest
        told.append(finding)
    ordered = {host: {name: hosts[host][name] for name in sorted(hosts[host])} for host in sorted(hosts)}
    return told, {"schemaVersion": VERSION, "hosts": ordered}
