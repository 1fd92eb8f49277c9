# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What is different from an earlier audit. Pure."""

from __future__ import annotations


def since(record, previous):
    """Compare two records.

    A host that could not be looked at in one of them is not compared: silence of a dead host is no repair.

    :returns: C({findingsHash, finished, appeared, gone, same, hosts_new, hosts_lost, hosts_not_compared}):
        C(appeared) and C(gone) are lists of C({host, checkId}) of failing checks, C(same) the number of those that fail
        in both; C(hosts_new) and C(hosts_lost) are names of hosts that only one of the audits was about.
    """
    now, before = _names(record), _names(previous)
    blind = {host["name"] for host in record["hosts"] + previous["hosts"] if not _looked_at(host)} & now & before
    failing = _failing(record, blind)
    failed = _failing(previous, blind)
    return {
        "findingsHash": previous["findingsHash"],
        "finished": (previous.get("run") or {}).get("finished"),
        "appeared": _listed(failing - failed),
        # What failed on a host that is no longer in the inventory has not been put right.
        "gone": _listed({key for key in failed - failing if key[0] is None or key[0] in now}),
        "same": len(failing & failed),
        "hosts_new": sorted(now - before),
        "hosts_lost": sorted(before - now),
        "hosts_not_compared": sorted(blind),
    }


def _names(record):
    return {host["name"] for host in record["hosts"]}


def _looked_at(host):
    return host["state"] != "unreachable" and bool(host["findings"] or host["passed"])


def _failing(record, blind):
    seen = [host for host in record["hosts"] if host["name"] not in blind]
    found = [item for host in seen for item in host["findings"]] + record["fleet"]
    return {(item.get("host"), item["checkId"]) for item in found if item["result"] == "fail"}


def _listed(keys):
    return [{"host": host, "checkId": check} for host, check in sorted(keys, key=lambda key: (key[0] or "", key[1]))]
