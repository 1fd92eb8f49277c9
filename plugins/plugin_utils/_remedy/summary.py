# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A run on one host in Markdown, to paste into the ticket. Pure."""

from __future__ import annotations

#: Number of a dashboard -> how it is called here.
_METRICS = {
    "token_sources": "places that could supply the token", "starts": "starts in the log", "pending_devices":
    "devices that wait for approval", "pairing_attempts": "pairing attempts", "pairing_successes": "of them granted",
}  # fmt: skip


def summary(planned, run):
    """Return what a run came to.

    :param planned: the plan. :param run: C({host, run, holder, began, ended, done, proof, left, probe, restarts,
        rollback_point, metrics}), where C(metrics) are those before and afterwards.
    """
    proven = "proven" if run["proof"]["proven"] else "**not proven**"
    changes = [change for outcome in run["done"] for change in outcome["changes"]]
    lines = [
        "# %s: %s" % (run["host"], "nothing to do" if not planned["deeds"] else proven),
        "",
        "| | |",
        "|---|---|",
        "| run | %s by %s |" % (run["run"], run["holder"]),
        "| began, ended | %s, %s |" % (run["began"], run["ended"]),
        "| layer | %s |" % (planned["layer"] or "none"),
        "| the Gateway now | %s |" % run["probe"],
        "| restarts | %s |" % run["restarts"],
        "| rollback point | %s |" % (run["rollback_point"] or "none was needed"),
        "",
    ]
    lines += _section("Done", ["%s, for %s%s" % (
        deed["about"], ", ".join(deed["findings"]), "" if _changed(run, deed) else " (found nothing to change)",
    ) for deed in planned["deeds"]])  # fmt: skip
    lines += _section("Blast radius", ["`%s`" % change for change in changes])
    lines += _section("Mended", run["proof"]["mended"])
    lines += _section("Not mended", run["proof"]["unmended"])
    lines += _section("Worse than before", run["proof"]["worse"])
    lines += _section("Who disagrees", run["proof"]["disagree"])
    lines += _section("Left for a person", ["%s: %s %s" % (
        one["check"], one["message"], " ".join("`%s`" % command for command in one["commands"]),
    ) for one in run["left"]["manual"]])  # fmt: skip
    lines += ["## Numbers", "", "| | before | after |", "|---|---|---|"]
    before, after = run["metrics"]
    lines += ["| %s | %s | %s |" % (words, _told(before.get(name)), _told(after.get(name)))
              for name, words in _METRICS.items()]  # fmt: skip
    return "\n".join(lines) + "\n"


def _changed(run, deed):
    return any(outcome["changed"] for outcome in run["done"] if outcome["deed"] == deed["deed"])


def _section(title, items):
    return ["## %s" % title, "", *("* %s" % item for item in items), ""] if items else []


def _told(value):
    return "unknown" if value is None else value
