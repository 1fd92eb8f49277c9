# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node archives: the right one, pinned, and unpacked without believing its names."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import fetch, node

TEMPLATE = "https://nodejs.org/dist/v{version}/node-v{version}-darwin-{arch}.tar.gz"
URL = "https://nodejs.org/dist/v24.21.0/node-v24.21.0-darwin-arm64.tar.gz"
DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(("machine", "arch"), [("arm64", "arm64"), ("x86_64", "x64")])
def test_archive_url(machine, arch):
    assert node.archive_url(TEMPLATE, "24.21.0", machine) == URL.replace("arm64", arch)


def test_unknown_processor():
    with pytest.raises(Failure) as caught:
        node.archive_url(TEMPLATE, "24.21.0", "ppc")
    assert caught.value.code == "node_download_failed"


@pytest.mark.parametrize(
    ("sums", "found"),
    [
        (DIGEST + "  node.tar.gz\n", DIGEST),
        (DIGEST.upper() + " *node.tar.gz\n", DIGEST),
        ("f" * 64 + "  other.tar.gz\n" + DIGEST + "  node.tar.gz\n", DIGEST),
        (DIGEST + "  node.tar.gz.sig\n", None),
        (DIGEST + "  win-x64/node.tar.gz\n", None),
        ("beef  node.tar.gz\n", None),
        ("<html>not found</html>", None),
    ],
)
def test_listed_digest(sums, found):
    assert node.listed_digest(sums, "node.tar.gz") == found


def asked(answer):
    """A reader that notes what it is asked and gives or raises the answer."""

    def read(url, *_arguments):
        read.urls.append(url)
        if isinstance(answer, Exception):
            raise answer
        return answer

    read.urls = []
    return read


@pytest.mark.parametrize(
    ("declared", "sums", "there", "code"),
    [
        (None, ("%s  node-v24.21.0-darwin-arm64.tar.gz" % DIGEST).encode(), None, None),
        (None, b"nothing here", None, "node_download_failed"),
        (None, fetch.FetchError(URL, "HTTP 404 Not Found", 404), None, "node_download_failed"),
        (DIGEST.upper(), AssertionError("not needed"), b"", None),
        (DIGEST, AssertionError("not needed"), fetch.FetchError(URL, "HTTP 404", 404), "node_download_failed"),
        ("sha256:" + DIGEST, None, None, "node_checksum_mismatch"),
        ("undefined", None, None, "node_checksum_mismatch"),
    ],
)
def test_pinned_digest(declared, sums, there, code):
    read, exists = asked(sums), asked(there)
    if code is None:
        assert node.pinned_digest(URL, declared, read, exists) == DIGEST
    else:
        with pytest.raises(Failure) as caught:
            node.pinned_digest(URL, declared, read, exists)
        assert caught.value.code == code
    assert read.urls in ([], ["https://nodejs.org/dist/v24.21.0/SHASUMS256.txt"])


def member(name, data=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = 0o644
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def archive(path, *members):
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return str(path)


SCRIPT = b"#!/bin/sh\necho v24.21.0\n"
NODE = member("top/bin/node", SCRIPT, mode=0o6755)
NPM = member("top/lib/node_modules/npm/bin/npm-cli.js", b"//")
LINK = member("top/bin/npm", type=tarfile.SYMTYPE, linkname="../lib/node_modules/npm/bin/npm-cli.js")


def test_unpack_strips_the_top_and_keeps_only_the_executable_bit(tmp_path):
    old = os.umask(0o077)
    try:
        made = archive(tmp_path / "a", member("top", type=tarfile.DIRTYPE), LINK, NODE, NPM)
        node.unpack(made, str(tmp_path / "out"))
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(tmp_path / "out/bin/node").st_mode) == 0o755
    assert stat.S_IMODE(os.stat(tmp_path / "out/lib/node_modules/npm/bin/npm-cli.js").st_mode) == 0o644
    assert os.readlink(tmp_path / "out/bin/npm") == "../lib/node_modules/npm/bin/npm-cli.js"


