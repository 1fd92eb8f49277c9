# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What launchd says of a whole domain: which jobs are in it, and which labels are disabled. Changes nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._service import outcomes, print_grammar

#: A line of the block C(services) of C(launchctl print DOMAIN): pid (0 for none), status, label.
_SERVICE = re.compile(r"\t\t\s*(\d+)\s+(\S+)\s+(\S.*)")


class Domain(NamedTuple):
    """What launchd says of a domain.

    :param name: C(system), C(user/UID) or C(gui/UID).
    :param present: whether there is such a domain, C(None) when launchd did not say.
    :param services: {label: pid or None} of the jobs in it, C(None) when launchd did not say.
    :param disabled: {label: bool} of the overrides, C(None) when launchd did not say.
    """

    name: str
    present: bool | None
    services: dict | None
    disabled: dict | None


def domain(launchctl, name):
    """Ask launchd about a domain.

    :return: :class:`Domain`; a missing answer is never taken for "absent".
    """
    outcome = launchctl.call("print", name)
    if outcome.kind == outcomes.DOMAIN_ABSENT:
        return Domain(name, False, {}, {})
    if outcome.kind != outcomes.LOADED:
        return Domain(name, None, None, None)
    inside, services, disabled = None, None, None
    for line in outcome.stdout.splitlines():
        if line.startswith("\t") and not line.startswith("\t\t"):
            inside = line.strip()
            if inside == "services = {":
                services = {}
            elif inside.startswith("disabled services = "):
                disabled = print_grammar.parse_disabled(outcome.stdout)
        elif inside == "services = {":
            found = _SERVICE.match(line)
            if found:
                services[found.group(3).strip()] = int(found.group(1)) or None
    return Domain(name, True, services, disabled)
