# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replacing a file while others write it, are killed in the middle of it, or have made it impossible."""

import collections
import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import (
    converge,
    litter,
    openclaw_lock,
    storage,
    swap,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._config import exchange as renames
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

Account = collections.namedtuple("Account", "name uid gid home")
OLD = b"{gateway: {mode: 'local'}, meta: {}}"
OTHER = b"{gateway: {mode: 'local'}, meta: {}, other: 1}"


@pytest.fixture()
def target(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    put(state / "openclaw.json", OLD)
    return converge.Target(
        Account("me", os.geteuid(), os.getegid(), str(tmp_path)), str(state), str(state / "openclaw.json")
    )


def put(path, data):
    path.write_bytes(data)
    path.chmod(0o600)


def work_on(target, **settings):
    return converge.prepare(target, settings or {"a": 1})


def names(target):
    return sorted(os.listdir(target.state_dir))


def swapped(old, new):
    """What another program's atomic write does."""

    def write():
        put(Path(old), new)
        os.rename(old, str(Path(old).parent / "openclaw.json"))

    return write


def at(monkeypatch, when, action):
    """Let something happen just before the swap of the given number."""
    real, count = renames.rename, []

    def rename(*arguments):
        count.append(1)
        if len(count) == when:
            action()
        return real(*arguments)

    instead_of_the_rename(monkeypatch, rename)


def instead_of_the_rename(monkeypatch, rename):
    """Have something else happen where the configuration, and not its lock, is renamed."""
    real = renames.rename

    def choose(old, new, kind):
        return (real if new.endswith(".lock") else rename)(old, new, kind)

    monkeypatch.setattr(renames, "rename", choose)


def supports_exchange(directory):
    for name in ("one", "two"):
        put(directory / name, name.encode())
    try:
        renames.rename(str(directory / "one"), str(directory / "two"), "exchange")
    except OSError:
        return False
    return True


@pytest.fixture()
def exchange(tmp_path):
    place = tmp_path / "try"
    place.mkdir()
    if not supports_exchange(place):
        pytest.skip("this file system cannot exchange two files")


def test_a_version_that_comes_between_comparison_and_swap_is_put_back(target, monkeypatch, exchange):
    work = work_on(target)
    at(monkeypatch, 1, swapped(target.state_dir + "/theirs", OTHER))
    with pytest.raises(Failure) as caught:
        converge.commit(work, backup=False)
    assert caught.value.code == "config_changed_meanwhile"
    assert Path(target.path).read_bytes() == OTHER
    assert names(target) == ["openclaw.json"]


def test_the_newest_of_two_versions_that_come_between_survives(target, monkeypatch, exchange):
    work = work_on(target)
    newest = OTHER.replace(b"1", b"2")
    first, second = swapped(target.state_dir + "/theirs", OTHER), swapped(target.state_dir + "/theirs", newest)
    real, count = renames.rename, []

    def rename(*arguments):
        count.append(1)
        {1: first, 2: second}.get(len(count), lambda: None)()
        return real(*arguments)

    instead_of_the_rename(monkeypatch, rename)
    with pytest.raises(Failure):
        converge.commit(work, backup=False)
    assert Path(target.path).read_bytes() == newest
    assert names(target) == ["openclaw.json"]


def test_a_file_that_appears_at_the_last_moment_is_never_overwritten(target, monkeypatch, exchange):
    os.unlink(target.path)
    work = work_on(target, gateway={"mode": "local"})
    at(monkeypatch, 1, swapped(target.state_dir + "/theirs", OTHER))
    with pytest.raises(Failure) as caught:
        converge.commit(work, backup=False)
    assert caught.value.code == "config_changed_meanwhile"
    assert Path(target.path).read_bytes() == OTHER


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EINVAL, errno.ENOTSUP])
@pytest.mark.parametrize("there", [True, False])
def test_without_an_exchange_a_rename_has_to_do(target, monkeypatch, number, there):
    def unsupported(*_arguments):
        raise OSError(number, "unsupported")

    if not there:
        os.unlink(target.path)
    instead_of_the_rename(monkeypatch, unsupported)
    work = work_on(target, gateway={"mode": "local", "port": 1})
    converge.commit(work, backup=False)
    assert Path(target.path).read_bytes() == work.data
    assert names(target) == ["openclaw.json"]


# -- what a killed writer leaves


def test_left_over_files_are_reported_and_removed_even_without_another_change(target):
    left = Path(target.state_dir, ".openclaw.json.ansible-abcd.tmp")
    put(left, b"secret")
    put(Path(target.state_dir, ".openclaw.json.other.tmp"), b"theirs")
    work = converge.prepare(target, {"gateway": {"mode": "local"}})
    assert [(entry["path"], entry["action"]) for entry in work.files] == [(str(left), "remove")]
    assert left.exists()
    converge.commit(work, backup=True)
    assert names(target) == [".openclaw.json.other.tmp", "openclaw.json"]
    assert Path(target.path).read_bytes() == OLD
    assert converge.prepare(target, {"gateway": {"mode": "local"}}).files == []


def test_a_change_removes_left_over_files_too(target):
    put(Path(target.state_dir, ".openclaw.json.ansible-abcd.tmp"), b"secret")
    converge.commit(work_on(target), backup=False)
    assert names(target) == ["openclaw.json"]


