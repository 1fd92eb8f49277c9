# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every answer of launchctl that is on record, and what it has to be taken for."""

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._service import outcomes

EIO = "Bootstrap failed: 5: Input/output error\n"
HINT = "Try re-running the command as root for richer errors.\n"

ROWS = [
    ("print", 0, "", "loaded"),
    ("print", 113, 'Bad request.\nCould not find service "x" in domain for user gui: 501\n', "absent"),
    ("print", 113, 'Could not find service "x" in domain for system\n', "absent"),
    # The code without the sentence is no statement about the service.
    ("print", 113, "", "unknown"),
    ("print", 112, "Bad request.\nCould not find domain for user gui: 501\n", "domain_absent"),
    ("print", 1, "Could not find domain for user gui: 501\n", "domain_absent"),
    ("print", 125, "Could not print domain: 125: Domain does not support specified action\n", "domain_absent"),
    ("print", 1, "Could not print domain: 1: Operation not permitted\n", "denied"),
    ("print", 13, "", "denied"),
    ("print", 5, "", "unknown"),
    ("print", 64, "Unrecognized target specifier.\n", "unknown"),
    ("print", None, "", "unknown"),
    ("print-disabled", 0, "", "accepted"),
    ("print-disabled", 112, "", "domain_absent"),
    ("print-disabled", 1, "", "denied"),
    ("print-disabled", 5, "", "unknown"),
    ("print-disabled", None, "", "unknown"),
    ("bootout", 0, "", "accepted"),
    ("bootout", 36, "Boot-out failed: 36: Operation now in progress\n", "accepted"),
    ("bootout", 3, "Boot-out failed: 3: No such process\n", "already"),
    ("bootout", 113, 'Could not find service "x" in domain for system\n', "already"),
    ("bootout", 5, "Boot-out failed: 5: Input/output error\n" + HINT, "reprobe"),
    ("bootout", 64, "Unrecognized target specifier.\n", "misused"),
    ("bootout", 1, "Boot-out failed: 1: Operation not permitted\n", "denied"),
    ("bootout", 150, "Operation not permitted while System Integrity Protection is engaged\n", "failed"),
    ("bootout", None, "", "reprobe"),
    ("bootstrap", 0, "", "accepted"),
    ("bootstrap", 5, EIO, "reprobe"),
    ("bootstrap", 5, EIO + HINT, "reprobe"),
    ("bootstrap", 37, "Bootstrap failed: 37: Operation already in progress\n", "already"),
    ("bootstrap", 17, "Bootstrap failed: 17: File exists\n", "already"),
    ("bootstrap", 133, "/x.plist: Operation already in progress\n", "already"),
    ("bootstrap", 5, "/x.plist: service already bootstrapped\n" + EIO, "already"),
    ("bootstrap", 119, "/x.plist: Service is disabled\nBootstrap failed: 119: Service is disabled\n", "disabled"),
    ("bootstrap", 5, "/x.plist: Service is disabled\n" + EIO, "disabled"),
    ("bootstrap", 122, "/x.plist: Path had bad ownership/permissions\n", "bad_owner_or_mode"),
    ("bootstrap", 5, "/x.plist: Path had bad ownership/permissions\n" + EIO, "bad_owner_or_mode"),
    ("bootstrap", 109, "", "bad_definition"),
    ("bootstrap", 110, "", "bad_definition"),
    ("bootstrap", 111, "", "bad_definition"),
    ("bootstrap", 134, "134: Service cannot load in requested session\n", "wrong_session"),
    ("bootstrap", 125, "Bootstrap failed: 125: Domain does not support specified action\n", "domain_absent"),
    ("bootstrap", 5, "Bootstrap failed: 125: Domain does not support specified action\n", "domain_absent"),
    ("bootstrap", 112, "", "domain_absent"),
    ("bootstrap", 2, "Bootstrap failed: 2: No such file or directory\n", "no_plist"),
    ("bootstrap", 1, "Bootstrap failed: 1: Operation not permitted\n", "denied"),
    ("bootstrap", 64, "Usage: launchctl bootstrap\n", "misused"),
    ("bootstrap", 155, "", "failed"),
    ("bootstrap", None, "", "reprobe"),
    ("kickstart", 0, "", "accepted"),
    ("kickstart", 37, "", "reprobe"),
    ("kickstart", 5, "", "reprobe"),
    ("kickstart", 113, 'Could not find service "x" in domain for system\n', "absent"),
    ("kickstart", 125, 'Could not kickstart service "x": 125: Domain does not support\n', "domain_absent"),
    ("kickstart", 1, "", "denied"),
    ("kickstart", 150, "", "failed"),
    ("kickstart", None, "", "reprobe"),
    ("enable", 0, "", "accepted"),
    ("enable", 1, "Could not enable service: 1: Operation not permitted\n", "denied"),
    ("enable", 125, "", "domain_absent"),
    ("enable", 64, "", "failed"),
    ("disable", 0, "", "accepted"),
    ("disable", 1, "Could not disable service: 1: Operation not permitted\n", "denied"),
    ("disable", None, "", "failed"),
]


@pytest.mark.parametrize("verb, rc, stderr, kind", ROWS)
def test_classifies(verb, rc, stderr, kind):
    assert outcomes.classify(verb, rc, "", stderr).kind == kind


def test_success_is_not_judged_by_text():
    # A job may be called anything, so what print shows of a loaded one must not look like a refusal.
    outcome = outcomes.classify("print", 0, 'program = /x/Could not find service "y"', "")
    assert outcome.kind == outcomes.LOADED


def test_complaint_is_one_line():
    outcome = outcomes.classify("bootstrap", 5, "", EIO + HINT)
    assert outcome.complaint() == "exit 5: " + EIO.strip() + " / " + HINT.strip()
    assert outcomes.classify("print", None, "", "").complaint() == "no answer in time"
