# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ifconfig: the real interfaces of the host in the words of a BSD."""

import fcntl
import ipaddress
import socket
import struct

from .call import Refused, run, unknown

_FLAGS, _ADDRESS, _BROADCAST, _NETMASK, _MTU, _MAC = 0x8913, 0x8915, 0x8919, 0x891B, 0x8921, 0x8927
_NAMES = ((0x1, "UP"), (0x2, "BROADCAST"), (0x8, "LOOPBACK"), (0x40, "RUNNING"), (0x1000, "MULTICAST"))
#: The loopback interface has another name on a Mac.
_MAC_NAME = {"lo": "lo0"}


def _ask(sock, request, name):
    return fcntl.ioctl(sock, request, struct.pack("256s", name.encode()))


def _address(sock, request, name):
    try:
        return socket.inet_ntoa(_ask(sock, request, name)[20:24])
    except OSError:
        return None


def _ipv6(name):
    with open("/proc/net/if_inet6", encoding="ascii") as lines:
        rows = [line.split() for line in lines]
    return [(ipaddress.ip_address(int(r[0], 16)), int(r[2], 16), int(r[1], 16)) for r in rows if r[5] == name]


def _describe(sock, name):
    flags = struct.unpack("H", _ask(sock, _FLAGS, name)[16:18])[0]
    shown = _MAC_NAME.get(name, name)
    mtu = struct.unpack("i", _ask(sock, _MTU, name)[16:20])[0]
    words = ",".join(word for bit, word in _NAMES if flags & bit)
    lines = ["%s: flags=%x<%s> mtu %d" % (shown, flags, words, mtu)]
    if not flags & 0x8:
        lines.append("\tether " + ":".join("%02x" % b for b in _ask(sock, _MAC, name)[18:24]))
    inet = _address(sock, _ADDRESS, name)
    if inet:
        mask = int(ipaddress.ip_address(_address(sock, _NETMASK, name)))
        line = "\tinet %s netmask 0x%08x" % (inet, mask)
        lines.append(line if flags & 0x8 else line + " broadcast %s" % _address(sock, _BROADCAST, name))
    for address, prefix, scope in _ipv6(name):
        zone = "%%%s" % shown if address.is_link_local else ""
        lines.append("\tinet6 %s%s prefixlen %d scopeid 0x%x" % (address, zone, prefix, scope))
    if not flags & 0x8:
        lines += ["\tmedia: autoselect (1000baseT <full-duplex>)", "\tstatus: active"]
    return "\n".join(lines) + "\n"


def main(words):
    names = [name for _index, name in socket.if_nameindex() if name in ("lo", "en0")]
    if words not in ([], ["-a"]):
        if len(words) != 1 or words[0].startswith("-"):
            raise unknown("ifconfig", words)
        names = [n for n in names if _MAC_NAME.get(n, n) == words[0]]
        if not names:
            raise Refused("ifconfig: interface %s does not exist" % words[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return "".join(_describe(sock, name) for name in names)


run("ifconfig", main)
