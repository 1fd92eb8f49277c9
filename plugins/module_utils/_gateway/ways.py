# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Ways that are given as a URL, with or without TLS."""

from __future__ import annotations

import contextlib
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from .._failure import Failure
from .exposure import is_loopback
from .observe import Path
from .target import Credential
from .wire import WireError

#: Scheme -> (port where the URL says none, whether it is over TLS).
_SCHEMES = {"http": (80, False), "ws": (80, False), "https": (443, True), "wss": (443, True)}


class Address(NamedTuple):
    """What a URL says of where to connect to."""

    host: str
    port: int
    tls: bool
    #: As the Host header says it.
    shown: str
    #: As a browser that has its page from there would send it.
    origin: str


def address(url):
    """Return the :class:`Address` in a URL.

    :raises Failure: C(option_invalid) when it is none, or says more than where.
    """
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        # A Gateway does not look at the path of a WebSocket.
        bare = parts.path in ("", "/") or parts.scheme in ("ws", "wss")
        if parts.scheme in _SCHEMES and parts.hostname and bare and not parts.query + parts.fragment:
            standard, tls = _SCHEMES[parts.scheme]
            port = parts.port or standard
            host = "[%s]" % parts.hostname if ":" in parts.hostname else parts.hostname
            shown = host if port == standard else "%s:%d" % (host, port)
            if parts.username is None:
                return Address(parts.hostname, port, tls, shown, "%s://%s" % ("https" if tls else "http", shown))
    raise Failure(
        "option_invalid",
        "'url' must be http, https, ws or wss, a host and perhaps a port, and is none of that.",
        "input",
        "correct 'url' in the task.",
        option="url",
    )


def presented(where, credential):
    """Return the :class:`target.Credential` to present at an :class:`Address`: no secret that others could read."""
    if where.tls or is_loopback(where.host) or not credential.auth:
        return credential
    return Credential({}, "token_withheld", "%s is not encrypted, so the token is not presented there." % where.origin)


def url_path(url, host_header=None, headers=None, ca_path=None):
    """Return the :class:`observe.Path` to a URL. A certificate is always verified.

    :param ca_path: file with certificates to trust, those of the system unless given.
    """
    where = address(url)

    def dial(seconds):
        sock = socket.create_connection((where.host, where.port), timeout=seconds)
        return _secured(sock, where.host, ca_path) if where.tls else sock

    return Path(dial, host_header or where.shown, headers, url)


def _secured(sock, host, ca_path):
    # Imported here: the cost is paid only by those who ask.
    import ssl

    try:
        return ssl.create_default_context(cafile=ca_path).wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        sock.close()
        reason = "the certificate of %s is refused: %s." % (host, error.verify_message)
        raise WireError("tls_untrusted", reason) from None
    except (ssl.SSLError, ConnectionError) as error:
        sock.close()
        raise WireError("tls_failed", "no TLS with %s: %s." % (host, getattr(error, "reason", None) or error)) from None
