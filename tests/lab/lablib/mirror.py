# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small HTTP server with what a new Mac downloads: the Node archive and the npm registry, kept on disk.

Node lies under the path names of nodejs.org. The registry answers from the cache when it can and asks the upstream
registry when it cannot, so what one host (or the cache builder) has installed, every later host installs offline.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: What a client may ask for instead of a whole packument: one without the prose, a tenth of the size.
CORGI = "application/vnd.npm.install-v1+json"
#: Kinds of lists, each with what is said to be accepted to get it. npm chooses versions from the full one.
_KINDS = {"full": "application/json", "corgi": CORGI}
_TIMEOUT = 60
_ATTEMPTS = 4
#: Seconds for which a registry that did not answer is not asked again: without a network, every question would wait.
_GRUDGE = 30


class NotThere(Exception):
    """The upstream registry answered, and said no: HTTP status and body."""

    def __init__(self, status: int, body: bytes):
        super().__init__(str(status))
        self.status, self.body = status, body


class Upstream:
    """The registry behind the mirror."""

    def __init__(self, registry: str):
        self.registry = registry.rstrip("/") + "/"
        self._silent_until = 0.0

    def get(self, url: str, accept: str = "*/*") -> bytes:
        """Fetch; retries what a busy network does, raises NotThere or OSError."""
        if time.monotonic() < self._silent_until:
            raise OSError(f"{url}: the registry did not answer a moment ago")
        request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": "clawops-openclaw-lab"})
        last = None
        for attempt in range(_ATTEMPTS):
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                    return answer.read()
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code not in (408, 429):
                    raise NotThere(error.code, error.read()) from None
                last = error
            except (OSError, http.client.HTTPException) as error:
                last = error
            time.sleep(0.5 * 2**attempt)
        self._silent_until = time.monotonic() + _GRUDGE
        raise OSError(f"{url}: {last}")


class Registry:
    """The npm registry's answers, from the disk or from upstream and then on the disk.

    C(refresh_after): seconds after which a package's list of versions is asked for again; None: never.
    """

    def __init__(self, directory: Path, upstream: Upstream, refresh_after: float | None = None):
        self.directory, self.upstream, self.refresh_after = directory, upstream, refresh_after
        self._locks: dict = {}
        self._guard = threading.Lock()

    def _lock(self, path: Path) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(path, threading.Lock())

    def _kept(self, path: Path, fetch, is_stale=lambda age: False) -> bytes:
        with self._lock(path):
            try:
                age = time.time() - path.stat().st_mtime
                if not is_stale(age):
                    return path.read_bytes()
            except FileNotFoundError:
                pass
            try:
                data = fetch()
            except OSError:
                if path.exists():
                    return path.read_bytes()
                raise
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
            fresh.write_bytes(data)
            fresh.replace(path)
            return data

    def document(self, name: str, accept: str) -> bytes:
        """Return the packument (C(name)) or one version's manifest (C(name/version)) as upstream gave it."""
        kind = "corgi" if CORGI in accept else "full"
        stale = (lambda age: False) if self.refresh_after is None else (lambda age: age > self.refresh_after)
        try:
            return self._kept(self._list(kind, name), lambda: self._ask(kind, name), stale)
        except OSError:
            return self._from_the_list(*_split(name))

    def _list(self, kind: str, name: str) -> Path:
        return self.directory / kind / (urllib.parse.quote(name, safe="@") + ".json")

    def _ask(self, kind: str, name: str) -> bytes:
        package, version = _split(name)
        url = self.upstream.registry + package.replace("/", "%2f") + (f"/{version}" if version else "")
        return self.upstream.get(url, _KINDS[kind])

    def _from_the_list(self, package: str, version: str) -> bytes:
        """Answer for one version out of the kept list of all, when upstream cannot be asked."""
        for kind in _KINDS:
            kept = self._list(kind, package)
            if version and kept.exists():
                manifest = json.loads(kept.read_bytes())["versions"].get(version)
                if manifest is None:
                    raise NotThere(404, json.dumps({"error": f"version not found: {version}"}).encode())
                return json.dumps(manifest).encode()
        raise OSError(f"{package} is not kept here, and the registry does not answer")

    def tarball(self, name: str, file: str) -> bytes:
        """Return a package's archive."""
        path = self.directory / "tarballs" / urllib.parse.quote(name, safe="@") / file

        def fetch() -> bytes:
            return self.upstream.get(self._tarball_url(name, file))

        return self._kept(path, fetch)

    def _tarball_url(self, name: str, file: str) -> str:
        """Return where an archive is: as a kept list says, each of which is of its own moment, or upstream's newest."""
        for kind in _KINDS:
            kept = self._list(kind, name)
            url = kept.exists() and _address(kept.read_bytes(), file)
            if url:
                return url
        newest = self._kept(self._list("full", name), lambda: self._ask("full", name), lambda _age: True)
        url = _address(newest, file)
        if not url:
            raise NotThere(404, b'{"error":"no such archive"}')
        return url


