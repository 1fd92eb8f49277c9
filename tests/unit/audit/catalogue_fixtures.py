# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit's tests share: the catalogue, a healthy host, and the changes that each check shall see."""
import copy
import json
from pathlib import Path

import yaml
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import catalogue, judge

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent / "fixtures"
CHECKS = catalogue.load([str(ROOT / "roles/audit/files/checks")])
BY_ID = {check.id: check for check in CHECKS}
HEALTHY = json.loads((HERE / "_healthy.json").read_text(encoding="utf-8"))
POLICY = json.loads((HERE / "_policy.json").read_text(encoding="utf-8"))
KINDS = ("pass", "fail", "unknown", "not_applicable")


def _all():
    found = {}
    for path in sorted(HERE.glob("[a-z]*.yml")):
        found.update(yaml.safe_load(path.read_text(encoding="utf-8")))
    return found


FIXTURES = _all()


def cases(kind):
    """(check id, change) for every fixture of a kind."""
    return [(name, change) for name, said in FIXTURES.items() for change in said.get(kind, [])]


def changed(document, change):
    """A copy of a document with values put at paths."""
    document = copy.deepcopy(document)
    for path, value in change.items():
        if path in ("also", "says"):
            continue
        *way, last = path.split("/")
        here = document
        for key in way:
            here = here[int(key) if isinstance(here, list) else key]
        if last == "+":
            here.append(copy.deepcopy(value))
        else:
            here[int(last) if isinstance(here, list) else last] = copy.deepcopy(value)
    return document


def judged(change, checks=None):
    """Findings by id for the healthy host with a change."""
    document = changed(dict(HEALTHY, policy=POLICY), change)
    policy = document.pop("policy")
    return {found["checkId"]: found for found in judge.judge(document, policy, checks or CHECKS, "mini01")}
