# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that is started by itself: nothing of the account's is read, and nothing is left of it."""

from __future__ import annotations

import json
import os
import pwd
import sys

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import trial

#: Stands in for a Gateway: notes what it was given, and gets ready, ends, or does neither.
GATEWAY = """
import http.server, json, os, sys
with open(%(notes)r, "w") as stream:
    json.dump({"argv": sys.argv[1:], "pid": os.getpid(), "environment": dict(os.environ)}, stream)
with open(os.path.join(os.environ["OPENCLAW_STATE_DIR"], "openclaw.json")) as stream:
    port = json.load(stream)["gateway"]["port"]
if %(ends)r:
    print("Error: Cannot find module '@openclaw/native-part'")
    sys.exit(3)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"ready": %(ready)r}).encode()
        self.send_response(200 if %(ready)r else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


class Account:
    def __init__(self, home):
        entry = pwd.getpwuid(os.geteuid())
        self.name, self.uid, self.gid, self.home = entry.pw_name, entry.pw_uid, entry.pw_gid, str(home)


@pytest.fixture
def tried(tmp_path, monkeypatch):
    def start(ready=True, ends=False, timeout=30):
        script = tmp_path / "lib/node_modules/openclaw/dist/index.py"
        script.parent.mkdir(parents=True)
        script.write_text(GATEWAY % {"notes": str(tmp_path / "notes"), "ready": ready, "ends": ends})
        monkeypatch.setenv("SECRET_OF_THE_CALLER", "yes")
        return trial.start([sys.executable, str(script)], Account(tmp_path), timeout)

    return start


def seen(tmp_path):
    return json.loads((tmp_path / "notes").read_text())


def is_gone(notes):
    try:
        os.kill(notes["pid"], 0)
    except ProcessLookupError:
        return not os.path.lexists(notes["environment"]["OPENCLAW_STATE_DIR"])
    return False


def test_it_gets_ready_and_is_gone(tried, tmp_path):
    assert 0 < tried() < 30
    notes = seen(tmp_path)
    assert is_gone(notes)
    assert notes["argv"][:2] == ["gateway", "--port"]
    assert "SECRET_OF_THE_CALLER" not in notes["environment"]
    assert notes["environment"]["HOME"] == notes["environment"]["OPENCLAW_STATE_DIR"] != str(tmp_path)
    assert notes["environment"]["OPENCLAW_SKIP_CHANNELS"] == "1"
    assert "TMPDIR" not in notes["environment"]


@pytest.mark.parametrize(
    ("options", "names"),
    [({"ends": True}, ["exit code 3", "native-part"]), ({"ready": False, "timeout": 1}, ["not ready after 1 s"])],
    ids=["ends", "not ready"],
)
def test_one_that_does_not_start_is_named_with_what_it_said(tried, tmp_path, options, names):
    with pytest.raises(Failure) as caught:
        tried(**options)
    assert caught.value.code == "trial_failed"
    for name in names:
        assert name in caught.value.sentence()
    assert is_gone(seen(tmp_path))
