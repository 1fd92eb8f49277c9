# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check that a host makes of its Gateway by itself: what it asks, what it notes, and that it stands alone."""
import ast
import contextlib
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import codes
from ansible_collections.clawops.openclaw.plugins.module_utils._host import smoke
from ansible_collections.clawops.openclaw.plugins.module_utils._smoke import check, install

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/unit/gateway"))
from gateway_peers import TOKEN, FakeGateway

NOW = 1_800_000_000
GOOD = {name: {"verdict": "ok", "code": None, "reason": "well."} for name in ("live", "ready")}
DOWN = {
    "live": {"verdict": "fail", "code": "connection_refused", "reason": "nothing listens on port 1."},
    "ready": {"verdict": "skipped", "code": "not_reached", "reason": "not tried."},
}


@pytest.fixture
def gateway():
    fake = FakeGateway()
    yield fake
    fake.close()


@pytest.fixture
def quick(monkeypatch):
    """Short patience, and the alarm that a run of the program sets."""
    monkeypatch.setattr(check, "ANSWER", 0.3)
    before = check.signal.signal(check.signal.SIGALRM, check._ring)
    yield
    check.signal.signal(check.signal.SIGALRM, before)


def test_a_healthy_gateway_is_asked_for_its_health_and_nothing_else(gateway, quick):
    assert check.is_healthy(check.look(gateway.port))
    assert [head.split(" ")[:2] for head in gateway.heads] == [["GET", "/healthz"], ["GET", "/readyz"]]
    assert gateway.connects == []
    assert "authorization" not in "".join(gateway.heads).lower() and TOKEN not in "".join(gateway.heads)


STARTING = {"ready": False, "failing": ["startup-sidecars"]}
ANSWERS = [
    ("/healthz", (200, "text/html", "<html>"), "live", "html_answer"),
    ("/healthz", (200, "text/plain", "ok"), "live", "not_json"),
    ("/healthz", (200, "application/json", "{"), "live", "not_json"),
    ("/healthz", (200, "application/json", "[]"), "live", "not_json"),
    ("/healthz", (200, "application/json", {"alive": 1}), "live", "not_json"),
    ("/healthz", (503, "application/json", {"ok": False, "status": "dead\x1b[31m"}), "live", "not_live"),
    ("/readyz", (503, "application/json", STARTING), "ready", "startup_sidecars"),
    ("/readyz", (503, "application/json", {"ready": False, "failing": ["gateway-draining"]}), "ready", "draining"),
    ("/readyz", (503, "application/json", {"ready": False, "failing": ["a", "b"]}), "ready", "not_ready"),
    ("/readyz", (200, "application/json", {"ready": "yes"}), "ready", "not_ready"),
]


@pytest.mark.parametrize("path,answer,name,code", ANSWERS)
def test_what_is_not_healthy_has_its_code(gateway, quick, path, answer, name, code):
    gateway.http[path] = answer
    said = check.look(gateway.port)
    assert (said[name]["verdict"], said[name]["code"]) == ("fail", code)
    assert code in codes.CODES
    assert said[name]["reason"].isprintable()


