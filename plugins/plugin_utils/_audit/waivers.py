# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Waivers: faults that somebody has accepted, for a reason and until a day. The reader is the rim, the rest is pure.

A waiver says C(check) (an id), C(hosts) (patterns as of a shell; all unless given), C(owner), C(reason) and C(expires)
(a date). It hides nothing: its findings say C(waived) and by whom. One that has expired, or that nothing needs, is a
finding itself (C(OCG-WAIVER-001)).
"""

from __future__ import annotations

import datetime
import fnmatch

from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import catalogue, judge

ABOUT = "OCG-WAIVER-001"
#: What a fleet finding, which has no host, is matched as.
FLEET = "fleet"
_TEXTS = ("check", "owner", "reason")


def load(paths):
    """Read the waivers of files: lists under the key C(waivers).

    :returns: list of plain data, with the key C(file) added.
    :raises catalogue.AuditError: naming file, check and key, and what was expected.
    """
    found = []
    for path in catalogue.files_of(paths):
        content = catalogue.read(path)
        said = content.get("waivers") if isinstance(content, dict) else None
        if said is not None and not isinstance(said, list):
            raise catalogue.AuditError(path, None, "waivers", "expected a list of waivers.")
        found += [_checked(path, item) for item in said or []]
    return found


def _checked(path, item):
    if not isinstance(item, dict):
        raise catalogue.AuditError(path, None, "waivers", "holds %r; expected a mapping." % (item,))
    name = item.get("check") if isinstance(item.get("check"), str) else None
    stray = sorted(set(map(str, item)) - {*_TEXTS, "hosts", "expires"})
    if stray:
        expected = "is unknown in a waiver; expected check, hosts, owner, reason and expires."
        raise catalogue.AuditError(path, name, stray[0], expected)
    for key in _TEXTS:
        if not isinstance(item.get(key), str) or not item[key].strip():
            raise catalogue.AuditError(path, name, key, "is missing in a waiver; expected text.")
    hosts = item.get("hosts", ["*"])
    if not isinstance(hosts, list) or not hosts or not all(isinstance(one, str) for one in hosts):
        raise catalogue.AuditError(path, name, "hosts", "expected a list of patterns, as ['mini*'].")
    return dict({key: item[key] for key in _TEXTS}, hosts=hosts, expires=_date(path, name, item), file=path)


def _date(path, name, item):
    said = item.get("expires")
    try:
        day = said if isinstance(said, datetime.date) else datetime.date.fromisoformat(said)
        return day.isoformat()[:10]
    except (TypeError, ValueError):
        problem = "is %r; expected the last day of the waiver, as 2027-01-31." % (said,)
        raise catalogue.AuditError(path, name, "expires", problem) from None


def apply(findings, waivers, today, checks, known=None):
    """Apply waivers to the findings of all hosts and of the fleet.

    :param findings: list of plain data. :param waivers: as :func:`load` returns them.
    :param today: date as ISO text; a waiver holds to the end of the day it names.
    :param checks: as :func:`catalogue.load` returns them.
    :param known: names of all hosts of the inventory: a waiver for one that was not audited is not called useless.
    :returns: list of findings: the same ones, failing ones that a waiver covers with the result C(waived) and C(waiver)
        C({owner, reason, expires}), and one more for each waiver that has expired, matches nothing or names no check.
    """
    valid = [waiver for waiver in waivers if waiver["expires"] >= today]
    told = [_waived(finding, valid) for finding in findings]
    about = next((check for check in checks if check.id == ABOUT and not check.disabled), None)
    if about is None:
        return told
    facts = _Facts(findings, {check.id for check in checks}, set(known or ()))
    problems = [(waiver, facts.problem(waiver, today)) for waiver in waivers]
    return told + [_about(about, waiver, problem) for waiver, problem in problems if problem]


def _waived(finding, valid):
    cover = next((waiver for waiver in valid if _covers(waiver, finding)), None)
    if cover is None or finding["result"] != judge.FAIL:
        return finding
    return dict(finding, result=judge.WAIVED, waiver={key: cover[key] for key in ("owner", "reason", "expires")})


def _covers(waiver, finding):
    return waiver["check"] == finding["checkId"] and _matches(waiver, finding["host"] or FLEET)


def _matches(waiver, host):
    return any(fnmatch.fnmatchcase(host, pattern) for pattern in waiver["hosts"])


class _Facts:
    def __init__(self, findings, ids, known):
        self.findings, self.ids = findings, ids
        self.audited = {finding["host"] or FLEET for finding in findings}
        self.known = known | self.audited | {FLEET}

    def problem(self, waiver, today):
        """Return what is wrong with a waiver, or None."""
        if waiver["check"] not in self.ids:
            return "names no check that there is"
        covered = [finding for finding in self.findings if _covers(waiver, finding)]
        needed = any(finding["result"] == judge.FAIL for finding in covered)
        if waiver["expires"] < today:
            return "has expired on %s%s" % (waiver["expires"], "" if needed else ", and nothing needs it any more")
        if not any(_matches(waiver, host) for host in self.known):
            return "matches no host"
        # Of what could not be judged nobody knows whether it still needs the waiver, nor of hosts that were left out.
        judged = [finding for finding in covered if finding["result"] != judge.UNKNOWN]
        whole = all(host in self.audited for host in self.known if _matches(waiver, host))
        return "is needed by nothing any more" if not needed and whole and len(judged) == len(covered) else None


def _about(check, waiver, problem):
    names = {"check": waiver["check"], "patterns": waiver["hosts"], "owner": waiver["owner"], "problem": problem}
    evidence = {key: waiver[key] for key in ("check", "hosts", "owner", "reason", "expires")}
    return judge.failing(check, None, names, evidence)
