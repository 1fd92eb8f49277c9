# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_release as Ansible runs it: against a mirror on the loopback, and once against the real npm registry."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from release_mirror import CACHE, fake_archive


def tree(top):
    """Names, modes and targets of everything under a directory."""
    found = {}
    for parent, directories, files in os.walk(str(top)):
        for name in directories + files:
            path = os.path.join(parent, name)
            link = os.readlink(path) if os.path.islink(path) else ""
            found[os.path.relpath(path, str(top))] = (os.lstat(path).st_mode, os.lstat(path).st_mtime_ns, link)
    return found


def test_check_converge_again_upgrade_remove(release, declared, mirror):
    declaration = declared()
    root = Path(declaration["root"])

    predicted = release(declaration, check_mode=True)
    assert predicted["changed"]
    assert not root.exists()
    assert not [request for request in mirror.seen if "tar.gz" in request]

    made = release(declaration)
    assert made["changed"]
    assert made["diff"] == predicted["diff"]
    assert not made["switched"]
    assert sorted(os.listdir(root)) == ["bin", "current", "node", "releases"]
    assert subprocess.check_output([str(root / "bin/openclaw"), "--version"], text=True) == "OpenClaw 2026.9.6\n"
    assert subprocess.check_output([made["program"][0], "--version"], text=True) == "v24.21.0\n"
    assert Path(made["program"][1]).is_file()
    # What npm made with open modes is closed.
    for path, (mode, _time, _link) in tree(root).items():
        assert stat.S_ISLNK(mode) or not mode & 0o022, path

    before, asked = tree(root), len(mirror.seen)
    for check_mode in (False, True):
        again = release(declaration, check_mode=check_mode)
        assert not again["changed"]
        assert not again["switched"]
    assert tree(root) == before
    assert len(mirror.seen) == asked

    older = declared(version="2026.8.1")
    predicted = release(older, check_mode=True)
    back = release(older)
    assert back["diff"] == predicted["diff"]
    assert back["switched"]
    assert back["previous"] == str(root / "releases/2026.9.6")
    assert sorted(os.listdir(root / "releases")) == ["2026.8.1", "2026.9.6"]
    assert not [request for request in mirror.seen[asked:] if "/dist/" in request]

    asked = len(mirror.seen)
    assert release(declaration)["diff"]["after"] == "current: -> releases/2026.9.6\n"
    assert len(mirror.seen) == asked

    absent = {"root": str(root), "state": "absent"}
    assert release(absent, check_mode=True)["diff"] == release(absent)["diff"]
    assert not root.exists()
    assert not release(absent)["changed"]


def wrong_sums(mirror):
    mirror.pages["/dist/v24.21.0/SHASUMS256.txt"] = ("%s  node-v24.21.0-darwin-arm64.tar.gz\n" % ("0" * 64)).encode()
    mirror.pages["/dist/v24.21.0/SHASUMS256.txt"] += ("%s  node-v24.21.0-darwin-x64.tar.gz\n" % ("0" * 64)).encode()


def no_sums(mirror):
    del mirror.pages["/dist/v24.21.0/SHASUMS256.txt"]


def linux_node(mirror):
    mirror.node("24.21.0", fake_archive("24.19.0"))


def evil_node(mirror):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("top/../../../evil"), io.BytesIO())
    mirror.node("24.21.0", buffer.getvalue())


@pytest.mark.parametrize(
    ("changes", "spoil", "code", "in_check", "names"),
    [
        ({"version": "2026.9.7"}, None, "openclaw_version_unknown", True, ["2026.9.7", "/npm/"]),
        ({"node_version": "22.22.3"}, None, "node_outside_engines", True, ["22.22.3", ">=24.16.0 <25", "24.21.0"]),
        ({"node_version": "24.99.0"}, None, "node_download_failed", True, ["v24.99.0/SHASUMS256.txt"]),
        ({"node_sha256": "abc"}, None, "node_checksum_mismatch", True, ["abc"]),
        ({}, no_sums, "node_download_failed", True, ["SHASUMS256.txt"]),
        ({"npm_registry": "http://127.0.0.1:9/"}, None, "npm_install_failed", True, ["127.0.0.1:9", "refused"]),
        ({"node_sha256": "a" * 64}, None, "node_checksum_mismatch", False, ["a" * 64, "tar.gz"]),
        ({}, wrong_sums, "node_checksum_mismatch", False, ["0" * 64]),
        ({}, linux_node, "node_download_failed", False, ["v24.19.0"]),
        ({}, evil_node, "node_download_failed", False, ["evil"]),
    ],
)
def test_refusals_leave_nothing(driver, declared, mirror, tmp_path, changes, spoil, code, in_check, names):
    if spoil:
        spoil(mirror)
    declaration = declared(**changes)
    for check_mode in (True, False):
        out, err = driver(declaration, check_mode).communicate(timeout=60)
        assert not err
        answer = json.loads(out)
        assert ("failure" in answer) is (in_check or not check_mode)
        assert not os.path.lexists(declaration["root"])
    assert answer["failure"]["code"] == code
    for name in names:
        assert name in answer["msg"]
    assert not (tmp_path / "evil").exists()


