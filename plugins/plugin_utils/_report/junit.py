# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The report as JUnit XML, for what runs tests: a suite for each host, a case for each check.

C(unknown) is an error, C(not_applicable) and C(waived) are skipped. A check that only informs never fails a case: a
host with such findings is as declared; what it says is the case's output.
"""

from __future__ import annotations

import re
from xml.sax import saxutils

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import words

#: Name of the case that stands for a host about which nothing is known.
LOOKED_AT = "the host could be looked at"


def render(record):
    """Return a document that holds one C(testsuites)."""
    titles = {check["id"]: check["title"] for check in record["checks"]}
    finished = str(record["run"].get("finished") or "")[:19]
    suites = [_suite(host["name"], _cases(host, titles), host, finished) for host in record["hosts"]]
    if record["fleet"]:
        suites.append(_suite("fleet", [_told("fleet", item) for item in record["fleet"]], {}, finished))
    counts = {key: sum(suite[0][key] for suite in suites) for key in ("tests", "failures", "errors", "skipped")}
    seconds = sum(float(suite[0]["time"]) for suite in suites)
    head = _tag("testsuites", dict(counts, name="openclaw drift audit", time="%.3f" % seconds))
    body = "".join(text for _counts, text in suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n%s\n%s</testsuites>\n' % (head, body)


def _suite(name, cases, host, finished):
    kinds = [kind for kind, _text in cases]
    attributes = {
        "name": name,
        "tests": len(cases),
        "failures": kinds.count("failure"),
        "errors": kinds.count("error"),
        "skipped": kinds.count("skipped"),
        "time": "%.3f" % ((host.get("ms") or 0) / 1000.0),
        "timestamp": finished,
        "hostname": name,
    }
    told = [(key, host.get(key)) for key in ("state", "class", "environment", "openclaw", "macos") if host.get(key)]
    properties = "".join("   %s\n" % _tag("property", {"name": key, "value": value}, "/") for key, value in told)
    inner = "  <properties>\n%s  </properties>\n" % properties if properties else ""
    body = inner + "".join(text for _kind, text in cases)
    return attributes, " %s\n%s </testsuite>\n" % (_tag("testsuite", attributes), body)


def _cases(host, titles):
    name = host["name"]
    cases = []
    if not host["findings"] and not host["passed"]:
        fault = {"type": host["state"], "message": host["reason"] or "no check applies to it"}
        cases.append(("error", _case(name, LOOKED_AT, _tag("error", fault, "/"))))
    cases += [_told(name, item) for item in host["findings"]]
    cases += [("passed", _case(name, _named(ident, titles))) for ident in host["passed"]]
    skipped = _tag("skipped", {"message": "does not apply"}, "/")
    return cases + [("skipped", _case(name, _named(ident, titles), skipped)) for ident in host["not_applicable"]]


def _named(ident, titles):
    return ("%s %s" % (ident, titles.get(ident) or "")).rstrip()


def _told(owner, finding):
    name = _named(finding["checkId"], {finding["checkId"]: finding["title"]})
    message = str(finding.get("message") or finding["title"])
    if finding["result"] == "waived":
        why = words.waiver(finding) or message
        return "skipped", _case(owner, name, _tag("skipped", {"message": why}, "/"))
    if finding["result"] == "fail" and not records.drifts(finding):
        return "passed", _case(owner, name, "<system-out>%s</system-out>" % _text(message))
    kind = "error" if finding["result"] == "unknown" else "failure"
    details = [finding.get("path") and "where: %s" % finding["path"], finding.get("fixHint")]
    details += words.commands(finding)
    fault = _tag(kind, {"type": finding["severity"], "message": message})
    inner = _text("\n".join(str(item) for item in details if item))
    return kind, _case(owner, name, "%s%s</%s>" % (fault, inner, kind))


def _case(owner, name, inner=""):
    tag = {"classname": owner, "name": name, "time": "0"}
    return "  %s%s</testcase>\n" % (_tag("testcase", tag), inner) if inner else "  %s\n" % _tag("testcase", tag, "/")


def _tag(name, attributes, end=""):
    return "<%s%s%s>" % (name, "".join(' %s="%s"' % (key, _value(item)) for key, item in attributes.items()), end)


def _value(value):
    return saxutils.escape(_allowed(str(value)), {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _text(text):
    return saxutils.escape(_allowed(text), {"\r": "&#13;"})


def _allowed(text):
    """Return the text without what XML 1.0 cannot hold, not even escaped."""
    return _ILLEGAL.sub("\ufffd", text)


_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
