# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private copy: the same files in the same modes, nothing that leads out of it, and nothing left of it."""
import collections
import os
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor import standin

CANARY = "canary-0123456789abcdef"


@pytest.fixture()
def account(tmp_path):
    home = tmp_path / "home"
    (home / ".openclaw").mkdir(parents=True)
    (home / ".openclaw").chmod(0o755)
    return collections.namedtuple("Account", "name uid gid home")("me", os.geteuid(), os.getegid(), str(home))


@pytest.fixture()
def state(account):
    return Path(account.home) / ".openclaw"


def copy(account, state, config=None):
    return standin.standing_in(account, str(state), str(config or state / "openclaw.json"))


def snapshot(root):
    return {
        str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in sorted([root, *root.rglob("*")])
    }


def test_files_modes_and_times(account, state):
    for name, mode in (("openclaw.json", 0o644), (".env", 0o600), ("agents/main/agent/models.json", 0o640)):
        path = state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CANARY)
        path.chmod(mode)
    for name in standin.EMPTY:
        (state / name).mkdir()
        (state / name / "large").write_text("x")
    before = snapshot(state)
    with copy(account, state) as made:
        assert stat.S_IMODE(os.stat(made.place).st_mode) == 0o700
        there = Path(made.state_dir)
        for path, (mode, modified, data) in before.items():
            twin = there / os.path.relpath(path, str(state))
            if os.path.basename(os.path.dirname(path)) in standin.EMPTY:
                assert not twin.exists()
                continue
            assert twin.lstat().st_mode == mode, path
            assert data is False or (twin.read_bytes(), twin.lstat().st_mtime_ns) == (data, modified)
        (there / "openclaw.json").write_text("broken")
        assert made.left_out == [] and made.config == str(there / "openclaw.json")
    assert snapshot(state) == before
    assert not os.path.exists(made.place)


def test_links_lead_nowhere_on_the_host(account, state, tmp_path):
    release, elsewhere = tmp_path / "release", Path(account.home) / "notes"
    for directory in (release, elsewhere, state / "real"):
        directory.mkdir()
    outside = tmp_path / "dotfiles.json"
    outside.write_text("{}")
    (state / "openclaw.json").symlink_to(outside)
    (state / "inside").symlink_to("real")
    (state / "skill").symlink_to(release)
    (state / "notes").symlink_to(elsewhere)
    (state / "loop").symlink_to(".")
    (state / "dangling").symlink_to("nothing")
    (state / "deeper/still").mkdir(parents=True)
    (state / "deeper/still/up").symlink_to("../..")
    with copy(account, state) as made:
        there = Path(made.state_dir)
        assert not (there / "openclaw.json").is_symlink() and (there / "openclaw.json").read_text() == "{}"
        assert (there / "inside").resolve() == (there / "real").resolve()
        assert (there / "loop").resolve() == (there / "deeper/still/up").resolve() == there.resolve()
        assert (there / "skill").resolve() == release
        assert not os.path.lexists(str(there / "notes")) and not os.path.lexists(str(there / "dangling"))
        assert len(made.left_out) == 1 and "notes" in made.left_out[0]


def test_paths_in_the_configuration_lead_into_the_copy(account, state):
    text = '{"a": "%s/x", "b": "/elsewhere", token: "%s"}' % (state, CANARY)
    (state / "openclaw.json").write_text(text)
    with copy(account, state) as made:
        assert Path(made.config).read_text() == text.replace(str(state), made.state_dir)
    assert (state / "openclaw.json").read_text() == text


@pytest.mark.parametrize("where", ["beside the home", "another name"])
def test_a_state_directory_elsewhere(account, tmp_path, where):
    state = tmp_path / "state" if where == "beside the home" else Path(account.home) / ".openclaw-work"
    state.mkdir()
    (state / "openclaw.json").write_text("{}")
    with copy(account, state) as made:
        assert made.state_dir.startswith(made.place) and Path(made.config).read_text() == "{}"
        assert dict(made.places)[made.state_dir] == str(state)


def test_a_configuration_elsewhere(account, state, tmp_path):
    config = tmp_path / "etc.json"
    config.write_text("{}")
    with copy(account, state, config) as made:
        assert made.config.startswith(made.place) and Path(made.config).read_text() == "{}"
        assert made.places[0] == (made.config, str(config))


def test_no_state_directory_at_all(account, state):
    state.rmdir()
    with copy(account, state) as made:
        assert made.bytes == 0 and not os.path.exists(made.config)


def test_what_is_no_file_is_not_copied_and_what_is_too_much_is_said(account, state, monkeypatch):
    os.mkfifo(str(state / "fifo"))
    here = os.getcwd()
    os.chdir(str(state))
    with socket.socket(socket.AF_UNIX) as peer:
        peer.bind("socket")
    os.chdir(here)
    (state / "a").write_bytes(b"x" * 100)
    (state / "b").write_bytes(b"x" * 10)
    monkeypatch.setattr(standin, "MAX_FILE", 50)
    with copy(account, state) as made:
        assert sorted(os.listdir(made.state_dir)) == ["b"]
        assert made.left_out == ["%s: 100 bytes are too many" % (state / "a")]
    monkeypatch.setattr(standin, "MAX_ENTRIES", 1)
    with copy(account, state) as made:
        assert "more than 1 files" in made.left_out[-1]


