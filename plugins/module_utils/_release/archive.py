# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A release with its Node in one file: packed where there is a network, unpacked where there is none.

    openclaw-<version>-<system>-<machine>/openclaw-release.json     what it is, first
    openclaw-<version>-<system>-<machine>/node/                     a Node prefix
    openclaw-<version>-<system>-<machine>/release/                  a release, without its links to a root

The same release packs to the same bytes: no times, no owners, one order.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import stat
import tarfile

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout
from ansible_collections.clawops.openclaw.plugins.module_utils._release import node as _node
from ansible_collections.clawops.openclaw.plugins.module_utils._release import npm as _npm
from ansible_collections.clawops.openclaw.plugins.module_utils._release import observe as _observe

MANIFEST = "openclaw-release.json"
SCHEMA = 1
#: In a release, what belongs to the root that it lies under.
_OF_A_ROOT = ("node", "openclaw")
_LIMIT = 1 << 16
_CHUNK = 1 << 20


def name(version, system, machine):
    """Return the name of an archive without its ending: C(openclaw-2026.9.6-darwin-arm64)."""
    return "openclaw-%s-%s-%s" % (version, system.lower(), machine)


def pack(layout, version, node_version, system, machine, path):
    """Write an archive of an installed release and its Node, in one step.

    :param system: C(platform.system()). :param machine: C(platform.machine()).
    :param path: where; a file that is there is replaced.
    :returns: its lower-case hexadecimal SHA-256.
    :raises Failure: C(archive_not_packable): the release is not whole, or not one that lies there by itself.
    """
    about = _observe.package_json(layout.package(version)) or {}
    _check_packable(layout, version, node_version, about)
    told = {
        "schema": SCHEMA, "version": version, "node_version": node_version, "system": system, "machine": machine,
        "engines": _npm.engine(about), "bin": _npm.bin_script(about),
    }  # fmt: skip
    top = name(version, system, machine)
    partial = path + ".part"
    try:
        with open(partial, "wb") as stream, gzip.GzipFile("", "wb", 1, stream, mtime=0) as packed, tarfile.open(
            fileobj=packed, mode="w", format=tarfile.PAX_FORMAT
        ) as tar:
            data = json.dumps(told, sort_keys=True).encode()
            tar.addfile(_header("%s/%s" % (top, MANIFEST), tarfile.REGTYPE, len(data)), io.BytesIO(data))
            _add(tar, layout.node(node_version), top + "/node", ())
            _add(tar, layout.release(version), top + "/release", _OF_A_ROOT)
        os.replace(partial, path)
    finally:
        if os.path.lexists(partial):
            os.unlink(partial)
    return digest_of(path)


def _check_packable(layout, version, node_version, about):
    links = [path for path in (layout.node(node_version), layout.package(version)) if os.path.islink(path)]
    whole = about.get("version") == version and _observe.node_installed(layout, node_version)
    if links or not whole:
        raise Failure(
            "archive_not_packable",
            "%s cannot be packed: %s." % (
                layout.release(version),
                "%s is a link to what others maintain" % links[0] if links else "it or its Node is not whole",
            ),
            "host",
            "pack on a host that was deployed with 'gateway_install: npm' and that runs well.",
            path=layout.release(version),
        )


def _add(tar, top, inside, without):
    """Add a tree in the order of its names. Of modes only "executable" counts, as when it is unpacked."""
    tar.addfile(_header(inside, tarfile.DIRTYPE))
    for entry in sorted(os.scandir(top), key=lambda one: one.name):
        if entry.name in without:
            continue
        path, target = os.path.join(top, entry.name), "%s/%s" % (inside, entry.name)
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            header = _header(target, tarfile.SYMTYPE)
            header.linkname = os.readlink(path)
            tar.addfile(header)
        elif stat.S_ISDIR(found.st_mode):
            _add(tar, path, target, ())
        else:
            with open(path, "rb") as stream:
                header = _header(target, tarfile.REGTYPE, found.st_size)
                header.mode = 0o755 if found.st_mode & 0o111 else 0o644
                tar.addfile(header, stream)


def _header(path, kind, size=0):
    header = tarfile.TarInfo(path)
    header.type, header.size, header.mode = kind, size, 0o755 if kind == tarfile.DIRTYPE else 0o644
    return header


def digest_of(path):
    """Return the lower-case hexadecimal SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def about(path, digest, declaration):
    """Check an archive against its pin and against the declaration, and return what it says it is.

    :param path: of the archive, or None. :param digest: the SHA-256 it has to have, or None.
    :param declaration: mapping with C(version), C(node_version), C(system) and C(machine).
    :raises Failure: C(archive_missing), C(archive_checksum_mismatch), C(archive_unusable), C(archive_differs).
    """
    if not path or not digest or not os.path.isfile(path):
        raise Failure(
            "archive_missing",
            "there is no archive at %s." % path if path and digest
            else "install is archive, and %s is not given." % ("archive_sha256" if path else "archive"),
            "input",
            "set gateway_archive to the archive on the controller (playbooks/pack.yml makes it); the module itself"
            " takes a path on the host.",
            path=path,
        )
    found = digest_of(path)
    if found != digest.strip().lower():
        raise Failure(
            "archive_checksum_mismatch",
            "%s has SHA-256 %s, pinned is %s." % (path, found, digest),
            "input",
            "do not use this archive until you know why; a wrong archive_sha256 is the harmless reason.",
            path=path,
            found=found,
            pinned=digest,
        )
    told = _manifest(path)
    for key in ("version", "node_version", "system", "machine"):
        if told.get(key) != declaration[key]:
            raise Failure(
                "archive_differs",
                "%s holds %s %s, wanted is %s." % (path, key, told.get(key), declaration[key]),
                "input",
                "use the archive of that release for that kind of Mac, or declare what this one holds.",
                path=path,
                key=key,
                found=told.get(key),
                wanted=declaration[key],
            )
    return told


def _manifest(path):
    try:
        with tarfile.open(path, "r|*") as tar:
            member = tar.next()
            if member is None or member.name.partition("/")[2] != MANIFEST or member.size > _LIMIT:
                raise unusable(path, "it does not begin with %s" % MANIFEST)
            told = json.loads(tar.extractfile(member).read().decode("utf-8"))
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        raise unusable(path, str(error)) from None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise unusable(path, "its %s is of a kind that this collection does not know" % MANIFEST)
    return told


def unusable(path, reason):
    """Return the Failure of an archive that is none of ours."""
    return Failure(
        "archive_unusable",
        "%s is no archive of a release: %s." % (path, reason),
        "input",
        "make it anew with playbooks/pack.yml.",
        path=path,
    )


def unpack(path, work):
    """Unpack an archive that :func:`about` has found good.

    :param work: existing private directory on the file system of the root.
    :returns: tuple C((Node prefix, release prefix)), both inside C(work).
    :raises Failure: C(archive_unusable).
    """
    place = os.path.join(work, "packed")
    try:
        _node.unpack(path, place)
    except (ValueError, EOFError, tarfile.TarError) as error:
        raise unusable(path, str(error)) from None
    prefixes = os.path.join(place, "node"), os.path.join(place, "release")
    for needed in (os.path.join(prefixes[0], "bin/node"), os.path.join(prefixes[1], _layout.PACKAGE)):
        if not os.path.exists(needed):
            raise unusable(path, "it has no %s" % os.path.relpath(needed, place))
    return prefixes
