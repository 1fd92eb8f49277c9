# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lsof -i TCP:PORT -s TCP:LISTEN: who listens, from /proc. As a user it sees the user's own processes, as on a Mac."""

import os
import pwd
import re
import socket
import struct

from .call import Refused, run, unknown

_SOCKET = re.compile(r"socket:\[(\d+)\]")
_LISTEN = "0A"


def _address(text):
    packed = struct.pack("=%dI" % (len(text) // 8), *(int(text[i : i + 8], 16) for i in range(0, len(text), 8)))
    shown = socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
    if shown in ("0.0.0.0", "::"):
        return "*"
    return "[%s]" % shown if ":" in shown else shown


def _listening(port):
    found = {}
    for table, kind in (("tcp", "IPv4"), ("tcp6", "IPv6")):
        with open("/proc/net/" + table, encoding="ascii") as lines:
            rows = [line.split() for line in lines][1:]
        for row in rows:
            address, _colon, number = row[1].rpartition(":")
            if row[3] == _LISTEN and (port is None or int(number, 16) == port):
                found[row[9]] = (kind, "%s:%d" % (_address(address), int(number, 16)))
    return found


def _files(pid):
    try:
        names = sorted(os.listdir("/proc/%d/fd" % pid), key=int)
    except OSError:
        return
    for name in names:
        try:
            match = _SOCKET.match(os.readlink("/proc/%d/fd/%s" % (pid, name)))
        except OSError:
            continue
        if match:
            yield int(name), match.group(1)


def _process(pid):
    with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stream:
        head, _bracket, tail = stream.read().rpartition(")")
    uid = os.stat("/proc/%d" % pid).st_uid
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    try:
        # A Mac names the program; Linux the first thread, which programs rename as they like.
        command = os.path.basename(os.readlink("/proc/%d/exe" % pid))
    except OSError:
        command = head.partition("(")[2]
    return {"p": pid, "R": int(tail.split()[1]), "c": command, "L": user}


def _holders(port):
    sockets = _listening(port)
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        held = [(fd, *sockets[inode]) for fd, inode in _files(pid) if inode in sockets]
        if held:
            try:
                yield _process(pid), held
            except OSError:
                continue  # it ended meanwhile


def _fields(letters, holders):
    lines = []
    for process, held in holders:
        lines += ["p%d" % process["p"]] + ["%s%s" % (k, process[k]) for k in "RcL" if k in letters]
        for fd, _kind, name in held:
            lines += ["f%d" % fd] + (["n" + name] if "n" in letters else [])
    return lines


def _table(holders):
    lines = ["COMMAND     PID     USER   FD   TYPE             DEVICE SIZE/OFF NODE NAME"]
    for process, held in holders:
        for fd, kind, name in held:
            lines.append("%-9.9s %5d %8s %4du  %4s 0x0000000000000000      0t0  TCP %s (LISTEN)" % (
                process["c"], process["p"], process["L"], fd, kind, name))  # fmt: skip
    return lines


def main(words):
    port, letters, pids, rest, listen = None, None, False, list(words), False
    while rest:
        word = rest.pop(0)
        if word.startswith("-i"):
            what = word[2:] or (rest.pop(0) if rest else "")
            match = re.fullmatch(r"(?i)[46]?tcp(?::(\d+))?", what)
            if not match:
                raise unknown("lsof", words)
            port = int(match.group(1)) if match.group(1) else None
        elif word.upper() == "-STCP:LISTEN":
            listen = True
        elif word.startswith("-F"):
            letters = word[2:] or (rest.pop(0) if rest else "")
        elif word == "-t":
            pids = True
        elif not re.fullmatch(r"-[nPalw]+", word):
            raise unknown("lsof", words)
    if not listen or (letters is not None and set(letters) - set("pRcLnf")):
        raise unknown("lsof", words)
    holders = list(_holders(port))
    if not holders:
        raise Refused("", 1)
    lines = [str(p["p"]) for p, _h in holders] if pids else _table(holders)
    return "\n".join(lines if letters is None else _fields(letters, holders)) + "\n"


run("lsof", main)
