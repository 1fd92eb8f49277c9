# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a Gateway's deployment has put on a host, or lets OpenClaw put there: releases, and every known place. Reads
only."""

from __future__ import annotations

import contextlib
import json
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._release.layout import Layout

#: Where rollback points lie, apart from what they are of. They hold secrets.
SNAPSHOTS = "/var/db/clawops.openclaw"


def own_directory(account, label):
    """Return where this collection keeps what it must remember about a Gateway: rollback points, and who is at work.

    :param account: name of the Gateway's account.
    """
    return os.path.join(SNAPSHOTS, account, label)


#: What an upgrade that has begun must not forget, in :func:`own_directory`.
UPGRADE = "upgrade.json"


def open_upgrade(account, label):
    """Return the release that shall take over in an upgrade that was begun, and is neither proven nor undone, or None.

    Who is not root cannot tell, and gets None.
    """
    try:
        with open(os.path.join(own_directory(account, label), UPGRADE), encoding="utf-8") as stream:
            known = json.load(stream)
    except (OSError, ValueError):
        return None
    return known.get("to") if isinstance(known, dict) and known.get("state") == "open" else None


def releases(root):
    """Return C({root, current, version, versions, node_version, node_versions, since}).

    C(current) is the target of the link, C(version) the release it leads to, C(node_version) the Node of that release,
    C(since) when it was switched there (seconds since the epoch).
    """
    layout = Layout(root)
    current, since, node_version = None, None, None
    if os.path.islink(layout.current):
        current = os.readlink(layout.current)
        since = int(os.lstat(layout.current).st_mtime)
        with contextlib.suppress(OSError):
            node_version = os.path.basename(os.readlink(os.path.join(layout.current, "node")))
    return {
        "root": layout.root,
        "current": current,
        "version": os.path.basename(current) if current else None,
        "versions": _names(layout.path("releases")),
        "node_version": node_version,
        "node_versions": _names(layout.path("node")),
        "since": since,
    }


def _names(directory):
    try:
        return sorted(name for name in os.listdir(directory) if not name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def places(root, state_dir, log_dir, home, plists, companions):
    """Return every place this collection or OpenClaw writes to that exists, in a fixed order.

    :param plists: property lists that define the label. :param companions: pairs (path, what) of our
        jobs beside the Gateway's.
    :returns: list of C({path, what, mode, uid}).
    """
    known = [(root, "releases"), (state_dir, "state"), (log_dir, "logs")]
    known += [
        (os.path.join(home, ".cache", name), "cache") for name in _names(os.path.join(home, ".cache")) if _theirs(name)
    ]
    # OpenClaw asks npm for its directories now and then, as the account it runs as.
    known += [(os.path.join(home, ".npm"), "npm's own")]
    known += [(path, "service definition") for path in plists]
    known += companions
    known += [(SNAPSHOTS, "snapshots")]
    known += [(os.path.join("/tmp", name), "logs of the openclaw command") for name in _names("/tmp") if _theirs(name)]
    return [dict(seen, what=what) for path, what in known for seen in _seen(path)]


def _theirs(name):
    return name == "openclaw" or name.startswith("openclaw-")


def _seen(path):
    try:
        status = os.lstat(path)
    except OSError:
        return []
    return [{"path": path, "mode": "%04o" % stat.S_IMODE(status.st_mode), "uid": status.st_uid}]
