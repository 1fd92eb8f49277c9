# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which service manager a host has."""

from __future__ import annotations

import os

#: There where systemd is the system manager, as sd_booted(3) has it.
BOOTED = "/run/systemd/system"


def is_systemd(manager, launchctl, booted=BOOTED):
    """Say whether a job is systemd's.

    :param manager: C(launchd), C(systemd), or C(auto): what the host has; launchd where that is neither, or both.
    :param launchctl: absolute path of launchctl.
    :param booted: directory that is there where systemd runs the host.
    """
    if manager != "auto":
        return manager == "systemd"
    return not os.access(launchctl, os.X_OK) and os.path.isdir(booted)
