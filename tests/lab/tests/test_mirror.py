# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mirror of the npm registry, in front of a registry that publishes meanwhile, refuses, or is gone."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lablib import mirror

NAME = "@scope/thing"


class Publisher:
    """A registry with one package: its versions are listed and can be fetched, in a place that only the list names."""

    def __init__(self):
        self.versions, self.asked = ["1.0.0"], []
        publisher = self

        class Publishing(BaseHTTPRequestHandler):
            def do_GET(self):
                publisher.answer(self)

            def log_message(self, *_words):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Publishing)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        self.asked.append(request.path)
        found = self._body(request.path)
        request.send_response(200 if found is not None else 404)
        request.send_header("Content-Length", str(len(found or b"")))
        request.end_headers()
        request.wfile.write(found or b"")

    def _body(self, path):
        if path == "/@scope%2fthing":
            return json.dumps({"name": NAME, "versions": {
                one: {"name": NAME, "dist": {"tarball": f"{self.address}/kept/elsewhere/thing-{one}.tgz"}}
                for one in self.versions}}).encode()  # fmt: skip
        known = {f"/kept/elsewhere/thing-{one}.tgz": one.encode() for one in self.versions}
        return known.get(path)

    def end(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def publisher():
    made = Publisher()
    yield made
    made.end()


@pytest.fixture
def registry(publisher, tmp_path):
    return mirror.Registry(tmp_path, mirror.Upstream(publisher.address))


def listed(registry, accept):
    return sorted(json.loads(registry.document(NAME, accept))["versions"])


def test_what_was_asked_for_once_is_kept(publisher, registry):
    for _time in range(2):
        assert listed(registry, "*/*") == ["1.0.0"]
        assert registry.tarball(NAME, "thing-1.0.0.tgz") == b"1.0.0"
    assert len(publisher.asked) == 2, publisher.asked
    publisher.end()
    assert registry.tarball(NAME, "thing-1.0.0.tgz") == b"1.0.0"


@pytest.mark.parametrize("first,second", [("*/*", mirror.CORGI), (mirror.CORGI, "*/*")])
def test_an_archive_is_found_that_only_the_younger_of_two_lists_names(publisher, registry, first, second):
    assert listed(registry, first) == ["1.0.0"]
    publisher.versions.append("1.1.0")
    assert listed(registry, second) == ["1.0.0", "1.1.0"]
    assert registry.tarball(NAME, "thing-1.1.0.tgz") == b"1.1.0"


def test_an_archive_that_no_kept_list_names_is_looked_for_in_the_newest(publisher, registry):
    assert listed(registry, "*/*") == ["1.0.0"]
    publisher.versions.append("1.1.0")
    assert registry.tarball(NAME, "thing-1.1.0.tgz") == b"1.1.0"
    assert listed(registry, "*/*") == ["1.0.0", "1.1.0"]


def test_an_archive_that_nobody_has_is_refused_as_such(registry):
    with pytest.raises(mirror.NotThere) as refused:
        registry.tarball(NAME, "thing-9.9.9.tgz")
    assert refused.value.status == 404


def test_a_list_is_asked_for_again_when_it_is_old(publisher, tmp_path):
    patient = mirror.Registry(tmp_path, mirror.Upstream(publisher.address), refresh_after=3600)
    hasty = mirror.Registry(tmp_path, mirror.Upstream(publisher.address), refresh_after=-1)
    assert listed(patient, "*/*") == ["1.0.0"]
    publisher.versions.append("1.1.0")
    assert listed(patient, "*/*") == ["1.0.0"]
    assert listed(hasty, "*/*") == ["1.0.0", "1.1.0"]


def test_over_http_every_archive_has_an_address_of_the_mirror(publisher, tmp_path):
    server = mirror.serve("127.0.0.1", 0, tmp_path, publisher.address)
    server.RequestHandlerClass.log_message = lambda *_words: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        with urllib.request.urlopen(f"{base}/npm/@scope%2fthing") as answer:
            address = json.load(answer)["versions"]["1.0.0"]["dist"]["tarball"]
        assert address == f"{base}/npm/@scope/thing/-/thing-1.0.0.tgz"
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == b"1.0.0"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/npm/@scope/thing/-/thing-2.0.0.tgz")
        assert refused.value.code == 404
    finally:
        server.shutdown()
        server.server_close()