def _split(name: str) -> tuple[str, str]:
    """Return the package and the version of C(name), C(name/version) or either with a scope."""
    scope, slash, rest = name.partition("/") if name.startswith("@") else ("", "", name)
    package, _slash, version = rest.partition("/")
    return f"{scope}{slash}{package}", version


def _address(packument: bytes, file: str) -> str | None:
    """Return the address of an archive in a list of versions. Pure."""
    for manifest in json.loads(packument).get("versions", {}).values():
        url = manifest.get("dist", {}).get("tarball", "")
        if url.rpartition("/")[2] == file:
            return url
    return None


def rewritten(document: bytes, base: str) -> bytes:
    """Make every archive's address in a packument or manifest one of this server's."""
    data = json.loads(document)
    for manifest in [data, *data.get("versions", {}).values()]:
        dist = manifest.get("dist") if isinstance(manifest, dict) else None
        if dist and "tarball" in dist:
            dist["tarball"] = f"{base}/npm/{manifest['name']}/-/{dist['tarball'].rpartition('/')[2]}"
    return json.dumps(data, separators=(",", ":")).encode()


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD of /node/ (plain files) and /npm/ (the registry)."""

    protocol_version = "HTTP/1.1"
    server_version = "lab-mirror"
    registry: Registry
    node_files: Path

    def do_GET(self) -> None:  # the name that http.server calls
        path = urllib.parse.unquote(self.path.partition("?")[0])
        try:
            if path.startswith("/node/"):
                self._file(path.removeprefix("/node/"))
            elif path.startswith("/npm/"):
                self._npm(path.removeprefix("/npm/").strip("/"))
            else:
                self._answer(404, b"this mirror has /node/ and /npm/\n", "text/plain")
        except NotThere as no:
            self._answer(no.status, no.body)
        except (OSError, ValueError) as error:
            if isinstance(error, (BrokenPipeError, ConnectionResetError)):
                raise
            self._answer(502, json.dumps({"error": str(error)}).encode())

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self.close_connection = True  # the body stays unread
        self._answer(404, b'{"error":"this mirror only answers reads"}')

    do_PUT = do_POST

    def _npm(self, name: str) -> None:
        if name in ("", "-/ping"):
            return self._answer(200, b"{}")
        package, dash, file = name.partition("/-/")
        if dash:
            if not re.fullmatch(r"[\w.+-]+\.tgz", file):
                raise NotThere(404, b'{"error":"no such archive"}')
            return self._answer(200, self.registry.tarball(package, file), "application/octet-stream")
        if not re.fullmatch(r"(@[\w.~-]+/)?[\w.~-]+(/[\w.+-]+)?", name) or ".." in name:
            raise NotThere(404, b'{"error":"no such package"}')
        accept = self.headers.get("Accept", "")
        document = rewritten(self.registry.document(name, accept), f"http://{self.headers['Host']}")
        return self._answer(200, document, CORGI if CORGI in accept else "application/json")

    def _file(self, name: str) -> None:
        path = self.node_files / name
        if ".." in Path(name).parts or not path.is_file():
            raise NotThere(404, b"no such file\n")
        with open(path, "rb") as stream:
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(os.fstat(stream.fileno()).st_size))
            self.end_headers()
            if self.command != "HEAD":
                shutil.copyfileobj(stream, self.wfile, 1 << 20)

    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # npm keeps what it gets; a copy of a document from another lab would lead to that lab's address.
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()[:16]}"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, form: str, *args) -> None:
        print(f"{time.strftime('%H:%M:%S')} {self.address_string()} {form % args}", flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exc_info()[1], (BrokenPipeError, ConnectionResetError, TimeoutError)):
            super().handle_error(request, client_address)

    def server_bind(self) -> None:
        # Without the name service: a machine without one would wait here.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]


def serve(address: str, port: int, directory: Path, registry: str, refresh_after: float | None = None) -> Server:
    """Return a bound server over the cache in C(directory); the caller runs C(serve_forever)."""
    made = type("LabHandler", (Handler,), {
        "registry": Registry(directory / "npm", Upstream(registry), refresh_after),
        "node_files": directory / "node",
    })  # fmt: skip
    return Server((address, port), made)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="lablib.mirror")
    parser.add_argument("--bind", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--registry", required=True, help="the upstream registry's address")
    parser.add_argument("--mark", help="unused here: by it the lab knows its own process, even after a crash")
    args = parser.parse_args(argv)
    serve(args.bind, args.port, args.directory, args.registry).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
