# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import collections
import os
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import converge, includes, json5
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

FILES = {
    "/c/a.json": {"x": {"a": 1, "list": [1]}, "only": "a"},
    "/c/b.json": {"x": {"b": 2, "list": [2]}},
    "/c/deep/c.json": {"$include": "d.json", "c": 3},
    "/c/deep/d.json": {"d": 4},
    "/c/loop.json": {"$include": "./loop2.json"},
    "/c/loop2.json": {"$include": ["loop.json"]},
    "/c/list.json": [1, 2],
    "/other/o.json": {"o": 1},
}
FILES.update({"/c/n%d.json" % number: {"$include": "n%d.json" % (number + 1)} for number in range(12)})


def resolve(tree, roots=()):
    return includes.resolve(tree, "/c/openclaw.json", roots, lambda path, _roots: FILES[path])


@pytest.mark.parametrize(
    ("tree", "config", "provided"),
    [
        ({"$include": "a.json"}, FILES["/c/a.json"], FILES["/c/a.json"]),
        ({"$include": ["a.json", "./b.json"]}, {"x": {"a": 1, "b": 2, "list": [1, 2]}, "only": "a"}, None),
        (
            {"$include": "a.json", "x": {"a": 9, "list": [3]}},
            {"x": {"a": 9, "list": [1, 3]}, "only": "a"},
            FILES["/c/a.json"],
        ),
        ({"k": {"$include": "deep/c.json"}, "z": 1}, {"k": {"c": 3, "d": 4}, "z": 1}, {"k": {"c": 3, "d": 4}}),
        ({"k": [{"$include": "list.json"}]}, {"k": [[1, 2]]}, {"k": [[1, 2]]}),
        ({"$include": "/c/deep/d.json"}, {"d": 4}, {"d": 4}),
    ],
)
def test_files_are_merged_as_openclaw_does(tree, config, provided):
    found = resolve(tree)
    assert found.config == config
    assert found.provided == (config if provided is None else provided)


def test_a_tree_without_includes_is_left_alone():
    found = resolve({"a": [{"b": 1}]})
    assert (found.config, found.sources) == ({"a": [{"b": 1}]}, ())


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ({"$include": 5}, "include_invalid"),
        ({"$include": ["a.json", 5]}, "include_invalid"),
        ({"$include": "list.json", "beside": 1}, "include_invalid"),
        ({"$include": "x\0"}, "include_invalid"),
        ({"$include": "x" * 5000}, "include_invalid"),
        ({"$include": "../other/o.json"}, "include_outside"),
        ({"$include": "/etc/passwd"}, "include_outside"),
        ({"$include": "/cc/x.json"}, "include_outside"),
        ({"$include": "loop.json"}, "include_cycle"),
        ({"$include": "openclaw.json"}, "include_cycle"),
        ({"$include": "n0.json"}, "include_too_deep"),
        ({"$include": "many0.json"}, "include_too_many"),
    ],
)
def test_what_openclaw_refuses_is_refused(tree, code):
    with pytest.raises(Failure) as caught:
        resolve(tree)
    assert caught.value.code == code


def test_further_roots_are_allowed_when_named():
    assert resolve({"$include": "/other/o.json"}, roots=("/other",)).config == {"o": 1}


def test_the_file_of_a_value_is_named():
    found = resolve({"k": {"$include": "deep/c.json"}})
    assert includes.source_of(found, ("k", "d")) == "/c/deep/d.json"
    assert includes.source_of(found, ("k", "c")) == "/c/deep/c.json"
    assert includes.source_of(found, ("z",)) is None


FILES.update({"/c/many%d.json" % number: {"$include": ["many%d.json" % (number + 1)] * 10} for number in range(9)})
FILES["/c/many9.json"] = {}

