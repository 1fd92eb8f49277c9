# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sysctl: the names that facts and checks read, and those two that a host may have to be given, until it boots."""

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
    "kern.osrelease": hardware.kernel_release,
    "kern.osrevision": 199506,
    "kern.osversion": lambda: hardware.system_version("ProductBuildVersion"),
    "kern.osproductversion": lambda: hardware.system_version("ProductVersion"),
    "kern.version": hardware.kernel_version,
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


#: What can be set, as the kernel keeps it: until the next boot.
_SET, _WRITABLE = "/private/var/run/lab-sysctl", ("kern.maxfiles", "kern.maxfilesperproc")


def _kept():
    try:
        with open(_SET, encoding="utf-8") as stream:
            return dict(line.split("=", 1) for line in stream.read().splitlines())
    except OSError:
        return {}


def _write(pair):
    name, value = pair.split("=", 1)
    if name not in _WRITABLE or not value.isdigit():
        raise unknown("sysctl", [pair])
    before = _value(name)
    if os.geteuid() != 0:
        raise Refused("%s: %s\nsysctl: %s=%s: Operation not permitted" % (name, before, name, value))
    with open(_SET, "a", encoding="utf-8") as stream:
        stream.write(pair + "\n")
    return "%s: %s -> %s\n" % (name, before, value)


def _value(name):
    if name in _kept():
        return _kept()[name]
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
    if names and not options and all("=" in n for n in names):
        return "".join(map(_write, names))
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
