# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What launchd says of a job: what it holds of it, and whether an override disables it. Changes nothing."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import outcomes, print_grammar


def denied(target, doing, outcome):
    """Return the :class:`Failure` for an answer that says we may not."""
    return Failure(
        "denied",
        "launchd does not let this account %s %s (%s)." % (doing, target, outcome.complaint()),
        "service",
        "run the task with become: true.",
        target=target,
        rc=outcome.rc,
    )


def unanswered(target, doing, outcome):
    """Return the :class:`Failure` for an answer that says neither yes nor no."""
    return Failure(
        "launchd_unclear",
        "launchctl %s %s gave no answer to rely on (%s)." % (doing, target, outcome.complaint()),
        "service",
        "run it by hand on the host: sudo launchctl %s %s" % (doing, target),
        target=target,
        rc=outcome.rc,
    )


def _of_a_domain(outcome, target):
    """Return an outcome as it has to be taken for that domain: the system's is always there, whatever is said of it."""
    if outcome.kind == outcomes.DOMAIN_ABSENT and target.partition("/")[0] == "system":
        return outcome._replace(kind=outcomes.UNKNOWN)
    return outcome


def probe(launchctl, service):
    """Ask launchd about a service.

    :param service: C(DOMAIN/LABEL).
    :return: (kind, Loaded or None), kind being C(loaded), C(absent) or C(domain_absent).
    :raises Failure: C(denied), C(launchd_unclear). Never takes a missing answer for "absent".
    """
    outcome = _of_a_domain(launchctl.call("print", service), service)
    if outcome.kind == outcomes.LOADED:
        loaded = print_grammar.parse_service(outcome.stdout)
        if loaded is not None:
            return outcome.kind, loaded
    elif outcome.kind in (outcomes.ABSENT, outcomes.DOMAIN_ABSENT):
        return outcome.kind, None
    elif outcome.kind == outcomes.DENIED:
        raise denied(service, "print", outcome)
    raise unanswered(service, "print", outcome)


def is_disabled(launchctl, target):
    """Say whether an override disables the label.

    :return: bool, or C(None) for no override.
    :raises Failure: C(denied), C(launchd_unclear).
    """
    outcome = _of_a_domain(launchctl.call("print-disabled", target.override_domain), target.override_domain)
    if outcome.kind == outcomes.ACCEPTED:
        return print_grammar.parse_disabled(outcome.stdout).get(target.label)
    if outcome.kind == outcomes.DOMAIN_ABSENT:
        return None
    if outcome.kind == outcomes.DENIED:
        raise denied(target.override_domain, "print-disabled", outcome)
    raise unanswered(target.override_domain, "print-disabled", outcome)