@pytest.mark.parametrize(
    "members",
    [
        [member("top/../../evil", b"x")],
        [member("/etc/evil", b"x")],
        [member("top/evil", type=tarfile.SYMTYPE, linkname="/etc/passwd")],
        [member("top/evil", type=tarfile.SYMTYPE, linkname="../../evil")],
        [
            member("top/a/b", type=tarfile.SYMTYPE, linkname="."),
            member("top/evil", type=tarfile.SYMTYPE, linkname="a/b/b/b/../../.."),
        ],
        [member("top/evil", type=tarfile.LNKTYPE, linkname="/etc/passwd")],
        [member("top/evil", type=tarfile.FIFOTYPE)],
        [member("top/evil", type=tarfile.CHRTYPE)],
        # A file written through a link that came before it.
        [member("top/d", type=tarfile.SYMTYPE, linkname="../../outside"), member("top/d/evil", b"x")],
    ],
    ids=["climbs", "absolute", "link out", "link climbs", "links together", "hard link", "fifo", "device", "through"],
)
def test_unsafe_archives(tmp_path, members):
    (tmp_path / "outside").mkdir()
    (tmp_path / "in").mkdir()
    made = archive(tmp_path / "a", NODE, *members)
    with pytest.raises((ValueError, FileExistsError)):
        node.unpack(made, str(tmp_path / "in/out"))
    assert not list((tmp_path / "outside").iterdir())
    assert sorted(os.listdir(tmp_path)) == ["a", "in", "outside"]


def saved(path):
    """A download that copies a local file."""

    def download(url, target, timeout):
        data = Path(path).read_bytes()
        with open(target, "wb") as handle:
            handle.write(data)
        return hashlib.sha256(data).hexdigest()

    return download


@pytest.mark.parametrize(
    ("members", "digest", "says", "code"),
    [
        ([NODE, NPM], None, (0, "v24.21.0\n", ""), None),
        ([NODE, NPM], DIGEST, (0, "v24.21.0\n", ""), "node_checksum_mismatch"),
        ([NODE], None, (0, "v24.21.0\n", ""), "node_download_failed"),
        ([NPM], None, (0, "v24.21.0\n", ""), "node_download_failed"),
        ([NODE, NPM], None, (0, "v24.19.0\n", ""), "node_download_failed"),
        ([NODE, NPM], None, (126, "", "cannot execute binary file"), "node_download_failed"),
        ([NODE, NPM, member("top/../x", b"")], None, (0, "v24.21.0\n", ""), "node_download_failed"),
    ],
    ids=["good", "digest", "no npm", "no node", "another version", "another processor", "unsafe"],
)
def test_install(tmp_path, members, digest, says, code):
    made = archive(tmp_path / "a", *members)
    work = tmp_path / "work"
    work.mkdir()
    pinned = digest or hashlib.sha256(Path(made).read_bytes()).hexdigest()

    def go():
        return node.install(URL, pinned, "24.21.0", str(work), 10, lambda argv: says, saved(made))

    if code is None:
        assert sorted(os.listdir(go())) == ["bin", "lib"]
        assert os.listdir(work) == ["node"]
    else:
        with pytest.raises(Failure) as caught:
            go()
        assert caught.value.code == code
        assert "node-v24.21.0-darwin-arm64" in caught.value.message


DAMAGES = (lambda data: data[: len(data) // 2], lambda data: b"<html>" + data, lambda data: b"")


@pytest.mark.parametrize("damage", DAMAGES, ids=["cut", "wrapped", "empty"])
def test_damaged_archive(tmp_path, damage):
    made = archive(tmp_path / "a", NODE, NPM)
    data = damage(Path(made).read_bytes())
    Path(made).write_bytes(data)
    (tmp_path / "work").mkdir()
    with pytest.raises(Failure) as caught:
        digest = hashlib.sha256(data).hexdigest()
        node.install(URL, digest, "24.21.0", str(tmp_path / "work"), 10, None, saved(made))
    assert caught.value.code == "node_download_failed"