OWN = {"gateway": {"$include": "g.json", "bind": "lan"}, "free": 1}
FILES["/c/g.json"] = {"mode": "local", "bind": "loopback", "port": 5, "tags": ["a"], "auth": {"mode": "token"}}


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        ({"gateway": {"mode": "local", "port": 5}}, {}),
        ({"gateway": {"bind": "tailnet"}}, {"gateway": {"bind": "tailnet"}}),
        ({"gateway": {"new": 1, "port": 5.0}}, {"gateway": {"new": 1}}),
        ({"gateway": {"auth": {"token": "t", "mode": "token"}}}, {"gateway": {"auth": {"token": "t"}}}),
        ({"gateway": {"tags": ["a"]}, "free": 2}, {"free": 2}),
    ],
)
def test_what_an_include_makes_true_is_not_written(wanted, written):
    assert includes.local_settings(wanted, OWN, resolve(OWN)) == written


@pytest.mark.parametrize("wanted", [{"gateway": {"port": 6}}, {"gateway": {"tags": []}}, {"gateway": {"auth": 1}}])
def test_a_value_of_an_included_file_is_refused_with_its_name(wanted):
    with pytest.raises(Failure) as caught:
        includes.local_settings(wanted, OWN, resolve(OWN))
    assert caught.value.code == "setting_in_include"
    assert "/c/g.json" in caught.value.message


def test_a_path_of_an_included_file_cannot_be_absent():
    includes.require_local([("free",), ("gateway", "nothing")], resolve(OWN))
    with pytest.raises(Failure) as caught:
        includes.require_local([("gateway", "port")], resolve(OWN))
    assert caught.value.code == "setting_in_include"


# -- on a disk

Account = collections.namedtuple("Account", "name uid gid home")


@pytest.fixture()
def target(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    return converge.Target(
        Account("me", os.geteuid(), os.getegid(), str(tmp_path)), str(state), str(state / "openclaw.json")
    )


def put(target, name, text):
    path = Path(target.state_dir, name)
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_an_include_is_read_and_never_inlined(target):
    put(target, "g.json5", "{mode: 'local', port: 5} // kept")
    put(target, "openclaw.json", '{gateway: {"$include": "./g.json5"}, meta: {}}')
    assert converge.prepare(target, {"gateway": {"port": 5, "mode": "local"}}).changes == []
    work = converge.prepare(target, {"gateway": {"bind": "loopback"}})
    converge.commit(work, backup=False)
    assert Path(target.path).read_text() == '{gateway: {"$include": "./g.json5", "bind": "loopback"}, meta: {}}'
    assert work.after["gateway"] == {"mode": "local", "port": 5, "bind": "loopback"}


def test_cross_checks_judge_the_effective_document(target):
    put(target, "g.json5", "{mode: 'local', auth: {mode: 'none'}}")
    put(target, "openclaw.json", '{gateway: {"$include": "./g.json5"}, meta: {}}')
    with pytest.raises(Failure) as caught:
        converge.prepare(target, {"gateway": {"bind": "lan"}})
    assert caught.value.code == "bind_without_auth"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path, _elsewhere: None, "include_unreadable"),
        (lambda path, _elsewhere: path.mkdir(), "include_unreadable"),
        (lambda path, _elsewhere: os.mkfifo(path), "include_unreadable"),
        (lambda path, elsewhere: os.link(elsewhere, path), "include_unreadable"),
        (lambda path, elsewhere: path.symlink_to(elsewhere), "include_outside"),
        (lambda path, _elsewhere: path.write_text("{"), "include_unparseable"),
        (lambda path, _elsewhere: path.write_bytes(b'"\xff"'), "include_unparseable"),
        (lambda path, _elsewhere: path.write_bytes(b" " * (2 * 1024 * 1024 + 1)), "include_unreadable"),
        (lambda path, _elsewhere: path.write_text("[]"), "root_not_object"),
    ],
)
def test_included_files_that_openclaw_would_not_read(target, tmp_path, make, code):
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text("{}")
    make(Path(target.state_dir, "i.json"), elsewhere)
    put(target, "openclaw.json", '{"$include": "i.json"}')
    with pytest.raises(Failure) as caught:
        converge.prepare(target, {"a": 1})
    assert caught.value.code == code
    assert json5.loads(Path(target.path).read_text()) == {"$include": "i.json"}
