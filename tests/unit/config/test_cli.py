# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenClaw's own validation: what it is given, what is made of its answer."""

import collections
import contextlib
import os
import stat
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils import _cli
from ansible_collections.clawops.openclaw.plugins.module_utils._config import converge, judged
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

Account = collections.namedtuple("Account", "name uid gid home")
VALID = '{"valid":true,"path":"x","warnings":[]}'
UNSAID = {"path": "<root>", "message": "OpenClaw calls it invalid without saying why"}
INVALID = """{
  "ok": false,
  "valid": false,
  "issues": [{"path": "gateway.port", "message": "Invalid input: got sekret-sekret-sekret"}, 5]
}"""


@pytest.fixture()
def account(tmp_path):
    return Account("me", os.geteuid(), os.getegid(), str(tmp_path))


def binary(tmp_path, body):
    path = tmp_path / "openclaw"
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(0o755)
    return str(path)


def says(tmp_path, text, code=0):
    return binary(tmp_path, "cat <<'END'\n%s\nEND\nexit %d\n" % (text, code))


@pytest.mark.parametrize("code", [0, 1, 7])
def test_the_exit_code_is_not_asked(tmp_path, account, code):
    assert _cli.validate(says(tmp_path, VALID, code), b"{}", account, str(tmp_path)) == []
    found = _cli.validate(says(tmp_path, INVALID, code), b"{}", account, str(tmp_path))
    assert [issue["path"] for issue in found] == ["gateway.port"]


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (VALID, []),
        ("talk\n" + VALID + "\nmore", []),
        ("{not json\n" + VALID, []),
        ('{"valid": false}', [UNSAID]),
        ('{"valid": false, "issues": "x"}', [UNSAID]),
        (INVALID.replace("sekret", "\x1b[31mred"), None),
    ],
)
def test_objections(output, found):
    said = _cli.objections(output, "/x")
    assert said == found if found is not None else "\x1b" not in said[0]["message"]


@pytest.mark.parametrize("output", ["", "Segmentation fault", "{}", '{"valid": "true"}', "[true]", "Node 20: use 24"])
def test_no_verdict_is_a_failure_and_never_a_yes(output):
    with pytest.raises(Failure) as caught:
        _cli.objections(output, "/x/openclaw")
    assert caught.value.code == "openclaw_failed"
    assert "/x/openclaw" in caught.value.message


def test_the_copy_is_private_the_environment_small_and_nothing_stays(tmp_path, account, monkeypatch):
    monkeypatch.setenv("MY_SECRET", "x")
    monkeypatch.setenv("OPENCLAW_GATEWAY_TOKEN", "x")
    seen = tmp_path / "seen"
    script = (
        'env > %s; ls -lad "$PWD" "$OPENCLAW_CONFIG_PATH" >> %s; cat "$OPENCLAW_CONFIG_PATH" >> %s; echo \'%s\''
        % (seen, seen, seen, VALID)
    )
    assert _cli.validate(binary(tmp_path, script), b"{a: 1}", account, str(tmp_path)) == []
    text = seen.read_text()
    assert "MY_SECRET" not in text and "OPENCLAW_GATEWAY_TOKEN" not in text
    assert "drwx------" in text and "-rw-------" in text and "{a: 1}" in text
    place = [line.split("=", 1)[1] for line in text.splitlines() if line.startswith("OPENCLAW_CONFIG_PATH=")][0]
    assert not os.path.exists(os.path.dirname(place))


def test_one_that_hangs_is_ended_with_its_children(tmp_path, account):
    begin = time.monotonic()
    with pytest.raises(Failure) as caught:
        _cli.validate(binary(tmp_path, "sleep 60 & sleep 60\n"), b"{}", account, str(tmp_path), timeout=0.3)
    assert caught.value.code == "openclaw_timeout"
    assert time.monotonic() - begin < 10


def test_a_private_copy_goes_although_somebody_still_writes_there(tmp_path):
    place = tmp_path / "copy"
    place.mkdir()
    (place / "locked").mkdir()
    (place / "locked/file").write_text("x")
    (place / "locked").chmod(0o500)
    end = time.monotonic() + 0.5

    def write():
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                place.joinpath("new").mkdir(parents=True)

    writer = threading.Thread(target=write)
    writer.start()
    _cli.discard(str(place))
    writer.join()
    _cli.discard(str(place))
    assert not place.exists()


def test_a_private_copy_that_stays_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(_cli, "_GONE", 0.2)
    monkeypatch.setattr(_cli.shutil, "rmtree", lambda path, onerror: None)
    with pytest.raises(Failure) as caught:
        _cli.discard(str(tmp_path))
    assert caught.value.code == "copy_left" and str(tmp_path) in caught.value.message


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text(""), lambda path: path.mkdir()])
def test_a_missing_command(tmp_path, account, make):
    path = tmp_path / "none"
    make(path)
    with pytest.raises(Failure) as caught:
        _cli.validate(str(path), b"{}", account, str(tmp_path))
    assert caught.value.code == "openclaw_missing"


# -- the policy


@pytest.fixture()
def target(tmp_path, account):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    path = state / "openclaw.json"
    path.write_text("{gateway: {mode: 'local'}, meta: {}}")
    path.chmod(0o600)
    return converge.Target(account, str(state), str(path))


def judge(target, policy, command, settings):
    return judged.by_openclaw(
        converge.prepare(target, settings), policy, command, lambda text: text.replace("sekret", "*")
    )


CHANGE, NOTHING = {"a": 1}, {"gateway": {"mode": "local"}}


@pytest.mark.parametrize(
    ("policy", "output", "settings", "outcome"),
    [
        ("never", None, CHANGE, "builtin"),
        ("never", INVALID, CHANGE, "builtin"),
        ("auto", None, CHANGE, "builtin"),
        ("auto", VALID, CHANGE, "openclaw"),
        ("auto", INVALID, CHANGE, "config_invalid"),
        ("auto", INVALID, NOTHING, "builtin"),
        ("auto", "broken", CHANGE, "builtin"),
        ("always", None, CHANGE, "openclaw_missing"),
        ("always", None, NOTHING, "openclaw_missing"),
        ("always", VALID, NOTHING, "openclaw"),
        ("always", INVALID, NOTHING, "config_invalid"),
        ("always", "broken", CHANGE, "openclaw_failed"),
    ],
)
def test_policy(target, tmp_path, policy, output, settings, outcome):
    command = str(tmp_path / "none") if output is None else says(tmp_path, output)
    try:
        said, doubt = judge(target, policy, command, settings)
    except Failure as failure:
        said, doubt = failure.code, None
        assert "sekret" not in str(failure.as_dict())
    assert said == outcome
    assert bool(doubt) == (output == "broken" and policy == "auto")


def test_included_files_stand_in_the_copy(target, tmp_path):
    seen = tmp_path / "seen"
    Path(target.state_dir, "i.json").write_text('{"included": 7}')
    Path(target.path).write_text("{gateway: {mode: 'local'}, $include: './i.json', meta: {}}")
    command = binary(tmp_path, "cp \"$OPENCLAW_CONFIG_PATH\" %s; echo '%s'" % (seen, VALID))
    assert judge(target, "auto", command, CHANGE) == ("openclaw", None)
    assert '"included": 7' in seen.read_text() and 'include"' not in seen.read_text()
    assert stat.S_IMODE(os.stat(target.path).st_mode) == 0o600
