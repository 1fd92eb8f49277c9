# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The report as one page that needs nothing else: no network, no other file, no server.

What can be read without JavaScript is written here; the script (C(page/*.js)) adds filters, sorting and the panel with
everything about one host or check, from the data in the page. Scripts and styles are allowed by their digests alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import html_parts, html_tables, words
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records

_PAGE = os.path.join(os.path.dirname(__file__), "page")
_SCRIPTS = ("data.js", "panel.js", "page.js")
#: State of the worst host -> colour of the mark in the browser's tab.
_ICON = {"drift": "b42318", "unreachable": "54428a", "unknown": "b9822b", "clean": "2f8a57"}
#: Longest evidence that the page carries for one finding, in characters; the record has all of it.
MAX_EVIDENCE = 2000


def render(record):
    """Return the page as one HTML document."""
    record = _complete(record)
    style = _part("page.css")
    script = '"use strict";\n(() => {\n%s})();\n' % "".join(_part(name) for name in _SCRIPTS)
    fills = {
        "style": style,
        "script": script,
        "style_digest": _digest(style),
        "script_digest": _digest(script),
        "data": in_script(payload(record)),
        "title": html_parts.esc(_title(record)),
        "state": html_parts.worst_state(record),
        "icon": _ICON[html_parts.worst_state(record)],
        **html_parts.fills(record),
        **html_tables.fills(record),
    }
    # One pass over the template alone: what is filled in is never looked through for further places.
    return re.sub(r"\{\{(\w+)\}\}", lambda place: fills[place.group(1)], _part("page.html"))


def _part(name):
    with open(os.path.join(_PAGE, name), encoding="utf-8") as stream:
        # The first line is the licence of this file, for those who read it here.
        return stream.read().partition("\n")[2]


def _digest(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _title(record):
    summary = record["summary"]
    told = ["%d %s" % (summary[state], words.STATE_WORDS[state]) for state in records.STATES[:3] if summary[state]]
    return "%s - drift audit %s" % (", ".join(told) or "all as declared", str(record["run"].get("finished") or "")[:10])


def _complete(record):
    """Return the record with a check for every finding: a rule of the user's may be missing in the list."""
    known = {check["id"] for check in record["checks"]}
    more = {}
    for item in records.findings(record):
        if item["checkId"] not in known and item["checkId"] not in more:
            found = {key: item.get(key) for key in ("title", "severity", "layer", "step", "requirements")}
            more[item["checkId"]] = dict(found, id=item["checkId"], area=records.area(item["checkId"]), **_NONE_SEEN)
    for ident, check in more.items():
        seen = [item["result"] for item in records.findings(record) if item["checkId"] == ident]
        check.update(
            hosts_failed=seen.count("fail"), hosts_unknown=seen.count("unknown"), hosts_waived=seen.count("waived"))
    return dict(record, checks=record["checks"] + list(more.values()))


_NONE_SEEN = dict.fromkeys(("hosts_passed", "hosts_not_applicable", "fleet_failed"), 0)


# ------------------------------------------------------------------------------------------------- the data of the page
def in_script(value):
    """Return JSON that can stand in a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, "\\u%04x" % ord(sign))
    return text


class _Texts:
    """Texts told once: a finding names them by their place in the list. Place 0 is no text."""

    def __init__(self):
        self.all, self._places = [""], {"": 0}

    def place(self, text):
        text = html_parts.shown(text)
        if text not in self._places:
            self._places[text] = len(self.all)
            self.all.append(text)
        return self._places[text]


def _evidence(evidence):
    if evidence in (None, "", {}, []):
        return ""
    if isinstance(evidence, dict) and set(evidence) == {"value", "want"}:
        # What judging leaves: the answer of the host, and the declaration.
        text = "found: %s\ndeclared: %s" % tuple(_told(evidence[key]) for key in ("value", "want"))
    else:
        text = _told(evidence)
    return text if len(text) <= MAX_EVIDENCE else text[:MAX_EVIDENCE] + "\n... the rest is in the JSON record"


def _told(value):
    return value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)


def payload(record):
    """Return what the script needs: the record without what the page already says, each text once."""
    texts = _Texts()
    numbers = {check["id"]: number for number, check in enumerate(record["checks"])}
    appeared = {(item["host"], item["checkId"]) for item in (record["previous"] or {}).get("appeared", [])}

    def finding(item):
        new = (item.get("host"), item["checkId"]) in appeared
        told = (item.get("message") or item["title"], item.get("path"), item.get("fixHint"),
                item.get("diagnosis"), _evidence(item.get("evidence")), words.waiver(item))
        return [
            numbers[item["checkId"]], item["result"][0], item["severity"][0], (item.get("drift") or "")[:1],
            int(new), *(texts.place(text) for text in told), [texts.place(line) for line in words.commands(item)],
        ]

    def host(row):
        seen = [" "] * len(numbers)
        for result, idents in (("p", row["passed"]), ("n", row["not_applicable"])):
            for ident in idents:
                if ident in numbers:
                    seen[numbers[ident]] = result
        told = (row["name"], row["class"], row["environment"], row["reason"], row["openclaw"], row["macos"])
        return [
            records.STATES.index(row["state"]), row["score"], row["ms"], *(texts.place(text) for text in told),
            [finding(item) for item in row["findings"]], "".join(seen),
        ]

    def check(item):
        told = ("id", "title", "area", "layer", "why", "impact", "diagnosis")
        return [item["severity"][0], item.get("step"), *(texts.place(item.get(key)) for key in told)]

    return {
        "hosts": [host(row) for row in record["hosts"]],
        "fleet": [finding(item) for item in record["fleet"]],
        "checks": [check(item) for item in record["checks"]],
        "plan": {html_parts.shown(row["name"]): len(row["changed"]) for row in (record["plan"] or {}).get("hosts", [])},
        "compared": bool(record["previous"]),
        "texts": texts.all,
    }
