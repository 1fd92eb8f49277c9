# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a deed came to, from the result of its task: the same keys for every deed, and for check mode and run alike."""

from __future__ import annotations

#: Calls of launchctl after which a job has a new process.
_STARTS = ("bootstrap", "kickstart")
#: Layers in whose trouble a new process can help. In that of a provider or of a token it never does.
_HELPED_BY_RESTART = ("service", "config")
_NEEDED = ("tcp", "live", "ready", "rpc", "config_applied")


def outcome(result, deed):
    """Return what a deed came to.

    :param result: of its task. :param deed: of the plan.
    :returns: C({deed, changed, restarts, restarted_by, wants_restart, unforeseen, changes}). C(restarted_by) is who
        gives the Gateway a new process (job, token, gateway) or None; C(wants_restart) whether what was done only
        works with one; C(unforeseen) why check mode could not tell.
    """
    effect = result.get("effect")
    starts = sum(str(call).split(" ", 1)[0] in _STARTS for call in result.get("actions") or [])
    wants = effect == "restart" and deed["deed"] == "config" or bool(result.get("switched"))
    by = None
    if deed["deed"] == "token":
        by = "token" if result.get("restarts") else None
    elif starts or wants:
        by = "job"
    elif effect == "in_process_restart":
        by = "gateway"
    return {
        "deed": deed["deed"],
        "changed": _changed(result),
        "restarts": int(result.get("restarts") or 0) if deed["deed"] == "token" else min(starts, 1),
        "restarted_by": by,
        "wants_restart": wants,
        "unforeseen": result.get("unforeseen"),
        "changes": _changes(result),
    }


def _changed(result):
    """Whether a deed changes something: in a foretelling, which changes nothing, its diff says so."""
    if result.get("changed"):
        return True
    diffs = result.get("diff") or []
    diffs = diffs if isinstance(diffs, list) else [diffs]
    told = any(one.get("before") != one.get("after") or one.get("prepared") for one in diffs)
    return told or any(_changed(one) for one in result.get("results") or [])


def _changes(result):
    found = [str(one.get("path")) for one in result.get("changes") or [] if isinstance(one, dict)]
    return found + ["launchctl %s" % call for call in result.get("actions") or []]


def window(etime, interval):
    """Return the seconds that are left of a throttle window.

    :param etime: how long the process has been running, as C(ps -o etime=) tells it ([[days-]hours:]minutes:seconds);
        empty where there is none. :param interval: ThrottleInterval of the job (s).
    """
    days, dash, clock = str(etime).strip().rpartition("-")
    try:
        parts = [int(part) for part in clock.split(":")]
        age = sum(part * 60**power for power, part in enumerate(reversed(parts))) + 86400 * int(days if dash else 0)
    except ValueError:
        return 0
    # ps counts whole seconds.
    return max(0, int(interval) - age + 1)


def calls_for_restart(probe):
    """Whether a Gateway is in a trouble that a new process can end.

    :param probe: result of openclaw_probe, which may have failed.
    """
    # Nobody restarts a Gateway because it could not be asked.
    verdicts = probe.get("verdicts") or {}
    layer = (probe.get("failure") or {}).get("layer") or probe.get("layer") or "service"
    unwell = any(verdicts.get(name, {}).get("verdict") == "fail" for name in _NEEDED)
    return unwell and layer in _HELPED_BY_RESTART
