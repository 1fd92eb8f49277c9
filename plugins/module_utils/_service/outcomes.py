# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What launchctl's answers mean, as tables.

Neither exit codes nor texts of launchctl are a contract, and one code covers many causes (5 is a catch-all), so
nothing outside this file looks at either. A rule matches an exit code, a text, or both; the first match wins.
The numbers are Darwin's, not those of the machine that runs the tests.
"""

from __future__ import annotations

from typing import NamedTuple

# What a verb came to.
ACCEPTED = "accepted"  # launchd took the order; whether it has been carried out is for a probe to say
LOADED = "loaded"
ABSENT = "absent"
ALREADY = "already"  # the wanted state, or one like it, was there before
REPROBE = "reprobe"  # the answer says nothing; ask with print
DISABLED = "disabled"  # an override forbids loading the label
DOMAIN_ABSENT = "domain_absent"
DENIED = "denied"
BAD_OWNER_OR_MODE = "bad_owner_or_mode"
BAD_DEFINITION = "bad_definition"
WRONG_SESSION = "wrong_session"
NO_PLIST = "no_plist"
MISUSED = "misused"  # launchctl did not understand us: a defect of this collection
FAILED = "failed"
UNKNOWN = "unknown"  # could not ask; never to be read as "absent"


class Rule(NamedTuple):
    """One row: exit codes (empty: any but 0), a lower-case piece of the output (empty: any), and what it means."""

    codes: tuple
    text: str
    kind: str


class Outcome(NamedTuple):
    """An answer of launchctl.

    :param kind: one of the words above.
    :param rc: exit code, or C(None) when launchctl did not end in time.
    :param stdout: what it printed.
    :param stderr: what it complained about.
    """

    kind: str
    rc: int | None
    stdout: str
    stderr: str

    def complaint(self):
        """Return launchctl's own words on one line, for a message."""
        if self.rc is None:
            return "no answer in time"
        words = " / ".join(line.strip() for line in self.stderr.splitlines() if line.strip())
        return "exit %d%s" % (self.rc, ": " + words[:300] if words else "")


#: verb -> (rules, what a code in no rule means, what no answer in time means)
RULES = {
    "print": (
        (
            Rule((0,), "", LOADED),
            # 113 alone is not enough: only this sentence says that launchd looked and found nothing.
            Rule((113,), "could not find service", ABSENT),
            Rule((112, 125), "", DOMAIN_ABSENT),
            Rule((), "could not find domain", DOMAIN_ABSENT),
            Rule((1, 13), "", DENIED),
        ),
        UNKNOWN,
        UNKNOWN,
    ),
    "print-disabled": (
        (
            Rule((0,), "", ACCEPTED),
            Rule((112, 125), "", DOMAIN_ABSENT),
            Rule((), "could not find domain", DOMAIN_ABSENT),
            Rule((1, 13), "", DENIED),
        ),
        UNKNOWN,
        UNKNOWN,
    ),
    "bootout": (
        (
            # 36 is EINPROGRESS: older releases say so where newer ones return 0 at once.
            Rule((0, 36), "", ACCEPTED),
            Rule((3, 113), "", ALREADY),
            Rule((), "no such process", ALREADY),
            Rule((), "could not find", ALREADY),
            Rule((5, 125), "", REPROBE),
            Rule((64,), "", MISUSED),
            Rule((1, 13), "", DENIED),
        ),
        FAILED,
        REPROBE,
    ),
    "bootstrap": (
        (
            Rule((0,), "", ACCEPTED),
            Rule((119,), "", DISABLED),
            Rule((), "service is disabled", DISABLED),
            Rule((112, 125), "", DOMAIN_ABSENT),
            Rule((), "domain does not support specified action", DOMAIN_ABSENT),
            Rule((122,), "", BAD_OWNER_OR_MODE),
            Rule((), "bad ownership/permissions", BAD_OWNER_OR_MODE),
            Rule((109, 110, 111), "", BAD_DEFINITION),
            Rule((134,), "", WRONG_SESSION),
            Rule((17, 37, 133), "", ALREADY),
            Rule((), "already", ALREADY),
            Rule((2,), "", NO_PLIST),
            Rule((1, 13), "", DENIED),
            Rule((64,), "", MISUSED),
            # Still draining, already loaded, disabled, owner, mode, session: current releases say 5 to all of them.
            Rule((5,), "", REPROBE),
        ),
        FAILED,
        REPROBE,
    ),
    "kickstart": (
        (
            Rule((0,), "", ACCEPTED),
            Rule((5, 37), "", REPROBE),
            Rule((113,), "", ABSENT),
            Rule((112, 125), "", DOMAIN_ABSENT),
            Rule((119,), "", DISABLED),
            Rule((1, 13), "", DENIED),
            Rule((64,), "", MISUSED),
        ),
        FAILED,
        # It blocks while launchd throttles the job; the order itself has been given.
        REPROBE,
    ),
    "enable": (
        (Rule((0,), "", ACCEPTED), Rule((1, 13), "", DENIED), Rule((112, 125), "", DOMAIN_ABSENT)),
        FAILED,
        FAILED,
    ),
}
RULES["disable"] = RULES["enable"]


def classify(verb, rc, stdout, stderr):
    """Say what an answer means.

    :param verb: launchctl subcommand, a key of :data:`RULES`.
    :param rc: exit code, C(None) for no answer in time.
    :param stdout: text.
    :param stderr: text.
    :return: :class:`Outcome`.
    """
    rules, otherwise, timed_out = RULES[verb]
    if rc is None:
        return Outcome(timed_out, rc, stdout, stderr)
    text = (stderr + "\n" + stdout).lower() if rc else ""
    for rule in rules:
        code_fits = rc in rule.codes if rule.codes else rc != 0
        if code_fits and rule.text in text:
            return Outcome(rule.kind, rc, stdout, stderr)
    return Outcome(otherwise, rc, stdout, stderr)
