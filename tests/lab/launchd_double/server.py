# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A unix socket that takes one JSON object per line and answers with one. Garbage costs the sender its connection.

Who asks for C(framed) gets the answer of a command as lengths and bytes instead, because it cannot read JSON.
"""

import contextlib
import json
import os
import socket
import stat
import struct

_LONGEST = 1 << 20
_SUN_PATH = 100
_BREATH = 0.2


@contextlib.contextmanager
def reachable(path):
    """A name for *path* that fits into a socket address."""
    if len(os.fsencode(path)) < _SUN_PATH:
        yield path
        return
    fd = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield "/proc/self/fd/%d/%s" % (fd, os.path.basename(path))
    finally:
        os.close(fd)


def listen(path, mode):
    """A listening socket at *path*; a dead one left there is replaced."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            os.unlink(path)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with reachable(path) as name:
        server.bind(name)
    os.chmod(path, mode)
    server.listen(128)
    server.setblocking(False)
    return server


def framed(message):
    """The answer of a command as "RC OUT ERR EXEC", the lengths of what follows in bytes."""
    words = "\0".join(message["exec"] or ())
    parts = [text.encode("utf-8", "surrogateescape") for text in (message["stdout"], message["stderr"], words)]
    return b"%d %d %d %d\n" % (message["rc"], *map(len, parts)) + b"".join(parts)


def _as_line(message):
    return json.dumps(message).encode("utf-8") + b"\n"


class Connection:
    """One client. *peer* is (pid, uid, gid) as the kernel tells it."""

    def __init__(self, server, sock):
        self._server = server
        self._loop = server.loop
        self._sock = sock
        self._in = b""
        self._out = b""
        self._asked = False
        self._encode = _as_line
        raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        self.peer = struct.unpack("3i", raw)
        self.on_lost = None
        self._patience = self._loop.later(server.patience(), self.close)
        self._loop.watch(sock.fileno(), self._readable)

    @property
    def open(self):
        return self._sock is not None

    def _readable(self):
        try:
            data = self._sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        if self._asked:
            return
        self._in += data
        if b"\n" in self._in:
            self._asked = True
            self._patience.cancel()
            self._handle(self._in.split(b"\n", 1)[0])
        elif len(self._in) > _LONGEST:
            self.close()

    def _handle(self, line):
        try:
            message = json.loads(line.decode("utf-8"))
        except ValueError:
            self.close()
            return
        if not isinstance(message, dict):
            self.close()
            return
        if message.get("framed") is True:
            self._encode = framed
        try:
            self._server.on_request(self, message)
        except Exception:
            self.close()
            raise

    def reply(self, message):
        if self.open:
            self._out = self._encode(message)
            self._writable()

    def _writable(self):
        try:
            sent = self._sock.send(self._out)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        self._out = self._out[sent:]
        if self._out:
            self._loop.watch(self._sock.fileno(), None, self._writable)
        else:
            self.close()

    def _lost(self):
        callback, self.on_lost = self.on_lost, None
        self.close()
        if callback:
            callback()

    def close(self):
        self._patience.cancel()
        if self._sock is not None:
            self._loop.forget(self._sock.fileno())
            self._sock.close()
            self._sock = None


class Server:
    """Calls on_request(connection, message) for every request.

    patience() tells how many seconds a client may take to ask; the answer may take as long as it likes.
    """

    def __init__(self, loop, path, mode, on_request, patience):
        self.loop = loop
        self.patience = patience
        self.on_request = on_request
        self._path = path
        self._sock = listen(path, mode)
        loop.watch(self._sock.fileno(), self._accept)

    def _accept(self):
        while True:
            try:
                sock, _address = self._sock.accept()
            except BlockingIOError:
                return
            except OSError:
                # Out of descriptors: the socket stays readable, so look away for a moment instead of spinning.
                self.loop.forget(self._sock.fileno())
                self.loop.later(_BREATH, self._listen_again)
                return
            sock.setblocking(False)
            Connection(self, sock)

    def _listen_again(self):
        if self._sock.fileno() >= 0:
            self.loop.watch(self._sock.fileno(), self._accept)

    def close(self):
        self.loop.forget(self._sock.fileno())
        self._sock.close()
        with contextlib.suppress(OSError):
            os.unlink(self._path)
