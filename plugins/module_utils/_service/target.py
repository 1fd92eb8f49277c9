# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where a job lives: its launchd domain, its property list, who owns that, and where else the label could be. Pure."""

from __future__ import annotations

import os
from typing import NamedTuple

SCOPES = ("daemon", "agent")


class Target(NamedTuple):
    """A job's place.

    :param scope: one of :data:`SCOPES`.
    :param domain: C(system) or C(gui/UID).
    :param label: launchd label.
    :param plist: absolute path of the property list.
    :param owner: (uid, gid) of the property list: root and wheel for a daemon, the account for an agent.
    :param override_domain: where the disabled override can be asked for and set without a GUI session. gui/UID and
        user/UID share one store per account.
    :param other_domains: domains in which the same label would be a second Gateway.
    :param other_directories: directories from which launchd would load the same label a second time.
    :param username_key: what the property list says about the account; only the system domain heeds UserName.
    :param daemons_directory: that of the LaunchDaemons, whichever scope this job has.
    """

    scope: str
    domain: str
    label: str
    plist: str
    owner: tuple
    override_domain: str
    other_domains: tuple
    other_directories: tuple
    username_key: dict
    daemons_directory: str = "/Library/LaunchDaemons"

    @property
    def service(self):
        """Return the service target, C(DOMAIN/LABEL)."""
        return "%s/%s" % (self.domain, self.label)

    @property
    def override(self):
        """Return the service target for enable and disable."""
        return "%s/%s" % (self.override_domain, self.label)


def default_agents_directory(home):
    """Return C(~/Library/LaunchAgents) of an account."""
    return os.path.join(home, "Library", "LaunchAgents")


def target(scope, label, account, daemons_directory, agents_directory):
    """Work out a job's place.

    :param account: object with name, uid, gid, home.
    :param daemons_directory: C(/Library/LaunchDaemons).
    :param agents_directory: directory of the account's agents.
    """
    gui, background = "gui/%d" % account.uid, "user/%d" % account.uid
    shared_agents = os.path.join(os.path.dirname(daemons_directory), "LaunchAgents")
    if scope == "daemon":
        return Target(
            scope=scope,
            domain="system",
            label=label,
            plist=os.path.join(daemons_directory, label + ".plist"),
            owner=(0, 0),
            override_domain="system",
            other_domains=(gui, background),
            other_directories=(agents_directory, shared_agents),
            username_key={"UserName": account.name},
            daemons_directory=daemons_directory,
        )
    return Target(
        scope=scope,
        domain=gui,
        label=label,
        plist=os.path.join(agents_directory, label + ".plist"),
        owner=(account.uid, account.gid),
        override_domain=background,
        other_domains=("system", background),
        other_directories=(daemons_directory, shared_agents),
        username_key={},
        daemons_directory=daemons_directory,
    )


def override_of(domain, label):
    """Return the service target for enable and disable of a label in a domain, which is there without a login."""
    return "%s/%s" % (domain.replace("gui/", "user/", 1), label)


def elsewhere(domain, label, path, owner):
    """Return the :class:`Target` of somebody else's job, which is only to be loaded or unloaded.

    :param path: of the property list it is loaded from. :param owner: (uid, gid) of that.
    """
    scope = "daemon" if domain == "system" else "agent"
    return Target(scope, domain, label, path, owner, override_of(domain, "").rstrip("/"), (), (), {})