def test_a_file_of_a_living_writer_is_not_left_over(target):
    put(Path(target.state_dir, ".openclaw.json.ansible-abcd.tmp"), b"busy")
    with litter.locked(target.state_dir):
        assert litter.stale(target.state_dir, "openclaw.json") == []
    assert len(litter.stale(target.state_dir, "openclaw.json")) == 1


KILLED = """
import os, signal, sys
sys.path.insert(0, %r)
import conftest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import litter
with litter.locked(%r):
    litter.write(%r, "openclaw.json", b"secret", lambda handle: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_the_lock_of_a_killed_writer_dies_with_it(target):
    here = str(Path(__file__).resolve().parents[1])
    code = KILLED % (here, target.state_dir, target.state_dir)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert len(names(target)) == 2
    assert all(stat.S_IMODE(os.stat(os.path.join(target.state_dir, name)).st_mode) == 0o600 for name in names(target))
    converge.commit(work_on(target), backup=False)
    assert names(target) == ["openclaw.json"]


# -- the lock


def test_a_second_writer_waits_and_gives_up_with_a_reason(target, monkeypatch):
    work = work_on(target)
    handle = os.open(target.state_dir, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(Failure) as caught, litter.locked(target.state_dir, patience=0.05):
            pass
        assert caught.value.code == "config_locked"
        threading.Timer(0.2, os.close, (handle,)).start()
        converge.commit(work, backup=False)
    finally:
        assert Path(target.path).read_bytes() == work.data
    assert names(target) == ["openclaw.json"]


def test_two_tasks_at_once_lose_nothing_unreported(target):
    outcomes = []

    def run(number):
        for _round in range(20):
            try:
                converge.commit(converge.prepare(target, {"k%d" % number: {"r%d" % _round: 1}}), backup=False)
                outcomes.append((number, _round))
            except Failure as failure:
                assert failure.code == "config_changed_meanwhile"

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    config = converge.read_config(storage.read(target.path, target.account))
    assert {("k%d" % number, "r%d" % round_) for number, round_ in outcomes} == {
        (key, inner) for key, value in config.items() if key.startswith("k") for inner in value
    }


def test_nothing_is_compared_while_openclaw_writes(target, monkeypatch):
    """A command that has OpenClaw's lock ends before our comparison, which then sees what it did."""
    lock = Path(openclaw_lock.path_of(target.path))
    lock.write_text('{"pid": %d}' % os.getpid())

    def finish():
        swapped(target.state_dir + "/theirs", OTHER)()
        lock.unlink()

    work = work_on(target)
    threading.Timer(0.2, finish).start()
    with pytest.raises(Failure) as caught:
        converge.commit(work, backup=False)
    assert caught.value.code == "config_changed_meanwhile"
    assert Path(target.path).read_bytes() == OTHER
    assert names(target) == ["openclaw.json"]


def test_the_lock_is_openclaws_during_the_swap_and_gone_after_it(target, monkeypatch):
    seen = []
    at(monkeypatch, 1, lambda: seen.append(Path(target.path + ".lock").read_text()))
    converge.commit(work_on(target), backup=False)
    assert '"pid": %d' % os.getpid() in seen[0]
    assert names(target) == ["openclaw.json"]


def test_a_lock_of_a_process_that_is_gone_is_reported_and_removed(target):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    lock = Path(target.path + ".lock")
    lock.write_text('{"pid": %d}' % dead.pid)
    work = converge.prepare(target, {"gateway": {"mode": "local"}})
    assert [(entry["path"], entry["action"]) for entry in work.files] == [(str(lock), "remove")]
    converge.commit(work, backup=True)
    assert names(target) == ["openclaw.json"]


# -- extended attributes, unsafe writes


def test_extended_attributes_are_kept(target):
    try:
        os.setxattr(target.path, "user.tag", b"red")
    except (AttributeError, OSError):
        pytest.skip("no extended attributes here")
    converge.commit(work_on(target), backup=False)
    assert os.getxattr(target.path, "user.tag") == b"red"
    assert stat.S_IMODE(os.stat(target.path).st_mode) == 0o600


@pytest.mark.parametrize("number", swap._NO_RENAME)
def test_unsafe_writes_only_where_no_rename_is_possible(target, monkeypatch, number):
    def impossible(*_arguments):
        raise OSError(number, os.strerror(number))

    instead_of_the_rename(monkeypatch, impossible)
    work = work_on(target)
    before = os.stat(target.path).st_ino
    with pytest.raises(Failure):
        converge.commit(work, backup=False)
    assert Path(target.path).read_bytes() == OLD
    converge.commit(work, backup=False, put=swap.replace_or_overwrite)
    assert Path(target.path).read_bytes() == work.data
    assert os.stat(target.path).st_ino == before
    assert names(target) == ["openclaw.json"]


def test_unsafe_writes_prefer_a_rename_and_do_not_hide_a_full_disk(target, monkeypatch):
    before = os.stat(target.path).st_ino
    converge.commit(work_on(target), backup=False, put=swap.replace_or_overwrite)
    assert os.stat(target.path).st_ino != before
    kept = Path(target.path).read_bytes()

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(litter, "to_disk", full)
    with pytest.raises(Failure) as caught:
        converge.commit(work_on(target, b=1), backup=False, put=swap.replace_or_overwrite)
    assert caught.value.code == "file_system_full"
    assert Path(target.path).read_bytes() == kept
