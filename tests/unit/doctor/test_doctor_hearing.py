# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A round with commands that answer as no OpenClaw should: what is made of them, and what they are given.

What the real OpenClaw answers is tested in tests/integration/doctor.
"""
import collections
import json
import os
import plistlib
import signal
import time
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils import _cli
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor import hearing
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor.judges import JUDGES
from ansible_collections.clawops.openclaw.plugins.module_utils._host import diary
from ansible_collections.clawops.openclaw.plugins.module_utils._host import served as service

CANARY = "canary-0123456789abcdef"
CLEAN = '{"ok": true, "checksRun": 3, "findings": []}'
LABEL = "ai.openclaw.gateway"


@pytest.fixture()
def account(tmp_path):
    (tmp_path / "home/.openclaw").mkdir(parents=True)
    (tmp_path / "home/.openclaw/openclaw.json").write_text(json.dumps({"gateway": {"auth": {"token": CANARY}}}))
    return collections.namedtuple("Account", "name uid gid home")("me", os.geteuid(), os.getegid(),
                                                                  str(tmp_path / "home"))


def hear(tmp_path, account, body, judges=("doctor",), timeout=20.0, served=None):
    """Ask a shell script in the place of the command; return the result."""
    command = tmp_path / "openclaw"
    if body is not None:
        command.write_text("#!/bin/sh\n" + body)
        command.chmod(0o755)
    wanted = hearing.Wanted(account, account.home + "/.openclaw", str(command), judges, timeout)
    result, secrets = hearing.make(wanted, served or service.Service(None, {}, [], "/x", []))
    assert CANARY in secrets and CANARY not in json.dumps(result)
    return result


def says(text, code=0, err=""):
    return "cat <<'END'\n%s\nEND\ncat >&2 <<'END'\n%s\nEND\nexit %d\n" % (text, err, code)


@pytest.mark.parametrize("code", [0, 1, 78])
def test_the_exit_code_is_not_believed(tmp_path, account, code):
    result = hear(tmp_path, account, says(CLEAN, code))
    assert result["state"] == "clean" and result["judges"]["doctor"]["exit_code"] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "openclaw_missing"),
        (says("", 1, "openclaw: Node 20.20.2: use 24.16+ " + CANARY), "no_verdict"),
        ("exec /usr/bin/env no-such-node\n", "no_verdict"),
        (says("OK. Everything is fine."), "no_verdict"),
        (says('{"ok": true, "findings": []'), "no_verdict"),
        (says('{"ok": true}'), "no_verdict"),
        ("kill -9 $$\n", "no_verdict"),
        ("yes 0123456789\n", "flood"),
    ],
)
def test_whoever_gives_no_verdict_is_unknown(tmp_path, account, body, code):
    result = hear(tmp_path, account, body)
    told = result["judges"]["doctor"]
    assert (result["state"], told["verdict"], told["code"]) == ("unknown", "unknown", code)
    assert told["reason"]


def test_a_judge_that_hangs_is_ended_with_all_it_started(tmp_path, account):
    mark = tmp_path / "alive"
    body = "(while :; do touch %s; sleep 0.1; done) &\nsleep 1000\n" % mark
    began = time.monotonic()
    result = hear(tmp_path, account, body, timeout=1.0)
    assert result["judges"]["doctor"]["code"] == "timeout" and time.monotonic() - began < 10
    mark.unlink()
    time.sleep(0.5)
    assert not mark.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_takes_the_copy_and_the_judge_along(tmp_path, account, number):
    mark, command = tmp_path / "alive", tmp_path / "openclaw"
    command.write_text("#!/bin/sh\npwd > %s.place\nwhile :; do touch %s; sleep 0.1; done\n" % (mark, mark))
    command.chmod(0o755)
    child = os.fork()
    if not child:
        try:
            hearing.make(hearing.Wanted(account, account.home + "/.openclaw", str(command), ("doctor",), 60.0),
                         service.Service(None, {}, [], "/x", []))  # fmt: skip
        finally:
            os._exit(5)
    end = time.monotonic() + 20
    while not mark.exists() and time.monotonic() < end:
        time.sleep(0.05)
    os.kill(child, number)
    assert os.waitpid(child, 0)[1] >> 8 == 5
    mark.unlink()
    time.sleep(0.5)
    assert not mark.exists() and not os.path.exists((tmp_path / "alive.place").read_text().strip())


def test_what_a_judge_leaves_behind_holds_nobody_up(tmp_path, account):
    began = time.monotonic()
    result = hear(tmp_path, account, "sleep 1000 &\n" + says(CLEAN))
    assert result["state"] == "clean" and time.monotonic() - began < 10


def test_one_that_closes_its_outputs_and_stays_is_ended(tmp_path, account):
    result = hear(tmp_path, account, "echo '%s'\nexec >/dev/null 2>&1\nsleep 1000\n" % CLEAN, timeout=1.0)
    assert result["judges"]["doctor"]["code"] == "timeout"


def test_what_a_judge_is_given(tmp_path, account):
    seen = tmp_path / "seen"
    served = service.Service("/x.plist", {
        "OPENAI_API_KEY": "sk-0123456789", "HOME": "/leads/out", "XDG_CACHE_HOME": "/leads/out",
        "OPENCLAW_STATE_DIR": "/leads/out", "npm_config_cache": "/leads/out", "PATH": "/of/the/service",
    }, ["/opt/node/24/bin/node", "/opt/openclaw/index.js", "gateway"], "/x", [])  # fmt: skip
    hear(tmp_path, account, "env > %s\npwd >> %s\n" % (seen, seen) + says(CLEAN), served=served)
    text = seen.read_text()
    given = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    assert "leads/out" not in text and given["OPENAI_API_KEY"] == "sk-0123456789"
    assert given["PATH"].split(":")[:3] == ["/opt/node/24/bin", str(tmp_path), "/of/the/service"]
    assert given["HOME"] == given["PWD"] + "/home" and given["TMPDIR"] == given["PWD"] + "/tmp"
    assert given["OPENCLAW_LOG_LEVEL"] == "silent" and not os.path.exists(given["PWD"])


def test_whatever_a_judge_does_it_does_to_the_copy(tmp_path, account):
    state = Path(account.home) / ".openclaw"
    before = (state / "openclaw.json").read_bytes()
    hear(tmp_path, account, "echo > $HOME/.openclaw/openclaw.json; touch $HOME/.openclaw/x $HOME/y\n" + says(CLEAN))
    assert (state / "openclaw.json").read_bytes() == before and os.listdir(str(state)) == ["openclaw.json"]
    assert os.listdir(account.home) == [".openclaw"]


def test_defaults_are_not_judged_in_the_place_of_a_configuration(tmp_path, account):
    clean = '{"status": "clean", "summary": {}, "findings": []}'
    assert hear(tmp_path, account, says(clean), ("secrets_audit",))["state"] == "clean"
    command, config = tmp_path / "openclaw", Path(account.home) / ".openclaw/openclaw.json"
    config.unlink()
    wanted = hearing.Wanted(account, str(config.parent), str(command), ("secrets_audit",), 20.0)
    result, _secrets = hearing.make(wanted, service.Service(None, {}, [], "/x", []))
    assert (result["state"], result["judges"]["secrets_audit"]["code"]) == ("unknown", "judged_defaults")


def test_a_secret_is_hidden_before_a_text_is_cut(tmp_path, account):
    for length in range(370, 401):
        found = {"checkId": "c", "severity": "warning", "message": "x" * length + CANARY, "fixHint": CANARY}
        words = hearing.Words({CANARY}, [])
        heard = hearing.Heard("findings", None, None, 0, 1.0, hearing.judges.findings_of(
            "doctor", [{"ok": False, "checksRun": 1, "findings": [found]}]), [])  # fmt: skip
        told = hearing.told({"doctor": heard}, [], words, None, 0)
        assert CANARY[:6] not in json.dumps(told)


@pytest.mark.parametrize(
    ("severities", "verdicts", "left_out", "state"),
    [
        ([], ["ok"], [], "clean"),
        (["info"], ["ok", "ok"], [], "clean"),
        (["warning", "info"], ["findings"], [], "warnings"),
        (["warning"], ["findings", "unknown"], [], "unknown"),
        (["warning"], ["findings"], ["a file"], "unknown"),
        (["error"], ["findings", "unknown"], ["a file"], "errors"),
    ],
)
def test_what_it_comes_to(severities, verdicts, left_out, state):
    found = [hearing.judges.Finding("doctor", "c", severity, "config", None, "m", None) for severity in severities]
    heard = {
        name: hearing.Heard(verdict, None, None, 0, 1.0, found if not number else [], [{"cli": {"version": "v"}}])
        for number, (name, verdict) in enumerate(zip(JUDGES, verdicts))
    }
    result = hearing.told(heard, left_out, hearing.Words(set(), []), None, 5)
    assert result["state"] == state and result["version"] == "v"
    assert result["summary"] == {name: severities.count(name) for name in ("error", "warning", "info")}


def plist(directory, **more):
    directory.mkdir(exist_ok=True)
    path = directory / (LABEL + ".plist")
    path.write_bytes(plistlib.dumps(dict({"Label": LABEL}, **more)))
    return path


def test_the_service_as_it_is_defined(tmp_path, account):
    daemons, agents = tmp_path / "daemons", tmp_path / "agents"
    none = service.look(account, LABEL, str(daemons), str(agents))
    assert (none.definition, none.environment) == (None, {}) and none.log.endswith("Library/Logs/openclaw/gateway.log")
    of_agent = plist(agents, EnvironmentVariables={"A": "agent", "N": 5})
    assert service.look(account, LABEL, str(daemons), str(agents))[:2] == (str(of_agent), {"A": "agent"})
    generated = tmp_path / (LABEL + ".env")
    generated.write_text("# Generated by OpenClaw.\nexport TMPDIR='/x y'\n")
    of_daemon = plist(daemons, StandardOutPath="/l", ProgramArguments=["/bin/sh", "/w.sh", str(generated), "/n/node"])
    found = service.look(account, LABEL, str(daemons), str(agents))
    assert (found.definition, found.environment, found.log) == (str(of_daemon), {"TMPDIR": "/x y"}, "/l")
    of_daemon.write_bytes(b"bplist00rubbish")
    assert service.look(account, LABEL, str(daemons), str(agents)).definition == str(of_agent)


def test_where_the_gateway_keeps_its_own_log(tmp_path, account, monkeypatch):
    state = account.home + "/.openclaw"
    served = service.Service(None, {"TMPDIR": "/t"}, [], "/x", [])
    monkeypatch.setattr(diary, "_SHARED", str(tmp_path / "shared"))
    assert diary.own_log(account, state, served).startswith("/t/openclaw-%d/openclaw-20" % account.uid)
    (tmp_path / "shared").mkdir()
    assert diary.own_log(account, state, served).startswith(str(tmp_path / "shared/openclaw-20"))
    Path(state, "openclaw.json").write_text("{logging: {file: '~/g.log'}}")
    assert diary.own_log(account, state, served) == account.home + "/g.log"
    Path(state, "openclaw.json").write_text("{logging: ")
    assert [one["log"] for one in diary.read(account, state, served, 0, 5)] == ["service", "own"]


def test_objects_in_an_output():
    talk = 'Config warning\n{"a": 1}\n{not\n{"b":\n {"c": 2}}\n'
    assert list(_cli.objects(talk)) == [{"a": 1}, {"b": {"c": 2}}]
    began = time.monotonic()
    assert list(_cli.objects('{"a":\n' * 200000)) == [] and time.monotonic() - began < 20
