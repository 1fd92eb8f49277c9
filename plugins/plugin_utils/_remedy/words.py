# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a run of the runbook says to persons: its plan, what is left for them, and why it is not satisfied. Pure."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.plugin_utils._remedy import plan as plans


def plan(planned, foretold):
    """Return a plan as lines.

    :param planned: of :func:`plan.plan`. :param foretold: outcomes of the deeds in check mode, in the same order.
    """
    if planned["blocked"]:
        return ["Nothing is done on this host:", *lines(planned["blocked"])]
    if not planned["deeds"]:
        found = ["Nothing to do."]
    else:
        found = ["Trouble in the layer %s. To do, in this order:" % planned["layer"]]
    for number, (deed, outcome) in enumerate(zip(planned["deeds"], foretold), 1):
        found.append("%d. step %d, %s: %s (%s)" % (
            number, deed["step"], deed["deed"], deed["about"], ", ".join(deed["findings"])))
        found.append("   %s" % _effect(outcome))
    if planned["manual"]:
        found += ["Left for a person:", *lines(planned["manual"])]
    if planned["unknown"]:
        found += ["Nobody could tell:", *lines(planned["unknown"])]
    return found


def _effect(outcome):
    if outcome["unforeseen"]:
        return "what it changes follows from what comes before it: %s" % outcome["unforeseen"]
    changes = "changes something" if outcome["changed"] else "finds nothing to change"
    by = {"job": "restarts the job", "token": "restarts the job", "gateway": "makes the Gateway begin anew in itself"}
    return "%s; %s" % (changes, by.get(outcome["restarted_by"], "no restart"))


def lines(findings):
    """Return findings, as :func:`plan.told` tells them, as lines: what is wrong, then what to do."""
    found = []
    for one in findings:
        found.append("%s (%s): %s" % (one["check"], one["severity"], one["message"]))
        found.append("    Next: %s" % one["next"])
        found += ["    %s" % command for command in one["commands"]]
    return found


def doubt(proof, findings):
    """Return why a result is not proven: a sentence, and then what to do about each check that it names.

    :param findings: of the audit afterwards.
    """
    parts = [
        "worse than before: %s" % ", ".join(proof["worse"]) if proof["worse"] else "",
        "not mended: %s" % ", ".join(proof["unmended"]) if proof["unmended"] else "",
        "; ".join(proof["disagree"]),
    ]
    named = [plans.told(one) for one in findings if one["checkId"] in proof["worse"] + proof["unmended"]]
    first = "The repair is not proven: %s." % "; ".join(part for part in parts if part)
    return "\n".join([first, *lines(named)])