def wait_for(condition):
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_killed_in_the_middle(driver, declared):
    """The old release stays current, an orphaned npm is waited for, and its leavings go."""
    old = driver(declared(version="2026.8.1"))
    assert "failure" not in json.loads(old.communicate(timeout=30)[0])
    root = Path(declared()["root"])
    (root / "node/24.21.0/slow").touch()

    victim = driver(declared())
    wait_for(lambda: list(root.glob(".work-*/release/lib/node_modules/openclaw")))
    victim.kill()
    victim.wait()
    assert os.readlink(root / "current") == "releases/2026.8.1"
    assert list(root.glob(".work-*"))

    (root / "node/24.21.0/slow").unlink()
    began = time.monotonic()
    heir = driver(declared())
    out, err = heir.communicate(timeout=30)
    assert not err
    assert json.loads(out)["changed"]
    # It had to wait for the npm that the victim left running.
    assert time.monotonic() - began > 1
    assert os.readlink(root / "current") == "releases/2026.9.6"
    assert not list(root.glob(".work-*"))


def test_npm_that_fails_leaves_the_old_release(release, declared):
    release(declared(version="2026.8.1"))
    root = Path(declared()["root"])
    (root / "node/24.21.0/fails").touch()
    before = {path: about for path, about in tree(root).items() if path != "."}
    answer = release(declared())
    assert answer["failure"]["code"] == "npm_install_failed"
    assert "ETARGET" in answer["msg"]
    assert "openclaw@2026.9.6" in answer["msg"]
    assert tree(root) == before


@pytest.fixture(scope="module")
def real_node():
    """The newest real Node of the cache, as (version, prefix)."""
    prefixes = sorted(CACHE.glob("node/24.*/bin/node"))
    if not prefixes:
        pytest.skip("no Node in %s: tests/lab/lab fills it" % CACHE)
    return prefixes[-1].parents[1].name, prefixes[-1].parents[1]


def test_the_real_thing(release, declared, mirror, real_node, tmp_path):
    """A real Node from an archive, a real OpenClaw from the npm registry that this machine is set up for."""
    version, prefix = real_node
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as tar:
        tar.add(str(prefix), "node-v%s-darwin-arm64" % version)
    mirror.node(version, archive.getvalue())
    npm = [str(prefix / "bin/node"), str(prefix / "lib/node_modules/npm/bin/npm-cli.js")]
    registry = subprocess.check_output(npm + ["config", "get", "registry"], text=True, stderr=subprocess.DEVNULL)
    declaration = declared(node_version=version, npm_registry=registry.strip(), timeout=900)
    root = Path(declaration["root"])
    try:
        predicted = release(declaration, check_mode=True)
        made = release(declaration)
        assert "msg" not in made, made["msg"]
        assert made["diff"] == predicted["diff"]
        home = tmp_path / "home"
        home.mkdir()
        said = subprocess.check_output(
            [str(root / "bin/openclaw"), "--version"], text=True, env={"HOME": str(home), "PATH": "/usr/bin:/bin"}
        )
        assert "2026.9.6" in said
        for path, (mode, _time, _link) in tree(root).items():
            assert stat.S_ISLNK(mode) or not mode & 0o022, path
        assert not list(root.glob(".work-*"))
        assert not list(root.rglob(".openclaw-lifecycle-pending"))
        assert not release(declaration)["changed"]
    finally:
        shutil.rmtree(root, ignore_errors=True)
