# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a job, in a home directory that its owner may have prepared against us."""

import errno
import os
import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another account, which takes root")


@pytest.fixture
def mac(own_mac):
    return own_mac


@pytest.fixture
def other(own_mac):
    """An account that is not ours, with the Mac's home."""
    for path in (own_mac.home, own_mac.home / ".openclaw"):
        os.chown(path, 5020, 5020)
    for directory in [own_mac.root, *own_mac.root.parents][:-2]:
        directory.chmod(0o755)
    return own_mac.account._replace(uid=5020, gid=5020)


def refused(code, call, *arguments):
    with pytest.raises(Failure) as caught:
        call(*arguments)
    assert caught.value.code == code
    return caught.value


def make_up_for(lacks, account):
    for lack in lacks:
        {"directory": files.make_directory, "file": files.make_file, "owner": files.own}[lack.kind](lack.path, account)


def test_only_missing_directories_are_made(mac):
    log = str(mac.home / "Library/Logs/openclaw/gateway.log")
    (mac.home / "Library").mkdir(mode=0o755)
    lacks = files.lacks(log, mac.account)
    assert [(lack.kind, os.path.basename(lack.path)) for lack in lacks] == [
        ("directory", "Logs"),
        ("directory", "openclaw"),
        ("file", "gateway.log"),
    ]
    make_up_for(lacks, mac.account)
    assert os.stat(log).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(log)).st_mode & 0o777 == 0o700
    assert os.stat(str(mac.home / "Library")).st_mode & 0o777 == 0o755
    assert files.lacks(log, mac.account) == []


def test_a_log_keeps_what_is_in_it(mac):
    log = mac.home / "gateway.log"
    log.write_text("kept")
    log.chmod(0o644)
    assert files.lacks(str(log), mac.account) == []
    assert log.read_text() == "kept"


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("/dev/null"), lambda path: path.mkdir()])
def test_a_log_that_is_no_plain_file(mac, make):
    log = mac.home / "gateway.log"
    make(log)
    assert str(log) in refused("log_refused", files.lacks, str(log), mac.account).message


@needs_root
def test_owner_is_put_right(mac, other):
    log = mac.home / "gateway.log"
    log.touch()
    assert files.lacks(str(log), other) == [files.Lack("owner", str(log))]
    files.own(str(log), other)
    assert os.stat(str(log)).st_uid == 5020


@needs_root
def test_no_owner_is_changed_through_a_link(mac, other):
    victim = mac.root / "etc"
    victim.mkdir()
    (victim / "gateway.log").touch()
    (mac.home / "Logs").symlink_to(victim)
    refused("write_failed", files.own, str(mac.home / "Logs/gateway.log"), other)
    os.link(str(victim / "gateway.log"), str(mac.home / "gateway.log"))
    refused("log_refused", files.own, str(mac.home / "gateway.log"), other)
    assert os.stat(str(victim / "gateway.log")).st_uid == os.stat(str(victim)).st_uid == 0


@needs_root
def test_nothing_is_made_through_a_link_that_the_account_could_not_make(mac, other):
    victim = mac.root / "etc"
    victim.mkdir()
    (mac.home / "mine").mkdir()
    os.chown(str(mac.home / "mine"), 5020, 5020)
    # The account swaps its directory for a link between our look and our deed.
    rights = files._rights_for(str(mac.home / "mine/x"), other)
    assert rights == (5020, 5020)
    (mac.home / "mine").rmdir()
    (mac.home / "mine").symlink_to(victim)
    with files.acting_as(*rights), pytest.raises(PermissionError):
        os.mkdir(str(mac.home / "mine/x"))
    assert os.geteuid() == os.getegid() == 0
    assert list(victim.iterdir()) == []


@needs_root
def test_what_is_made_in_a_home_belongs_to_its_owner(mac, other):
    path = str(mac.home / "Library/LaunchAgents/x.plist")
    make_up_for(files.lacks_above(path), other)
    files.write_plist(path, b"x", (5020, 5020), other)
    for each in (path, os.path.dirname(path)):
        assert (os.stat(each).st_uid, os.stat(each).st_gid) == (5020, 5020)


def test_plist_replaces_a_link_and_not_what_it_points_to(mac):
    kept = mac.root / "kept"
    kept.write_text("kept")
    path = mac.daemons / "x.plist"
    path.symlink_to(kept)
    assert files.read_plist(str(path)).kind == "symlink"
    files.write_plist(str(path), plistlib.dumps({"Label": "x"}), (os.geteuid(), os.getegid()), mac.account)
    assert kept.read_text() == "kept"
    on_disk = files.read_plist(str(path))
    assert (on_disk.kind, on_disk.definition, on_disk.mode) == ("file", {"Label": "x"}, 0o644)
    assert on_disk.owner == (os.geteuid(), os.getegid())


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_plist_is_written_whole_or_not_at_all(mac, monkeypatch, number):
    path = mac.daemons / "x.plist"
    path.write_bytes(b"old")

    def fail(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    failure = refused("write_failed", files.write_plist, str(path), b"new", (0, 0), mac.account)
    assert str(path) in failure.message and os.strerror(number) in failure.message
    assert [entry.name for entry in mac.daemons.iterdir()] == ["x.plist"] and path.read_bytes() == b"old"


@pytest.mark.parametrize(
    "data", [b"", b"rubbish", b"<plist><dict><key>a</key></dict></plist>", b"bplist00rubbish", plistlib.dumps(["x"])]
)
def test_unreadable_plists(mac, data):
    path = mac.daemons / "x.plist"
    path.write_bytes(data)
    on_disk = files.read_plist(str(path))
    assert on_disk.kind == "file" and on_disk.definition is None and on_disk.error


def test_binary_plist(mac):
    path = mac.daemons / "x.plist"
    path.write_bytes(plistlib.dumps({"Label": "x"}, fmt=plistlib.FMT_BINARY))
    assert files.read_plist(str(path)).definition == {"Label": "x"}


def test_removing_twice(mac):
    path = mac.daemons / "x.plist"
    path.touch()
    files.remove(str(path), mac.account)
    files.remove(str(path), mac.account)
    assert not path.exists()
