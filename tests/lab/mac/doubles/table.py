# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which program of a simulated Mac is which double. Plain data; paths are below /usr (/bin and /sbin lead there)."""

PROGRAMS = {
    "bin/sw_vers": "sw_vers",
    "bin/uname": "uname",
    "bin/vm_stat": "vm_stat",
    "bin/dscl": "dscl",
    "bin/pmset": "pmset",
    "bin/fdesetup": "fdesetup",
    "bin/security": "security",
    "bin/plutil": "plutil",
    "bin/defaults": "defaults",
    "bin/memory_pressure": "memory_pressure",
    "bin/tmutil": "tmutil",
    "bin/mdutil": "mdutil",
    "bin/xcode-select": "xcode_select",
    "sbin/softwareupdate": "softwareupdate",
    "libexec/ApplicationFirewall/socketfilterfw": "socketfilterfw",
    "sbin/sysctl": "sysctl",
    "sbin/system_profiler": "system_profiler",
    "sbin/scutil": "scutil",
    "sbin/ifconfig": "ifconfig",
    "sbin/route": "route",
    "sbin/lsof": "lsof",
}
