# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The short report for a terminal and for cron: what drifted first, then the totals, then where the rest is."""

from __future__ import annotations

import unicodedata

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import words

#: Columns of a terminal window that is not maximised.
WIDTH = 120
#: Lines of hosts; a mail from cron is no place for five hundred.
MAX_HOSTS = 60
_NAME = 24
_LABELS = {"drift": "DRIFT", "unreachable": "DEAD", "unknown": "UNKNOWN"}


def render(record):
    """Return the report as lines of at most :data:`WIDTH` columns, one a host that is not as declared."""
    away = [host for host in record["hosts"] if host["state"] != "clean"]
    width = min(_NAME, max([len(words.harmless(host["name"])) for host in away], default=0))
    lines = [_line(host, width) for host in away[:MAX_HOSTS]]
    if len(away) > MAX_HOSTS:
        lines.append("... and %s" % words.plural(len(away) - MAX_HOSTS, "more host"))
    lines += ["fleet".ljust(width) + "  " + _finding(item) for item in record["fleet"] if item["result"] == "fail"]
    if lines:
        lines.append("")
    lines.append("%s %s" % (words.headline(record), words.totals(record).capitalize() + "."))
    lines += [words.compared(record)] if record["previous"] else []
    lines += _plan(record)
    lines.append("%s  %s  findings %s" % (
        words.moment(record["run"].get("finished")), words.plural(record["summary"]["checks"], "check"),
        record["findingsHash"][:19],
    ))
    lines += ["%s report: %s" % (sink, path) for sink, path in sorted((record["run"].get("reports") or {}).items())]
    return "".join(fit(words.harmless(line), WIDTH).rstrip() + "\n" for line in lines)


def _line(host, width):
    name = fit(words.harmless(host["name"]), width)
    start = "%s  %-7s  " % (name + " " * (width - columns(name)), _LABELS[host["state"]])
    told = [item for item in host["findings"] if item["result"] != "waived"]
    if host["state"] == "unreachable" or not told:
        return start + str(host["reason"] or "")
    more = "  (+%d more)" % (len(told) - 1) if told[1:] else ""
    return start + fit(words.harmless(_finding(told[0])), WIDTH - columns(start) - len(more)) + more


def _finding(finding):
    unknown = "unknown: " if finding["result"] == "unknown" else ""
    return "%s %s %s%s" % (finding["severity"], finding["checkId"], unknown, finding.get("message") or finding["title"])


def _plan(record):
    if not record["plan"]:
        return []
    changing = [host for host in record["plan"]["hosts"] if host["changed"]]
    changes = sum(len(host["changed"]) for host in changing)
    return ["A deploy would change %s on %s." % (words.plural(changes, "thing"), words.plural(len(changing), "host"))
            if changes else "A deploy would change nothing."]


def columns(text):
    """Return how many columns of a terminal a text takes: wide letters two, combining marks none."""
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
               for sign in text)


def fit(text, width):
    """Return the text, cut to so many columns with an ellipsis where it is longer."""
    if columns(text) <= width:
        return text
    kept, room = [], width - 1
    for sign in text:
        room -= columns(sign)
        if room < 0:
            break
        kept.append(sign)
    return "".join(kept) + "\u2026"
