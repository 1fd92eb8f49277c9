# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Whether a repair has made things better: every verdict afterwards at least as good as the one before. Pure."""

from __future__ import annotations

#: Results, the better the higher. What does not apply any more is no loss.
_WORTH = {"fail": 0, "unknown": 1, "waived": 2, "not_applicable": 2, "pass": 2}


def proof(before, after, planned, probe, doctors, passes):
    """Judge what a run has come to.

    :param before, after: results by check, C({check id: result}). :param planned: the plan that was carried out.
    :param probe: result of openclaw_probe afterwards. :param doctors: results of openclaw_doctor before and afterwards,
        each None where it was not asked.
    :param passes: checks on what has happened, which no repair undoes, without their prefix.
    :returns: C({proven, worse, unmended, mended, disagree}): lists of check ids, and sentences that name who disagrees.
    """
    history = {"OCG-" + name for name in passes}
    asked = {name for deed in planned["deeds"] for name in deed["findings"]}
    asked = sorted(asked | {one["check"] for one in planned["explained"]})
    worse = sorted(name for name, result in after.items()
                   if name not in history and _WORTH[result] < _WORTH[before.get(name, "unknown")])  # fmt: skip
    mended = [name for name in asked if _WORTH[after.get(name, "unknown")] == 2]
    unmended = [name for name in asked if name not in mended and name not in history]
    disagree = _disagreements(after, probe, doctors)
    return {
        "proven": not (worse or unmended or disagree),
        "worse": worse,
        "mended": mended,
        "unmended": unmended,
        "disagree": disagree,
    }


def _disagreements(after, probe, doctors):
    healthy = probe.get("state") == "healthy"
    found = []
    if not healthy:
        found.append("the probe says %s: %s" % (probe.get("state", "nothing"), probe.get("reason") or probe.get("msg")))
    alive = after.get("OCG-GATEWAY-001")
    if healthy and alive == "fail":
        found.append("the probe says healthy, and the audit that the Gateway is not alive")
    old, new = (_errors(doctor) for doctor in doctors)
    found += ["openclaw_doctor (%s) newly says %s" % name for name in sorted(set(new) - set(old))]
    before, after = (_heard(doctor) for doctor in doctors)
    # A judge that has fallen silent does not agree.
    found += ["openclaw_doctor (%s) was heard before and is silent now" % name for name in sorted(before - after)]
    return found


def _errors(doctor):
    findings = (doctor or {}).get("findings") or []
    return [(one["judge"], one["check"]) for one in findings if one["severity"] == "error"]


def _heard(doctor):
    judges = (doctor or {}).get("judges") or {}
    return {name for name, told in judges.items() if told["verdict"] != "unknown"}
