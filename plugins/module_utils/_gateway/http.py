# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The little of HTTP/1.1 that a health probe needs: one bounded GET over a connected socket."""

from __future__ import annotations

import re

from .wire import WireError, json_object

_LINE = 8192
_HEADERS = 64
_BODY = 65536
#: What a Gateway answers, everywhere but on /healthz, to headers of a proxy that it does not trust.
UNTRUSTED = b"proxy_attribution_required"
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: |$)")


class Head:
    """Status and headers of an HTTP answer: C(status) int, C(headers) with lower-case names."""

    def __init__(self, status, headers):
        self.status = status
        self.headers = headers

    @property
    def content_type(self):
        """The media type without parameters, lower case, empty when not said."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


def request(method, path, host, headers):
    """Return the bytes of a request head.

    :param host: value of the Host header.
    :param headers: mapping of further headers.
    """
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: %s" % host]
    lines += ["%s: %s" % pair for pair in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def read_head(wire):
    """Read status line and headers.

    :returns: :class:`Head`.
    :raises WireError: C(not_http) when the peer speaks something else, C(too_large) when it does not stop.
    """
    match = _STATUS.match(wire.line(_LINE))
    if not match:
        raise WireError("not_http", "an answer that is no HTTP.")
    headers = {}
    for _count in range(_HEADERS):
        line = wire.line(_LINE)
        if not line:
            return Head(int(match.group(1)), headers)
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise WireError("not_http", "an answer whose headers are no HTTP.")
        name, value = name.strip().lower(), value.strip()
        headers[name] = "%s, %s" % (headers[name], value) if name in headers else value
    raise WireError("too_large", "more than %d headers." % _HEADERS)


def _size(text, base):
    """Return a size given in an answer as an int that fits the body limit."""
    digits = text.strip().lower()
    if not digits or len(digits) > 16 or not all(digit in "0123456789abcdef"[:base] for digit in digits):
        raise WireError("not_http", "an answer with a size that is no number.")
    size = int(digits, base)
    if size > _BODY:
        raise WireError("too_large", "an answer of more than %d bytes." % _BODY)
    return size


def _chunks(wire):
    body = bytearray()
    while True:
        size = _size(wire.line(_LINE).split(b";")[0].decode("latin-1"), 16)
        if size == 0:
            return bytes(body)
        if len(body) + size > _BODY:
            raise WireError("too_large", "an answer of more than %d bytes." % _BODY)
        body += wire.exactly(size)
        wire.line(_LINE)


def read_body(wire, head):
    """Return the body that belongs to I(head), at most 64 KiB.

    :raises WireError: C(too_large), C(not_http) or what the wire raises.
    """
    if head.status in (204, 304):
        return b""
    if head.headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunks(wire)
    if "content-length" in head.headers:
        return wire.exactly(_size(head.headers["content-length"], 10))
    return wire.rest(_BODY)


def get_json(wire, path, host, headers):
    """GET a path whose answer must be a JSON object.

    The Gateway answers every path it does not know with 200 and a page of HTML, so a status says nothing by itself:
    only an answer that says it is JSON, and is, counts.

    :param wire: :class:`wire.Wire`; the connection is not used for anything else afterwards.
    :param host: value of the Host header.
    :param headers: mapping of further headers.
    :returns: tuple (status int, dict).
    :raises WireError: C(html_answer), C(not_json), C(garbage), C(proxy_attribution_required), or what reading raises.
    """
    wire.send(request("GET", path, host, dict({"Accept": "application/json", "Connection": "close"}, **headers)))
    head = read_head(wire)
    if head.content_type != "application/json":
        code = "html_answer" if head.content_type == "text/html" else "not_json"
        raise WireError(code, "GET %s answered %d with %s where JSON belongs."
                        % (path, head.status, printable(head.content_type) or "no content type"))
    body = read_body(wire, head)
    if head.status == 403 and UNTRUSTED in body:
        raise WireError(UNTRUSTED.decode(), "GET %s was refused with 403, for its forwarded headers." % path)
    return head.status, json_object(body)


def printable(text, limit=200):
    """Return text from a peer as one printable line of at most I(limit) characters."""
    line = "".join(char if char.isprintable() else " " for char in str(text)[: limit + 1])
    return line if len(line) <= limit else line[:limit] + "..."
