# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a release can read of the state that another one has left. Pure.

A database of OpenClaw's says its schema in C(user_version), and a release refuses one that is newer than it knows.
Releases after 2026.7.1 say in their package.json what they know; all up to it know schema 1. Most of what those kept in
files a later one takes over when it starts. What only its doctor takes over keeps it from getting ready.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: The last release whose databases have schema 1 and which says nothing of that.
_LAST_OF_ONE = (2026, 7, 1)
KINDS = ("state", "agent")

#: (code, what a path has to match below the state directory, what a later release does while it is there).
LEGACY = (
    ("legacy_credentials", re.compile(r"agents/main/agent/auth-profiles\.json\Z"), "does not start"),
    ("legacy_sessions", re.compile(r"(agents/[^/]+/)?sessions/sessions\.json\Z"), "does not get ready"),
)


class Database(NamedTuple):
    """:ivar path: relative to the state directory. :ivar kind: C(state) or C(agent). :ivar schema: its
    C(user_version)."""

    path: str
    kind: str
    schema: int


def known(about, version):
    """Return {kind: newest schema that a release reads}, or None where nobody knows.

    :param about: its package.json as plain data. :param version: its version.
    """
    told = about.get("openclaw")
    told = told.get("schemaVersions") if isinstance(told, dict) else None
    if isinstance(told, dict) and all(isinstance(told.get(kind), int) for kind in KINDS):
        return {kind: told[kind] for kind in KINDS}
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if numbers and tuple(int(number) for number in numbers.groups()) <= _LAST_OF_ONE:
        return dict.fromkeys(KINDS, 1)
    return None


def too_new(databases, schemas):
    """Return those :class:`Database` that a release which knows these schemas (or None) refuses."""
    return [one for one in databases if schemas is not None and one.schema > schemas[one.kind]]


def takes_over(schemas):
    """Whether a release which knows these schemas keeps in its databases what earlier ones kept in files."""
    return schemas is not None and schemas["state"] > 1


def legacy(paths):
    """Return (code, path, what a later release does) of each file that it does not take over by itself.

    :param paths: of files that hold something, relative to the state directory.
    """
    return [(code, path, does) for path in sorted(paths) for code, form, does in LEGACY if form.match(path)]
