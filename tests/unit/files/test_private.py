# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rights files get, and that they get them: never more than before, and never through a link."""
import collections
import os
import stat

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._files import private
from ansible_collections.clawops.openclaw.plugins.module_utils._host import private_files

ME = collections.namedtuple("Account", "name uid gid home")("me", os.geteuid(), os.getegid(), "/")


def entry(mode="0644", kind="file", secret=True, owner=None, uid=501, problem="readable_by_others"):
    return {"path": "/x", "kind": kind, "mode": mode, "uid": uid, "gid": 20, "secret": secret, "owner": owner,
            "problem": problem}  # fmt: skip


@pytest.mark.parametrize(("found", "mode", "owner"), [
    (entry("0644"), 0o600, (501, 20)),
    (entry("0755", "directory"), 0o700, (501, 20)),
    (entry("0777", "directory", secret=False), 0o755, (501, 20)),
    (entry("0666", secret=False), 0o644, (501, 20)),
    (entry("0750", "directory", secret=False, owner=501), 0o750, (501, 20)),
    (entry("0644", owner=ME.uid), 0o600, (ME.uid, ME.gid)),
    (entry("0000", owner=501), 0o600, (501, 20)),
])  # fmt: skip
def test_what_others_lose_and_who_owns_it(found, mode, owner):
    (correction,), left = private.plan([found], ME)
    assert left == [] and correction.mode == mode and (correction.uid, correction.gid) == owner


@pytest.mark.parametrize("kind", ["link", "other"])
def test_what_is_no_matter_of_rights_is_left(kind):
    corrections, left = private.plan([entry(kind=kind)], ME)
    assert corrections == [] and left[0]["path"] == "/x" and kind in left[0]["reason"]


@pytest.fixture
def state(tmp_path):
    for name in ("openclaw.json", "credentials/a/key", "devices/paired.json", "openclaw.json.bak"):
        path = tmp_path / "state" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        path.chmod(0o644)
    for place, _directories, _names in os.walk(str(tmp_path / "state")):
        os.chmod(place, 0o777)
    return tmp_path / "state"


def wrong(state):
    return private_files.wrong(ME, str(state), [])


def test_afterwards_nothing_is_wrong(state):
    corrections, _left = private.plan(wrong(state), ME)
    before = {one.path: os.stat(one.path).st_mode for one in corrections}
    private.carry_out(corrections, ME)
    assert wrong(state) == [] and len(corrections) > 5
    for path, mode in before.items():
        assert not os.stat(path).st_mode & ~mode, "a right was added"


def test_a_link_in_the_place_of_a_file_leads_nowhere(state, tmp_path):
    other = tmp_path / "other"
    other.write_text("not the Gateway's")
    other.chmod(0o644)
    corrections, _left = private.plan(wrong(state), ME)
    (state / "openclaw.json").unlink()
    (state / "openclaw.json").symlink_to(other)
    with pytest.raises(Failure) as raised:
        private.carry_out([one for one in corrections if one.path.endswith("openclaw.json")], ME)
    assert str(state) in raised.value.sentence() and stat.S_IMODE(other.stat().st_mode) == 0o644


def test_a_file_that_is_named_is_made_private_and_keeps_its_owner(tmp_path):
    copy = tmp_path / "openclaw.json.before"
    copy.write_text("{}")
    copy.chmod(0o640)
    found = private.shared(str(copy), ME)
    assert found["owner"] is None and found["problem"] == "readable_by_others"
    private.carry_out(private.plan([found], ME)[0], ME)
    assert private.shared(str(copy), ME) is None
    copy.unlink()
    assert private.shared(str(copy), ME) is None
