# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The tables of the page, hosts by area and checks, and what is read in place of the panel where no script runs."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import words
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report.html_parts import (
    MARKS,
    bdi,
    esc,
    finding,
    link,
)

#: Findings of a host that are shown where no script runs; the record has all of them.
MAX_FINDINGS = 25
#: Order of the columns: from what is declared through the process to what surrounds it. Others follow by name.
AREAS = ("CONFIG", "ROOT", "TOKEN", "SERVICE", "PORT", "GATEWAY", "VERSION", "FILE", "LOCK", "LOG", "DEVICE", "CHANNEL",
         "PROVIDER", "PLUGIN", "HOST")
#: Areas beyond which the table of hosts scrolls sideways in a frame of its own.
MANY_AREAS = 18
_FAILED = {"error": "e", "warning": "w", "info": "i"}


def fills(record):
    """Return what fills the template, by the name of its place."""
    areas = sorted({check["area"] for check in record["checks"] if _of_hosts(check)}, key=_place)
    area_of = {check["id"]: check["area"] for check in record["checks"]}
    described = _described(record["hosts"])
    return {
        "area_heads": "".join(
            '<th scope="col" class="a"><span>%s</span></th>' % esc(area.capitalize()) for area in areas),
        "area_options": "".join(
            '<option value="%s">%s</option>' % (esc(area), esc(area.capitalize())) for area in areas),
        "many": " many" if len(areas) > MANY_AREAS else "",
        "host_rows": "\n".join(
            _host(number, host, areas, area_of, described) for number, host in enumerate(record["hosts"])),
        "check_rows": "\n".join(_check(number, check) for number, check in sorted(
            enumerate(record["checks"]), key=lambda pair: (-_badness(pair[1]), pair[0]))),
        "reading": _reading(record),
    }


def _place(area):
    return AREAS.index(area) if area in AREAS else len(AREAS), area


def _of_hosts(check):
    """Return whether a check is about single hosts: some host has a result of it."""
    keys = ("hosts_failed", "hosts_passed", "hosts_unknown", "hosts_waived", "hosts_not_applicable")
    return any(check[key] for key in keys)


def _described(hosts):
    """Return which of a host's words tell hosts apart: what is the same on all of them needs no saying."""
    return [key for key in ("environment", "class") if len({host[key] for host in hosts}) > 1]


# ---------------------------------------------------------------------------------------------------------------- hosts
def _host(number, host, areas, area_of, described):
    state = host["state"]
    about = " \u00b7 ".join(esc(host[key]) for key in described if host[key])
    name = '<a href="#%s">%s</a>' % (link("host", host["name"]), bdi(host["name"]))
    name += ' <span class="muted">%s</span>' % about if about else ""
    pill = '<span class="pill %s"><span aria-hidden="true">%s</span> <span class="t">%s</span></span>' % (
        state, MARKS[state], words.STATE_WORDS[state])
    score = "" if host["score"] is None else "%d" % host["score"]
    if host["findings"] or host["passed"]:
        cells = _cells(host, areas, area_of)
    else:
        cells = '<td class="none" colspan="%d">%s</td>' % (max(1, len(areas)), bdi(host["reason"]))
    ends = '<td class="v">%s</td><td class="sc">%s</td>' % (esc(host["openclaw"]), score)
    return '<tr data-i="%d" class="%s"><th scope="row">%s%s</th><td class="st">%s</td>%s%s</tr>' % (
        number, state, name, _why(host), pill, cells, ends)


def _why(host):
    """Return the first thing to know about a host that is not as declared, and how many more there are."""
    told = [item for item in host["findings"] if item["result"] != "waived"]
    first = host["reason"] or (told and (told[0].get("message") or told[0]["title"])) or ""
    if host["state"] == "clean" or not first:
        return ""
    more = len(told) - 1 if not host["reason"] else len(told)
    return '<span class="why">%s%s</span>' % (bdi(first), " <b>+%d</b>" % more if more > 0 else "")


def _cells(host, areas, area_of):
    """Return a cell for each area: how many checks fail, else what is unknown or waived, else whether it applies."""
    seen = {area: {"fail": [], "unknown": 0, "waived": 0} for area in areas}
    for item in host["findings"]:
        slot = seen.get(area_of[item["checkId"]])
        if slot is None:
            continue
        if item["result"] == "fail":
            slot["fail"].append(item["severity"])
        else:
            slot[item["result"]] += 1
    passed = {area_of.get(ident) for ident in host["passed"]}
    return "".join(_cell(seen[area], area in passed) for area in areas)


def _cell(slot, passed):
    if slot["fail"]:
        worst = min(slot["fail"], key=records.SEVERITIES.index)
        return '<td class="m %s"><b>%d</b><i> failing, worst %s</i></td>' % (_FAILED[worst], len(slot["fail"]), worst)
    for result, short, mark in (("unknown", "u", "?"), ("waived", "x", "~")):
        if slot[result]:
            return '<td class="m %s"><b>%s</b><i> %d %s</i></td>' % (short, mark, slot[result], result)
    return '<td class="p">pass</td>' if passed else '<td class="na">does not apply</td>'


# --------------------------------------------------------------------------------------------------------------- checks
def _badness(check):
    weight = records.WEIGHTS[check["severity"]]
    return (check["hosts_failed"] + check["fleet_failed"]) * 1000 * weight + check["hosts_unknown"] * weight


def _check(number, check):
    failed = check["hosts_failed"] + check["fleet_failed"]
    severity = words.SEVERITY_WORDS[check["severity"]]
    counts = [(failed, " bad"), (check["hosts_unknown"], " odd")]
    counts += [(check["hosts_waived"], ""), (check["hosts_passed"], "")]
    cells = "".join('<td class="num%s">%d</td>' % (kind if value else " zero", value) for value, kind in counts)
    title = '<a href="#%s">%s</a> <span class="title">%s</span>' % (
        link("check", check["id"]), esc(check["id"]), esc(check["title"]))
    return '<tr data-c="%d"%s><th scope="row">%s</th><td><span class="badge %s">%s</span></td>%s</tr>' % (
        number, ' class="failing"' if failed else "", title, check["severity"], severity, cells)


# --------------------------------------------------------------------------------------------------- without the script
def _reading(record):
    """Return every host that has something to say, and every check that says something, to read from top to bottom."""
    parts = []
    for host in record["hosts"]:
        if not host["findings"] and not host["reason"]:
            continue
        told = host["findings"][:MAX_FINDINGS]
        more = len(host["findings"]) - len(told)
        parts.append('<article id="%s"><h3>%s</h3>%s<ul class="findings">%s</ul>%s</article>' % (
            link("host", host["name"]), bdi(host["name"]), "<p>%s</p>" % bdi(host["reason"]) if host["reason"] else "",
            "".join(map(finding, told)), "<p>%d more are in the record.</p>" % more if more else ""))
    found = {item["checkId"] for item in records.findings(record)}
    texts = []
    for check in record["checks"]:
        if check["id"] in found:
            rows = "".join("<dt>%s</dt><dd>%s</dd>" % (title, esc(check.get(key)))
                           for title, key in (("Meaning", "why"), ("Impact", "impact"), ("Diagnosis", "diagnosis"))
                           if check.get(key))
            texts.append('<article id="%s"><h3>%s %s</h3><dl>%s</dl></article>' % (
                link("check", check["id"]), esc(check["id"]), esc(check["title"]), rows))
    if not parts and not texts:
        return ""
    return (
        '<section class="reading"><h2>What was found, host by host</h2>%s<h2>What the checks mean</h2>%s</section>'
    ) % ("".join(parts), "".join(texts))
