# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From what a task says (settings, absent, replace, list_merge, a baseline, legacy keys) to plain wishes: nested
settings and absent paths that :mod:`edit` can carry out. Pure.
"""

from __future__ import annotations

import collections

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5, paths
from ansible_collections.clawops.openclaw.plugins.module_utils._config.edit import ABSENT, Change
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Options of a module for what is wanted of a file; the C(_wishes) fragment documents them.
OPTIONS = {
    "settings": {"type": "dict", "default": {}},
    "list_merge": {
        "type": "str",
        "default": "replace",
        "choices": ["replace", "keep", "append", "prepend", "append_rp", "prepend_rp"],
    },
    "absent": {"type": "list", "elements": "str", "default": []},
    "replace": {"type": "list", "elements": "str", "default": []},
    "baseline": {
        "type": "dict",
        "options": {
            "mode": {"type": "str", "default": "report", "choices": ["report", "enforce"]},
            "settings": {"type": "dict", "required": True},
            "replace": {"type": "list", "elements": "str", "default": []},
        },
    },
    "migrate_legacy": {"type": "bool", "default": False},
}

#: What is wanted of a file. C(absent) and C(replace) are tuples of path tuples, C(list_merge) a key of
#: :data:`LIST_MERGES`, C(legacy) rows of :data:`LEGACY` to put right on the way.
Wishes = collections.namedtuple("Wishes", "settings absent replace list_merge legacy")
Wishes.__new__.__defaults__ = ({}, (), (), "replace", ())

#: A known-good subtree: C(settings) and C(replace) as in :class:`Wishes`.
Baseline = collections.namedtuple("Baseline", "settings replace")


def from_options(options):
    """Return the wishes that module options express, and the baseline as an argument of C(converge.prepare_all).

    :param options: dict of :data:`OPTIONS`.
    :returns: tuple (:class:`Wishes`, dict of C(compared) or C(enforced) to a :class:`Baseline`).
    :raises Failure: C(path_invalid).
    """
    wanted = Wishes(
        options["settings"],
        tuple(map(paths.parse_path, options["absent"])),
        tuple(map(paths.parse_path, options["replace"])),
        options["list_merge"],
        LEGACY if options["migrate_legacy"] else (),
    )
    known = options["baseline"]
    if not known:
        return wanted, {}
    baseline = Baseline(known["settings"], tuple(map(paths.parse_path, known["replace"])))
    return wanted, {{"report": "compared", "enforce": "enforced"}[known["mode"]]: baseline}


def _lacking(items, others):
    """Those of items that no element of others equals."""
    return [item for item in items if not any(json5.same(item, other) for other in others)]


#: How a wanted list and the list that is there become one. The names are those of Ansible's C(combine). Unlike it,
#: C(append) and C(prepend) leave out what is there already: a file is merged again on every run.
LIST_MERGES = {
    "replace": lambda there, wanted: wanted,
    "keep": lambda there, wanted: there,
    "append": lambda there, wanted: there + _lacking(wanted, there),
    "prepend": lambda there, wanted: _lacking(wanted, there) + there,
    "append_rp": lambda there, wanted: _lacking(there, wanted) + wanted,
    "prepend_rp": lambda there, wanted: wanted + _lacking(there, wanted),
}

#: A key that OpenClaw no longer takes: where its value goes (None: nowhere) and what the value becomes. C(convert)
#: returns :data:`edit.ABSENT` for a value that is not worth keeping.
Legacy = collections.namedtuple("Legacy", "old new convert")

_BIND_ALIASES = dict.fromkeys(("0.0.0.0", "::", "[::]", "*"), "lan")
_BIND_ALIASES.update(dict.fromkeys(("127.0.0.1", "localhost", "::1", "[::1]"), "loopback"))
_NO_SECRETS = ("", "undefined", "null", "None", "__OPENCLAW_REDACTED__")


def _secret(value):
    return ABSENT if isinstance(value, str) and value.strip() in _NO_SECRETS else value


def _bind(value):
    return _BIND_ALIASES.get(value.strip().lower(), ABSENT) if isinstance(value, str) else ABSENT


def _reload_mode(value):
    return "hybrid" if value in ("hot", "restart") else ABSENT


#: The renamed and retired keys of OpenClaw's own migrations that concern the Gateway, and C(gateway.token), which
#: OpenClaw refuses without migrating it.
LEGACY = (
    Legacy(("gateway", "token"), ("gateway", "auth", "token"), _secret),
    Legacy(("gateway", "password"), ("gateway", "auth", "password"), _secret),
    Legacy(("gateway", "bind"), ("gateway", "bind"), _bind),
    Legacy(("gateway", "reload", "mode"), ("gateway", "reload", "mode"), _reload_mode),
    Legacy(("gateway", "webchat"), None, _secret),
    Legacy(("gateway", "tailscale", "resetOnExit"), None, _secret),
    Legacy(("gateway", "controlUi", "dangerouslyDisableDeviceAuth"), None, _secret),
    Legacy(("gateway", "controlUi", "toolTitles"), None, _secret),
)


def expand(wishes, there):
    """Return the same wishes with nothing but settings and absent paths in them.

    :param there: the configuration that is wished about, C($include) resolved, as plain data.
    :raises Failure: C(replace_without_settings), C(replace_index), C(settings_too_deep).
    """
    _refuse_deep(wishes.settings)
    settings, absent = _migrated(wishes, there)
    absent = list(absent)
    for path in wishes.replace:
        absent += _strangers(_replaced(settings, path), paths.value_at(there, path, ABSENT), path)
    return Wishes(_with_lists(there, settings, LIST_MERGES[wishes.list_merge], wishes.replace, ()), tuple(absent))


def _refuse_deep(settings, depth=0, path=()):
    if depth > json5.MAX_DEPTH:
        raise Failure(
            "settings_too_deep",
            "settings are nested deeper than %d levels below %s." % (json5.MAX_DEPTH, paths.format_path(path[:3])),
            "input",
            "look for a variable that contains itself.",
        )
    items = settings.items() if isinstance(settings, dict) else enumerate(settings)
    for key, value in items:
        if isinstance(value, (dict, list)):
            _refuse_deep(value, depth + 1, path + (key,))


def _replaced(settings, path):
    name = paths.format_path(path)
    if any(isinstance(part, int) for part in path):
        raise Failure(
            "replace_index",
            "replace names the list element %s; a position is not repeatable." % name,
            "input",
            "name the whole list: lists are replaced anyway, unless 'list_merge' says otherwise.",
            path=name,
        )
    wanted = paths.value_at(settings, path, ABSENT)
    if wanted is ABSENT:
        raise Failure(
            "replace_without_settings",
            "%s is in 'replace', but 'settings' has nothing to put there." % name,
            "input",
            "give it a value in 'settings' ({} empties it), or list it in 'absent' to remove it.",
            path=name,
        )
    return wanted


def _strangers(wanted, there, path):
    """Paths below path that are there and not wanted."""
    if not (isinstance(wanted, dict) and isinstance(there, dict)):
        return []
    found = []
    for key, value in there.items():
        if key not in wanted:
            found.append(path + (key,))
        else:
            found += _strangers(wanted[key], value, path + (key,))
    return found


def _with_lists(there, wanted, merge, whole, path):
    out = {}
    for key, value in wanted.items():
        here = path + (key,)
        old = there.get(key, ABSENT) if isinstance(there, dict) else ABSENT
        if here in whole or old is ABSENT:
            out[key] = value
        elif isinstance(value, dict) and isinstance(old, dict):
            out[key] = _with_lists(old, value, merge, whole, here)
        elif isinstance(value, list) and isinstance(old, list):
            out[key] = merge(old, value)
        else:
            out[key] = value
    return out


def _migrated(wishes, there):
    """Settings and absent paths with the legacy keys that are there moved; what the task says itself wins."""
    settings, absent = wishes.settings, list(wishes.absent)
    for row in wishes.legacy:
        old = paths.value_at(there, row.old, ABSENT)
        if old is ABSENT or _spoken_of(row.old, settings, absent):
            continue
        new = row.convert(old)
        if row.new == row.old:
            if new is not ABSENT:
                settings = merged(nested(row.new, new), settings)
            continue
        absent.append(row.old)
        taken = row.new is None or paths.value_at(there, row.new, ABSENT) is not ABSENT
        if not taken and new is not ABSENT and not _spoken_of(row.new, settings, absent):
            settings = merged(nested(row.new, new), settings)
    return settings, absent


def _spoken_of(path, settings, absent):
    return paths.value_at(settings, path, ABSENT) is not ABSENT or any(path[: len(gone)] == gone for gone in absent)


def nested(path, value):
    """Return value as a nested dict below a path."""
    for key in reversed(path):
        value = {key: value}
    return value


def merged(low, high):
    """Return low with high laid over it; dicts are merged, everything else of high wins."""
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    out = dict(low)
    for key, value in high.items():
        out[key] = merged(low[key], value) if key in low else value
    return out


def undeclared(settings, wishes, path=()):
    """Return settings of a baseline without what the task itself speaks of."""
    out = {}
    for key, value in settings.items():
        here = path + (key,)
        if any(here[: len(gone)] == tuple(gone) for gone in wishes.absent):
            continue
        own = paths.value_at(wishes.settings, here, ABSENT)
        if isinstance(value, dict) and value and (own is ABSENT or isinstance(own, dict)):
            rest = undeclared(value, wishes, here)
            if rest:
                out[key] = rest
        elif own is ABSENT:
            out[key] = value
    return out


def baseline_of(baseline, wishes, there):
    """Return expanded :class:`Wishes` for a baseline alone, to compare a configuration with or to enforce.

    Where the task speaks itself the baseline is silent, and a key that the task declares below a path of
    C(baseline.replace) is no stranger there.
    """
    absent = []
    for path in baseline.replace:
        wanted = _replaced(baseline.settings, path)
        declared = paths.value_at(wishes.settings, path, {})
        known = merged(wanted, declared) if isinstance(declared, dict) else wanted
        absent += _strangers(known, paths.value_at(there, path, ABSENT), path)
    spoken = [path for path in absent if any(path[: len(gone)] == tuple(gone) for gone in wishes.absent)]
    settings = _needed(undeclared(baseline.settings, wishes), there)
    return Wishes(settings, tuple(path for path in absent if path not in spoken))


def _needed(settings, there):
    """Settings without the empty subtrees that are not there: for a baseline, nothing is as good as an empty one."""
    out = {}
    for key, value in settings.items():
        old = there.get(key, ABSENT)
        if isinstance(value, dict) and (old is ABSENT or isinstance(old, dict)):
            value = _needed(value, {} if old is ABSENT else old)
            if not value:
                continue
        out[key] = value
    return out


def differences(wanted, there):
    """Return the :class:`edit.Change` list that expanded wishes mean for a configuration, written or included."""
    found = list(_different(wanted.settings, there, ()))
    for path in wanted.absent:
        old = paths.value_at(there, path, ABSENT)
        if old is not ABSENT:
            found.append(Change(path, old, ABSENT))
    return found


def _different(wanted, there, path):
    for key, value in wanted.items():
        here = path + (key,)
        old = there.get(key, ABSENT)
        if isinstance(value, dict) and isinstance(old, dict):
            yield from _different(value, old, here)
        elif old is ABSENT or not json5.same(old, value):
            yield Change(here, old, value)


def joined(first, second):
    """Return expanded wishes with the settings and absent paths of two; settings of the second win."""
    return Wishes(merged(first.settings, second.settings), tuple(dict.fromkeys(first.absent + second.absent)))
