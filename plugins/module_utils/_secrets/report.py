# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A change of a configuration as people and machines may see it: leaf by leaf, every secret a fingerprint. Pure."""

from __future__ import annotations

import json

from ansible_collections.clawops.openclaw.plugins.module_utils._config.edit import ABSENT
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import (
    fingerprint,
    is_reference,
    mask,
    secrets_in,
)

#: Secrets shorter than this are not searched for inside other strings: they would star out half of the text.
_SEARCHED = 8


def as_rows(changes, shown=None, hidden=()):
    """Return the changes as a list of dicts C(path, action, before, after), one per leaf, in file order.

    :param changes: iterable of C(edit.Change).
    :param shown: dotted path -> text to show as the value after, for values that nobody knows yet.
    :param hidden: further secrets that may stand inside other strings: those of the rest of the file.
    """
    rows = []
    known = set(hidden)
    for change in changes:
        for value in (change.before, change.after):
            if value is not ABSENT:
                known |= secrets_in(_wrapped(change.path, value))
        for path, before, after in _leaves(change.path, change.before, change.after):
            rows.append((path, before, after))
    # A secret may begin with another one.
    known = sorted((secret for secret in known if len(secret) >= _SEARCHED), key=len, reverse=True)
    return [_row(path, before, after, known, shown or {}) for path, before, after in rows]


def as_diff(rows, files, location):
    """Return Ansible's diff mapping for rows of :func:`as_rows` and entries about the files themselves."""
    before, after = [], []
    for entry in files:
        label = "%s (%s)" % (entry["path"], {"create": "directory mode"}.get(entry["action"], entry["action"]))
        _add(before, label, entry["before"])
        _add(after, label, entry["after"])
    for row in rows:
        if row["action"] != "add":
            _add(before, row["path"], row["before"])
        if row["action"] != "remove":
            _add(after, row["path"], row["after"])
    return {
        "before_header": location,
        "after_header": location,
        "before": "".join(before),
        "after": "".join(after),
    }


def _add(lines, label, value):
    if value is not None:
        lines.append("%s: %s\n" % (label, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))


def _wrapped(path, value):
    for key in reversed(path):
        value = {key: value}
    return value


def _leaves(path, before, after):
    """Split a subtree that came or went as a whole. One that changed its kind stays one row."""
    present = after if before is ABSENT else before
    whole = (before is not ABSENT and after is not ABSENT) or not isinstance(present, dict) or not present
    if whole or is_reference(present):
        yield path, before, after
        return
    for key, value in present.items():
        yield from _leaves(path + (key,), *((ABSENT, value) if before is ABSENT else (value, ABSENT)))


def _row(path, before, after, known, shown):
    name = format_path(path)
    action = "add" if before is ABSENT else "remove" if after is ABSENT else "change"
    return {
        "path": name,
        "action": action,
        "before": _shown(before, path, known),
        "after": shown.get(name) or _shown(after, path, known),
    }


def _shown(value, path, known):
    return None if value is ABSENT else _without(mask(value, path), known)


def without(text, known):
    """Return text with every one of the known secrets in it as its fingerprint."""
    return _without(text, sorted((secret for secret in known if len(secret) >= _SEARCHED), key=len, reverse=True))


def _without(value, known):
    """Replace secrets that also occur inside other strings."""
    if isinstance(value, dict):
        return {key: _without(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, known) for item in value]
    if isinstance(value, str):
        for secret in known:
            if secret in value:
                value = value.replace(secret, fingerprint(secret))
    return value
