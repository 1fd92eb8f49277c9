# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where a job's past is noted: a directory of its own, private to root, or to the account that minds its own job.

Nothing in it is needed to run a Gateway, and nothing of OpenClaw's ever looks there.
"""

from __future__ import annotations

import contextlib
import json
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._service import files

#: Apart from everything of OpenClaw's, which tidies its own directories.
TOP = "Library/Application Support/clawops.openclaw"
_MODE = 0o700


def directory(label, account):
    """Return where the past of a job is noted: root's own place, or that of an account which minds its own job.

    :param label: launchd label.
    :param account: object with uid and home.
    """
    base = "/" if os.geteuid() == 0 else account.home
    return os.path.join(base, TOP, label + ".service")


def read(path):
    """Return the mapping in a file, or C(None) where there is none, or none that makes sense."""
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write(path, mapping):
    """Put a mapping into a private file: complete, or not at all. Makes the directory.

    :raises Failure: C(denied), C(write_failed).
    """
    data = json.dumps(mapping, indent=1, sort_keys=True).encode("utf-8") + b"\n"
    make(os.path.dirname(path))
    own = files.Holder(os.geteuid(), os.getegid())
    files.write_plist(path, data, own, own, files.PRIVATE_FILE)


def make(path):
    """Make a private directory, and those above it; that they are there is fine.

    :raises Failure: C(denied), C(write_failed).
    """
    try:
        os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, _MODE)
    except OSError as error:
        raise files.failed("cannot create", path, error) from error


def forget(path):
    """Remove a file, and its directory when nothing else is in it; that it is gone is fine."""
    directory = os.path.dirname(path)
    with contextlib.suppress(OSError):
        os.unlink(path)
    with contextlib.suppress(OSError):
        os.rmdir(directory)
        # Ours as well, and perhaps of other jobs; any other directory above is whoever declared it.
        if os.path.dirname(directory).endswith(TOP):
            os.rmdir(os.path.dirname(directory))
