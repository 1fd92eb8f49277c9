# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Judges one observation by the catalogue: a pure function of (observation, policy, checks).

Every check yields one finding. Unknown is never pass: a section that is missing or has an C(error), a null answer, a
query that cannot be answered, and what a check calls blind all end there, with what could not be seen and what to do.
"""

from __future__ import annotations

import hashlib
import json

from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import texts
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit.functions import Unanswerable
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit.paths import ANY, shown

PASS, FAIL, UNKNOWN, NOT_APPLICABLE, WAIVED = RESULTS = ("pass", "fail", "unknown", "not_applicable", "waived")

_NUMBER = (int, float)


class _Unseen(Exception):
    """Something that the check needs could not be seen; the text says what."""


def judge(observation, policy, checks, host):
    """Judge a host.

    :param observation: what openclaw_info returned. :param policy: plain data, see :mod:`policy`.
    :param checks: as :func:`catalogue.load` returns them; those of the fleet and of the audit are left out.
    :param host: name of the host.
    :returns: list of findings (plain data), one a check, in the order of the checks.
    """
    # What a variable holds are Ansible's own kinds of text and list, which JMESPath's functions do not take.
    policy = json.loads(json.dumps(policy))
    document = dict(observation, policy=policy)
    names = texts.standing(observation, policy, host)
    return [_finding(check, document, names) for check in checks if check.of == "host"]


def finding(check, host, result, message, **facts):
    """Return a finding: OpenClaw's names of C(doctor --lint --json) where it has one."""
    told = {
        "checkId": check.id, "host": host, "result": result, "severity": check.severity, "layer": check.layer,
        "title": check.title, "message": message, "path": "", "fixHint": "", "diagnosis": "",
        "step": check.step,
        "repair": {"kind": check.kind, "commands": []}, "evidence": None, "requirements": list(check.requirements),
        "waiver": None, "drift": None, "policyDigest": None,
    }  # fmt: skip
    told.update(facts)
    return told


def failing(check, host, names, evidence):
    """Return the finding of a check that fails, with its texts filled in."""
    return finding(
        check, host, FAIL, texts.sentence(check.message, names),
        path=texts.sentence(check.path, names), fixHint=texts.sentence(check.hint, names),
        diagnosis=texts.sentence(check.diagnosis, names),
        repair={"kind": check.kind, "commands": [texts.command(one, names) for one in check.commands]},
        evidence=texts.evidence(evidence),
    )  # fmt: skip


def _finding(check, document, names):
    host = names["host"]
    try:
        result, value, want = _result(check, document)
    except _Unseen as unseen:
        # What a Gateway itself answered says more than that there is no verdict.
        code = _extra(check, document).get("code")
        message = "Cannot be told: %s" % unseen + (" (%s)" % texts.said(code) if code else "")
        told = finding(check, host, UNKNOWN, message, fixHint=_what_to_do(document),
                       diagnosis=texts.sentence(check.diagnosis, names))  # fmt: skip
        return dict(told, path=", ".join(check.sections), policyDigest=digest(check, document["policy"]))
    if result == NOT_APPLICABLE:
        return finding(check, host, result, value)
    if result == PASS:
        told = finding(check, host, result, "")
    else:
        filled = dict(names, value=value, want=want, **_extra(check, document))
        told = failing(check, host, filled, {"value": value, "want": want})
    told["policyDigest"] = digest(check, document["policy"])
    return told


def _result(check, document):
    """Return (result, answer, what was expected); for what does not apply (not_applicable, why, None)."""
    if check.disabled:
        return NOT_APPLICABLE, "Switched off: %s" % check.disabled, None
    for part in check.applies:
        seen = sorted({path[0] for path in part.paths} - {"policy"})
        _require(document, seen)
        answer = _ask(part, document)
        if answer is None and seen:
            raise _Unseen(_nothing_of(part, document))
        if _is_nothing(answer):
            return NOT_APPLICABLE, "Does not apply to this host as it is declared.", None
    _require(document, check.sections)
    value = _ask(check.query, document)
    word, want = check.expect
    if word == "equals_query":
        query, want = want, _ask(want, document)
        if want is None:
            raise _Unseen(_nothing_of(query, document))
    if value is None:
        raise _Unseen(_nothing_of(check.query, document))
    if not _MEETS[word](value, want):
        return FAIL, value, want
    unseen = None if check.blind is None else _ask(check.blind, document)
    if not _is_nothing(unseen):
        raise _Unseen("nothing speaks against it, but not everything could be seen (%s)." % texts.said(unseen))
    return PASS, value, want


def _is_nothing(answer):
    """Whether an answer says no, as JMESPath sees it: zero does not."""
    return answer is None or answer is False or (hasattr(answer, "__len__") and len(answer) == 0)


def _require(document, sections):
    for name in sections:
        section = document.get(name)
        if section is None:
            raise _Unseen("the observation has no section '%s'." % name)
        if isinstance(section, dict) and section.get("error"):
            raise _Unseen("section '%s' of the observation: %s" % (name, texts.said(section["error"])))


def _ask(query, document):
    try:
        return query.of(document)
    except Unanswerable:
        # A function that got nothing, or something of another type, where it wants a list or a text.
        raise _Unseen(_nothing_of(query, document)) from None


def _nothing_of(query, document):
    """Say which of the parts that a query reads are not known."""
    blank = sorted(shown(path) for path in query.paths if path[0] != "policy" and _blank(document, path))
    if blank:
        return "this run did not see %s." % ", ".join(blank)
    return "there is no answer to '%s' here." % query.text


def _blank(value, path):
    for depth, part in enumerate(path):
        if part == ANY:
            return isinstance(value, list) and any(_blank(item, path[depth + 1 :]) for item in value)
        value = value.get(part) if isinstance(value, dict) else None
        if value is None:
            return True
    return False


def _what_to_do(document):
    privilege = document.get("privilege") or {}
    if privilege.get("is_root") is False:
        return "run the audit with become (as root): this run was user id %s." % texts.said(privilege.get("uid"))
    return "see what openclaw_info says about it on the host (its section, and the section's error)."


def _extra(check, document):
    found = {}
    for name, query in check.extra:
        try:
            found[name] = query.of(document)
        except Unanswerable:
            found[name] = None
    return found


def digest(check, policy):
    """Return the fingerprint of the part of a policy that a check compares with: it moves when the declaration does."""
    parts = {".".join(path): _at(policy, path) for path in check.declared}
    return "sha256:" + hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def _at(value, path):
    for part in path:
        if part == ANY or not isinstance(value, dict):
            break
        value = value.get(part)
    return value


def _is_empty(value, want):
    return (len(value) == 0 if hasattr(value, "__len__") else False) is want


#: Expectation -> whether a value meets what it says.
_MEETS = {
    "equals": lambda value, want: value == want,
    "equals_query": lambda value, want: value == want,
    "is": lambda value, want: value is want,
    "empty": _is_empty,
    "at_most": lambda value, want: isinstance(value, _NUMBER) and value <= want,
    "in": lambda value, want: value in want,
}
