# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client: sends its words to the double, prints what comes back. All knowledge is on the other side."""

import json
import os
import socket
import sys

DEFAULT_SOCKET = "/var/run/launchd.sock"
_UNREACHABLE = 138


def _connect(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
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
    with _connect(path) as sock:
        sock.sendall(json.dumps(message).encode("utf-8") + b"\n")
        parts = []
        while True:
            data = sock.recv(65536)
            if not data:
                break
            parts.append(data)
    return json.loads(b"".join(parts).decode("utf-8"))


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


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
