# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""An official Node archive: which one, is it the right one, and unpacked without trusting what its names say."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import tarfile
import urllib.parse

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import fetch as _fetch
from ansible_collections.clawops.openclaw.plugins.module_utils._release import observe as _observe
from ansible_collections.clawops.openclaw.plugins.module_utils._release import switch as _switch

#: C(platform.machine()) -> the word that Node's archives use.
ARCHITECTURES = {"arm64": "arm64", "aarch64": "arm64", "x86_64": "x64", "amd64": "x64"}

_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_SUMS_LIMIT = 1 << 20


def archive_url(template, version, machine):
    """Fill the URL template in.

    :param machine: C(platform.machine()) of the host.
    :raises Failure: C(node_download_failed) when Node has no archive for such a processor.
    """
    if machine not in ARCHITECTURES:
        raise Failure(
            "node_download_failed",
            "there is no official Node archive for a processor of type %r." % machine,
            "host",
            "install Node another way and use 'install: existing'.",
            machine=machine,
        )
    return template.replace("{version}", version).replace("{arch}", ARCHITECTURES[machine])


def pinned_digest(url, declared, read=_fetch.document, exists=_fetch.exists):
    """Return the SHA-256 that the archive has to have, after asking whether the archive can be had.

    :param declared: the option, or C(None): then C(SHASUMS256.txt) beside the archive is the pin.
    :raises Failure: C(node_download_failed) or C(node_checksum_mismatch).
    """
    if declared:
        digest = declared.lower()
        if not _SHA256.match(digest):
            raise Failure(
                "node_checksum_mismatch",
                "node_sha256 %r is not a SHA-256: 64 hexadecimal digits." % declared,
                "input",
                "copy it from SHASUMS256.txt of that Node release.",
            )
        try:
            exists(url)
        except _fetch.FetchError as error:
            raise _not_there(error) from None
        return digest
    sums_url = urllib.parse.urljoin(url, "SHASUMS256.txt")
    try:
        sums = read(sums_url, _SUMS_LIMIT).decode("utf-8", "replace")
    except _fetch.FetchError as error:
        raise _not_there(error) from None
    name = archive_name(url)
    digest = listed_digest(sums, name)
    if digest is None:
        raise Failure(
            "node_download_failed",
            "%s does not list %s." % (_fetch.shown(sums_url), name),
            "network",
            "check node_version and node_url: this mirror has no such archive.",
            url=_fetch.shown(url),
        )
    return digest


def archive_name(url):
    """Return the file name in a URL."""
    return posixpath.basename(urllib.parse.unquote(urllib.parse.urlsplit(url).path))


def listed_digest(sums, name):
    """Return the digest of one file in the text of a C(SHASUMS256.txt), or C(None)."""
    for line in sums.splitlines():
        words = line.split()
        # "*" marks a file that was read in binary mode.
        if len(words) == 2 and words[1].lstrip("*") == name and _SHA256.match(words[0].lower()):
            return words[0].lower()
    return None


def install(url, digest, version, work, timeout, run, download=_fetch.download):
    """Download, check and unpack a Node archive, and start the Node in it once.

    :param work: existing private directory on the file system of the root.
    :param timeout: seconds for the download.
    :param run: function of an argument list that returns C((exit code, stdout, stderr)).
    :returns: the path of the unpacked prefix, inside C(work).
    :raises Failure: C(node_download_failed), C(node_checksum_mismatch).
    """
    archive = os.path.join(work, "node-archive")
    prefix = os.path.join(work, "node")
    try:
        found = download(url, archive, timeout)
    except _fetch.FetchError as error:
        raise _not_there(error) from None
    if found != digest:
        raise Failure(
            "node_checksum_mismatch",
            "%s has SHA-256 %s, pinned is %s." % (_fetch.shown(url), found, digest),
            "network",
            "do not use this mirror until you know why; a wrong node_sha256 is the harmless reason.",
            url=_fetch.shown(url),
            found=found,
            pinned=digest,
        )
    try:
        unpack(archive, prefix)
    except OSError as error:
        if error.errno in _switch.REFUSALS:
            raise
        raise _unusable(url, str(error)) from None
    except Exception as error:  # every decompressor has its own way to say that its input is damaged
        raise _unusable(url, str(error)) from None
    os.unlink(archive)
    for needed in (os.path.join(prefix, "bin/node"), _observe.npm_script(prefix)):
        if not os.path.isfile(needed):
            raise _unusable(url, "it has no %s" % os.path.relpath(needed, prefix))
    reason = start(prefix, version, run)
    if reason:
        raise _unusable(url, reason)
    return prefix


def start(prefix, version, run):
    """Start a Node once, and say what is wrong with it, or C(None).

    :param run: function of an argument list that returns C((exit code, stdout, stderr)).
    """
    code, out, err = run([os.path.join(prefix, "bin/node"), "--version"])
    if code == 0 and out.strip() == "v" + version:
        return None
    return "its bin/node --version says %r" % (out.strip() or err.strip()[-200:] or "exit %s" % code)


def unpack(archive, destination):
    """Unpack a tar archive without its top directory, and nothing of it outside the destination.

    Of modes only "executable" is kept; owners and times are not.

    :raises ValueError: naming an entry that is unsafe or is no file, directory or link.
    """
    os.mkdir(destination)
    links = []
    with tarfile.open(archive, "r:*") as tar:
        for member in tar:
            name = inner_name(member.name)
            if name is None:
                continue
            path = os.path.join(destination, name)
            if member.isdir():
                os.makedirs(path, exist_ok=True)
            elif member.issym():
                links.append((path, member))
            elif member.isfile():
                _write(tar.extractfile(member), path, 0o755 if member.mode & 0o111 else 0o644)
            else:
                raise ValueError("entry %r is neither a file, a directory nor a symbolic link" % member.name)
    # Links come last, so that no file can have been written through one.
    for path, member in links:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(member.linkname, path)
    base = os.path.realpath(destination) + os.sep
    for path, member in links:
        if os.path.isabs(member.linkname) or not os.path.realpath(path).startswith(base):
            raise ValueError("link %r leads outside the archive" % member.name)


def inner_name(name):
    """Return the name of an archive entry without its top directory, or C(None) for that directory itself.

    :raises ValueError: when the name is absolute or climbs.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts:
        raise ValueError("entry %r leads outside the archive" % name)
    return "/".join(parts[1:]) or None


def _write(source, path, mode):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    # O_EXCL: an archive that names one file twice is not what Node publishes.
    with open(path, "xb") as handle:
        shutil.copyfileobj(source, handle, 1 << 20)
    os.chmod(path, mode)


def _not_there(error):
    return Failure(
        "node_download_failed",
        "Node could not be fetched: %s." % error,
        "network",
        "check node_version (https://nodejs.org/dist/), node_url and the way from this host to it.",
        url=error.url,
        status=error.status,
    )


def _unusable(url, reason):
    return Failure(
        "node_download_failed",
        "%s is not a usable Node for this host: %s." % (_fetch.shown(url), reason),
        "network",
        "check node_url: it has to name a Node archive for this system and processor.",
        url=_fetch.shown(url),
    )
