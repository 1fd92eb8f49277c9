# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module in this process under a limit of its address space, and says what it took.

    python measuring.py BYTES MODULE_FILE ARGUMENTS_AS_JSON

The last line on standard error: seconds of processor, and the peak of resident memory in KiB. Not asked of the parent,
whose rusage of a child counts the moment before exec, in which the child still is the parent's image.
"""
import resource
import runpy
import sys

space, module = int(sys.argv[1]), sys.argv[2]
sys.argv = sys.argv[2:]
resource.setrlimit(resource.RLIMIT_AS, (space, space))
try:
    runpy.run_path(module, run_name="__main__")
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    sys.stderr.write("\n%.3f %s\n" % (used.ru_utime + used.ru_stime, peak))
