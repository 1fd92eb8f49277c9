# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where a Gateway's unit lives: its files, its manager, and where else a manager would start the same Gateway. Pure."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

#: Where the units of the system manager lie, and those for the managers of all accounts.
SYSTEM_DIRECTORIES = (
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
)  # fmt: skip
LINGER_DIRECTORY = "/var/lib/systemd/linger"
RUNTIME_DIRECTORY = "/run/user"
#: Units that OpenClaw installs by itself, or did under its earlier names.
OF_OPENCLAW = re.compile(r"(?:openclaw|clawdbot|moltbot)-gateway(?:-(?P<profile>[A-Za-z0-9_-]+))?\.service\Z")


class Place(NamedTuple):
    """A unit's place.

    :param scope: C(daemon), it starts at boot with nobody logged in; C(agent), with the first login of the account.
    :param name: C(LABEL.service).
    :param account: object with name, uid, gid, home.
    :param linger: file that says that the account's manager starts at boot.
    :param runtime: the account's runtime directory.
    :param system_directories: where the system manager would find units.
    """

    scope: str
    name: str
    account: object
    linger: str
    runtime: str
    system_directories: tuple

    @property
    def manager(self):
        """Return the unit of the account's manager."""
        return "user@%d.service" % self.account.uid

    @property
    def directory(self):
        return os.path.join(self.account.home, ".config", "systemd", "user")

    @property
    def unit(self):
        return os.path.join(self.directory, self.name)

    @property
    def link(self):
        """Return the link by which the account's manager starts the unit with itself."""
        return os.path.join(self.directory, "default.target.wants", self.name)

    @property
    def drop_in_directories(self):
        """Return where the account's own drop-ins for the unit lie: C(systemctl edit) and C(set-property) make them."""
        control = os.path.join(os.path.dirname(self.directory), "user.control")
        return tuple(os.path.join(directory, self.name + ".d") for directory in (self.directory, control))


def place(scope, label, account, linger=LINGER_DIRECTORY, runtime=RUNTIME_DIRECTORY, system=SYSTEM_DIRECTORIES):
    """Work out a unit's place.

    :param label: the Gateway's label; C(LABEL.service) is the unit.
    :param account: object with name, uid, gid, home.
    """
    return Place(
        scope=scope,
        name=label + ".service",
        account=account,
        linger=os.path.join(linger, account.name),
        runtime=os.path.join(runtime, str(account.uid)),
        system_directories=system,
    )


def state_directory(unit, environment, home):
    """Return the state directory of a unit that OpenClaw has installed.

    :param unit: its name.
    :param environment: its variables.
    """
    match = OF_OPENCLAW.match(unit)
    profile = environment.get("OPENCLAW_PROFILE") or (match.group("profile") if match else None)
    suffix = "" if profile in (None, "default") else "-" + profile
    return os.path.normpath(environment.get("OPENCLAW_STATE_DIR") or os.path.join(home, ".openclaw" + suffix))
