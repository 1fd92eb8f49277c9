# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_stat: a quiet Mac."""

from . import hardware
from .call import run, unknown

_PAGES = (
    ("Pages free", 412345), ("Pages active", 231000), ("Pages inactive", 228000), ("Pages speculative", 3100),
    ("Pages throttled", 0), ("Pages wired down", 98000), ("Pages purgeable", 2100),
    ("Pages stored in compressor", 0), ("Pages occupied by compressor", 0), ("Swapins", 0), ("Swapouts", 0),
)  # fmt: skip


def main(words):
    if words:
        raise unknown("vm_stat", words)
    head = "Mach Virtual Memory Statistics: (page size of %d bytes)\n" % hardware.PAGE
    return head + "".join("%-35s%12d.\n" % (name + ":", count) for name, count in _PAGES)


run("vm_stat", main)
