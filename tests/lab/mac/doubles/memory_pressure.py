# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""memory_pressure -Q: a quiet Mac."""

from . import hardware
from .call import run, unknown


def main(words):
    if words != ["-Q"]:
        raise unknown("memory_pressure", words)
    return "The system has %d (%d pages with a page size of %d).\nSystem-wide memory free percentage: 63%%\n" % (
        hardware.MEMORY, hardware.MEMORY // hardware.PAGE, hardware.PAGE)  # fmt: skip


run("memory_pressure", main)
