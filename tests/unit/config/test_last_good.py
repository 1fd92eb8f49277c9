# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is gone or torn begins with what OpenClaw last ran with, where that is sound, and with nothing else."""

import collections
import os
import stat

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import converge, last_good
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

Account = collections.namedtuple("Account", "name uid gid home")
GOOD = "{\n  // kept\n  gateway: {mode: 'local', port: 18789},\n  meta: {}\n}\n"
TORN = GOOD[: len(GOOD) // 2]


@pytest.fixture()
def target(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    account = Account("me", os.geteuid(), os.getegid(), str(tmp_path))
    return converge.Target(account, str(state), str(state / "openclaw.json"))


def lay(target, name, text):
    path = os.path.join(target.state_dir, name)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.chmod(path, 0o600)


def work_of(target, settings=None, fallback="last_good"):
    wanted = converge.wishes.Wishes(settings or {}, ())
    return converge.prepare_all(target, wanted, fallback=last_good.FALLBACKS[fallback])


def content(target):
    with open(target.path, encoding="utf-8") as stream:
        return stream.read()


@pytest.mark.parametrize("found", [None, TORN, "", "[]"])
def test_it_begins_with_the_copy(target, found):
    lay(target, "openclaw.json.last-good", GOOD)
    if found is not None:
        lay(target, "openclaw.json", found)
    work = work_of(target)
    assert [entry["action"] for entry in work.files] == ["restore"] and work.changes == []
    kept = converge.commit(work, True)
    assert content(target) == GOOD and stat.S_IMODE(os.stat(target.path).st_mode) == 0o600
    assert (kept is None) == (found is None)
    again = work_of(target)
    assert (again.files, again.changes) == ([], [])


def test_what_is_declared_is_set_in_the_copy(target):
    lay(target, "openclaw.json.last-good", GOOD)
    lay(target, "openclaw.json", TORN)
    work = work_of(target, {"gateway": {"port": 18790}})
    converge.commit(work, False)
    assert content(target) == GOOD.replace("18789", "18790")


def test_a_sound_file_stays_whatever_the_copy_says(target):
    lay(target, "openclaw.json.last-good", GOOD)
    lay(target, "openclaw.json", GOOD.replace("18789", "1"))
    work = work_of(target)
    assert (work.files, work.changes) == ([], [])


@pytest.mark.parametrize("copy", [None, TORN, "[]", "{}", "{gateway: {}}", "directory", "link"])
def test_a_copy_that_is_none(target, tmp_path, copy):
    place = os.path.join(target.state_dir, "openclaw.json.last-good")
    if copy == "directory":
        os.mkdir(place)
    elif copy == "link":
        os.symlink(tmp_path / "nowhere", place)
    elif copy is not None:
        lay(target, "openclaw.json.last-good", copy)
    assert work_of(target).files == []
    lay(target, "openclaw.json", TORN)
    with pytest.raises(Failure) as caught:
        work_of(target)
    assert caught.value.code == "config_unparseable" and caught.value.details["path"] == target.path


@pytest.mark.parametrize("found", [None, TORN, "[]"])
@pytest.mark.parametrize("copy", [None, GOOD, TORN])
def test_what_has_no_sound_copy_begins_empty_if_that_is_wanted(target, found, copy):
    for name, text in (("openclaw.json", found), ("openclaw.json.last-good", copy)):
        if text is not None:
            lay(target, name, text)
    work = work_of(target, {"gateway": {"mode": "local", "port": 1}}, "empty")
    converge.commit(work, False)
    assert converge.effective(target)["gateway"] == {"mode": "local", "port": 1}
    assert ("// kept" in content(target)) == (copy == GOOD)
    assert work_of(target, {"gateway": {"mode": "local", "port": 1}}, "empty").changes == []


def test_nobody_loses_more_than_half_of_a_torn_file(target):
    lay(target, "openclaw.json", "{gateway: {mode: 'local'}, channels: {" + "x: 1, " * 200)
    with pytest.raises(Failure) as caught:
        work_of(target, {"gateway": {"mode": "local"}}, "empty")
    assert caught.value.code == "config_would_shrink"


def test_without_the_option_nothing_is_taken(target):
    lay(target, "openclaw.json.last-good", GOOD)
    lay(target, "openclaw.json", TORN)
    with pytest.raises(Failure):
        work_of(target, fallback="none")
