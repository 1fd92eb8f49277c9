# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""scutil --get: the names of this Mac."""

import os

from .call import run, unknown


def main(words):
    if len(words) != 2 or words[0] != "--get" or words[1] not in ("ComputerName", "LocalHostName", "HostName"):
        raise unknown("scutil", words)
    return os.uname().nodename + "\n"


run("scutil", main)
