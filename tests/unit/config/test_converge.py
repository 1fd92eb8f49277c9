# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on a real disk: what is read, refused, written and left alone."""

import collections
import errno
import os
import stat
import threading
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import (
    converge,
    edit,
    exchange,
    json5,
    litter,
    storage,
    swap,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

Account = collections.namedtuple("Account", "name uid gid home")
LOCAL = {"gateway": {"mode": "local"}}
OLD = b"{\n  gateway: { mode: 'local' }, // mine\n  meta: {},\n}\n"


@pytest.fixture()
def target(tmp_path):
    account = Account("me", os.geteuid(), os.getegid(), str(tmp_path))
    state_dir = str(tmp_path / ".openclaw")
    return converge.Target(account, state_dir, os.path.join(state_dir, "openclaw.json"))


@pytest.fixture()
def existing(target):
    put(target, OLD)
    return target


def put(target, data, mode=0o600):
    os.makedirs(target.state_dir, mode=0o700, exist_ok=True)
    with open(target.path, "wb") as stream:
        stream.write(data)
    os.chmod(target.path, mode)


def content(target):
    return Path(target.path).read_bytes()


def apply(target, settings, absent=(), backup=True, **more):
    work = converge.prepare(target, settings, absent, **more)
    return work, converge.commit(work, backup)


def refused(target, settings, absent=(), **more):
    before = tree(target.account.home)
    with pytest.raises(Failure) as caught:
        apply(target, settings, absent, **more)
    assert tree(target.account.home) == before
    return caught.value


def tree(root):
    found = {}
    for directory, _names, files in os.walk(root):
        for name in files:
            path = os.path.join(directory, name)
            facts = os.lstat(path)
            found[path] = (facts.st_mode, facts.st_ino, Path(path).read_bytes() if os.path.isfile(path) else None)
    return found


# -- what a run does


def test_a_virgin_host_gets_directory_and_file_and_a_second_run_nothing(target):
    work, kept = apply(target, LOCAL, version="2026.9.6")
    assert kept is None
    assert stat.S_IMODE(os.stat(target.state_dir).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(target.path).st_mode) == 0o600
    assert json5.loads(content(target).decode()) == dict(LOCAL, meta={"lastTouchedVersion": "2026.9.6"})
    assert [entry["action"] for entry in work.files] == ["create"]
    before = os.stat(target.path)
    work, _kept = apply(target, LOCAL, version="2026.9.6")
    assert (work.changes, work.files, work.effect) == ([], [], "none")
    assert os.stat(target.path) == before


def test_a_check_run_predicts_and_writes_nothing(target):
    work = converge.prepare(target, LOCAL)
    assert work.changes and work.files
    assert not os.path.exists(target.state_dir)
    put(target, OLD)
    before = tree(target.account.home)
    work = converge.prepare(target, {"gateway": {"port": 1}})
    assert tree(target.account.home) == before
    converge.commit(work, backup=False)
    assert content(target) == work.data


def test_only_absences_on_a_virgin_host_create_nothing(target):
    work, _kept = apply(target, {}, [("a",)])
    assert (work.changes, work.files) == ([], [])
    assert not os.path.exists(target.state_dir)


def test_modes_are_corrected_without_a_change_of_bytes(existing):
    os.chmod(existing.path, 0o644)
    os.chmod(existing.state_dir, 0o755)
    work, kept = apply(existing, LOCAL)
    assert [(entry["action"], entry["before"], entry["after"]) for entry in work.files] == [
        ("mode", "0755", "0700"),
        ("mode", "0644", "0600"),
    ]
    assert (kept, work.changes, content(existing)) == (None, [], OLD)
    assert stat.S_IMODE(os.stat(existing.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(existing.state_dir).st_mode) == 0o700
    assert converge.prepare(existing, LOCAL).files == []


def test_a_directory_elsewhere_is_not_ours_to_judge(existing, tmp_path):
    elsewhere = tmp_path / "etc"
    elsewhere.mkdir(mode=0o755)
    work, _kept = apply(existing._replace(path=str(elsewhere / "x.json")), LOCAL)
    assert work.files == []
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


# -- meta


def test_a_changed_file_without_meta_is_stamped(target):
    put(target, b'{"gateway":{"mode":"local"}}')
    work, _kept = apply(target, {"gateway": {"port": 1}}, version="2026.9.6")
    assert content(target) == b'{"gateway":{"mode":"local","port":1},"meta":{"lastTouchedVersion":"2026.9.6"}}'
    assert work.changes[-1] == edit.Change(("meta",), edit.ABSENT, {"lastTouchedVersion": "2026.9.6"})


def test_an_unchanged_file_is_not_stamped(target):
    put(target, b'{"gateway":{"mode":"local"}}')
    assert apply(target, LOCAL, version="2026.9.6")[0].changes == []


def test_existing_meta_is_kept(existing):
    apply(existing, {"gateway": {"port": 1}}, version="2026.9.6")
    assert json5.loads(content(existing).decode())["meta"] == {}


# -- refusals, each of which leaves every byte where it was


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{gateway: ", "config_unparseable"),
        (b"", "config_unparseable"),
        (b"[]", "root_not_object"),
        (b'{"a":"\xff"}', "config_not_utf8"),
        (b"{a:1}", "gateway_mode_missing"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(target, data, code):
    put(target, data)
    failure = refused(target, {"b": 1})
    assert failure.code == code
    assert target.path in failure.message


@pytest.mark.parametrize(
    ("settings", "absent", "code"),
    [
        ({"gateway": {"bind": "lan"}}, [], "bind_without_auth"),
        ({"gateway": {"mode": "remote"}}, [], "gateway_mode_remote"),
        ({}, [("gateway", "mode")], "gateway_mode_removed"),
        ({}, [("gateway",)], "gateway_mode_removed"),
        ({"gateway": 1}, [], "gateway_mode_removed"),
        ({}, [("meta",)], "meta_removed"),
        ({"gateway": {"port": None}}, [], "setting_null"),
    ],
)
def test_wishes_that_would_break_the_gateway_are_refused(existing, settings, absent, code):
    assert refused(existing, settings, absent).code == code


def test_a_file_is_never_halved(target):
    put(target, b'{"gateway":{"mode":"local"},"big":"%s"}' % (b"x" * 2000))
    assert refused(target, {}, [("big",)]).code == "config_would_shrink"
    put(target, b'{"gateway":{"mode":"local"},"big":"%s"}' % (b"x" * 100))
    apply(target, {}, [("big",)])


def test_a_missing_home_is_refused(tmp_path):
    account = Account("me", os.geteuid(), os.getegid(), str(tmp_path / "gone"))
    target = converge.Target(account, account.home + "/.openclaw", account.home + "/.openclaw/openclaw.json")
    assert refused(target, LOCAL).code == "parent_missing"


def test_odd_files_are_refused(target, tmp_path):
    os.mkdir(target.state_dir, 0o700)
    os.mkfifo(target.path)
    assert refused(target, LOCAL).code == "not_a_file"
    os.unlink(target.path)
    os.mkdir(target.path)
    assert refused(target, LOCAL).code == "not_a_file"
    os.rmdir(target.path)
    os.symlink(str(tmp_path / "nowhere"), target.path)
    assert refused(target, LOCAL).code == "link_refused"


def test_a_link_to_a_file_of_the_user_is_written_through(existing, tmp_path):
    real = str(tmp_path / "dotfiles.json")
    os.rename(existing.path, real)
    os.symlink(real, existing.path)
    apply(existing, {"gateway": {"port": 1}})
    assert os.path.islink(existing.path)
    assert b"port" in Path(real).read_bytes()


def test_a_state_directory_that_is_a_file_is_refused(target):
    Path(target.state_dir).touch()
    assert refused(target, LOCAL).code in ("not_a_directory", "permission_denied")


def test_too_large_a_file_is_refused(target, monkeypatch):
    monkeypatch.setattr(storage, "MAX_BYTES", 100)
    put(target, b"{gateway:{mode:'local'}}" + b" " * 100)
    assert refused(target, {"a": 1}).code == "file_too_large"


def test_another_user_is_not_served_without_root(existing, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: existing.account.uid + 1)
    failure = refused(existing, {"a": 1})
    assert failure.code == "not_permitted"
    assert "become: true" in failure.hint


# -- disks that fail


@pytest.mark.parametrize("call", ["fsync", "rename", "write"])
@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "file_system_full"), (errno.EROFS, "file_system_read_only"), (errno.EIO, "file_operation_failed")],
)
def test_a_failing_disk_leaves_the_old_file_and_nothing_else(existing, monkeypatch, call, number, code):
    def fail(*_arguments):
        raise OSError(number, os.strerror(number))

    if call == "write":
        monkeypatch.setattr(os, "fdopen", _failing_fdopen(os.fdopen, fail))
    elif call == "fsync":
        monkeypatch.setattr(litter, "to_disk", fail)
    else:
        monkeypatch.setattr(exchange, "rename", fail)
    failure = refused(existing, {"a": 1}, backup=False)
    assert failure.code == code
    assert existing.path in failure.message


def _failing_fdopen(original, fail):
    def fdopen(handle, mode):
        stream = original(handle, mode)
        if "w" in mode:
            stream.close()
            fail()
        return stream

    return fdopen


def test_a_full_or_read_only_file_system_is_seen_before_anything_is_written(existing, monkeypatch):
    facts = os.statvfs(existing.state_dir)

    class Facts:
        f_flag = facts.f_flag
        f_frsize = facts.f_frsize
        f_bavail = 1
        f_files = facts.f_files
        f_favail = facts.f_favail

    monkeypatch.setattr(os, "statvfs", lambda _path: Facts)
    assert refused(existing, {"a": 1}).code == "file_system_full"
    Facts.f_flag |= os.ST_RDONLY
    assert refused(existing, {"a": 1}).code == "file_system_read_only"
    assert converge.prepare(existing, LOCAL).changes == []


# -- others who write


@pytest.mark.parametrize("other", [b"{gateway: {mode: 'local'}, other: 1}", b"", None])
def test_a_change_in_between_is_never_overwritten(existing, other):
    work = converge.prepare(existing, {"a": 1})
    if other is None:
        os.unlink(existing.path)
    else:
        put(existing, other)
    before = tree(existing.account.home)
    with pytest.raises(Failure) as caught:
        converge.commit(work, backup=False)
    assert caught.value.code == "config_changed_meanwhile"
    assert tree(existing.account.home) == before


def test_a_file_that_appears_in_between_is_never_overwritten(target):
    work = converge.prepare(target, LOCAL)
    put(target, OLD)
    with pytest.raises(Failure) as caught:
        converge.commit(work, backup=True)
    assert caught.value.code == "config_changed_meanwhile"
    assert content(target) == OLD


def test_readers_see_old_or_new_but_never_less(existing):
    seen = set()
    done = threading.Event()

    def watch():
        while not done.is_set():
            seen.add(content(existing))

    watcher = threading.Thread(target=watch)
    watcher.start()
    written = {OLD}
    for port in range(1, 40):
        written.add(apply(existing, {"gateway": {"port": port}}, backup=False)[0].data)
    done.set()
    watcher.join()
    assert seen <= written


# -- backups


def test_backups_are_private_and_the_newest_five_stay(existing):
    snapshots = []
    for port in range(1, 9):
        snapshots.append(content(existing))
        work = converge.prepare(existing, {"gateway": {"port": port}})
        kept = storage.keep_backup(work.snapshot, existing.account, now=1800000000 + port)
        swap.replace(work.snapshot, work.data, existing.account)
        assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
        assert Path(kept).read_bytes() == snapshots[-1]
    names = sorted(name for name in os.listdir(existing.state_dir) if name.endswith(".bak"))
    assert len(names) == storage.KEEP_BACKUPS
    assert [Path(os.path.join(existing.state_dir, name)).read_bytes() for name in names] == snapshots[-5:]


def test_the_same_bytes_are_kept_once_and_foreign_files_are_left_alone(existing):
    foreign = os.path.join(existing.state_dir, "openclaw.json.bak")
    put(existing._replace(path=foreign), b"theirs")
    snapshot = storage.read(existing.path, existing.account)
    first = storage.keep_backup(snapshot, existing.account, now=1)
    assert storage.keep_backup(snapshot, existing.account, now=1000) == first
    assert Path(foreign).read_bytes() == b"theirs"


def test_a_run_names_its_backup(existing):
    _work, kept = apply(existing, {"gateway": {"port": 1}})
    assert Path(kept).read_bytes() == OLD
    assert os.path.basename(kept).startswith("openclaw.json.ansible-")
