# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What the machine is. Reads one property list and asks Python; starts no program."""

from __future__ import annotations

import platform
import plistlib
from xml.parsers.expat import ExpatError

#: What sw_vers prints, in the file it prints it from.
SYSTEM_VERSION = "/System/Library/CoreServices/SystemVersion.plist"


def describe():
    """Return C({system, macos, build, arch, python, hostname}); C(macos) and C(build) are C(None) when it is no Mac."""
    system = platform.system()
    version = _system_version() if system == "Darwin" else {}
    return {
        "system": system,
        "macos": version.get("ProductVersion"),
        "build": version.get("ProductBuildVersion"),
        "arch": platform.machine(),
        "python": platform.python_version(),
        "hostname": platform.node(),
    }


def _system_version():
    try:
        with open(SYSTEM_VERSION, "rb") as stream:
            return plistlib.load(stream)
    except (OSError, ValueError, ExpatError):
        return {}
