# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From the findings of an audit to what the runbook will do about them: a pure function of findings and a table."""

from __future__ import annotations

#: The layer that a host's trouble is put down to, where findings are of several: the first explains those after it.
ORDER = ("host", "service", "config", "auth", "network", "provider", "audit")
_PREFIX = "OCG-"


def plan(findings, table, beyond=()):
    """Plan what becomes of a host.

    :param findings: of openclaw_audit. :param table: roles/remediate/files/deeds.yml, loaded.
    :param beyond: checks (without OCG-) that no deed can answer on this host, whatever the table says.
    :returns: C({layer, deeds, manual, blocked, explained, passing, unknown}). A deed is C({deed, step, about,
        findings}), in the order in which they are done; the others are lists of C({check, severity, layer, message,
        next, commands}). C(explained) are those that others explain: nothing is done about them themselves.
    """
    failing = [finding for finding in findings if finding["result"] == "fail"]
    blocked = [finding for finding in failing if _short(finding) in table["blocks"]]
    explained = _explained(failing, table["explains"])
    causes = [finding for finding in failing if finding not in explained and _short(finding) not in beyond]
    deeds = [] if blocked else [deed for deed in (_deed(row, causes) for row in table["deeds"]) if deed["findings"]]
    answered = {name for deed in deeds for name in deed["findings"]} | {one["checkId"] for one in blocked + explained}
    left = [finding for finding in failing if finding["checkId"] not in answered]
    return {
        "layer": layer(failing),
        "deeds": deeds,
        "blocked": [told(finding) for finding in blocked],
        "explained": [told(finding) for finding in explained],
        "manual": [told(finding) for finding in left if _short(finding) not in table["passes"]],
        "passing": [told(finding) for finding in left if _short(finding) in table["passes"]],
        "unknown": [told(finding) for finding in findings if finding["result"] == "unknown"],
    }


def _explained(failing, explains):
    followers = {name for finding in failing for name in explains.get(_short(finding), ())}
    return [finding for finding in failing if _short(finding) in followers]


def layer(failing):
    """Return the lowest layer with an error; with none, the lowest one with anything; None where nothing fails."""
    for severities in (("error",), ("error", "warning", "info")):
        found = {finding["layer"] for finding in failing if finding["severity"] in severities}
        if found:
            return min(found, key=ORDER.index)
    return None


def _deed(row, failing):
    names = [finding["checkId"] for finding in failing
             if _short(finding) in row["answers"] and finding["layer"] in row["layers"]]  # fmt: skip
    return {"deed": row["deed"], "step": row["step"], "about": row["about"], "findings": names}


def _short(finding):
    name = finding["checkId"]
    return name[len(_PREFIX) :] if name.startswith(_PREFIX) else name


def told(finding):
    """Return what a person needs of a finding that nothing is done about."""
    return {
        "check": finding["checkId"], "severity": finding["severity"], "layer": finding["layer"],
        "message": finding["message"], "next": finding["fixHint"], "commands": finding["repair"]["commands"],
    }  # fmt: skip
