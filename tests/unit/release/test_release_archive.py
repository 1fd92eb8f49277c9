# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release in one file: packed the same each time, checked before it is believed, unpacked without a network."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import apply, archive, fetch, npm

HOST = {"system": "Darwin", "machine": "arm64"}
PAIR = {"version": "2026.9.6", "node_version": "24.21.0"}
#: A Node that says its version, and that of the OpenClaw it is given.
NODE = """#!/bin/sh
case "$1" in
  --version) echo v24.21.0 ;;
  *openclaw.mjs) echo OpenClaw $(cat "$(dirname "$1")/says") ;;
esac
"""


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*arguments, **named):
        raise AssertionError("network: %s" % (arguments,))

    monkeypatch.setattr(fetch, "_with", refuse)
    monkeypatch.setattr(npm, "install", refuse)


@pytest.fixture
def source(tmp_path):
    """A root with one release, as npm would have left it."""
    top = tmp_path / "source"
    package = top / "releases/2026.9.6/lib/node_modules/openclaw"
    (package / "dist").mkdir(parents=True)
    about = {"name": "openclaw", "version": "2026.9.6", "bin": {"openclaw": "openclaw.mjs"}}
    about["engines"] = {"node": ">=24"}
    (package / "package.json").write_text(json.dumps(about))
    (package / "dist/index.js").write_text("//\n")
    (package / "says").write_text("2026.9.6")
    (top / "releases/2026.9.6/bin").mkdir()
    (top / "releases/2026.9.6/bin/openclaw").symlink_to("../lib/node_modules/openclaw/openclaw.mjs")
    (top / "releases/2026.9.6/node").symlink_to("../../node/24.21.0")
    prefix = top / "node/24.21.0"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin/node").write_text(NODE)
    (prefix / "bin/node").chmod(0o755)
    (prefix / "lib/node_modules/npm/bin").mkdir(parents=True)
    (prefix / "lib/node_modules/npm/bin/npm-cli.js").write_text("//\n")
    (top / "current").symlink_to("releases/2026.9.6")
    return top


@pytest.fixture
def packed(source, tmp_path):
    """An archive of it: (path, SHA-256)."""
    path = str(tmp_path / "openclaw.tar.gz")
    done = apply.packed(dict(PAIR, root=str(source), archive=path, **HOST), False)
    return path, done["archive_sha256"]


@pytest.fixture
def declared(tmp_path, packed):
    def declare(**changes):
        declaration = dict(PAIR, root=str(tmp_path / "opt/openclaw"), install="archive", archive=packed[0], timeout=10)
        declaration.update(archive_sha256=packed[1], node_url="", npm_registry=None, existing_node="/n",
                           existing_openclaw="/o", node_sha256=None, **HOST)
        return dict(declaration, **changes)

    return declare


def test_the_same_release_packs_to_the_same_bytes(source, packed, tmp_path):
    os.utime(source / "node/24.21.0/bin/node", (1, 1))
    again = str(tmp_path / "again.tar.gz")
    done = apply.packed(dict(PAIR, root=str(source), archive=again, **HOST), False)
    assert done["changed"]
    assert done["archive_sha256"] == packed[1] == archive.digest_of(again)
    assert not apply.packed(dict(PAIR, root=str(source), archive=again, **HOST), False)["changed"]
    assert sorted(name for name in os.listdir(tmp_path) if "tar" in name) == ["again.tar.gz", "openclaw.tar.gz"]


def test_what_is_installed_from_it_is_what_was_packed(declared, source):
    predicted = apply.present(declared(), True)
    assert not os.path.lexists(declared()["root"])
    made = apply.present(declared(), False)
    assert made == predicted
    assert made["engines"] == ">=24"
    root = declared()["root"]
    for inside in ("releases/2026.9.6/lib/node_modules/openclaw/package.json", "node/24.21.0/bin/node"):
        with open(os.path.join(root, inside)) as new, open(source / inside) as old:
            assert new.read() == old.read()
    assert os.readlink(root + "/releases/2026.9.6/bin/openclaw") == "../lib/node_modules/openclaw/openclaw.mjs"
    assert os.access(root + "/node/24.21.0/bin/node", os.X_OK)
    assert os.access(made["command"], os.X_OK)
    # Once it is there the archive is needed no more, and npm would find nothing to do either.
    assert not apply.present(declared(archive="/nowhere"), False)["changed"]
    assert not apply.present(declared(install="npm", npm_registry="http://127.0.0.1:9/"), False)["changed"]


def test_nothing_is_switched_to_that_is_not_there(declared):
    with pytest.raises(Failure) as caught:
        apply.switched(declared(), False)
    assert caught.value.code == "release_not_staged"
    assert apply.switched(declared(), True)["diff"]["after"].count("\n") == 3


