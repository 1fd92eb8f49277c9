# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From wishes to a changed file: the one call that openclaw_config and openclaw_token make.

:func:`prepare` reads and computes, changes nothing, and raises whatever a real run would refuse; :func:`commit` writes
what was prepared. A check run is a real run without :func:`commit`.
"""

from __future__ import annotations

import collections
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config import checks, edit, effects, json5, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import require_rights
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Where the file is and whose it is.
Target = collections.namedtuple("Target", "account state_dir path")

#: What a run is about to do. C(data) is the new content in bytes; C(changes) are :class:`edit.Change`;
#: C(files) are changes to the file and its directory themselves, as dicts of path, action, before, after.
Work = collections.namedtuple("Work", "target snapshot data changes files effect")

#: OpenClaw takes a file below this share of the last good one for a wreck and puts the old one back.
_SHRINK_LIMIT = 0.5
_SHRINK_FLOOR = 512
_MODE = ("gateway", "mode")
_STAMP = ("meta", "lastTouchedVersion")


def read_text(snapshot):
    """Return the text of a snapshot. :raises Failure: C(config_not_utf8)."""
    try:
        return snapshot.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Failure(
            "config_not_utf8",
            "%s is not UTF-8 text: byte %d is wrong." % (snapshot.path, error.start + 1),
            "config",
            "restore it from a backup, or save it as UTF-8.",
            path=snapshot.path,
        ) from None


def read_config(snapshot):
    """Return the configuration of a snapshot as plain data; an empty one where there is no file.

    :raises Failure: C(config_not_utf8), C(config_unparseable), C(root_not_object).
    """
    if snapshot.data is None:
        return {}
    return json5.to_python(_parsed(snapshot, read_text(snapshot)))


def _parsed(snapshot, text):
    try:
        root = json5.parse(text)
    except json5.Json5Error as error:
        raise Failure(
            "config_unparseable",
            "%s cannot be read as JSON5: %s.\n%s" % (snapshot.path, error, error.excerpt),
            "config",
            "correct the file at that place, or restore a backup (ls %s*); nothing was changed." % snapshot.path,
            path=snapshot.path,
            line=error.line,
            column=error.column,
        ) from None
    if root.kind != "object":
        raise Failure(
            "root_not_object",
            "%s holds a JSON %s, not an object." % (snapshot.path, root.kind),
            "config",
            "restore it from a backup, or move it away: a configuration begins with '{'.",
            path=snapshot.path,
        )
    return root


def prepare(target, settings, absent=(), version=None, ignore_checks=()):
    """Return the :class:`Work` that makes settings true and absent paths gone.

    :param settings: nested dict. :param absent: path tuples.
    :param version: OpenClaw version for C(meta.lastTouchedVersion) of a file without C(meta). Without that key
        OpenClaw throws a changed file away at its next command. (C(lastTouchedAt) is refused by 2026.9.)
    :param ignore_checks: codes of cross-checks that do not apply to this caller.
    :raises Failure: everything a real run would refuse.
    """
    require_rights(target.account)
    snapshot = storage.read(target.path, target.account)
    if snapshot.data is None and not settings:
        # Nothing is wanted and nothing is there.
        return Work(target, snapshot, b"", [], [], "none")
    files = _directory_work(target)
    before = read_config(snapshot)
    _refuse_mode_removal(before, settings, absent, target.path)
    new = _planned(snapshot, before, settings, absent, version)
    after = json5.loads(new.text)
    checks.refuse(after, target.path, ignore_checks)
    data = new.text.encode("utf-8")
    _refuse_shrink(snapshot, data)
    files += _file_work(snapshot, target.account)
    if new.changes or files:
        storage.require_room(snapshot.real, len(data))
    effect = effects.effect_of([change.path for change in new.changes], before, after)
    return Work(target, snapshot, data, new.changes, files, effect)


def commit(work, backup):
    """Write what was prepared; returns the path of the backup, or None where none was made.

    :param backup: keep the old bytes of an existing file first.
    """
    if not work.changes and not work.files:
        return None
    if any(entry["path"] == work.target.state_dir for entry in work.files):
        storage.ensure_directory(work.target.state_dir, work.target.account)
    if not work.changes and not any(entry["path"] == work.target.path for entry in work.files):
        return None
    kept = None
    if backup and work.snapshot.data is not None and work.changes:
        kept = storage.keep_backup(work.snapshot, work.target.account)
    storage.replace(work.snapshot, work.data, work.target.account)
    return kept


def _planned(snapshot, before, settings, absent, version):
    if snapshot.data is None:
        wanted = _stamped(settings, {}, version)
        return edit.plan_new(wanted)
    text = read_text(snapshot)
    new = edit.plan(text, settings, absent)
    if new.changes and _stamped({}, before, version):
        new = edit.plan(text, _stamped(settings, before, version), absent)
    return new


def _stamped(settings, before, version):
    """The settings, and the stamp if neither the file nor they have a meta block."""
    if version is None or isinstance(before.get(_STAMP[0]), dict) or _STAMP[0] in settings:
        return settings
    return dict(settings, **{_STAMP[0]: {_STAMP[1]: version}})


def _refuse_mode_removal(before, settings, absent, path):
    removed = any(_MODE[: len(gone)] == tuple(gone) for gone in absent)
    gateway = settings.get(_MODE[0], {})
    if removed or not isinstance(gateway, dict):
        raise Failure(
            "gateway_mode_removed",
            "%s would lose gateway.mode, without which the Gateway refuses to start (exit 78)." % path,
            "input",
            "take gateway.mode (and gateway) out of 'absent', and keep gateway a mapping.",
            path=path,
        )
    if any(tuple(gone)[:1] == _STAMP[:1] for gone in absent) and _STAMP[0] in before:
        raise Failure(
            "meta_removed",
            "%s would lose its meta block; OpenClaw would then throw the file away and restore an older one." % path,
            "input",
            "take meta out of 'absent'.",
            path=path,
        )


def _refuse_shrink(snapshot, data):
    if snapshot.data is None or len(snapshot.data) < _SHRINK_FLOOR or len(data) >= len(snapshot.data):
        return
    if len(data) < len(snapshot.data) * _SHRINK_LIMIT:
        raise Failure(
            "config_would_shrink",
            "%s would shrink from %d to %d bytes; OpenClaw takes a file below half of its last good size for "
            "damage and restores the old one." % (snapshot.path, len(snapshot.data), len(data)),
            "config",
            "remove less at a time, with a Gateway running in between.",
            path=snapshot.path,
        )


def _directory_work(target):
    """Changes to the state directory. Only where the file lives in it: other directories are not ours to judge."""
    path = target.state_dir
    if os.path.dirname(target.path) != path.rstrip("/"):
        return []
    mode = storage.directory_mode(path, target.account)
    if mode is None:
        return [_entry(path, "create", None, storage.DIR_MODE)]
    return [] if mode == storage.DIR_MODE else [_entry(path, "mode", mode, storage.DIR_MODE)]


def _file_work(snapshot, account):
    if snapshot.data is None:
        return []
    found = []
    if snapshot.uid != account.uid:
        found.append({"path": snapshot.path, "action": "owner", "before": str(snapshot.uid), "after": str(account.uid)})
    if snapshot.mode != storage.FILE_MODE:
        found.append(_entry(snapshot.path, "mode", snapshot.mode, storage.FILE_MODE))
    return found


def _entry(path, action, before, after):
    return {
        "path": path,
        "action": action,
        "before": None if before is None else "%04o" % before,
        "after": "%04o" % after,
    }
