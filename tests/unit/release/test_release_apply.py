# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases under a real root in a temporary directory: what is linked, swapped, kept, refused and removed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import apply, fetch, npm, switch

NODE = "24.21.0"


def openclaw(path, version, node=">=24.16.0 <25 || >=26.1.0"):
    """A package that looks like OpenClaw."""
    (path / "dist").mkdir(parents=True)
    (path / "dist/index.js").write_text("// %s\n" % version)
    about = {"name": "openclaw", "version": version, "bin": {"openclaw": "openclaw.mjs"}, "engines": {"node": node}}
    (path / "package.json").write_text(json.dumps(about))
    return str(path)


def a_node(path, version=NODE):
    """A prefix whose node is a script that says a version, and notes that it was asked."""
    (path / "bin").mkdir(parents=True)
    (path / "bin/node").write_text('#!/bin/sh\necho asked >>"%s/asked"\necho v%s\n' % (path, version))
    (path / "bin/node").chmod(0o755)
    (path / "include/node").mkdir(parents=True)
    numbers = zip(("MAJOR", "MINOR", "PATCH"), version.split("."))
    header = "".join("#define NODE_%s_VERSION %s\n" % pair for pair in numbers)
    (path / "include/node/node_version.h").write_text(header)
    return str(path)


@pytest.fixture
def declared(tmp_path):
    def declare(**changes):
        declaration = {
            "root": str(tmp_path / "opt/openclaw"),
            "version": "2026.9.6",
            "node_version": NODE,
            "install": "existing",
            "node_url": "http://127.0.0.1:1/v{version}/node-v{version}-darwin-{arch}.tar.gz",
            "node_sha256": None,
            "npm_registry": "http://127.0.0.1:1/",
            "existing_node": str(tmp_path / "node"),
            "existing_openclaw": str(tmp_path / "openclaw"),
            "machine": "arm64",
            "timeout": 10,
        }
        declaration.update(changes)
        return declaration

    a_node(tmp_path / "node")
    openclaw(tmp_path / "openclaw", "2026.9.6")
    return declare


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever does not bring a network of their own has none."""

    def refuse(*arguments, **named):
        raise AssertionError("network: %s" % (arguments,))

    monkeypatch.setattr(fetch, "_with", refuse)
    monkeypatch.setattr(fetch, "PAUSES", ())


def snapshot(top):
    """Everything under a directory: names, modes, owners, times, contents."""
    found = {}
    for parent, directories, files in os.walk(str(top)):
        for name in directories + files:
            path = os.path.join(parent, name)
            about = os.lstat(path)
            content = os.readlink(path) if os.path.islink(path) else ""
            if stat.S_ISREG(about.st_mode):
                content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            found[path] = (about.st_mode, about.st_uid, about.st_mtime_ns, content)
    return found


def leads_to(declaration, *parts):
    return os.path.realpath(os.path.join(declaration["root"], *parts))


def test_virgin_host(declared, tmp_path):
    declaration = declared()
    (tmp_path / "node/asked").write_text("")
    before = snapshot(tmp_path)
    predicted = apply.present(declaration, True)
    # Only the fake Node itself notes that it was asked.
    after = dict(snapshot(tmp_path), **{str(tmp_path / "node/asked"): before[str(tmp_path / "node/asked")]})
    assert after == before
    old = os.umask(0o077)
    try:
        made = apply.present(declaration, False)
    finally:
        os.umask(old)
    assert made == predicted
    assert made["changed"]
    assert not made["switched"]
    assert made["previous"] is None
    assert made["engines"] == ">=24.16.0 <25 || >=26.1.0"
    root = declaration["root"]
    assert made["program"][0] == root + "/current/node/bin/node"
    assert made["program"][1] == root + "/current/lib/node_modules/openclaw/dist/index.js"
    assert leads_to(declaration, "current/node/bin/node") == str(tmp_path / "node/bin/node")
    assert leads_to(declaration, "current/lib/node_modules/openclaw") == str(tmp_path / "openclaw")
    assert os.readlink(root + "/current") == "releases/2026.9.6"
    assert os.readlink(root + "/releases/2026.9.6/node") == "../../node/" + NODE
    for parent, directories, _files in os.walk(root):
        for path in [parent] + [os.path.join(parent, name) for name in directories]:
            assert os.path.islink(path) or stat.S_IMODE(os.stat(path).st_mode) == 0o755
    assert stat.S_IMODE(os.stat(root + "/bin/openclaw").st_mode) == 0o755
    assert sorted(os.listdir(root)) == ["bin", "current", "node", "releases"]


def test_second_run_changes_and_starts_nothing(declared, tmp_path):
    declaration = declared()
    apply.present(declaration, False)
    (tmp_path / "node/asked").unlink()
    before = snapshot(tmp_path)
    for check_mode in (True, False):
        again = apply.present(declaration, check_mode)
        assert not again["changed"]
        assert not again["switched"]
        assert again["diff"]["before"] == again["diff"]["after"] == ""
    assert snapshot(tmp_path) == before


def upgrade(declared, tmp_path):
    apply.present(declared(), False)
    openclaw(tmp_path / "newer", "2026.10.1")
    return declared(version="2026.10.1", existing_openclaw=str(tmp_path / "newer"))


def test_upgrade_and_rollback(declared, tmp_path):
    declaration = upgrade(declared, tmp_path)
    predicted = apply.present(declaration, True)
    made = apply.present(declaration, False)
    assert made == predicted
    assert made["switched"]
    assert made["previous"] == declaration["root"] + "/releases/2026.9.6"
    assert sorted(os.listdir(declaration["root"] + "/releases")) == ["2026.10.1", "2026.9.6"]
    assert leads_to(declaration, "current/lib/node_modules/openclaw") == str(tmp_path / "newer")
    back = apply.present(declared(), False)
    assert back["diff"]["after"] == "current: -> releases/2026.9.6\n"
    assert back["switched"]


def test_another_node_under_the_same_release(declared, tmp_path):
    apply.present(declared(), False)
    declaration = declared(node_version="24.30.0", existing_node=a_node(tmp_path / "node24.30", "24.30.0"))
    predicted = apply.present(declaration, True)
    made = apply.present(declaration, False)
    assert made == predicted
    assert made["switched"]
    assert leads_to(declaration, "current/node") == str(tmp_path / "node24.30")


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda root: os.chmod(root, 0o777), "."),
        (lambda root: os.chmod(root + "/releases", 0o775), "releases"),
        (lambda root: os.chmod(root + "/bin/openclaw", 0o777), "bin/openclaw"),
        (lambda root: Path(root, "bin/openclaw").write_text("#!/bin/sh\n"), "bin/openclaw"),
        (lambda root: os.unlink(root + "/bin/openclaw"), "bin/openclaw"),
        (lambda root: os.unlink(root + "/current"), "current"),
        (lambda root: os.unlink(root + "/releases/2026.9.6/lib/node_modules/openclaw"), "releases/2026.9.6"),
        (lambda root: os.mkdir(root + "/.work-dead"), ".work-dead"),
    ],
)
def test_drift_is_put_back_and_nothing_else(declared, tmp_path, spoil, key):
    declaration = declared()
    apply.present(declaration, False)
    spoil(declaration["root"])
    predicted = apply.present(declaration, True)
    made = apply.present(declaration, False)
    assert made == predicted
    assert [line.split(": ")[0] for line in made["diff"]["before"].splitlines()] == [key]
    assert not apply.present(declaration, True)["changed"]
    assert not [name for name in os.listdir(declaration["root"]) if name.startswith(".work-")]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("changes", "code", "names"),
    [
        ({"version": "latest"}, "version_not_exact", ["latest"]),
        ({"version": "../../etc"}, "version_not_exact", ["../../etc"]),
        ({"node_version": "24"}, "version_not_exact", ["'24'"]),
        ({"version": "2026.9.7"}, "openclaw_version_unknown", ["2026.9.7", "2026.9.6"]),
        ({"node_version": "22.22.3"}, "node_outside_engines", ["2026.9.6", "22.22.3", ">=24.16.0 <25", "24.21.0"]),
        ({"node_version": "24.20.0"}, "node_version_differs", ["24.20.0", "24.21.0"]),
        ({"existing_node": "/nowhere/node"}, "existing_missing", ["/nowhere/node/bin/node"]),
        ({"existing_openclaw": "/nowhere/openclaw"}, "existing_missing", ["/nowhere/openclaw"]),
        ({"existing_node": "/opt/homebrew/Cellar/node/24.21.0"}, "existing_unstable_path", ["Cellar"]),
        ({"existing_openclaw": "openclaw"}, "existing_unstable_path", ["not absolute"]),
        ({"root": "relative"}, "root_not_own", ["relative"]),
        ({"root": "/opt/"}, "root_not_own", ["/opt/"]),
        ({"install": "npm", "npm_registry": None}, "npm_registry_missing", ["npm_registry", "npm config get registry"]),
        ({"npm_registry": "https://me:secret@example.com/"}, "url_with_credentials", ["npm_registry"]),
    ],
)
def test_refused_before_anything_is_written(declared, tmp_path, changes, code, names, check_mode):
    declaration = declared(**changes)
    before = set(snapshot(tmp_path))
    with pytest.raises(Failure) as caught:
        apply.present(declaration, check_mode)
    assert caught.value.code == code
    for name in names:
        assert name in caught.value.sentence()
    assert "secret" not in caught.value.sentence()
    assert set(snapshot(tmp_path)) - before <= {str(tmp_path / "node/asked")}


def test_root_that_cannot_be_written_is_told_in_check_mode_too(declared, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for check_mode in (True, False):
        with pytest.raises(Failure) as caught:
            apply.present(declared(), check_mode)
        assert "become" in caught.value.hint
        assert caught.value.code == "root_not_writable"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_refusals_of_the_file_system_on_the_way(declared, monkeypatch, number):
    apply.present(declared(), False)
    os.unlink(declared()["root"] + "/current")

    def refuse(*arguments):
        raise OSError(number, os.strerror(number), "somewhere")

    monkeypatch.setattr(switch, "link", refuse)
    with pytest.raises(Failure) as caught:
        apply.present(declared(), False)
    assert caught.value.code == "root_not_writable"
    assert os.strerror(number) in caught.value.message
    assert not [name for name in os.listdir(declared()["root"]) if name.startswith(".work-")]


@pytest.mark.parametrize(
    "occupy",
    [
        lambda root: os.makedirs(root + "/current"),
        lambda root: (os.makedirs(root), open(root + "/releases", "w").close()),
        lambda root: (os.makedirs(root), os.symlink("/tmp", root + "/node")),
        lambda root: (os.makedirs(os.path.dirname(root)), open(root, "w").close()),
    ],
)
def test_what_is_not_ours_is_not_replaced(declared, tmp_path, occupy):
    declaration = declared()
    occupy(declaration["root"])
    with pytest.raises(Failure) as caught:
        apply.present(declaration, False)
    assert caught.value.code == "root_occupied"


def test_node_of_an_existing_prefix_is_noticed_to_move_on(declared, tmp_path):
    apply.present(declared(), False)
    header = tmp_path / "node/include/node/node_version.h"
    header.write_text(header.read_text().replace("MINOR_VERSION 21", "MINOR_VERSION 22"))
    with pytest.raises(Failure, match=r"24\.22\.0"):
        apply.present(declared(), True)


def test_absent_leaves_nothing(declared, tmp_path):
    declaration = declared()
    apply.present(declaration, False)
    os.mkdir(declaration["root"] + "/.work-dead")
    predicted = apply.absent(declaration, True)
    assert os.path.isdir(declaration["root"])
    gone = apply.absent(declaration, False)
    assert gone == predicted
    assert gone["changed"]
    assert gone["left"] == []
    assert not os.path.lexists(declaration["root"])
    assert os.path.isfile(tmp_path / "node/bin/node")
    assert os.path.isfile(tmp_path / "openclaw/package.json")
    again = apply.absent(declaration, False)
    assert not again["changed"]


def test_absent_says_what_it_leaves(declared):
    declaration = declared()
    root = declaration["root"]
    apply.present(declaration, False)
    for path in ("/notes.txt", "/bin/mine"):
        open(root + path, "w").close()
    gone = apply.absent(declaration, False)
    assert gone["left"] == [root + "/bin/mine", root + "/notes.txt"]
    assert sorted(os.listdir(root)) == ["bin", "notes.txt"]
    assert os.listdir(root + "/bin") == ["mine"]


def test_a_wrapper_that_is_not_ours_stays(declared):
    declaration = declared()
    apply.present(declaration, False)
    with open(declaration["root"] + "/bin/openclaw", "w") as handle:
        handle.write("#!/bin/sh\n")
    assert apply.absent(declaration, False)["left"] == [declaration["root"] + "/bin/openclaw"]


def test_a_release_that_cannot_be_installed_leaves_the_old_one(declared, tmp_path, monkeypatch):
    apply.present(declared(), False)
    archived(tmp_path, declared()["root"])
    before = snapshot(declared()["root"])
    about = {"version": "2026.10.1", "engines": {"node": ">=24"}}
    monkeypatch.setattr(npm, "look_up", lambda registry, version: about)

    def broken(registry, version, node_prefix, work, timeout, run):
        open(os.path.join(work, "half"), "w").close()
        raise Failure("npm_install_failed", "no.", "network", "x.")

    monkeypatch.setattr(npm, "install", broken)
    with pytest.raises(Failure, match="no"):
        apply.present(declared(version="2026.10.1", install="npm"), False)
    assert snapshot(declared()["root"]) == before
    assert os.readlink(declared()["root"] + "/current") == "releases/2026.9.6"


def archived(tmp_path, root):
    """Put in place of the linked Node one that looks as if it came from its archive."""
    os.unlink(os.path.join(root, "node", NODE))
    a_node(tmp_path / "archived")
    script = tmp_path / "archived/lib/node_modules/npm/bin"
    script.mkdir(parents=True)
    (script / "npm-cli.js").write_text("")
    os.rename(str(tmp_path / "archived"), os.path.join(root, "node", NODE))


def test_link_never_misses_its_place(tmp_path):
    """While a link is switched to and fro, every look at it finds one of both."""
    root = tmp_path
    for name in ("a", "b"):
        (root / name).mkdir()
    os.symlink("a", root / "current")
    seen, done = set(), threading.Event()

    def look():
        while not done.is_set():
            seen.add(os.readlink(root / "current"))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        with switch.workshop(str(root)) as work:
            for target in ["b", "a"] * 200:
                switch.link(str(root / "current"), target, work)
    finally:
        done.set()
        watcher.join()
    assert seen == {"a", "b"}


def test_lock_waits_then_names_the_root(tmp_path):
    second = switch.locked(str(tmp_path), 0.1)
    with switch.locked(str(tmp_path), 1), pytest.raises(Failure) as caught:
        second.__enter__()
    assert caught.value.code == "release_busy"
    assert str(tmp_path) in caught.value.message
    with switch.locked(str(tmp_path), 1):
        pass


def test_a_pipe_in_the_place_of_what_is_locked_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotADirectoryError):
        switch.locked(str(tmp_path / "pipe"), 0).__enter__()


def test_the_second_of_two_runs_finds_it_done(declared):
    declaration = declared()
    os.makedirs(declaration["root"], 0o755)
    results = []
    with switch.locked(declaration["root"], 1):
        threads = [
            threading.Thread(target=lambda: results.append(apply.present(declaration, False)["changed"]))
            for _run in "12"
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]
