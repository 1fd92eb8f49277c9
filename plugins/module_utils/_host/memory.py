# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How short of memory a host is."""

from __future__ import annotations

import os
import struct

#: What a Mac's kernel says in C(kern.memorystatus_vm_pressure_level).
_MAC = {1: "normal", 2: "warn", 4: "critical"}
#: Share of the memory that is still available on Linux, below which it is C(critical) or C(warn).
_LINUX = ((0.03, "critical"), (0.08, "warn"), (2.0, "normal"))
#: C(struct xsw_usage) of a Mac: total, available and used bytes of swap, then the page size and a flag.
_SWAP = "=QQQ"
MEMINFO = "/proc/meminfo"


def describe():
    """Return C({pressure, total_bytes, available_bytes, swap_total_bytes, swap_used_bytes, load1}).

    What the system does not tell is C(None). C(load1) is the load of the last minute.
    """
    sizes = _sizes()
    try:
        load = round(os.getloadavg()[0], 2)
    except OSError:
        load = None
    if sizes is not None:
        swap, free = sizes.get("SwapTotal"), sizes.get("SwapFree")
        return {
            "pressure": _judged(sizes),
            "total_bytes": sizes.get("MemTotal"),
            "available_bytes": sizes.get("MemAvailable"),
            "swap_total_bytes": swap,
            "swap_used_bytes": None if swap is None or free is None else swap - free,
            "load1": load,
        }
    total, percent = _number("hw.memsize"), _number("kern.memorystatus_level")
    swap = _sysctl("vm.swapusage")
    swap_total, _free, swap_used = swap_of(swap) if swap else (None, None, None)
    return {
        "pressure": _MAC.get(_number("kern.memorystatus_vm_pressure_level")),
        "total_bytes": total,
        # What memory_pressure calls the system-wide free percentage.
        "available_bytes": None if total is None or percent is None else total * percent // 100,
        "swap_total_bytes": swap_total,
        "swap_used_bytes": swap_used,
        "load1": load,
    }


def pressure():
    """Return C(normal), C(warn), C(critical), or None where the system does not tell."""
    sizes = _sizes()
    return _judged(sizes) if sizes is not None else _MAC.get(_number("kern.memorystatus_vm_pressure_level"))


def of_meminfo(text):
    """Return the pressure that follows from the text of C(/proc/meminfo), or None."""
    return _judged(sizes_of(text))


def sizes_of(text):
    """Return the sizes in the text of C(/proc/meminfo) as {name: bytes}."""
    sizes = {}
    for line in text.splitlines():
        name, _colon, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            sizes[name] = int(words[0]) * (1024 if words[1:] == ["kB"] else 1)
    return sizes


def swap_of(data):
    """Return (total, available, used) bytes of swap from the bytes of C(vm.swapusage), each None if cut short."""
    return struct.unpack_from(_SWAP, data) if len(data) >= struct.calcsize(_SWAP) else (None, None, None)


def _sizes():
    try:
        with open(MEMINFO, encoding="ascii", errors="replace") as stream:
            return sizes_of(stream.read())
    except OSError:
        return None


def _judged(sizes):
    total, available = sizes.get("MemTotal"), sizes.get("MemAvailable")
    if not total or available is None:
        return None
    return next(level for share, level in _LINUX if available < share * total)


def _number(name):
    data = _sysctl(name) or b""
    form = {4: "=i", 8: "=q"}.get(len(data))
    return struct.unpack(form, data)[0] if form else None


def _sysctl(name):
    """Return the bytes of a value of the kernel's, or None where there is no such call or name."""
    import ctypes

    library = ctypes.CDLL(None)
    if not hasattr(library, "sysctlbyname"):
        return None
    buffer = ctypes.create_string_buffer(256)
    size = ctypes.c_size_t(len(buffer))
    failed = library.sysctlbyname(name.encode(), buffer, ctypes.byref(size), None, ctypes.c_size_t(0))
    return None if failed else buffer.raw[: size.value]
