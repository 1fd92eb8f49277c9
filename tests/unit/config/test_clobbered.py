# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import collections
import os
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import clobbered, converge
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

Account = collections.namedtuple("Account", "name uid gid home")
OLD = "{gateway: {mode: 'local'}, meta: {}}"
WANTED = {"gateway": {"port": 5}}


@pytest.fixture()
def target(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    path = state / "openclaw.json"
    path.write_text(OLD)
    path.chmod(0o600)
    return converge.Target(Account("me", os.geteuid(), os.getegid(), str(tmp_path)), str(state), str(path))


def thrown_away(target, text, when=None, mark="2026"):
    path = Path(target.path + ".clobbered." + mark)
    path.write_text(text)
    if when:
        os.utime(path, (when, when))
    return path


def find(target, settings=None):
    work = converge.prepare(target, settings or WANTED)
    return clobbered.find(work.snapshot, work.wished, target.account)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{gateway: {mode: 'local', port: 5}}", "no meta"),
        ("{gateway: {port: 5}, meta: {}}", "no gateway.mode"),
        ("{gateway: {mode: 'local', port: 5}, meta: {}}", "doctor --fix"),
    ],
)
def test_a_thrown_away_file_with_our_values_is_found_with_its_reason(target, text, reason):
    path = thrown_away(target, text)
    found = find(target)
    assert (found.path, found.wanted) == (str(path), True)
    assert reason in found.reason
    with pytest.raises(Failure) as caught:
        clobbered.refuse(found, target.path)
    assert caught.value.code == "config_clobbered"
    assert str(path) in caught.value.message and reason in caught.value.message


@pytest.mark.parametrize("text", ["{gateway: {mode: 'local', port: 6}, meta: {}}", "{", "[]", ""])
def test_a_thrown_away_file_of_somebody_else_is_not_ours(target, text):
    thrown_away(target, text)
    assert find(target) is None


def test_what_was_thrown_away_before_our_last_write_is_over_and_after_it_is_not(target):
    kept = converge.commit(converge.prepare(target, WANTED), backup=True)
    written = os.stat(kept).st_mtime
    thrown_away(target, "{", when=written - 5)
    assert find(target) is None
    later = thrown_away(target, "{", when=written + 5, mark="later")
    assert find(target)._replace(reason="") == clobbered.Clobbered(str(later), True, False, "")


def test_wishes_for_nothing_find_nothing(target):
    thrown_away(target, OLD)
    assert find(target, {}) is None


def test_odd_things_by_that_name_are_passed_over(target):
    os.mkfifo(target.path + ".clobbered.fifo")
    os.symlink("/etc/passwd", target.path + ".clobbered.link")
    assert find(target) is None


def test_a_name_that_is_gone_meanwhile_hides_no_other(target, monkeypatch):
    """OpenClaw turns its copies while it runs."""
    path = thrown_away(target, "{gateway: {port: 5}, meta: {}}")
    names = os.listdir(os.path.dirname(target.path))
    gone = [os.path.basename(target.path) + end for end in (".clobbered.1", ".bak.9")]
    monkeypatch.setattr(os, "listdir", lambda _directory: gone + names)
    assert find(target).path == str(path)
