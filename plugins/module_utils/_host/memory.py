# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Whether this host is short of memory, as its kernel sees it. Starts no program."""

from __future__ import annotations

import ctypes

#: What a Mac's kernel says in C(kern.memorystatus_vm_pressure_level).
_MAC = {1: "normal", 2: "warn", 4: "critical"}
#: Share of the memory that is still available on Linux, below which it is C(critical) or C(warn).
_LINUX = ((0.03, "critical"), (0.08, "warn"), (2.0, "normal"))


def pressure():
    """Return C(normal), C(warn), C(critical), or None where the system does not tell."""
    level = _sysctl("kern.memorystatus_vm_pressure_level")
    if level is not None:
        return _MAC.get(level)
    try:
        with open("/proc/meminfo", encoding="utf-8") as stream:
            return of_meminfo(stream.read())
    except (OSError, ValueError):
        return None


def of_meminfo(text):
    """Return the pressure that follows from the text of C(/proc/meminfo), or None."""
    sizes = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    try:
        total, available = (int(sizes[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
    except (KeyError, IndexError, ValueError):
        return None
    return next(level for share, level in _LINUX if available < share * total) if total else None


def _sysctl(name):
    """Return an integer of the kernel's, or None where there is no such call or name."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "sysctlbyname"):
        return None
    value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    failed = library.sysctlbyname(name.encode(), ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0))
    return None if failed else value.value
