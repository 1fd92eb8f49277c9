# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""softwareupdate: lists and installs the Command Line Tools, once they are asked for as the real one wants it.

A file of the lab makes it C(offline), where nothing is offered, or have it C(lie), where 0 says that all went well.
"""

import os

from . import command_line_tools
from .call import knob, run, unknown

#: While this lies there, the real one offers the tools.
_ASKED = "/tmp/.com.apple.dt.CommandLineTools.installondemand.in-progress"
_VERSIONS = ("9.4", "16.4", "16.2")
_HEAD = "Software Update Tool\n\nFinding available software\n"


def _offered():
    if knob("softwareupdate") == "offline" or not os.path.exists(_ASKED) or command_line_tools.are_there():
        return []
    return ["Command Line Tools for Xcode-" + version for version in _VERSIONS]


def _list():
    rows = "".join(
        "* Label: %s\n\tTitle: Command Line Tools for Xcode, Version: %s, Size: 750000KiB, Recommended: YES, \n"
        % (label, label.rpartition("-")[2]) for label in _offered())
    if not rows:
        return _HEAD + "No new software available.\n"
    return _HEAD + "Software Update found the following new or updated software:\n" + rows


def main(words):
    if words in (["-l"], ["--list"]):
        return _list()
    rest = [word for word in words[1:] if word != "--verbose"]
    if words[:1] not in (["-i"], ["--install"]) or len(rest) != 1 or rest[0][:1] == "-" or os.geteuid() != 0:
        raise unknown("softwareupdate", words)
    if rest[0] not in _offered():
        return _HEAD + "%s: No such update\nNo updates are available.\n" % rest[0]
    if knob("softwareupdate") != "lie":
        command_line_tools.install()
    name = rest[0].rpartition("-")[0]
    return _HEAD + "\nDownloading %s\nDownloaded %s\nInstalling %s\nDone with %s\nDone.\n" % (name, name, name, name)


run("softwareupdate", main)
