# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Whether this host offers a port on any address that other hosts can reach: list the addresses, knock on each."""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import struct
import time

#: First two bytes of a socket address, as Linux (16 bit family) and macOS (length, family) write them on the
#: little-endian machines both run on. Reading the bytes beats asking the platform what it believes to be.
_FAMILIES = {
    b"\x02\x00": socket.AF_INET, b"\x10\x02": socket.AF_INET,
    b"\x0a\x00": socket.AF_INET6, b"\x1c\x1e": socket.AF_INET6,
}

#: IFF_LOOPBACK, the same on both.
_LOOPBACK = 0x8
#: ::1, in bytes.
_LOOPBACK6 = bytes(15) + b"\1"

#: Errors of a connect that are a definite no.
_REFUSED = {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN,
            errno.EADDRNOTAVAIL, errno.ECONNRESET}


def is_loopback(host):
    """Whether a host (an address or a name, as text) is the loopback address of this very host."""
    for family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError, ValueError):
            return _loops(socket.inet_pton(family, host))
    return host == "localhost"


def _loops(packed):
    # Not by the module for addresses, whose import alone takes longer than all that is asked here.
    return packed == _LOOPBACK6 if len(packed) == 16 else packed[0] == 127


def decode_address(raw, flags):
    """Return the address other hosts could use, as text, or None.

    :param raw: the bytes of a struct sockaddr (16 for IPv4, 28 for IPv6).
    :param flags: interface flags.
    """
    family = _FAMILIES.get(raw[:2])
    if family == socket.AF_INET:
        packed = raw[4:8]
    elif family == socket.AF_INET6:
        packed, (scope,) = bytearray(raw[8:24]), struct.unpack("<I", raw[24:28])
        if packed[0] == 0xFE and packed[1] & 0xC0 == 0x80:  # link-local
            # Kernels with a KAME heritage hide the scope inside the address.
            scope = scope or int.from_bytes(packed[2:4], "big")
            packed[2:4] = b"\0\0"
            if flags & _LOOPBACK:
                return None
            return "%s%%%d" % (socket.inet_ntop(family, bytes(packed)), scope)
    else:
        return None
    return None if _loops(packed) or not any(packed) else socket.inet_ntop(family, bytes(packed))


def addresses():
    """Return the addresses of this host other hosts could use, sorted text, link-local ones with C(%scope).

    :raises OSError: when the system does not tell.
    """
    # Imported here: the cost is paid only by those who ask.
    import ctypes

    class Entry(ctypes.Structure):
        """The part of struct ifaddrs on which Linux and macOS agree."""

    Entry._fields_ = [("next", ctypes.POINTER(Entry)), ("name", ctypes.c_char_p), ("flags", ctypes.c_uint),
                      ("address", ctypes.c_void_p)]
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        getifaddrs, freeifaddrs = libc.getifaddrs, libc.freeifaddrs
    except AttributeError:
        raise OSError(errno.ENOSYS, "the C library has no getifaddrs") from None
    getifaddrs.argtypes = [ctypes.POINTER(ctypes.POINTER(Entry))]
    freeifaddrs.argtypes = [ctypes.POINTER(Entry)]
    freeifaddrs.restype = None
    first = ctypes.POINTER(Entry)()
    if getifaddrs(ctypes.byref(first)) != 0:
        raise OSError(ctypes.get_errno(), "getifaddrs failed")
    found, entry = set(), first
    try:
        while entry:
            flags, address = entry.contents.flags, entry.contents.address
            if address:
                # Families differ in length: read the two bytes every address has, then what its family has.
                head = ctypes.string_at(address, 2)
                size = {socket.AF_INET: 16, socket.AF_INET6: 28}.get(_FAMILIES.get(head), 0)
                text = decode_address(ctypes.string_at(address, size), flags) if size else None
                if text:
                    found.add(text)
            entry = entry.contents.next
    finally:
        freeifaddrs(first)
    return sorted(found)


def _sockaddr(address, port):
    host, _percent, scope = address.partition("%")
    if ":" in host:
        return socket.AF_INET6, (host, port, 0, int(scope or 0))
    return socket.AF_INET, (host, port)


def _outcome(number):
    if number == 0:
        return "open"
    return "refused" if number in _REFUSED else "unclear: %s" % errno.errorcode.get(number, number)


def knock(targets, port, patience, clock=time.monotonic):
    """Try to connect to a port on many addresses at once.

    :param targets: addresses as text, link-local ones with C(%scope).
    :param patience: seconds after which an address counts as silent.
    :returns: dict of address to C(open), C(refused), C(silent) or C(unclear: ERRNO).
    """
    outcomes, pending = {}, {}
    try:
        for address in targets:
            try:
                family, sockaddr = _sockaddr(address, port)
                sock = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:
                # A kernel without this family has nobody listening on it either.
                outcomes[address] = "refused" if error.errno == errno.EAFNOSUPPORT else _outcome(error.errno)
                continue
            pending[sock] = address
            sock.setblocking(False)
            number = sock.connect_ex(sockaddr)
            if number not in (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EINTR):
                outcomes[pending.pop(sock)] = _outcome(number)
                sock.close()
        end = clock() + patience
        while pending and clock() < end:
            done = select.select([], list(pending), [], max(0, end - clock()))[1]
            for sock in done:
                outcomes[pending.pop(sock)] = _outcome(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
                sock.close()
        outcomes.update((address, "silent") for address in pending.values())
    finally:
        for sock in pending:
            sock.close()
    return outcomes
