# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The parts of the page that are not tables: its head, what is about several hosts, what changed, the plan, the run."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import words

#: Longest difference of one change that the page shows, in characters; the record has all of it.
MAX_DIFF = 4000
#: What is shown for each state beside its colour.
MARKS = {"drift": "!", "unreachable": "\u00d7", "unknown": "?", "clean": "\u2713"}


def shown(value):
    """Return a text as the page shows it: line by line harmless, an empty text for C(None)."""
    return "\n".join(words.harmless(line) for line in str("" if value is None else value).split("\n"))


def esc(value):
    """Return a text for the inside of an element or a quoted attribute."""
    return escape(shown(value))


def bdi(value):
    """Return a text that came from a host, with a direction of its own."""
    return "<bdi>%s</bdi>" % esc(value)


def link(kind, name):
    """Return the fragment under which the page shows a host or a check."""
    return "%s/%s" % (kind, quote(shown(name), safe=""))


def command(text):
    """Return a command with the place for its copy button, which the script fills."""
    return '<div class="cmd"><pre tabindex="0"><code>%s</code></pre></div>' % esc(text)


def worst_state(record):
    """Return the state the whole page takes its colour from."""
    if any(records.drifts(item) for item in record["fleet"]):
        return "drift"
    return next((state for state in records.STATES if record["summary"][state]), "clean")


def fills(record):
    """Return what fills the template, by the name of its place."""
    sections = {
        "fleet_section": _fleet(record),
        "changes_section": _changes(record),
        "plan_section": _plan(record),
    }
    return {
        "headline": esc(words.headline(record)),
        "subline": _subline(record),
        "strip": _strip(record),
        "legend": _legend(record),
        "tallies": _tallies(record),
        "nav": _nav(record),
        "empty": _empty(record),
        "run_section": _run(record),
        **sections,
    }


def _subline(record):
    run, summary = record["run"], record["summary"]
    parts = ["<time>%s</time>" % esc(words.moment(run.get("finished")))]
    parts.append("%s on %s" % (words.plural(summary["checks"], "check"), words.plural(summary["hosts"], "host")))
    parts += [esc(words.compared(record).rstrip("."))] if record["previous"] else ["first run, nothing to compare with"]
    return " <span aria-hidden=\"true\">\u00b7</span> ".join(parts)


def _strip(record):
    """Return a mark for each host in the order of their names, so that each has the same place every morning."""
    numbers = sorted(range(len(record["hosts"])), key=lambda number: records.natural(record["hosts"][number]["name"]))
    marks = []
    for number in numbers:
        host = record["hosts"][number]
        marks.append('<i class="%s" data-i="%d" title="%s: %s">%s</i>' % (
            host["state"], number, esc(host["name"]), words.STATE_WORDS[host["state"]],
            "" if host["state"] == "clean" else MARKS[host["state"]]))
    return "".join(marks)


def _legend(record):
    return "".join(
        '<li><span class="mark %s" aria-hidden="true">%s</span> <b>%d</b> %s</li>' % (
            state, MARKS[state], record["summary"][state], words.STATE_WORDS[state])
        for state in records.STATES if record["summary"][state])


def _tallies(record):
    summary = record["summary"]
    rows = [(severity, summary["findings"][severity], words.SEVERITY_WORDS[severity])
            for severity in records.SEVERITIES]
    told = ['<li class="tally %s"><b>%d</b> %s</li>' % (kind, number, words.plural(number, word).partition(" ")[2])
            for kind, number, word in rows if number]
    told += ['<li class="tally %s"><b>%d</b> %s</li>' % (kind, number, kind)
             for kind, number in (("unknown", summary["unknown_findings"]), ("waived", summary["waived"]))
             if number]
    return '<ul class="tallies" aria-label="Findings">%s</ul>' % "".join(told) if told else ""


def _nav(record):
    previous, plan = record["previous"], record["plan"]
    rows = [("hosts", "Hosts", len(record["hosts"])), ("checks", "Checks", len(record["checks"]))]
    rows += [("fleet", "Across hosts", len(record["fleet"]))] if record["fleet"] else []
    rows += [("changes", "Since last run", len(previous["appeared"]) + len(previous["gone"]))] if previous else []
    rows += [("plan", "Deploy plan", sum(bool(host["changed"]) for host in plan["hosts"]))] if plan else []
    rows.append(("run", "This run", None))
    return "".join('<li><a href="#%s">%s%s</a></li>' % (
        anchor, title, "" if number is None else ' <span class="n">%d</span>' % number)
        for anchor, title, number in rows)


def _empty(record):
    if worst_state(record) != "clean" or not record["hosts"]:
        return ""
    return (
        '<div class="empty"><svg viewBox="0 0 120 64" width="120" height="64" aria-hidden="true">'
        '<rect class="mini" x="14" y="18" width="92" height="32" rx="9"/><path class="foot" d="M34 54h52"/>'
        '<path class="tick" d="M48 34l9 9 17-18"/></svg><p>Nothing to do this morning.%s</p></div>'
    ) % (" What was found is the same as in the run before." if _same(record) else "")


def _same(record):
    return bool(record["previous"]) and record["previous"]["findingsHash"] == record["findingsHash"]


