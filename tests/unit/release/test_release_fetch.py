# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads against a server on the loopback that misbehaves on request."""

from __future__ import annotations

import hashlib
import http.server
import socket
import threading

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._release import fetch

BODY = b"x" * 3_000_000


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        self.server.seen.append((self.command, self.path))
        attempts = sum(path == self.path for _command, path in self.server.seen)
        status = {"/gone": 404, "/no-head": 405 if self.command == "HEAD" else 200, "/broken": 500}.get(self.path, 200)
        if self.path == "/flaky" and attempts == 1:
            status = 503
        self.send_response(status)
        self.send_header("Content-Length", str(len(BODY) + (100 if self.path == "/short" else 0)))
        self.end_headers()
        if self.command == "GET" and status == 200:
            self.wfile.write(BODY)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.seen = []
    made.url = "http://127.0.0.1:%d" % made.server_address[1]
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def no_sleep(seconds):
    pass


@pytest.mark.parametrize(("path", "asked"), [("/good", 1), ("/flaky", 2)])
def test_download(server, tmp_path, path, asked):
    digest = fetch.download(server.url + path, str(tmp_path / "f"), 30, sleep=no_sleep)
    assert digest == hashlib.sha256(BODY).hexdigest()
    assert (tmp_path / "f").read_bytes() == BODY
    assert len(server.seen) == asked


@pytest.mark.parametrize(
    ("path", "status", "asked"), [("/gone", 404, 1), ("/broken", 500, 3), ("/short", None, 3)], ids=str
)
def test_failed_download(server, tmp_path, path, status, asked):
    with pytest.raises(fetch.FetchError) as caught:
        fetch.download(server.url + path, str(tmp_path / "f"), 30, sleep=no_sleep)
    assert caught.value.status == status
    assert caught.value.gone is (status == 404)
    assert len(server.seen) == asked


def test_download_ends_in_time(server, tmp_path):
    clock = iter(range(0, 1000, 10))
    with pytest.raises(fetch.FetchError, match="not complete after 15 s"):
        fetch.download(server.url + "/good", str(tmp_path / "f"), 15, sleep=no_sleep, clock=lambda: next(clock))


def test_document_is_bounded(server):
    assert fetch.document(server.url + "/good", len(BODY)) == BODY
    with pytest.raises(fetch.FetchError, match="longer"):
        fetch.document(server.url + "/good", len(BODY) - 1)


@pytest.mark.parametrize(("path", "there"), [("/good", True), ("/no-head", True), ("/gone", False)])
def test_exists(server, path, there):
    if there:
        fetch.exists(server.url + path, sleep=no_sleep)
    else:
        with pytest.raises(fetch.FetchError):
            fetch.exists(server.url + path, sleep=no_sleep)


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = "http://127.0.0.1:%d/x" % free.getsockname()[1]
    with pytest.raises(fetch.FetchError, match="refused") as caught:
        fetch.document(url, 10, sleep=no_sleep)
    assert caught.value.status is None


def test_files(tmp_path):
    (tmp_path / "here").write_bytes(b"hello")
    assert fetch.document("file://%s/here" % tmp_path, 10) == b"hello"
    with pytest.raises(fetch.FetchError) as caught:
        fetch.document("file://%s/gone" % tmp_path, 10, sleep=no_sleep)
    assert caught.value.gone


@pytest.mark.parametrize("url", ["ftp://example.com/x", "/etc/passwd", "data:text/plain,x"])
def test_other_schemes(url):
    with pytest.raises(fetch.FetchError, match="https, http, file"):
        fetch.document(url, 10, sleep=no_sleep)


def test_urls_are_shown_without_secrets():
    assert fetch.shown("https://me:secret@example.com:8443/a/b?sig=secret#x") == "https://example.com:8443/a/b"
