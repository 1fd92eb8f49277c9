# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Every place where a launchd label could be at home on this host, and what is there. Changes nothing."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files, observe, outcomes, target

_JOB = ("state", "pid", "runs", "throttle_interval", "exit_timeout", "last_exit", "path", "username", "program")


def describe(launchctl, label, account, daemons_directory, agents_directory):
    """Look at both scopes.

    :param launchctl: :class:`launchctl.Launchctl`.
    :param account: whose agents are meant; object with uid, gid, name, home.
    :returns: one mapping per scope: C(scope), C(target), C(domain_present), C(loaded) (C(None) when launchd did not
        say),
        the job's C(state), C(pid), C(runs), C(throttle_interval), C(exit_timeout), C(last_exit), C(path), C(username),
        C(program), C(plists) (paths that define the label) and C(error).
    """
    return [
        _scope(launchctl, target.target(scope, label, account, daemons_directory, agents_directory), directory)
        for scope, directory in (("daemon", daemons_directory), ("agent", agents_directory))
    ]


def _scope(launchctl, place, directory):
    found = dict.fromkeys(_JOB)
    found.update(scope=place.scope, target=place.service, domain_present=None, loaded=None, plists=[], error=None)
    try:
        found["plists"] = files.plists_with_label(directory, place.label, None)
        kind, loaded = observe.probe(launchctl, place.service)
    except Failure as failure:
        return dict(found, error=failure.message)
    found.update(domain_present=kind != outcomes.DOMAIN_ABSENT, loaded=loaded is not None)
    if loaded is not None:
        found.update((name, getattr(loaded, name)) for name in _JOB)
    return found
