# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The report as Markdown, to paste into a ticket: what is wrong where, how to put it right, what changed."""

from __future__ import annotations

import re

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import words

#: Hosts that are told in full. A ticket about more is about something else than these hosts.
MAX_HOSTS = 50


def render(record):
    """Return the report; whatever came from a host is escaped, so that it can neither be markup nor break the page."""
    lines = ["# Drift audit of %s" % words.moment(record["run"].get("finished")), "", "**%s**" % words.headline(record)]
    lines += ["", words.totals(record).capitalize() + ".", *_compared(record), "", *_table(record)]
    away = [host for host in record["hosts"] if host["findings"] and host["state"] != "clean"]
    for host in away[:MAX_HOSTS]:
        lines += ["", "## %s" % plain(host["name"]), ""]
        for item in host["findings"]:
            lines += _finding(item)
    if record["fleet"]:
        lines += ["", "## Across hosts", ""]
        for item in record["fleet"]:
            lines += _finding(item)
    if len(away) > MAX_HOSTS:
        lines += ["", "The record has %s." % words.plural(len(away) - MAX_HOSTS, "more host")]
    lines += [*_plan(record), "", *_closing(record)]
    return "\n".join(lines) + "\n"


def _compared(record):
    if not record["previous"]:
        return []
    lines = ["", words.compared(record)]
    for title, key in (("Appeared", "appeared"), ("Gone", "gone")):
        told = ["%s %s" % (plain(item["host"] or "fleet"), plain(item["checkId"])) for item in record["previous"][key]]
        if told:
            lines += ["", "%s: %s" % (title, ", ".join(told[:MAX_HOSTS]))]
    return lines


def _table(record):
    rows = [host for host in record["hosts"] if host["state"] != "clean"][:MAX_HOSTS]
    if not rows:
        return []
    lines = ["| host | state | errors | warnings | unknown | first |", "|---|---|---|---|---|---|"]
    for host in rows:
        failed = [item["severity"] for item in host["findings"] if item["result"] == "fail"]
        first = host["reason"] or next((item.get("message") or item["title"] for item in host["findings"]), "")
        cells = [plain(host["name"]), words.STATE_WORDS[host["state"]], failed.count("error"), failed.count("warning"),
                 host["counts"]["unknown"], plain(first)]
        lines.append("| %s |" % " | ".join(str(cell) for cell in cells))
    return lines


def _finding(finding):
    kind = {"fail": finding["severity"], "unknown": "unknown", "waived": "waived"}[finding["result"]]
    drift = words.DRIFT_WORDS.get(finding.get("drift"))
    lines = ["- **%s** %s: %s%s" % (
        kind, plain(finding["checkId"]), plain(finding.get("message") or finding["title"]),
        " (%s: %s)" % drift if drift else "",
    )]
    if finding.get("path"):
        lines.append("  Where: %s" % code(finding["path"]))
    if finding["result"] == "waived" and words.waiver(finding):
        lines.append("  %s" % plain(words.waiver(finding)))
    if finding["result"] != "waived" and finding.get("fixHint"):
        lines.append("  Next: %s" % plain(finding["fixHint"]))
    if finding["result"] != "waived" and words.commands(finding):
        lines += ["", *("  " + line for line in fenced("\n".join(words.commands(finding)), "sh")), ""]
    return lines


def _plan(record):
    if not record["plan"]:
        return []
    changing = [host for host in record["plan"]["hosts"] if host["changed"]]
    lines = ["", "## What a deploy would change", ""]
    if not changing:
        return [*lines, "Nothing."]
    for host in changing[:MAX_HOSTS]:
        lines += ["- %s: %s" % (plain(host["name"]), plain(change["task"])) for change in host["changed"]]
    return lines


def _closing(record):
    run = record["run"]
    lines = ["Findings %s, of %s." % (code(record["findingsHash"]), words.plural(record["summary"]["checks"], "check"))]
    if run.get("command"):
        lines += ["", "Again:", "", *fenced(run["command"], "sh")]
    return lines


def plain(text):
    """Return a text as Markdown that shows just it, on one line: every sign that could be markup is escaped."""
    shown = words.harmless(text).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|~@])", r"\\\1", shown)


def code(text):
    """Return a text as a code span, whatever backquotes it holds; a pipe cannot end the cell of a table."""
    shown = words.harmless(text)
    marks = "`" * (max([len(run) for run in re.findall("`+", shown)], default=0) + 1)
    room = " " if marks != "`" else ""
    return marks + room + shown.replace("|", "\\|") + room + marks


def fenced(text, language=""):
    """Return a text as lines of a code block that nothing in it can end."""
    body = [words.harmless(line) for line in str(text).split("\n")]
    fence = "`" * max(3, max([len(run) for line in body for run in re.findall("`+", line)], default=0) + 1)
    return [fence + language, *body, fence]
