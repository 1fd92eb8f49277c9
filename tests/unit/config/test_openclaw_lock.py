# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock that OpenClaw's commands and this collection share; with the real commands in tests/soak."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import exchange, lock_owner, openclaw_lock
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

NOW = 1795250000.0
RUNNING = {7: (True, 100), 8: (True, None), 9: (False, None)}


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ({"pid": 7}, False),
        ({"pid": 7, "starttime": 100}, False),
        ({"pid": 7, "starttime": 99}, True),
        ({"pid": 8, "starttime": 99}, False),
        ({"pid": 9, "starttime": 99}, True),
        ({"pid": 9}, True),
        ({"pid": 9, "createdAt": "2099-01-01T00:00:00.000Z"}, True),
        ({"createdAt": "2026-11-21T10:33:00.000Z"}, False),
        ({"createdAt": "2026-11-21T08:00:00.000Z"}, True),
        ({"createdAt": "some time"}, True),
        ({"pid": True}, False),
        ({"pid": "9"}, False),
        ({"pid": -1}, False),
        ({}, False),
    ],
)
def test_whose_lock_is_left_over(owner, expected):
    assert lock_owner.abandoned(owner, RUNNING.get, NOW) is expected


def test_when_this_process_started_is_known_and_stays():
    assert lock_owner.started(os.getpid()) == lock_owner.started(os.getpid())
    assert lock_owner.started(os.getpid())[1] is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sat Nov 21 11:10:29 2026\n", 1795259429),
        ("Mon Nov  2 01:02:03 2026", 1793581323),
        ("", None),
        ("STARTED", None),
        ("Sam 21 nov 11:10:29 2026", None),
    ],
)
def test_start_times_as_ps_prints_them(text, expected):
    assert lock_owner.seconds_of(text) == expected


def test_ps_itself_is_understood():
    found = lock_owner._seconds(os.getpid())
    assert abs(time.time() - found) < 24 * 3600


@pytest.fixture()
def config(tmp_path):
    return str(tmp_path / "openclaw.json")


def lock_of(config):
    return Path(config + ".lock")


def gone():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_it_says_who_holds_it_and_vanishes(config):
    with openclaw_lock.held(config):
        owner = json.loads(lock_of(config).read_text())
        assert owner["pid"] == os.getpid()
        assert owner["starttime"] == lock_owner.started(os.getpid())[1]
        assert lock_of(config).stat().st_mode & 0o777 == 0o600
        assert openclaw_lock.stale(config) == []
    assert os.listdir(os.path.dirname(config)) == []


def test_it_vanishes_after_a_failure_too(config):
    with pytest.raises(ZeroDivisionError), openclaw_lock.held(config):
        raise ZeroDivisionError
    assert os.listdir(os.path.dirname(config)) == []


@pytest.mark.parametrize("text", ['{"pid": %d}' % os.getpid(), "", "garbage", '["pid"]'])
def test_somebody_elses_is_waited_for_and_then_named(config, text):
    lock_of(config).write_text(text)
    with pytest.raises(Failure) as caught, openclaw_lock.held(config, patience=0.1):
        pass
    assert caught.value.code == "config_locked"
    assert str(lock_of(config)) in caught.value.sentence()
    assert ("process %d" % os.getpid() in caught.value.sentence()) is ("pid" in text and text[0] == "{")
    assert lock_of(config).read_text() == text
    assert os.listdir(os.path.dirname(config)) == ["openclaw.json.lock"]


def test_one_that_is_released_is_had(config):
    lock_of(config).write_text('{"pid": %d}' % os.getpid())
    threading.Timer(0.2, lock_of(config).unlink).start()
    with openclaw_lock.held(config, patience=5):
        assert json.loads(lock_of(config).read_text())["createdAt"]


def test_one_of_a_dead_process_is_taken_over(config):
    lock_of(config).write_text('{"pid": %d}' % gone())
    assert openclaw_lock.stale(config) == [str(lock_of(config))]
    with openclaw_lock.held(config, patience=1):
        assert json.loads(lock_of(config).read_text())["pid"] == os.getpid()
    assert os.listdir(os.path.dirname(config)) == []


def test_one_that_openclaw_is_removing_is_left_to_it(config):
    lock_of(config).write_text('{"pid": %d}' % gone())
    guard = Path(config + ".lock.reclaim")
    guard.mkdir()
    with pytest.raises(Failure), openclaw_lock.held(config, patience=0.1):
        pass
    assert sorted(os.listdir(os.path.dirname(config))) == ["openclaw.json.lock", "openclaw.json.lock.reclaim"]


def test_one_that_is_taken_in_the_middle_of_a_take_over_is_given_back(config, monkeypatch):
    """Between our look at the left-over lock and the exchange, OpenClaw has removed it and made its own."""
    lock_of(config).write_text('{"pid": %d}' % gone())
    theirs = '{"pid": %d, "theirs": 1}' % os.getpid()
    real, calls = exchange.rename, []

    def rename(old, new, kind):
        calls.append(kind)
        if len(calls) == 1:
            lock_of(config).write_text(theirs)
        return real(old, new, kind)

    monkeypatch.setattr(exchange, "rename", rename)
    with pytest.raises(Failure), openclaw_lock.held(config, patience=0.1):
        pass
    assert calls[:2] == ["exchange", "exchange"]
    assert lock_of(config).read_text() == theirs
    assert os.listdir(os.path.dirname(config)) == ["openclaw.json.lock"]


@pytest.mark.parametrize("found", [None, "dead"])
def test_without_such_renames_a_link_has_to_do(config, monkeypatch, found):
    def unsupported(*_arguments):
        raise OSError(exchange.UNSUPPORTED[0], "unsupported")

    if found:
        lock_of(config).write_text('{"pid": %d}' % gone())
    monkeypatch.setattr(exchange, "rename", unsupported)
    with openclaw_lock.held(config, patience=1):
        assert json.loads(lock_of(config).read_text())["pid"] == os.getpid()
    assert os.listdir(os.path.dirname(config)) == []


def test_where_no_file_can_be_made_nobody_is_kept_off(config, monkeypatch):
    def refused(*_arguments):
        raise PermissionError(13, "no")

    monkeypatch.setattr(openclaw_lock.litter, "write", refused)
    with openclaw_lock.held(config):
        assert os.listdir(os.path.dirname(config)) == []


def test_the_lock_lies_where_openclaw_looks_for_it(tmp_path):
    """Beside the name it uses, in the real directory: not where a linked file lies."""
    real, elsewhere = tmp_path / "real", tmp_path / "elsewhere"
    real.mkdir()
    elsewhere.mkdir()
    (elsewhere / "there.json").touch()
    (real / "openclaw.json").symlink_to(elsewhere / "there.json")
    (tmp_path / "link").symlink_to(real)
    assert openclaw_lock.path_of(str(tmp_path / "link/openclaw.json")) == str(real.resolve() / "openclaw.json.lock")


HOLDER = """
import os, signal, sys
sys.path.insert(0, %r)
import conftest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import openclaw_lock
with openclaw_lock.held(%r):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_holder_stands_in_nobodys_way(config):
    here = str(Path(__file__).resolve().parents[1])
    code = subprocess.run([sys.executable, "-c", HOLDER % (here, config)], check=False).returncode
    assert code == -signal.SIGKILL
    assert openclaw_lock.stale(config) == [str(lock_of(config))]
    with openclaw_lock.held(config, patience=1):
        pass
    assert os.listdir(os.path.dirname(config)) == []
