# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Mac mini that every host is: one table for all doubles that talk about the machine."""

import os

MODEL = "Mac16,10"
CHIP = "Apple M4"
CORES = 10
MEMORY = 16 * 1024**3
PAGE = 16384
RELEASE = "25.3.0"
VERSION = "Darwin Kernel Version 25.3.0: Wed Jan 28 20:53:15 PST 2026; root:xnu-12377.81.4~5/RELEASE_ARM64_T8132"
SERIAL = "LAB0MINI0000"


def boot_time():
    """Return when this host was switched on: seconds since the epoch."""
    with open("/proc/stat", encoding="ascii") as stream:
        machine = next(int(line.split()[1]) for line in stream if line.startswith("btime "))
    with open("/proc/1/stat", encoding="ascii") as stream:
        ticks = int(stream.read().rpartition(")")[2].split()[19])
    return machine + ticks // os.sysconf("SC_CLK_TCK")