def test_a_database_with_its_log_and_somebody_connected(account, state):
    database = sqlite3.connect(str(state / "openclaw.sqlite"))
    database.execute("pragma journal_mode=wal")
    database.execute("create table t (v)")
    database.execute("insert into t values (5)")
    database.commit()
    before = snapshot(state)
    with copy(account, state) as made:
        twin = sqlite3.connect(os.path.join(made.state_dir, "openclaw.sqlite"))
        assert twin.execute("select v from t").fetchall() == [(5,)]
        twin.execute("delete from t")
        twin.commit()
        twin.close()
    assert snapshot(state) == before
    database.close()


def test_a_database_that_somebody_keeps_writing_to_is_said(account, state, monkeypatch):
    (state / "openclaw.sqlite").write_bytes(b"x")
    moments = iter(range(1000))
    monkeypatch.setattr(standin, "_stamp", lambda path: next(moments))
    (state / "openclaw.sqlite-wal").write_bytes(b"x")
    with copy(account, state) as made:
        assert "kept writing" in made.left_out[0]


def test_what_goes_away_while_it_is_copied_is_no_part_of_it(account, state, monkeypatch):
    for name in ("a", "b"):
        (state / name).write_text("x")
    copy_file = standin._copy_file

    def late(source, target):
        if os.path.exists(str(state / "b")):
            (state / "b").unlink()
        return copy_file(source, target)

    monkeypatch.setattr(standin, "_copy_file", late)
    with copy(account, state) as made:
        assert os.listdir(made.state_dir) == ["a"] and made.left_out == []


def test_a_tree_too_deep_is_said(account, state):
    os.makedirs(str(state / "/".join(["d"] * 200)))
    with copy(account, state) as made:
        assert len(made.left_out) == 1 and "100 directories deep" in made.left_out[0]


@pytest.mark.parametrize("there", [True, False])
def test_locks_that_judges_leave_go_with_the_copy(account, state, tmp_path, monkeypatch, there):
    monkeypatch.setattr(standin, "_SHARED", str(tmp_path))
    locks = tmp_path / ("openclaw-state-locks-%d" % account.uid)
    if there:
        locks.mkdir()
        (locks / "state-handles.d57a4933.lock.sqlite").touch()
    with copy(account, state):
        locks.mkdir(exist_ok=True)
        (locks / "state-handles.0ba9d4fb.lock.sqlite").touch()
        (locks / "state-lifecycle.0ba9d4fb.lock.sqlite").touch()
        (tmp_path / "openclaw").mkdir()
    assert [path.name for path in locks.glob("*")] == ["state-handles.d57a4933.lock.sqlite"] * there
    assert locks.exists() == there and not (tmp_path / "openclaw").exists()


def test_a_lock_that_somebody_holds_stays(account, state, tmp_path, monkeypatch):
    monkeypatch.setattr(standin, "_SHARED", str(tmp_path))
    locks = tmp_path / ("openclaw-state-locks-%d" % account.uid)
    hold = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
    hold += "c.execute('begin exclusive'); print('held', flush=True); sys.stdin.read()"
    with copy(account, state):
        locks.mkdir()
        held, other = locks / "gateway-lifecycle.0ba9d4fb.lock.sqlite", locks / "notes"
        other.touch()
        holder = subprocess.Popen([sys.executable, "-c", hold, str(held)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)  # fmt: skip
        assert holder.stdout.readline() == b"held\n"
    assert held.exists() and other.exists()
    holder.communicate()


def test_copies_that_a_killed_run_has_left_are_swept_away(account, state, tmp_path, monkeypatch):
    monkeypatch.setattr(standin, "_SHARED", str(tmp_path))
    old, new, other = (tmp_path / name for name in ("openclaw-doctor-old", "openclaw-doctor-new", "other"))
    for path in (old, new, other):
        path.mkdir(mode=0o500)
        os.utime(str(path), (10**9, 10**9))
    os.utime(str(new))
    with copy(account, state):
        assert not old.exists() and new.exists() and other.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="root only")
def test_with_the_rights_of_the_account(account, state, tmp_path):
    nobody = account._replace(uid=65534, gid=65534)
    secret = state / "openclaw.json"
    secret.write_text(CANARY)
    secret.chmod(0o600)
    (state / "theirs").mkdir()
    os.chown(str(state / "theirs"), 65534, 65534)
    for path in [tmp_path, *tmp_path.parents][:3]:
        path.chmod(0o755)
    with copy(nobody, state) as made:
        copied = os.stat(made.config)
        assert (copied.st_size, stat.S_IMODE(copied.st_mode), copied.st_uid) == (0, 0, 65534)
    assert not os.path.exists(made.place)