def test_staged_changes_nothing_that_runs(declared):
    staged = apply.staged(declared(), False)
    assert staged["changed"] and staged["pending"] and not staged["switched"]
    assert staged["current"] is None
    assert sorted(os.listdir(declared()["root"])) == ["node", "releases"]
    assert apply.staged(declared(), False)["pending"]
    made = apply.switched(declared(archive=None), False)
    assert [line.split(":")[0] for line in made["diff"]["after"].splitlines()] == ["bin", "bin/openclaw", "current"]
    assert made["switched"] is False and made["previous"] is None
    again = apply.staged(declared(), False)
    assert (again["changed"], again["pending"], again["current"]) == (False, False, made["current"])


def wrong_digest(path, tmp_path):
    return {"archive_sha256": "0" * 64}


def of_another_mac(path, tmp_path):
    return {"machine": "x86_64"}


def another_version(path, tmp_path):
    return {"version": "2026.9.7"}


def not_given(path, tmp_path):
    return {"archive": None}


def not_pinned(path, tmp_path):
    return {"archive_sha256": None}


def nowhere(path, tmp_path):
    return {"archive": str(tmp_path / "none.tar.gz")}


def rewritten(tmp_path, entries):
    path = str(tmp_path / "spoiled.tar.gz")
    with tarfile.open(path, "w:gz") as tar:
        for name, data in entries:
            header = tarfile.TarInfo(name)
            header.size, header.mode = len(data), 0o755
            tar.addfile(header, io.BytesIO(data))
    return {"archive": path, "archive_sha256": archive.digest_of(path)}


TOLD = json.dumps(dict(PAIR, schema=1, engines=None, bin="openclaw.mjs", **HOST)).encode()


def something_else(path, tmp_path):
    return rewritten(tmp_path, [("top/readme", b"hello")])


def climbs(path, tmp_path):
    return rewritten(tmp_path, [("top/openclaw-release.json", TOLD), ("top/../../evil", b"")])


def no_node(path, tmp_path):
    return rewritten(tmp_path, [("top/openclaw-release.json", TOLD), ("top/release/lib/x", b"")])


def cut_short(path, tmp_path):
    short = str(tmp_path / "short.tar.gz")
    with gzip.open(path) as whole, gzip.open(short, "wb") as part:
        part.write(whole.read()[:3000])
    return {"archive": short, "archive_sha256": archive.digest_of(short)}


def no_archive(path, tmp_path):
    path = tmp_path / "text.tar.gz"
    path.write_text("no archive")
    return {"archive": str(path), "archive_sha256": archive.digest_of(str(path))}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (wrong_digest, "archive_checksum_mismatch"),
        (of_another_mac, "archive_differs"),
        (another_version, "archive_differs"),
        (nowhere, "archive_missing"),
        (not_given, "archive_missing"),
        (not_pinned, "archive_missing"),
        (something_else, "archive_unusable"),
        (climbs, "archive_unusable"),
        (no_node, "archive_unusable"),
        (cut_short, "archive_unusable"),
        (no_archive, "archive_unusable"),
    ],
)
def test_refusals_leave_nothing(declared, packed, tmp_path, spoil, code):
    declaration = declared(**spoil(packed[0], tmp_path))
    with pytest.raises(Failure) as caught:
        apply.staged(declaration, False)
    assert caught.value.code == code
    assert not os.path.lexists(declaration["root"])
    assert not os.path.lexists(tmp_path / "evil")


def test_a_release_that_does_not_start_is_refused_before_it_is_in_its_place(source, declared, tmp_path):
    (source / "releases/2026.9.6/lib/node_modules/openclaw/says").write_text("nothing good")
    path = str(tmp_path / "bad.tar.gz")
    digest = archive.pack(apply._layout.Layout(str(source)), "2026.9.6", "24.21.0", "Darwin", "arm64", path)
    declaration = declared(archive=path, archive_sha256=digest)
    with pytest.raises(Failure) as caught:
        apply.staged(declaration, False)
    assert caught.value.code == "archive_unusable"
    assert not os.path.lexists(declaration["root"] + "/releases/2026.9.6")


@pytest.mark.parametrize("spoil", ["a link", "not whole"])
def test_what_is_not_whole_or_not_ours_is_not_packed(source, tmp_path, spoil):
    package = source / "releases/2026.9.6/lib/node_modules/openclaw"
    package.rename(tmp_path / "elsewhere")
    if spoil == "a link":
        package.symlink_to(tmp_path / "elsewhere")
    path = str(tmp_path / "none.tar.gz")
    with pytest.raises(Failure) as caught:
        apply.packed(dict(PAIR, root=str(source), archive=path, **HOST), False)
    assert caught.value.code == "archive_not_packable"
    assert not os.path.lexists(path)
