# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a look looks at: the options of openclaw_info, and what they may be."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import check_numbers

#: Options that are numbers: name, lowest and highest value.
BOUNDS = (
    ("port", 1, 65535),
    ("throttle_interval", 5, 3600),
    ("exit_timeout", 1, 600),
    ("log_hours", 0, 24 * 366),
    ("log_mib", 0, 64),
    ("request_timeout", 0.1, 600),
)


class Wanted(NamedTuple):
    """What to look at; names as in the module's options.

    C(port) may be C(None), the configuration then decides. C(program_arguments), C(throttle_interval) (s),
    C(exit_timeout) (s) and C(scope) are the declared job, each C(None) where it is not declared.
    """

    user: str
    state_dir: str | None = None
    label: str = "ai.openclaw.gateway"
    port: int | None = None
    root: str = "/opt/openclaw"
    launchctl: str = "/bin/launchctl"
    launch_daemons_dir: str = "/Library/LaunchDaemons"
    launch_agents_dir: str | None = None
    settings: tuple = ()
    program_arguments: list | None = None
    throttle_interval: int | None = None
    exit_timeout: int | None = None
    scope: str | None = None
    paths: tuple = ()
    log_hours: float = 24
    log_mib: float = 1
    request_timeout: float = 10
    probe: bool = True
    operators: tuple = ()

    @property
    def job(self):
        """The declared job: option -> value."""
        names = ("program_arguments", "throttle_interval", "exit_timeout", "scope")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def of(cls, options):
        """Return what options ask for.

        :param options: mapping; what it leaves out is as the fields say.
        :raises Failure: C(option_invalid).
        """
        wanted = cls(**options)
        check_numbers(wanted._asdict(), BOUNDS)
        return wanted