def finding(item):
    """Return one finding as it is read without a panel."""
    kind = {"fail": item["severity"], "unknown": "unknown", "waived": "waived"}[item["result"]]
    parts = ['<p class="said"><span class="badge %s">%s</span> <a href="#%s">%s</a> <strong>%s</strong></p>' % (
        kind, words.SEVERITY_WORDS.get(kind, kind), link("check", item["checkId"]), esc(item["checkId"]),
        bdi(item.get("message") or item["title"]))]
    drift = words.DRIFT_WORDS.get(item.get("drift"))
    parts += ['<p class="muted">%s: %s.</p>' % drift] if drift else []
    parts += ['<p class="where">%s</p>' % bdi(item["path"])] if item.get("path") else []
    parts += ["<p>Waived: %s</p>" % bdi(words.waiver(item))] if item["result"] == "waived" else []
    if item["result"] != "waived":
        parts += ["<p>%s</p>" % bdi(item["fixHint"])] if item.get("fixHint") else []
        parts += [command(line) for line in words.commands(item)]
    return '<li class="finding %s">%s</li>' % (kind, "".join(parts))


def _section(anchor, title, body):
    return '<section id="%s" aria-labelledby="%s-title"><h2 id="%s-title">%s</h2>%s</section>' % (
        anchor, anchor, anchor, title, body)


def _fleet(record):
    if not record["fleet"]:
        return ""
    return _section("fleet", "Across hosts", '<ul class="findings">%s</ul>' % "".join(map(finding, record["fleet"])))


def _changes(record):
    previous = record["previous"]
    if not previous:
        return ""
    titles = {check["id"]: check["title"] for check in record["checks"]}
    body = ["<p>%s</p>" % esc(words.compared(record))]
    if _same(record):
        body.append("<p>Both runs have the same findings hash: nothing that was found is different.</p>")
    for key, title in (("appeared", "Appeared"), ("gone", "Gone")):
        if not previous[key]:
            continue
        rows = []
        for item in previous[key]:
            where = "<span>the fleet</span>"
            if item["host"]:
                where = '<a href="#%s">%s</a>' % (link("host", item["host"]), bdi(item["host"]))
            what = '<a href="#%s">%s</a> %s' % (
                link("check", item["checkId"]), esc(item["checkId"]), esc(titles.get(item["checkId"])))
            rows.append("<li>%s <span>%s</span></li>" % (where, what))
        body.append('<h3>%s <span class="n">%d</span></h3><ul class="changes %s">%s</ul>' % (
            title, len(rows), key, "".join(rows)))
    for key, text in (("hosts_new", "New in the inventory"), ("hosts_lost", "No longer in the inventory"),
                      ("hosts_not_compared", "Not compared, because one of the runs could not look at them")):
        if previous[key]:
            body.append("<p>%s: %s.</p>" % (text, ", ".join(map(bdi, previous[key]))))
    return _section("changes", "Since last run", "".join(body))


def _plan(record):
    if not record["plan"]:
        return ""
    changing = [host for host in record["plan"]["hosts"] if host["changed"]]
    body = ["<p>What <code>clawops.openclaw.deploy --check --diff</code> says a deploy would change now.</p>"]
    body += [] if changing else ["<p>Nothing.</p>"]
    for host in changing:
        changes = "".join(map(_change, host["changed"]))
        body.append(
            '<article class="planned"><h3><a href="#%s">%s</a> <span class="n">%d</span></h3>'
            '<ul class="plan">%s</ul></article>'
            % (link("host", host["name"]), bdi(host["name"]), len(host["changed"]), changes))
    return _section("plan", "Deploy plan", "".join(body))


def _change(change):
    diff = change.get("diff")
    diffs = "".join(map(_diff, diff if isinstance(diff, list) else [diff]))
    path = '<p class="where">%s</p>' % bdi(change["path"]) if change.get("path") else ""
    return "<li><strong>%s</strong> <code>%s</code>%s%s</li>" % (
        bdi(change["task"]), bdi(change.get("module")), path, diffs)


def _diff(diff):
    """Return a difference as Ansible gives it (C({before, after}), C({prepared}) or a text), line by line."""
    if not diff:
        return ""
    lines = []
    if isinstance(diff, dict) and "prepared" not in diff:
        for sign, key in (("-", "before"), ("+", "after")):
            side = diff.get(key) or ""
            side = side if isinstance(side, str) else json.dumps(side, indent=1, sort_keys=True, ensure_ascii=False)
            lines += [sign + " " + line for line in side.splitlines()]
    else:
        lines = str(diff["prepared"] if isinstance(diff, dict) else diff).splitlines()
    text = "\n".join(lines)
    cut = text if len(text) <= MAX_DIFF else text[:MAX_DIFF] + "\n... the rest is in the JSON record"
    kinds = {"-": "del", "+": "ins"}
    told = "".join('<span class="%s">%s</span>\n' % (kinds.get(line[:1], "same"), esc(line))
                   for line in cut.split("\n"))
    return '<pre class="diff" tabindex="0">%s</pre>' % told


def _run(record):
    run, tool = record["run"], record["tool"]
    rows = [("Started", words.moment(run.get("started"))), ("Finished", words.moment(run.get("finished"))),
            ("Inventory", run.get("inventory")), ("Run", run.get("id")),
            ("Written by", " ".join(str(tool[key]) for key in ("name", "version") if tool.get(key)))]
    body = "".join("<div><dt>%s</dt><dd>%s</dd></div>" % (key, bdi(value)) for key, value in rows if value)
    hashed = '<div><dt>Findings hash</dt><dd><code class="hash">%s</code></dd></div>' % esc(record["findingsHash"])
    again = "<h3>Run it again</h3>" + command(run["command"]) if run.get("command") else ""
    return _section("run", "This run", (
        '<dl class="facts">%s</dl><dl class="facts wide">%s</dl>'
        '<p class="muted">Two audits that find the same have the same hash, whenever they ran. It covers the state of '
        "each host, and host, check, result, severity and place of each finding.</p>%s") % (body, hashed, again))
