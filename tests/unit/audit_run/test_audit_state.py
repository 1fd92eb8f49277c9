# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit remembers on the controller."""

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _audit_state


def record(*names, **more):
    return dict({"hosts": [{"name": name, "score": len(names)} for name in names], "plan": {}, "previous": {}}, **more)


def names(found):
    return [row["name"] for row in found["hosts"]]


def test_a_file_that_is_not_there_is_no_past(tmp_path):
    assert _audit_state.read(str(tmp_path / "last.json")) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "\udcff"])
def test_a_file_that_cannot_be_used_is_named(tmp_path, text):
    path = tmp_path / "last.json"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(Failure) as caught:
        _audit_state.read(str(path))
    assert caught.value.code == "audit_file_unreadable"
    assert str(path) in caught.value.message


def test_a_directory_is_private_and_one_that_is_there_is_left_alone(tmp_path):
    _audit_state.private(str(tmp_path / "a/b"))
    assert (tmp_path / "a/b").stat().st_mode & 0o777 == 0o700
    tmp_path.chmod(0o755)
    _audit_state.private(str(tmp_path))
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure) as caught:
        _audit_state.private(str(tmp_path / "file/state"))
    assert caught.value.code == "audit_directory_unusable"


def test_an_audit_of_a_part_is_compared_with_that_part():
    assert names(_audit_state.comparable(record("a", "b"), {"b", "c"})) == ["b"]
    assert _audit_state.comparable(record("a"), {"b"}) is None
    assert _audit_state.comparable(None, {"b"}) is None


def test_hosts_that_an_audit_was_not_about_are_remembered_as_long_as_they_are_in_the_inventory():
    kept = _audit_state.remembered(record("a"), record("a", "b", "gone"), {"a", "b"})
    assert names(kept) == ["a", "b"]
    assert kept["hosts"][0]["score"] == 1
    assert kept["previous"] is None
    assert kept["plan"] is None
    assert names(_audit_state.remembered(record("a"), None, {"a"})) == ["a"]
