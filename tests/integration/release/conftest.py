# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mirror on the loopback for the release tests, and the module run as Ansible runs it."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CACHE = Path(
    os.environ.get("OPENCLAW_LAB_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clawops-openclaw"
)
#: What modules run with; macOS has 3.9.
TARGET_PYTHON = os.environ.get("OPENCLAW_TEST_PYTHON") or shutil.which("python3.9") or sys.executable

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


@pytest.fixture
def mirror():
    made = Mirror()
    made.node("24.21.0", fake_archive("24.21.0"))
    made.openclaw("2026.8.1", ">=24.15.0 <25")
    made.openclaw("2026.9.6", ">=24.16.0 <25 || >=26.1.0")
    yield made
    made.close()


@pytest.fixture
def declared(mirror, tmp_path):
    def declare(**changes):
        return dict(
            {
                "root": str(tmp_path / "openclaw"),
                "version": "2026.9.6",
                "node_version": "24.21.0",
                "node_url": mirror.url + "/dist/v{version}/node-v{version}-darwin-{arch}.tar.gz",
                "npm_registry": mirror.url + "/npm/",
                "timeout": 60,
            },
            **changes,
        )

    return declare


@pytest.fixture(scope="session")
def collections(tmp_path_factory):
    """A collections path in which this clone lies under its real name."""
    top = tmp_path_factory.mktemp("collections")
    (top / "ansible_collections/clawops").mkdir(parents=True)
    (top / "ansible_collections/clawops/openclaw").symlink_to(ROOT)
    return top


@pytest.fixture
def release(collections, tmp_path):
    """Run openclaw_release through Ansible against this machine; returns what the module returned."""

    def run(declaration, check_mode=False):
        (tmp_path / "ansible.cfg").write_text("[defaults]\n")
        environment = dict(
            os.environ,
            ANSIBLE_CONFIG=str(tmp_path / "ansible.cfg"),
            ANSIBLE_COLLECTIONS_PATH=str(collections),
            # Below this verbosity Ansible keeps the diff to itself.
            ANSIBLE_VERBOSITY="3",
            ANSIBLE_LOCALHOST_WARNING="0",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="0",
            ANSIBLE_LOAD_CALLBACK_PLUGINS="1",
            ANSIBLE_STDOUT_CALLBACK="ansible.builtin.minimal",
            ANSIBLE_PYTHON_INTERPRETER=TARGET_PYTHON,
        )
        argv = [sys.executable, "-m", "ansible", "adhoc", "localhost", "-c", "local", "--tree", str(tmp_path / "tree")]
        argv += ["-m", "clawops.openclaw.openclaw_release", "-a", json.dumps(declaration), "--diff"]
        done = subprocess.run(
            argv + ["--check"] * check_mode, env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        result = tmp_path / "tree/localhost"
        assert result.is_file(), done.stdout + done.stderr
        answer = json.loads(result.read_text())
        result.unlink()
        assert "Traceback" not in done.stdout + done.stderr
        return answer

    return run


@pytest.fixture
def driver(collections):
    """Start the module's work in a process of its own, without Ansible around it; returns the process."""

    def start(declaration, check_mode=False):
        program = (
            "import json, sys\n"
            "from ansible_collections.clawops.openclaw.plugins.module_utils import _failure\n"
            "from ansible_collections.clawops.openclaw.plugins.module_utils._release import apply\n"
            "try:\n"
            "    print(json.dumps(apply.present(json.loads(sys.argv[1]), bool(sys.argv[2:]))))\n"
            "except _failure.Failure as failure:\n"
            "    print(json.dumps({'msg': failure.sentence(), 'failure': failure.as_dict()}))\n"
        )
        complete = dict({"install": "npm", "node_sha256": None, "machine": "arm64"}, **declaration)
        return subprocess.Popen(
            [TARGET_PYTHON, "-c", program, json.dumps(complete)] + ["check"] * check_mode,
            env=dict(os.environ, PYTHONPATH=str(collections)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
