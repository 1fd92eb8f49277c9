# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client: sends its words to the double, prints what comes back. All knowledge is on the other side.

It is started for every question that a product asks, several times within a module's run. So it takes the parts of
json and socket that are written in C: the rest of them would take longer to import than all it has to do.
"""

import os
import sys
from _json import encode_basestring_ascii, make_scanner
from _socket import AF_UNIX, SOCK_STREAM, socket

DEFAULT_SOCKET = "/var/run/launchd.sock"
_UNREACHABLE = 138
_LITERALS = {None: "null", True: "true", False: "false"}


class _Reading:
    """What json.JSONDecoder tells its scanner."""

    strict, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant = True, None, None, float, int, float
    memo = {}


_scan = make_scanner(_Reading)


def _line(value):
    """A value as JSON, on one line; of the types that a request is made of."""
    if isinstance(value, dict):
        return "{%s}" % ",".join("%s:%s" % (_line(key), _line(one)) for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return "[%s]" % ",".join(map(_line, value))
    return encode_basestring_ascii(value) if isinstance(value, str) else _LITERALS[value]


def _connect(path):
    sock = socket(AF_UNIX, SOCK_STREAM)
    if len(os.fsencode(path)) < 100:
        sock.connect(path)
        return sock
    # A socket address holds some hundred bytes; a descriptor of the directory is a short name for a long one.
    fd = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        sock.connect("/proc/self/fd/%d/%s" % (fd, os.path.basename(path)))
    finally:
        os.close(fd)
    return sock


def ask(path, message):
    """One request, one answer, both JSON objects. Raises OSError, ValueError."""
    sock = _connect(path)
    try:
        sock.sendall(_line(message).encode("ascii") + b"\n")
        parts = []
        while True:
            data = sock.recv(65536)
            if not data:
                break
            parts.append(data)
    finally:
        sock.close()
    try:
        return _scan(b"".join(parts).decode("utf-8"), 0)[0]
    except StopIteration:
        raise ValueError("no answer") from None


def _write(fd, text):
    data = text.encode("utf-8", "surrogateescape")
    while data:
        data = data[os.write(fd, data):]


def _cwd():
    try:
        return os.getcwd()
    except OSError:
        return "/"


def main(argv, path=None):
    """Run as launchctl with *argv*; returns the exit code."""
    path = path or os.environ.get("LAUNCHD_DOUBLE_SOCKET", DEFAULT_SOCKET)
    message = {"argv": argv, "cwd": _cwd(), "tty": os.isatty(1), "ssh": "SSH_CONNECTION" in os.environ}
    try:
        reply = ask(path, message)
    except (OSError, ValueError) as error:
        _write(2, "launchctl: no answer from launchd at %s: %s\n" % (path, error))
        return _UNREACHABLE
    _write(1, reply["stdout"])
    _write(2, reply["stderr"])
    if reply.get("exec"):
        try:
            os.execvp(reply["exec"][0], reply["exec"])
        except OSError as error:
            _write(2, "%s: %s\n" % (reply["exec"][0], error.strerror))
            return 127
    return reply["rc"]


def run():
    """Run as launchctl with the words of this process, and end it."""
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
