# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""memory_pressure -Q: a quiet Mac, unless a fault wrote another percentage."""

from . import hardware
from .call import knob, run, unknown


def main(words):
    if words != ["-Q"]:
        raise unknown("memory_pressure", words)
    free = knob("memory_free_percentage") or 63
    return "The system has %d (%d pages with a page size of %d).\nSystem-wide memory free percentage: %s%%\n" % (
        hardware.MEMORY, hardware.MEMORY // hardware.PAGE, hardware.PAGE, free)  # fmt: skip


run("memory_pressure", main)
