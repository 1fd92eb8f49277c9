# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pages in docs/checks/ from the catalogue of the audit: one a check, and a table of all of them.

Used by reference.py. Needs PyYAML alone.
"""
import json
import re
from pathlib import Path

import yaml

CATALOGUE = "roles/audit/files/checks"
#: What the placeholders of every text stand for on a page.
EXAMPLE = {
    "host": "HOST", "user": "openclaw", "home": "/Users/openclaw", "uid": "UID", "label": "ai.openclaw.gateway",
    "scope": "daemon", "domain": "system", "target": "system/ai.openclaw.gateway", "port": "18789",
    "plist": "/Library/LaunchDaemons/ai.openclaw.gateway.plist", "state_dir": "/Users/openclaw/.openclaw",
    "config": "/Users/openclaw/.openclaw/openclaw.json", "root": "/opt/openclaw", "inventory": " -i inventory.yml",
    "log": "/Users/openclaw/Library/Logs/openclaw/gateway.log",
}  # fmt: skip
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
#: First words of a command, as against a sentence.
_COMMANDS = frozenset(
    ("sudo", "grep", "launchctl", "ls", "plutil", "curl", "nc", "pmset", "ps", "sysctl", "id", "uname", "sw_vers", "df")
    + ("memory_pressure", "mount", "fdesetup", "defaults", "readlink", "vm_stat")
)


def catalogue(root):
    """The checks of the clone, in the order of their files."""
    found = []
    for path in sorted((Path(root) / CATALOGUE).glob("*.yml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def filled(text):
    """A text with examples for its placeholders; what only a finding can say becomes a word in capitals."""
    return _PLACEHOLDER.sub(lambda match: EXAMPLE.get(match.group(1), match.group(1).upper()), " ".join(text.split()))


def _steps(text):
    """A diagnosis as a list: commands as code, sentences as they are."""
    parts = filled(text).split("; ")
    coded = ["`%s`" % part.rstrip(".") if part.split(" ")[0] in _COMMANDS else part for part in parts]
    return ["- " + part for part in coded]


def _repair(check):
    lines = [filled(check["hint"])]
    for place, mine in (("the controller", True), ("the host", False)):
        commands = [one for one in check["repair"]["commands"] if one.startswith("ansible") is mine]
        if commands:
            lines += ["", "On %s:" % place, "", "```sh", *map(filled, commands), "```"]
    return lines


def _asked(check):
    if "query" not in check:
        return ["Judged on all hosts together." if check.get("of") == "fleet" else "Judged on the audit itself."]
    keys = [("applies", "applies where"), ("query", "asked"), ("blind", "unknown where this is not empty")]
    lines = ["%s: %s" % (name, " ".join(check[key].split())) for key, name in keys if key in check]
    (word, value), = check["expect"].items()
    return ["```text", *lines, "expected: %s %s" % (word.replace("_", " "), _value(value)), "```"]


def _value(value):
    return " ".join(value.split()) if isinstance(value, str) else json.dumps(value)


def page(check, note):
    facts = "%s · layer %s · step %d of the runbook · [requirements](../coverage.md) %s" % (
        check["severity"], check["layer"], check["step"], ", ".join(check["requirements"]))  # fmt: skip
    lines = [
        note, "# %s: %s" % (check["id"], check["title"]), "", facts, "",
        "## Meaning", "", " ".join(check["why"].split()), "", *_asked(check), "",
        "## Impact", "", " ".join(check["impact"].split()), "",
        "## Diagnosis", "", *_steps(check["diagnosis"]), "",
        "## Repair", "", *_repair(check), "",
    ]  # fmt: skip
    return "\n".join(lines)


def index(checks, note):
    lines = [
        note, "# Checks of the audit", "",
        "One page a check: Meaning, Impact, Diagnosis, Repair. How to add your own, change or waive one:",
        "[The audit](../audit.md).", "",
        "| check | it holds that | severity | layer | step |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for check in sorted(checks, key=lambda one: one["id"]):
        row = (check["id"], check["id"], check["title"], check["severity"], check["layer"], check["step"])
        lines.append("| [%s](%s.md) | %s | %s | %s | %s |" % row)
    return "\n".join([*lines, ""])


def pages(root, note):
    """Path below docs/ -> its text."""
    checks = catalogue(root)
    found = {"checks/%s.md" % check["id"]: page(check, note) for check in checks}
    return dict(found, **{"checks/README.md": index(checks, note)})
