# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrors of Node and npm on the loopback, with a Node that is a script and a registry that knows what it is told."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import os
import tarfile
import threading
from pathlib import Path

CACHE = Path(
    os.environ.get("OPENCLAW_LAB_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clawops-openclaw"
)

#: Stands in for Node and npm: says its version, "installs" the version of OpenClaw it is asked for, starts it.
#: A file "slow" beside bin/ makes it take its time, a file "fails" makes npm give up.
FAKE_NODE = """#!/bin/sh
prefix=$(cd "$(dirname "$0")/.." && pwd)
case "$1" in
  --version) echo v{version} ;;
  */npm-cli.js)
    test -e "$prefix/fails" && {{ echo "npm error code ETARGET" >&2; exit 1; }}
    while [ $# -gt 0 ]; do
      case "$1" in --prefix) to=$2 ;; openclaw@*) wanted=${{1#openclaw@}} ;; esac
      shift
    done
    mkdir -p "$to/lib/node_modules/openclaw/dist"
    test -e "$prefix/slow" && sleep 3
    cd "$to/lib/node_modules/openclaw" || exit 1
    echo "// entry" >dist/index.js
    printf '{{"name": "openclaw", "version": "%s", "engines": {{"node": ">=24"}}}}\\n' "$wanted" >package.json
    chmod 0777 dist
    ;;
  */openclaw.mjs) sed 's/.*version": "/OpenClaw /; s/".*//' "$(dirname "$1")/package.json" ;;
esac
"""


def fake_archive(version):
    """Return the bytes of an archive in the layout of Node's own."""
    top = "node-v%s-darwin-arm64" % version
    files = {"bin/node": FAKE_NODE.format(version=version), "lib/node_modules/npm/bin/npm-cli.js": "//\n"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo("%s/%s" % (top, name))
            info.size, info.mode = len(text), 0o755
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


class Mirror:
    """Node archives with their sums, and a registry that knows some versions; C(seen) lists every request."""

    def __init__(self):
        self.pages = {}
        self.seen = []
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.seen.append("%s %s" % (self.command, self.path))
                page = mirror.pages.get(self.path)
                self.send_response(404 if page is None else 200)
                self.send_header("Content-Length", str(len(page or b"")))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(page or b"")

            do_HEAD = do_GET

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def node(self, version, archive):
        names = ["node-v%s-darwin-%s.tar.gz" % (version, arch) for arch in ("arm64", "x64")]
        sums = "".join("%s  %s\n" % (hashlib.sha256(archive).hexdigest(), name) for name in names)
        self.pages.update(("/dist/v%s/%s" % (version, name), archive) for name in names)
        self.pages["/dist/v%s/SHASUMS256.txt" % version] = sums.encode()

    def openclaw(self, version, node):
        about = {"name": "openclaw", "version": version, "bin": {"openclaw": "openclaw.mjs"}, "engines": {"node": node}}
        self.pages["/npm/openclaw/" + version] = json.dumps(about).encode()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