def serve(script):
    """A port on which a script (function of the socket) answers one connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        with contextlib.suppress(OSError), listener, listener.accept()[0] as sock:
            sock.recv(4096)
            script(sock)

    threading.Thread(target=run, daemon=True).start()
    return listener.getsockname()[1]


def trickle(sock):
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    for _time in range(30):
        sock.sendall(b" ")
        threading.Event().wait(0.1)


SCRIPTS = [
    (lambda sock: sock.sendall(b"SSH-2.0-x\r\n"), ("not_http",)),
    (lambda sock: None, ("connection_closed", "connection_reset")),
    (lambda sock: threading.Event().wait(1), ("timeout",)),
    (trickle, ("timeout",)),
]


@pytest.mark.parametrize("script,expected", SCRIPTS, ids=["not http", "hangs up", "silent", "trickles"])
def test_what_does_not_answer_ends_in_time(quick, script, expected):
    said = check.look(serve(script))
    assert said["live"]["code"] in expected and said["ready"]["code"] == "not_reached"
    assert said["live"]["code"] in codes.CODES


def test_a_closed_port_is_looked_at_again_until_it_is_open(monkeypatch, quick):
    looks = iter([DOWN, DOWN, GOOD])
    monkeypatch.setattr(check, "look", lambda port: next(looks))
    monkeypatch.setattr(check.time, "sleep", lambda seconds: None)
    assert check.look_patiently(1, 60) == GOOD


def test_patience_has_an_end(monkeypatch):
    monkeypatch.setattr(check, "look", lambda port: DOWN)
    monkeypatch.setattr(check.time, "sleep", lambda seconds: pytest.fail("waits although there is no time"))
    assert check.look_patiently(1, 4) == DOWN


def after(previous, verdicts, minutes):
    return check.noted(previous, verdicts, 18789, 300, NOW + 60 * minutes)


def test_a_status_counts_failures_and_remembers_outages():
    first = after(None, GOOD, 0)
    assert (first["state"], first["failures"], first["since"], first["outages"]) == ("healthy", 0, NOW, [])
    bad = after(after(first, DOWN, 5), DOWN, 10)
    assert (bad["state"], bad["failures"], bad["since"]) == ("unhealthy", 2, NOW + 300)
    assert bad["outages"] == [
        {"since": NOW + 300, "until": None, "checks": 2, "code": "connection_refused",
         "reason": "nothing listens on port 1."}]  # fmt: skip
    good = after(bad, GOOD, 15)
    assert (good["state"], good["failures"], good["outages"][0]["until"]) == ("healthy", 0, NOW + 900)
    assert len(after(after(good, DOWN, 20), DOWN, 25)["outages"]) == 2
    for minute in range(30, 30 + 10 * 40, 10):
        good = after(after(good, DOWN, minute), GOOD, minute + 5)
    assert len(good["outages"]) == check.OUTAGES


@pytest.mark.parametrize("odd", [None, [], 3, {}, {"schema_version": 2}, {"schema_version": 1, "failures": "x"},
                                 {"schema_version": 1, "outages": 5},
                                 {"schema_version": 1, "outages": [1, {"until": None, "checks": "x"}]}])  # fmt: skip
def test_a_status_that_makes_no_sense_is_begun_anew(odd):
    assert after(odd, DOWN, 0)["failures"] == 1
    assert after(odd, GOOD, 0)["failures"] == 0


def test_the_program_runs_alone_and_writes_one_file(tmp_path, gateway):
    program, status = tmp_path / "check.py", tmp_path / "status" / "smoke.json"
    program.write_bytes(install.source())
    status.parent.mkdir()
    words = ["--port", str(gateway.port), "--interval", "1", "--status", str(status)]
    argv = [sys.executable, "-I", "-B", str(program), *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={}, cwd="/")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    told = json.loads(status.read_text())
    assert (told["state"], told["port"]) == ("healthy", gateway.port)
    assert [path.name for path in status.parent.iterdir()] == ["smoke.json"]
    assert status.stat().st_mode & 0o777 == 0o644
    gateway.http["/readyz"] = (503, "application/json", STARTING)
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={}, cwd="/")
    assert (done.returncode, json.loads(status.read_text())["failures"]) == (1, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["check.py", "status"]


def test_the_program_imports_nothing_but_the_standard_library_of_a_target():
    tree = ast.parse(install.source())
    named = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    named |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named == {"__future__", "argparse", "contextlib", "http.client", "json", "os", "signal", "socket", "sys",
                     "time"}  # fmt: skip


def test_reader_and_writer_mean_the_same():
    assert smoke.SCHEMA_VERSION == check.SCHEMA_VERSION
    written = json.dumps(after(after(after(None, GOOD, 0), DOWN, 5), DOWN, 10)).encode()
    told = smoke.parsed(written, NOW + 660)
    assert (told["age_s"], told["state"], told["since_s"], told["failures"]) == (60, "unhealthy", 360, 2)
    assert told["verdicts"] == DOWN
    assert told["outages"] == [{"code": "connection_refused", "reason": "nothing listens on port 1.", "checks": 2,
                                "began_s": 360, "ended_s": None, "lasts": True}]  # fmt: skip
