# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What may be shown of a configuration: its settings with their secrets as fingerprints. Pure."""

from __future__ import annotations

import hashlib
import json
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path, parse_path, value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import (
    fingerprint,
    is_reference,
    mask,
)

#: Subtrees whose leaves are told.
SHOWN = (
    ("gateway",),
    ("logging",),
    ("secrets",),
    ("channels",),
    ("models",),
    ("agents", "defaults"),
    ("plugins",),
    ("env",),
    ("cron",),
)
#: Most leaves that are told, and longest text of one.
MAX_LEAVES = 400
_MAX_TEXT = 300
#: As OpenClaw writes the names of variables that it fills in; a doubled dollar sign is a plain one.
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_][A-Z0-9_]*)\}")
_QUERY = re.compile(r"(?<=\?)[^#\s]+")
#: Block of which nobody knows which member is a secret, besides C(env).
_OPAQUE = "headers"
_MISSING = object()


def shown(value, keys):
    """Return a copy of plain data as it may be shown.

    :param value: plain data. :param keys: tuple of the keys on the way to it.
    """
    if _OPAQUE in keys:
        return mask(value, "secret")
    if isinstance(value, dict) and not is_reference(value):
        return {key: shown(item, keys + (key,)) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item, keys) for item in value]
    found = mask(value, keys)
    return _text(found) if isinstance(found, str) else found


def _text(text):
    if "://" in text:
        # A key may travel in the query of a URL.
        text = _QUERY.sub(lambda match: fingerprint(match.group()), text)
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "..."


def leaves(config, limit=MAX_LEAVES):
    """Return (dotted path -> value as it may be shown, whether some were left out) of the subtrees in :data:`SHOWN`."""
    found = {}
    for root in SHOWN:
        subtree = value_at(config, root, _MISSING)
        if subtree is not _MISSING:
            for path, value in _leaves(subtree, root):
                if len(found) >= limit:
                    return found, True
                found[format_path(path)] = shown(value, path)
    return found, False


def _leaves(value, path):
    if isinstance(value, dict) and value and not is_reference(value):
        for key, item in value.items():
            yield from _leaves(item, path + (key,))
    elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, path + (index,))
    else:
        yield path, value


def managed(config, paths):
    """Return what a configuration holds at the paths that somebody manages.

    :param paths: dotted. :returns: tuple (path -> value as it may be shown, None where there is none; list of the paths
        at which there is none; digest of the mapping, None where no path is given).
    """
    found, absent = {}, []
    for path in paths:
        parts = parse_path(path)
        value = value_at(config, parts, _MISSING)
        if value is _MISSING:
            absent.append(path)
        found[path] = None if value is _MISSING else shown(value, parts)
    text = json.dumps(found, sort_keys=True, separators=(",", ":"))
    return found, absent, "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest() if found else None


def variables(config):
    """Return (dotted path, name) of every variable that a configuration has filled in when it is read."""
    found = []
    for path, value in _leaves(config, ()):
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if isinstance(text, str) and "${" in text:
                found += [(format_path(path), name) for name in _VARIABLE.findall(text)]
    return found
