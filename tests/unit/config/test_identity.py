# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root acting for a user: whose files come out of it, and that a link of theirs never turns root's pen."""

import collections
import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import converge, swap
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")

Account = collections.namedtuple("Account", "name uid gid home")
UID, GID = 12345, 12346
LOCAL = {"gateway": {"mode": "local"}}
OLD = b"{gateway:{mode:'local'}}"


@pytest.fixture()
def target():
    # Not tmp_path: its parents are closed to other users.
    root = tempfile.mkdtemp(dir="/tmp")
    os.chmod(root, 0o755)
    home = os.path.join(root, "home")
    os.mkdir(home)
    os.chown(home, UID, GID)
    account = Account("somebody", UID, GID, home)
    yield converge.Target(account, home + "/.openclaw", home + "/.openclaw/openclaw.json")
    shutil.rmtree(root)


def state(target):
    os.mkdir(target.state_dir, 0o700)
    os.chown(target.state_dir, UID, GID)


def apply(target, settings):
    work = converge.prepare(target, settings)
    converge.commit(work, backup=True)
    return work


def owner(path):
    facts = os.lstat(path)
    return facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)


def test_ids_come_back():
    with acting_as(Account("somebody", UID, GID, "/")):
        assert (os.geteuid(), os.getegid()) == (UID, GID)
    assert (os.geteuid(), os.getegid()) == (0, 0)
    with pytest.raises(KeyError), acting_as(Account("somebody", UID, GID, "/")):
        raise KeyError
    assert os.geteuid() == 0


def test_everything_new_belongs_to_the_user(target):
    apply(target, LOCAL)
    apply(target, {"gateway": {"port": 1}})
    assert owner(target.state_dir) == (UID, GID, 0o700)
    names = os.listdir(target.state_dir)
    assert len(names) == 2
    for name in names:
        assert owner(os.path.join(target.state_dir, name)) == (UID, GID, 0o600)


def test_a_file_that_root_left_behind_is_given_back(target):
    state(target)
    with open(target.path, "wb") as stream:
        stream.write(OLD)
    os.chmod(target.path, 0o600)
    work = apply(target, LOCAL)
    assert [entry["action"] for entry in work.files] == ["owner"]
    assert owner(target.path) == (UID, GID, 0o600)
    assert Path(target.path).read_bytes() == OLD


@pytest.mark.parametrize("victim_owner", [0, 999])
def test_a_link_to_a_file_of_somebody_else_is_refused(target, victim_owner):
    state(target)
    victim = os.path.join(os.path.dirname(target.account.home), "victim.json")
    with open(victim, "wb") as stream:
        stream.write(OLD)
    os.chown(victim, victim_owner, 0)
    os.symlink(victim, target.path)
    with pytest.raises(Failure) as caught:
        apply(target, {"a": 1})
    assert caught.value.code == "link_refused"
    assert Path(victim).read_bytes() == OLD


def test_a_hard_link_to_a_file_of_root_is_refused(target):
    state(target)
    victim = os.path.join(os.path.dirname(target.account.home), "victim.json")
    with open(victim, "wb") as stream:
        stream.write(OLD)
    os.link(victim, target.path)
    with pytest.raises(Failure) as caught:
        apply(target, {"a": 1})
    assert caught.value.code == "file_of_stranger"


def test_a_state_directory_that_leads_elsewhere_is_refused(target):
    elsewhere = os.path.join(os.path.dirname(target.account.home), "etc")
    os.mkdir(elsewhere)
    os.symlink(elsewhere, target.state_dir)
    with pytest.raises(Failure) as caught:
        apply(target, LOCAL)
    assert caught.value.code == "file_of_stranger"
    assert os.listdir(elsewhere) == []


def test_a_path_into_a_directory_of_root_is_refused_by_the_kernel(target):
    elsewhere = os.path.join(os.path.dirname(target.account.home), "etc")
    os.mkdir(elsewhere)
    with pytest.raises(Failure) as caught:
        apply(target._replace(path=elsewhere + "/openclaw.json"), LOCAL)
    assert caught.value.code == "permission_denied"
    assert os.listdir(elsewhere) == []


def test_a_swap_between_reading_and_writing_reaches_only_what_the_user_could_reach(target):
    apply(target, LOCAL)
    work = converge.prepare(target, {"a": 1})
    elsewhere = os.path.join(os.path.dirname(target.account.home), "etc")
    os.mkdir(elsewhere)
    os.rename(target.state_dir, target.state_dir + ".away")
    os.symlink(elsewhere, target.state_dir)
    with pytest.raises(Failure) as caught:
        swap.replace(work.snapshot, work.data, target.account)
    assert caught.value.code == "permission_denied"
    assert os.listdir(elsewhere) == []
