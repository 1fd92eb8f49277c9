# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What the kernel says of a process: the arguments and the environment it was started with, its account, its directory.

Starts no program.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import time
from typing import NamedTuple

#: sysctl names of a Mac, from its sys/sysctl.h.
_CTL_KERN, _KERN_PROCARGS2 = 1, 49
_MAX_BYTES = 1024 * 1024
#: What proc_pidinfo of a Mac can be asked, from its sys/proc_info.h: (flavor, size of the answer in bytes).
BSDINFO, _VNODEPATHINFO = (3, 136), (9, 2352)
#: Where in the first the user id and the two names stand, and in the second the path of the working directory.
_UID, _NAME_PLACES, _DIRECTORY_PLACE = 20, ((64, 96), (48, 64)), (152, 152 + 1024)
#: Where in the first its start stands: seconds and microseconds since 1970.
_STARTED = 120


class Process(NamedTuple):
    """A process. C(None): the kernel did not say.

    :param arguments: list of str, as it was started or as it has overwritten them. :param environment: dict.
    :param uid: of its account. :param directory: absolute path of its working directory, links resolved.
    """

    arguments: list | None
    environment: dict | None
    uid: int | None
    directory: str | None


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


def is_titled(arguments):
    """Whether a process has overwritten its arguments with a title, so that they tell nothing any more."""
    return len([word for word in arguments if word]) < 2


def seen(pid):
    """Return the :class:`Process` of a pid, or C(None) when there is none (any more), or nothing of it can be seen."""
    try:
        arguments, environment = look(pid)
    except OSError:
        arguments, environment = None, None
    uid, directory = (_placed_on_mac if sys.platform == "darwin" else _placed_in_proc)(pid)
    found = Process(arguments, environment, uid, directory)
    return found if any(value is not None for value in found) else None


def _placed_in_proc(pid):
    try:
        uid = os.stat("/proc/%d" % pid).st_uid
    except OSError:
        return None, None
    try:
        return uid, os.readlink("/proc/%d/cwd" % pid)
    except OSError:
        return uid, None


def _placed_on_mac(pid):
    try:
        library = ctypes.CDLL("/usr/lib/libproc.dylib")
    except OSError:
        return None, None
    account, place = pidinfo(library, pid, BSDINFO), pidinfo(library, pid, _VNODEPATHINFO)
    uid = parse_bsdinfo(account)[0] if account is not None else None
    return uid, parse_vnodepathinfo(place) if place is not None else None


def pidinfo(library, pid, question):
    """Ask a Mac's kernel about a process.

    :param library: libproc. :param question: (flavor, size of the answer).
    :return: the answer as bytes, or C(None).
    """
    flavor, size = question
    answer = ctypes.create_string_buffer(size)
    told = library.proc_pidinfo(pid, flavor, ctypes.c_uint64(0), answer, size)
    return answer.raw if told == size else None


def parse_bsdinfo(data):
    """Return (uid, name) from what a Mac's kernel says of a process (struct proc_bsdinfo)."""
    names = [data[begin:end].split(b"\0")[0].decode("utf-8", "replace") for begin, end in _NAME_PLACES]
    return struct.unpack_from("=I", data, _UID)[0], names[0] or names[1]


def parse_vnodepathinfo(data):
    """Return the working directory from what a Mac's kernel says of it (struct proc_vnodepathinfo), or C(None)."""
    begin, end = _DIRECTORY_PLACE
    return data[begin:end].split(b"\0")[0].decode("utf-8", "surrogateescape") or None


def age(pid):
    """Return for how many seconds a process has been there, or C(None) when there is none, or nothing of it is told."""
    return (_age_on_mac if sys.platform == "darwin" else _age_in_proc)(pid)


def _age_in_proc(pid):
    try:
        return parse_age(_bytes("/proc/%d/stat" % pid), _bytes("/proc/uptime"), os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError):
        return None


def parse_age(stat, uptime, ticks):
    """Read C(/proc/PID/stat) and C(/proc/uptime). Its name, in brackets, may hold anything.

    :param ticks: of the clock, in a second. :raises ValueError: :raises IndexError: when they are something else.
    """
    started = int(stat.rpartition(b")")[2].split()[19])
    return float(uptime.split()[0]) - started / ticks


def _age_on_mac(pid):
    try:
        data = pidinfo(ctypes.CDLL("/usr/lib/libproc.dylib"), pid, BSDINFO)
    except OSError:
        return None
    return time.time() - parse_started(data) if data is not None else None


def parse_started(data):
    """Return when a process was started, seconds since 1970 (struct proc_bsdinfo)."""
    seconds, micro = struct.unpack_from("=QQ", data, _STARTED)
    return seconds + micro / 1e6
