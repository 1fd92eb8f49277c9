# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is already on the host: whole, stable, and what it says it is."""

from __future__ import annotations

import json

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import existing


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/opt/homebrew/opt/node@24", None),
        ("/usr/local", None),
        ("/opt/homebrew/lib/node_modules/openclaw", None),
        ("/opt/nvmanager/x", None),
        ("node", "not absolute"),
        ("/opt/homebrew/Cellar/node@24/24.21.0", "Homebrew"),
        ("/Users/admin/.nvm/versions/node/v24.21.0", "nvm"),
        ("/opt/homebrew/opt/nvm/versions/node/v24.21.0", "nvm"),
        ("/Users/admin/.local/state/fnm_multishells/1_2", "fnm"),
        ("/Users/admin/Library/Application Support/fnm/node-versions/v24.21.0/installation", "fnm"),
        ("/Users/admin/.volta/tools/image/node/24.21.0", "Volta"),
        ("/Users/admin/.asdf/installs/nodejs/24.21.0", "asdf"),
        ("/Users/admin/.local/share/mise/installs/node/24.21.0", "mise"),
        ("/Users/admin/.npm/_npx/abc/node_modules/openclaw", "npx"),
    ],
)
def test_stable(path, who):
    if who is None:
        existing.check_stable(path, "existing_node")
        return
    with pytest.raises(Failure) as caught:
        existing.check_stable(path, "existing_node")
    assert caught.value.code == "existing_unstable_path"
    assert who in caught.value.message
    assert path in caught.value.message


def test_a_link_into_a_version_manager_is_no_better(tmp_path):
    (tmp_path / ".nvm/v24").mkdir(parents=True)
    (tmp_path / "node").symlink_to(tmp_path / ".nvm/v24")
    with pytest.raises(Failure, match="nvm"):
        existing.check_stable(str(tmp_path / "node"), "existing_node")


def test_a_stable_link_into_the_cellar_is_how_homebrew_means_it(tmp_path):
    (tmp_path / "Cellar/node@24/24.21.0").mkdir(parents=True)
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt/node@24").symlink_to("../Cellar/node@24/24.21.0")
    existing.check_stable(str(tmp_path / "opt/node@24"), "existing_node")


HEADER = "#define NODE_MAJOR_VERSION 24\n#define NODE_MINOR_VERSION 21\n#define NODE_PATCH_VERSION 3\n"


def prefix(tmp_path, header=HEADER):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/node").write_text("#!/bin/sh\n")
    (tmp_path / "bin/node").chmod(0o755)
    if header is not None:
        (tmp_path / "include/node").mkdir(parents=True)
        (tmp_path / "include/node/node_version.h").write_text(header)
    return str(tmp_path)


def forbidden(argv):
    raise AssertionError("started %s" % argv)


def test_known_version_starts_nothing(tmp_path):
    assert existing.known_version(prefix(tmp_path), forbidden) == "24.21.3"


@pytest.mark.parametrize("header", [None, "", "#define NODE_MAJOR_VERSION 24\n"])
def test_without_a_header_node_is_asked(tmp_path, header):
    assert existing.known_version(prefix(tmp_path, header), lambda argv: (0, "v24.19.0\n", "")) == "24.19.0"


@pytest.mark.parametrize(
    "says", [(1, "", "dyld: Library not loaded"), (127, "", "exec format error"), (0, "hello", ""), (0, "", "")]
)
def test_node_that_does_not_run(tmp_path, says):
    with pytest.raises(Failure) as caught:
        existing.started_version(prefix(tmp_path), lambda argv: says)
    assert caught.value.code == "existing_missing"
    assert str(tmp_path) in caught.value.message


@pytest.mark.parametrize("mode", [None, 0o644, 0o700])
def test_no_node_for_everyone(tmp_path, mode):
    made = prefix(tmp_path)
    if mode is None:
        (tmp_path / "bin/node").unlink()
    else:
        (tmp_path / "bin/node").chmod(mode)
    for ask in (existing.known_version, existing.started_version):
        with pytest.raises(Failure) as caught:
            ask(made, forbidden)
        assert caught.value.code == "existing_missing"


@pytest.mark.parametrize(
    ("about", "entry", "pending", "whole"),
    [
        ('{"name": "openclaw", "version": "2026.9.6"}', True, False, True),
        ('{"name": "openclaw", "version": "2026.9.6"}', False, False, False),
        ('{"name": "openclaw", "version": "2026.9.6"}', True, True, False),
        ('{"name": "another", "version": "2026.9.6"}', True, False, False),
        ("{", True, False, False),
        ("[]", True, False, False),
        (None, True, False, False),
    ],
)
def test_package(tmp_path, about, entry, pending, whole):
    if about is not None:
        (tmp_path / "package.json").write_text(about)
    (tmp_path / "dist").mkdir()
    if entry:
        (tmp_path / "dist/index.js").write_text("")
    if pending:
        (tmp_path / ".openclaw-lifecycle-pending").write_text("")
    if whole:
        assert existing.package(str(tmp_path)) == json.loads(about)
        return
    with pytest.raises(Failure) as caught:
        existing.package(str(tmp_path))
    assert caught.value.code == "existing_missing"
    assert str(tmp_path) in caught.value.message


def test_doubts(tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "x").mkdir(parents=True)
    monkeypatch.setattr(existing, "_ancestors", lambda path: [str(home)])
    home.chmod(0o750)
    (home / "x").chmod(0o755)
    assert existing.doubts(str(home / "x")) == []
    (home / "x").chmod(0o777)
    home.chmod(0o700)
    writable, closed = existing.doubts(str(home / "x"))
    assert "can be written" in writable
    assert "below %s," % home in closed
