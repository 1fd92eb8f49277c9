# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sysctl: the names that facts and checks read."""

import os
import struct
import time

from . import hardware
from .call import Refused, knob, run, unknown


def _boottime_text():
    sec = hardware.boot_time()
    return "{ sec = %d, usec = 0 } %s" % (sec, time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(sec)))


_VALUES = {
    "hw.model": hardware.MODEL,
    "hw.ncpu": hardware.CORES,
    "hw.physicalcpu": hardware.CORES,
    "hw.logicalcpu": hardware.CORES,
    "hw.activecpu": hardware.CORES,
    "hw.memsize": hardware.MEMORY,
    "hw.pagesize": hardware.PAGE,
    "hw.cputype": 16777228,
    "hw.optional.arm64": 1,
    "machdep.cpu.brand_string": hardware.CHIP,
    "machdep.cpu.core_count": hardware.CORES,
    "machdep.cpu.thread_count": hardware.CORES,
    "kern.ostype": "Darwin",
    "kern.osrelease": hardware.RELEASE,
    "kern.osrevision": 199506,
    "kern.osversion": "25D125",
    "kern.osproductversion": "26.3",
    "kern.version": hardware.VERSION,
    "kern.hostname": lambda: os.uname().nodename,
    "kern.boottime": _boottime_text,
    "kern.maxfiles": 245760,
    "kern.maxfilesperproc": 122880,
    "kern.maxproc": 6000,
    "kern.memorystatus_vm_pressure_level": 1,
    "vm.swapusage": "total = 0.00M  used = 0.00M  free = 0.00M  (encrypted)",
    "vm.loadavg": lambda: "{ %.2f %.2f %.2f }" % os.getloadavg(),
}
#: What -b prints as the kernel keeps it: struct timeval with two 64-bit fields.
_BINARY = {"kern.boottime": lambda: struct.pack("=qq", hardware.boot_time(), 0)}


def _value(name):
    # The last line of a name counts.
    value = dict(line.split("=", 1) for line in knob("sysctl").splitlines()).get(name, _VALUES[name])
    return str(value() if callable(value) else value)


def _expand(word):
    if word in _VALUES:
        return [word]
    found = [name for name in _VALUES if name.startswith(word + ".")]
    if not found:
        raise Refused("sysctl: unknown oid '%s'" % word)
    return found


def main(words):
    options = "".join(w[1:] for w in words if w.startswith("-"))
    names = [w for w in words if not w.startswith("-")]
    if set(options) - set("nbae") or any("=" in n for n in names) or bool(names) == ("a" in options):
        raise unknown("sysctl", words)
    wanted = list(_VALUES) if "a" in options else [n for word in names for n in _expand(word)]
    if "b" in options:
        if any(n not in _BINARY for n in wanted):
            raise unknown("sysctl", words)
        return b"".join(_BINARY[n]() for n in wanted)
    form = "%s=%s\n" if "e" in options else "%s: %s\n"
    return "".join(_value(n) + "\n" if "n" in options else form % (n, _value(n)) for n in wanted)


run("sysctl", main)
