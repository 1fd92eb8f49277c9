# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""xcode-select -p: where the Command Line Tools are. What needs a person at the screen (--install) it does not know."""

from . import command_line_tools
from .call import Refused, run, unknown


def main(words):
    if words not in (["-p"], ["--print-path"]):
        raise unknown("xcode-select", words)
    if not command_line_tools.are_there():
        raise Refused("xcode-select: error: Unable to get active developer directory. Use `sudo xcode-select --switch "
                      "path/to/Xcode.app` to set one (or see `man xcode-select`)", 2)
    return command_line_tools.HOME + "\n"


run("xcode-select", main)
