# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What lies under a root, in the words of a plan. Reads only; starts nothing."""

from __future__ import annotations

import errno
import json
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout
from ansible_collections.clawops.openclaw.plugins.module_utils._release import plan as _plan


def observe(layout, version, node_version, bin_script):
    """Return the mapping of keys to words for everything a declaration of these two versions speaks of.

    :raises Failure: C(root_occupied) when something that is not ours lies where C(current) or a directory has to be.
    """
    package_key = _layout.release_key(version)
    described = {
        ".": _directory(os.path.realpath(layout.root)),
        "node": _directory(layout.path("node")),
        _layout.node_key(node_version): _node(layout.node(node_version), node_version),
        "releases": _directory(layout.path("releases")),
        package_key: _release(layout.release(version), layout.package(version), version),
        package_key + "/node": _link(layout.path(package_key, "node")),
        package_key + "/openclaw": _wrapper(layout, layout.command(version), package_key, bin_script),
        "bin": _directory(layout.path("bin")),
        "bin/openclaw": _wrapper(layout, layout.wrapper, "current", bin_script),
        "current": _current(layout.current),
    }
    return {key: text for key, text in described.items() if text is not None}


def owned(layout):
    """Return what C(state=absent) removes, in words, and the absolute paths of what is not ours and stays.

    :returns: tuple C((mapping of keys to words, list of paths))
    """
    if not os.path.isdir(layout.root):
        return {}, []
    found, stays = {}, []
    for key in ("releases", "node"):
        children = _names(layout.path(key))
        if os.path.lexists(layout.path(key)):
            found[key] = "%d versions" % len(children)
        found.update(("%s/%s" % (key, name), "installed") for name in children)
    found.update((key, "leftover of an interrupted run") for key in leftovers(layout))
    if os.path.islink(layout.current):
        found["current"] = _link(layout.current)
    if _layout.WRAPPER_MARK in _read(layout.wrapper):
        found["bin/openclaw"] = "wrapper"
    stays += [layout.path("bin", name) for name in _names(layout.path("bin")) if "bin/" + name not in found]
    if os.path.isdir(layout.path("bin")) and not stays:
        found["bin"] = "directory"
    stays += [layout.path(name) for name in _names(layout.root) if name not in found and name != "bin"]
    if not stays:
        found["."] = "directory"
    return found, stays


def leftovers(layout):
    """Return the keys of what killed runs left under the root."""
    return [name for name in _names(layout.root) if name.startswith(_layout.WORK_PREFIX)]


def package_json(package):
    """Return the parsed package.json of a package directory, or C(None) when there is none that can be read."""
    try:
        with open(os.path.join(package, "package.json"), encoding="utf-8") as handle:
            parsed = json.load(handle)
    except (OSError, ValueError):
        return None
    return parsed if isinstance(parsed, dict) else None


def installed_package(layout, declaration):
    """Return the parsed package.json of the declared release when it lies there whole and in the declared way."""
    version = declaration["version"]
    package = layout.package(version)
    text = _release(layout.release(version), package, version)
    return package_json(package) if text == _plan.release_entry(declaration).text else None


def node_installed(layout, node_version):
    """Say whether a whole Node from an archive lies under the root."""
    return _node(layout.node(node_version), node_version) == _plan.NODE_OF_ITS_OWN % node_version


def runnable(path):
    """Say whether a regular file (or a link to one) may be executed by every account."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and mode & 0o111 == 0o111


def _lstat(path):
    try:
        return os.lstat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise


def _names(path):
    try:
        return sorted(os.listdir(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            return handle.read(65536)
    except OSError:
        return ""


def _link(path):
    found = _lstat(path)
    if found is None:
        return None
    return _plan.LINK % os.readlink(path) if stat.S_ISLNK(found.st_mode) else "not a link"


def _current(path):
    text = _link(path)
    if text == "not a link":
        raise Failure(
            "root_occupied",
            "%s is not a symbolic link, so it cannot be switched to a release." % path,
            "host",
            "move it away, or set 'root' to a directory of its own.",
            path=path,
        )
    return text


def _directory(path):
    """Word a directory. One that belongs to another account or that others can write reads differently."""
    found = _lstat(path)
    if found is None:
        return None
    # A link could lead to another file system, where nothing can be renamed to.
    if not stat.S_ISDIR(found.st_mode):
        raise Failure(
            "root_occupied",
            "%s is not a directory, and one has to be there." % path,
            "host",
            "move it away, or set 'root' to a directory of its own.",
            path=path,
        )
    return "directory %04o%s" % (stat.S_IMODE(found.st_mode), _owner(found))


def _owner(found):
    return "" if found.st_uid == os.geteuid() else " of uid %d" % found.st_uid


def _node(prefix, node_version):
    found = _lstat(prefix)
    if found is None:
        return None
    if stat.S_ISLNK(found.st_mode):
        return _plan.LINK % os.readlink(prefix)
    if not runnable(os.path.join(prefix, "bin/node")) or not os.path.isfile(npm_script(prefix)):
        return "incomplete"
    return _plan.NODE_OF_ITS_OWN % node_version + _drift(found)


def npm_script(prefix):
    """Return the path of npm's own script under a Node prefix: run with that Node, no shebang and no PATH decide."""
    return os.path.join(prefix, "lib/node_modules/npm/bin/npm-cli.js")


def _release(prefix, package, version):
    found = _lstat(prefix)
    if found is None:
        return None
    package_stat = _lstat(package)
    if package_stat is None:
        return "incomplete"
    if stat.S_ISLNK(package_stat.st_mode):
        return _plan.PACKAGE_LINK % os.readlink(package)
    about = package_json(package) or {}
    whole = (
        os.path.isfile(os.path.join(package, _layout.GATEWAY_ENTRY))
        and not os.path.lexists(os.path.join(package, _layout.LIFECYCLE_MARKER))
    )
    if about.get("version") != version or not whole:
        return "incomplete"
    return _plan.PACKAGE_OF_ITS_OWN % version + _drift(found)


def _drift(found):
    """Word what a directory of code must not be: someone else's to write."""
    writable = ", writable by others" if found.st_mode & 0o022 else ""
    return writable + _owner(found)


def _wrapper(layout, path, prefix, bin_script):
    found = _lstat(path)
    if found is None:
        return None
    ours = (
        stat.S_ISREG(found.st_mode)
        and stat.S_IMODE(found.st_mode) == 0o755
        and found.st_uid == os.geteuid()
        and _read(path) == _layout.wrapper_text(layout, bin_script, prefix)
    )
    return _plan.WRAPPER % (prefix, bin_script) if ours else "another file or mode"
