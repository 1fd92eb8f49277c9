# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Mac mini that every host is: one table for all doubles that talk about the machine."""

import os
import plistlib

MODEL = "Mac16,10"
CHIP = "Apple M4"
CORES = 10
MEMORY = 16 * 1024**3
PAGE = 16384
SERIAL = "LAB0MINI0000"


def system_version(key):
    """Return what the host says of its macOS (C(ProductVersion), C(ProductBuildVersion), ...)."""
    with open("/System/Library/CoreServices/SystemVersion.plist", "rb") as stream:
        return plistlib.load(stream)[key]


def kernel_version():
    """Return the kernel's line about itself."""
    with open("/System/Library/Kernels/kernel", encoding="ascii") as stream:
        return stream.read()


def kernel_release():
    return kernel_version().partition("Version ")[2].partition(":")[0]


def boot_time():
    """Return when this host was switched on: seconds since the epoch."""
    with open("/proc/stat", encoding="ascii") as stream:
        machine = next(int(line.split()[1]) for line in stream if line.startswith("btime "))
    with open("/proc/1/stat", encoding="ascii") as stream:
        ticks = int(stream.read().rpartition(")")[2].split()[19])
    return machine + ticks // os.sysconf("SC_CLK_TCK")
