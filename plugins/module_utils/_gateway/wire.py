# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Bounded reading and writing on a connected socket, with one deadline for everything that happens on it."""

from __future__ import annotations

import contextlib
import json
import socket
import time

_CHUNK = 65536

#: Longest run of digits taken as a number. Interpreters without the integer digit limit (Apple's 3.9) convert
#: a megabyte of digits in quadratic time, which would let a server hold the probe past its deadline.
_DIGITS = 32


class WireError(Exception):
    """The conversation could not go on: the peer was slow, rude, gone, or no Gateway at all.

    :param code: stable identifier, a key of :data:`codes.CODES`.
    :param reason: what was seen, as one sentence for a person.
    :param close_code: WebSocket close code (RFC 6455 section 7.4), where a close frame carried one.
    """

    def __init__(self, code, reason, close_code=None):
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.close_code = close_code


class Deadline:
    """A point in time that every phase of a conversation shares, so that many slow phases are not many time-outs.

    :param seconds: distance from now, float seconds.
    :param clock: monotonic clock, float seconds.
    """

    def __init__(self, seconds, clock=time.monotonic):
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def left(self):
        """Return the seconds left, always above zero.

        :raises WireError: C(timeout) when nothing is left.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise WireError("timeout", "no complete answer within %.1f s." % self.seconds)
        return left

    def within(self, seconds):
        """Return a deadline that ends after I(seconds), or with this one if that is sooner."""
        return Deadline(min(seconds, self.left()), self._clock)


class Wire:
    """Reads and writes on any connected socket: a TCP socket, a TLS socket, an SSH channel.

    :param sock: object with C(recv), C(sendall), C(settimeout) and C(close).
    :param deadline: :class:`Deadline` of the whole conversation.
    """

    def __init__(self, sock, deadline):
        self._sock = sock
        self._deadline = deadline
        self._buffer = bytearray()

    def shorten(self, seconds):
        """Go on with at most I(seconds) left.

        :raises WireError: C(timeout) when nothing is left at all.
        """
        self._deadline = self._deadline.within(seconds)

    def follow(self, deadline):
        """Go on under another :class:`Deadline`: that of the next phase."""
        self._deadline = deadline

    def _ask(self, operation, argument):
        self._sock.settimeout(self._deadline.left())
        try:
            return operation(argument)
        except (socket.timeout, TimeoutError):
            raise WireError("timeout", "no complete answer within %.1f s." % self._deadline.seconds) from None
        except (ConnectionResetError, BrokenPipeError):
            raise WireError("connection_reset", "the other side reset the connection.") from None
        except OSError as error:
            raise WireError("connection_failed", "the connection failed: %s." % (error.strerror or error)) from None

    def _more(self):
        """Take in another piece. Return whether there was one."""
        piece = self._ask(self._sock.recv, _CHUNK)
        self._buffer += piece
        return bool(piece)

    def _take(self, count):
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def send(self, data):
        """Send all bytes.

        :raises WireError: C(timeout), C(connection_reset) or C(connection_failed).
        """
        self._ask(self._sock.sendall, data)

    def line(self, limit):
        """Return the next line without its end of line.

        :param limit: most bytes a line may have.
        :raises WireError: C(too_large) over the limit, C(connection_closed) when the peer left.
        """
        end = self._buffer.find(b"\n")
        while end < 0:
            if len(self._buffer) > limit:
                raise WireError("too_large", "a header line of more than %d bytes." % limit)
            seen = len(self._buffer)
            if not self._more():
                raise WireError("connection_closed", "the other side closed the connection without an answer.")
            end = self._buffer.find(b"\n", seen)
        if end > limit:
            raise WireError("too_large", "a header line of more than %d bytes." % limit)
        return self._take(end + 1).rstrip(b"\r\n")

    def exactly(self, count):
        """Return exactly I(count) bytes. The caller has checked I(count) against its own limit.

        :raises WireError: C(connection_closed) when the peer left before.
        """
        while len(self._buffer) < count:
            if not self._more():
                raise WireError("connection_closed", "the other side closed the connection in the middle of an answer.")
        return self._take(count)

    def rest(self, limit):
        """Return all bytes until the peer closes.

        :param limit: most bytes taken.
        :raises WireError: C(too_large) over the limit.
        """
        while self._more():
            if len(self._buffer) > limit:
                raise WireError("too_large", "an answer of more than %d bytes." % limit)
        return self._take(len(self._buffer))

    def close(self):
        """Let go of the socket. Never raises."""
        with contextlib.suppress(OSError):
            self._sock.close()


def _integer(text):
    if len(text) > _DIGITS:
        raise ValueError("a number of %d digits" % len(text))
    return int(text)


def json_object(data):
    """Decode bytes that must be one JSON object.

    :param data: UTF-8 bytes, already bounded in size.
    :returns: dict.
    :raises WireError: C(garbage) for anything else.
    """
    try:
        value = json.loads(data.decode("utf-8"), parse_int=_integer)
    except (ValueError, RecursionError):
        raise WireError("garbage", "an answer that is no JSON.") from None
    if not isinstance(value, dict):
        raise WireError("garbage", "an answer that is JSON, but no object.")
    return value
