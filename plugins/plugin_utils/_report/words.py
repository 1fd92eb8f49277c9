# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What several sinks say in the same words, and the harmless form of texts that came from a host. Pure."""

from __future__ import annotations

import unicodedata

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records

#: State of a host, as a person says it.
STATE_WORDS = {"clean": "as declared", "drift": "drifted", "unknown": "could not tell", "unreachable": "unreachable"}
#: Severity, as a person says it.
SEVERITY_WORDS = {"error": "error", "warning": "warning", "info": "note"}
#: Kind of drift -> (word, what it means).
DRIFT_WORDS = {
    "corrective": ("moved", "was as declared in an earlier run, and is not any more"),
    "pending": ("pending", "the declaration changed, and was not deployed yet"),
}


def plural(number, one, many=None):
    """Return C(1 host), C(2 hosts)."""
    return "%d %s" % (number, one if number == 1 else many or one + "s")


def listed(words):
    """Return words as a list in a sentence: C(a, b and c)."""
    words = list(words)
    return " and ".join(([", ".join(words[:-1])] if words[1:] else []) + words[-1:])


def headline(record):
    """Return the one sentence about the fleet: C(3 of 50 hosts drifted, 1 is unreachable.)"""
    summary = record["summary"]
    hosts = summary["hosts"]
    if not hosts:
        return "No host was looked at."
    parts = []
    if summary["drift"]:
        parts.append("%d of %s drifted" % (summary["drift"], plural(hosts, "host")))
    for state, text in (("unreachable", "%d %s unreachable"), ("unknown", "%d %s not be told")):
        if summary[state]:
            verb = ("is" if summary[state] == 1 else "are") if state == "unreachable" else "could"
            parts.append(text % (summary[state], verb))
    if parts:
        sentence = listed(parts) + "."
        return sentence[0].upper() + sentence[1:]
    alone = "The host is as declared" if hosts == 1 else "All %d hosts are as declared" % hosts
    fleet = sum(records.drifts(item) for item in record["fleet"])
    return alone + (", but not with each other." if fleet else ".")


def totals(record):
    """Return how much was found, in one line: C(4 errors, 1 warning, 2 waived)."""
    summary = record["summary"]
    parts = [plural(summary["findings"][severity], SEVERITY_WORDS[severity])
             for severity in records.SEVERITIES if summary["findings"][severity]]
    parts += ["%d unknown" % summary["unknown_findings"]] if summary["unknown_findings"] else []
    parts += ["%d waived" % summary["waived"]] if summary["waived"] else []
    return ", ".join(parts) or "nothing found"


def compared(record):
    """Return what is different from the run before in one sentence, or an empty text where there was none."""
    previous = record["previous"]
    if not previous:
        return ""
    parts = [plural(len(previous["appeared"]), "finding") + " appeared"] if previous["appeared"] else []
    parts += [plural(len(previous["gone"]), "finding") + " gone"] if previous["gone"] else []
    parts += ["%d the same" % previous["same"]] if previous["same"] else []
    return "Since %s: %s." % (moment(previous["finished"]), ", ".join(parts) or "nothing changed")


def moment(text):
    """Return an ISO 8601 time in UTC as people read it: C(2026-11-22 06:00 UTC)."""
    text = str(text or "an unknown time")
    return text[:16].replace("T", " ") + " UTC" if text.endswith(("Z", "+00:00")) and "T" in text else text


def commands(finding):
    """Return the commands that repair a finding, in their order."""
    repair = finding.get("repair") or {}
    return [str(command) for command in (repair.get("commands") or [])] if isinstance(repair, dict) else []


def waiver(finding):
    """Return who accepted a finding, why and until when, or an empty text."""
    given = finding.get("waiver")
    if not isinstance(given, dict):
        return ""
    return "accepted by %s until %s: %s" % (given.get("owner"), given.get("expires"), given.get("reason"))


def harmless(text):
    """Return a text that cannot move a cursor, break a line or turn the direction of what follows it.

    Control and format characters (of these, all that are invisible) are written as escapes a person can read.
    """
    text = str(text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(sign) if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


#: Control, format (direction marks are among them), private, surrogate; line and paragraph separators.
_HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def _escape(sign):
    named = {"\n": " ", "\t": " ", "\r": " "}
    return named.get(sign) or ("\\u%04x" if ord(sign) < 0x10000 else "\\U%08x") % ord(sign)
