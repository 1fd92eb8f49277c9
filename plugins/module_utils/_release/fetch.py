# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Bounded downloads with the standard library: small documents into memory, archives into a file with their digest."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

#: Longest silence of a server, in seconds.
SILENCE = 30
#: Seconds before each further attempt of a request that failed in a way that may pass.
PAUSES = (1, 3)
CHUNK = 1 << 20
SCHEMES = ("https", "http", "file")


class FetchError(Exception):
    """A URL could not be read.

    :param status: HTTP status, or C(None) when no answer came.
    """

    def __init__(self, url, reason, status=None):
        super().__init__("%s: %s" % (shown(url), reason))
        self.url = shown(url)
        self.reason = reason
        self.status = status

    @property
    def gone(self):
        """Whether the server said that there is no such thing."""
        return self.status in (404, 410)

    @property
    def passing(self):
        """Whether another attempt may go better."""
        return self.status is None or self.status == 429 or self.status >= 500


def shown(url):
    """Return a URL as it may be printed: without user, password, query and fragment."""
    parts = urllib.parse.urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit((parts.scheme, host, parts.path, "", ""))


def document(url, limit, accept="*/*", sleep=time.sleep):
    """Return a document of at most C(limit) bytes.

    :raises FetchError: after the last attempt, or at once when the answer will stay the same.
    """

    def read(response):
        body = response.read(limit + 1)
        if len(body) > limit:
            raise FetchError(url, "the answer is longer than %d bytes" % limit, 200)
        return body

    return _attempts(lambda: _with(url, "GET", accept, read), sleep)


def exists(url, sleep=time.sleep):
    """Ask whether a URL can be read, without reading it.

    A server that does not answer HEAD is believed.

    :raises FetchError: when it says that there is no such thing, or cannot be reached.
    """
    try:
        _attempts(lambda: _with(url, "HEAD", "*/*", lambda response: None), sleep)
    except FetchError as error:
        if error.status not in (400, 403, 405, 501):
            raise


def download(url, path, timeout, sleep=time.sleep, clock=time.monotonic):
    """Stream a URL into a new file and return the lower-case hexadecimal SHA-256 of what came.

    :param timeout: seconds for the whole of it, over all attempts.
    :raises FetchError: when it does not arrive in full in time.
    """
    ends = clock() + timeout

    def save(response):
        digest = hashlib.sha256()
        expected = response.headers.get("Content-Length")
        size = 0
        with open(path, "wb") as handle:
            while True:
                chunk = response.read(CHUNK)
                if not chunk:
                    break
                if clock() > ends:
                    raise FetchError(url, "not complete after %d s" % timeout, 200)
                digest.update(chunk)
                size += len(chunk)
                handle.write(chunk)
        if expected is not None and int(expected) != size:
            raise FetchError(url, "the connection ended after %d of %s bytes" % (size, expected))
        return digest.hexdigest()

    return _attempts(lambda: _with(url, "GET", "*/*", save), sleep)


def _attempts(ask, sleep):
    for pause in PAUSES:
        try:
            return ask()
        except FetchError as error:
            if not error.passing:
                raise
            sleep(pause)
    return ask()


def _with(url, method, accept, use):
    if urllib.parse.urlsplit(url).scheme not in SCHEMES:
        raise FetchError(url, "only %s URLs are read" % ", ".join(SCHEMES), 400)
    request = urllib.request.Request(url, method=method, headers={"Accept": accept, "User-Agent": "clawops.openclaw"})
    try:
        # An opener of its own: proxies are those of now, and no redirection leads to a file.
        with urllib.request.build_opener().open(request, timeout=SILENCE) as response:
            return use(response)
    except urllib.error.HTTPError as error:
        raise FetchError(url, "HTTP %d %s" % (error.code, error.reason), error.code) from None
    except urllib.error.URLError as error:
        missing = isinstance(error.reason, FileNotFoundError) or "No such file" in str(error.reason)
        raise FetchError(url, str(error.reason), 404 if missing else None) from None
    except http.client.HTTPException as error:
        raise FetchError(url, "%s in the answer" % type(error).__name__) from None
    except socket.timeout:  # noqa: UP041 - Python 3.9 has not yet made it the same as TimeoutError
        raise FetchError(url, "no data for %d s" % SILENCE) from None
    except (ConnectionError, ssl.SSLError) as error:
        raise FetchError(url, str(error)) from None
