# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Who listens on a TCP port of this host: asked of lsof, and of /proc where there is no lsof."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import struct
import subprocess

#: Seconds that lsof may take; it is quick unless a network file system hangs, which -n and -P do not cure.
LSOF_TIMEOUT = 10
#: lsof lies in /usr/sbin on a Mac, which the PATH of an SSH session lacks.
LSOF_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_EVERYWHERE = ("*", "0.0.0.0", "::", "[::]")
_LISTEN = "0A"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def read(port):
    """Return who listens on a port.

    :param port: TCP port.
    :returns: tuple of the reader's name (C(lsof), C(proc)) and a list of C({pid, ppid, command, user, address,
        elsewhere}),
        or C((None, None)) when nobody can tell. C(elsewhere) means an address that is neither loopback nor all of them.
    """
    reader, found = read_all(port)
    return reader, None if found is None else [_without_port(item) for item in found]


def read_all(port=None):
    """Return who listens on any port, or on one, as :func:`read` does, each with its C(port)."""
    # Where there is /proc, it answers without the start of a program.
    if os.path.isdir("/proc/net") and os.access("/proc/net/tcp", os.R_OK):
        return "proc", _read_proc(port)
    lsof = shutil.which("lsof", path=LSOF_PATH)
    if lsof:
        return "lsof", parse_lsof(_run_lsof(lsof, port))
    return None, None


def _without_port(item):
    return {key: value for key, value in item.items() if key != "port"}


def _run_lsof(lsof, port):
    # run_command needs an AnsibleModule, which this level knows nothing of, and has no time limit.
    done = subprocess.run(  # pylint: disable=ansible-bad-function
        [lsof, "-nP", "-iTCP" if port is None else "-iTCP:%d" % port, "-sTCP:LISTEN", "-F", "pRcLn"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": LSOF_PATH, "LC_ALL": "C"},
        timeout=LSOF_TIMEOUT,
        check=False,
    )
    # 1 is "found nothing" as well as "found some, failed on others"; what was found counts.
    return done.stdout.decode("utf-8", "replace")


def parse_lsof(text):
    """Read C(lsof -F pRcLn): one field a line, a process' fields before those of its files."""
    found, process = [], {}
    for line in text.splitlines():
        field, value = line[:1], line[1:]
        if field == "p":
            process = {"pid": _integer(value), "ppid": None, "command": None, "user": None}
        elif field == "R":
            process["ppid"] = _integer(value)
        elif field == "c":
            process["command"] = value
        elif field == "L":
            process["user"] = value
        elif field == "n":
            address, _colon, port = value.rpartition(":")
            found.append(_listener(process, address, _integer(port)))
    return _distinct(found)


def _listener(process, address, port):
    bare = address.strip("[]")
    elsewhere = not is_everywhere(address) and bare not in ("localhost", "::1") and not bare.startswith("127.")
    return dict(process, address=address, elsewhere=elsewhere, port=port)


def is_everywhere(address):
    """Whether an address stands for all addresses."""
    return address in _EVERYWHERE


def descends(item, pid):
    """Whether a listener is a process, or a child of it; C(None) where it is not known which process it is."""
    return None if item["pid"] is None else pid is not None and pid in (item["pid"], item["ppid"])


def _distinct(listeners):
    kept = []
    for item in listeners:
        if item not in kept:
            kept.append(item)
    return kept


def parse_proc_net(text):
    """Return C({inode: (address, port)}) of the sockets in C(/proc/net/tcp) or C(tcp6) that listen."""
    found = {}
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) >= 10 and words[3] == _LISTEN:
            address, _colon, number = words[1].rpartition(":")
            found[words[9]] = (_proc_address(address), int(number, 16))
    return found


def _proc_address(text):
    """Decode an address of /proc/net: 32-bit words, each in the byte order of the machine."""
    words = [int(text[i : i + 8], 16) for i in range(0, len(text), 8)]
    packed = struct.pack("=%dI" % len(words), *words)
    if len(packed) == 4:
        return socket.inet_ntop(socket.AF_INET, packed)
    return "[%s]" % socket.inet_ntop(socket.AF_INET6, packed)


def _read_proc(port):
    inodes = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        inodes.update(parse_proc_net(_text(table)))
    inodes = {inode: place for inode, place in inodes.items() if port in (None, place[1])}
    found = []
    for pid in sorted((name for name in os.listdir("/proc") if name.isdigit()), key=int):
        if not inodes:
            break
        for inode in sorted(_sockets(pid) & set(inodes)):
            # A socket that a parent shares with its children is reported once, for the parent.
            found.append(_listener(_process(pid), *inodes.pop(inode)))
    nobody = {"pid": None, "ppid": None, "command": None, "user": None}
    return found + [_listener(nobody, *place) for _inode, place in sorted(inodes.items())]


def _sockets(pid):
    inodes = set()
    directory = "/proc/%s/fd" % pid
    try:
        names = os.listdir(directory)
    except OSError:
        return inodes
    for name in names:
        try:
            match = _SOCKET.match(os.readlink(os.path.join(directory, name)))
        except OSError:
            continue
        if match:
            inodes.add(match.group(1))
    return inodes


def _process(pid):
    # "pid (command) state ppid ...", and the command may hold anything.
    before, _bracket, after = _text("/proc/%s/stat" % pid).rpartition(")")
    words = after.split()
    try:
        # The program, as lsof tells it on a Mac; the first thread is called what it likes.
        command = os.path.basename(os.readlink("/proc/%s/exe" % pid))
    except OSError:
        command = before.partition("(")[2] or None
    return {
        "pid": int(pid),
        "ppid": _integer(words[1]) if len(words) > 1 else None,
        "command": command,
        "user": _owner(pid),
    }


def _owner(pid):
    try:
        uid = os.stat("/proc/%s" % pid).st_uid
    except OSError:
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def _integer(text):
    return int(text) if text.isdigit() else None
