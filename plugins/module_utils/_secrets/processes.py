# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The arguments and environment with which a process was started. The rim asks the kernel; starts no program."""

from __future__ import annotations

import ctypes
import os
import struct
import sys

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import plists, sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: sysctl names of a Mac, from its sys/sysctl.h.
_CTL_KERN, _KERN_PROCARGS2 = 1, 49
_MAX_BYTES = 1024 * 1024


def parse_procargs2(data):
    """Read what a Mac's kernel returns for C(KERN_PROCARGS2): (arguments, environment as a dict).

    A number of arguments, the program's path, then arguments and environment, each ended by a zero byte. A process
    that changes its title, as OpenClaw does, overwrites its arguments with it and with zero bytes.

    :raises ValueError: when it is cut short.
    """
    if len(data) < 4:
        raise ValueError("too short")
    count = struct.unpack_from("=i", data)[0]
    path_end = data.find(b"\0", 4)
    if path_end < 0 or not 0 <= count <= _MAX_BYTES:
        raise ValueError("not what the kernel writes")
    words = data[path_end:].lstrip(b"\0").split(b"\0")
    rest = words[count:]
    while rest and not rest[0]:
        rest.pop(0)
    environment = rest[: rest.index(b"")] if b"" in rest else rest
    return _texts(words[:count]), _pairs(environment)


def parse_proc(cmdline, environ):
    """Read C(/proc/PID/cmdline) and C(/proc/PID/environ): (arguments, environment as a dict)."""
    return _texts(cmdline.split(b"\0")[:-1]), _pairs(environ.split(b"\0"))


def _texts(words):
    return [word.decode("utf-8", "surrogateescape") for word in words]


def _pairs(words):
    return dict(word.partition("=")[::2] for word in _texts(words) if "=" in word)


def look(pid):
    """Return (arguments, environment) of a process.

    :raises OSError: it is gone, or not ours to look at; also where the system has no way to tell.
    """
    try:
        if sys.platform == "darwin":
            return parse_procargs2(_procargs2(pid))
        return parse_proc(*(_bytes("/proc/%d/%s" % (pid, name)) for name in ("cmdline", "environ")))
    except ValueError as error:
        raise OSError(0, str(error)) from None


def _procargs2(pid):
    library = ctypes.CDLL(None, use_errno=True)
    name = (ctypes.c_int * 3)(_CTL_KERN, _KERN_PROCARGS2, pid)
    size = ctypes.c_size_t(_MAX_BYTES)
    buffer = ctypes.create_string_buffer(_MAX_BYTES)
    if library.sysctl(name, 3, buffer, ctypes.byref(size), None, ctypes.c_size_t(0)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return buffer.raw[: size.value]


def _bytes(path):
    with open(path, "rb") as stream:
        return stream.read(_MAX_BYTES)


def from_process(arguments, environment, location, names, prefix="process"):
    """Sources in the arguments (list) and environment (dict) of a running process, or of a loaded job."""
    found = []
    for name, credential in names.items():
        value = (environment.get(name) or "").strip()
        if value:
            found.append(_source(prefix + "_environment", location, value, name, credential))
    for option, value in plists.option_values(arguments):
        found.append(_source(prefix + "_argument", location, value, option, sources.OPTIONS[option]))
    return found


def _source(kind, location, value, name, credential):
    return sources.Source(kind, location, None, True, fingerprint(value), sources.KINDS[kind], name, credential)


def is_titled(arguments):
    """Whether a process has overwritten its arguments with a title, so that they tell nothing any more."""
    return len([word for word in arguments if word]) < 2
