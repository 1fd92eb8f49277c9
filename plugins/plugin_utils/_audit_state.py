# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What an audit remembers on the controller: the last record of every host, and what was once as declared."""

from __future__ import annotations

import json
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

LAST = "last.json"
STATE = "state.json"


def read(path):
    """Return the JSON of a file, or C(None) where there is none.

    :raises Failure: C(audit_file_unreadable), where it cannot be read or is no JSON object.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(found, dict):
        raise _unreadable(path, "it is no JSON object")
    return found


def _unreadable(path, why):
    return Failure(
        "audit_file_unreadable", "%s cannot be read: %s." % (path, why), "input",
        "repair it, or move it away: the next audit then starts without it.", path=path,
    )  # fmt: skip


def private(path):
    """Make a directory (and those above it) unless it is there; one that is made belongs to its owner alone.

    :raises Failure: C(audit_directory_unusable).
    """
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError as error:
        raise Failure(
            "audit_directory_unusable", "%s cannot be made: %s." % (path, error.strerror), "input",
            "name a directory that you may write to.", path=path,
        ) from error  # fmt: skip


def comparable(last, hosts):
    """Return the last record as far as it is about these hosts, or C(None).

    An audit of a part of the fleet says nothing about the others, and is compared with nothing of theirs.
    """
    if not last:
        return None
    mine = [row for row in last["hosts"] if row["name"] in hosts]
    return dict(last, hosts=mine) if mine else None


def remembered(record, last, inventory):
    """Return what the next audit compares with: this record, and the rows of those hosts of the inventory that it was
    not about.

    :param inventory: names of all hosts there are; the others are forgotten.
    """
    now = {row["name"] for row in record["hosts"]}
    before = last["hosts"] if last else []
    others = [row for row in before if row["name"] not in now and row["name"] in inventory]
    # What it was compared with, and what a deploy would have done then, nobody asks it again.
    return dict(record, hosts=record["hosts"] + others, previous=None, plan=None)
