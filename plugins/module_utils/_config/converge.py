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

from ansible_collections.clawops.openclaw.plugins.module_utils._config import (
    checks,
    edit,
    effects,
    guards,
    included,
    includes,
    json5,
    last_good,
    litter,
    openclaw_lock,
    storage,
    swap,
    values,
    wishes,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._config.edit import ABSENT
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import require_rights
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Where the file is and whose it is. C(roots) are further directories that may be included from.
Target = collections.namedtuple("Target", "account state_dir path roots")
Target.__new__.__defaults__ = ((),)

#: What a run is about to do. C(data) is the new content in bytes; C(changes) are :class:`edit.Change`;
#: C(files) are changes to the file, its directory and what a killed writer left, as dicts of path, action, before,
#: after. C(own) is the file after the change as plain data; C(before) and C(after) are the configuration as OpenClaw
#: sees it, C($include) resolved. C(drift) are the
#: changes a baseline would need in the file as it was found. C(wished) is what was wanted, expanded.
Work = collections.namedtuple("Work", "target snapshot data changes files effect own before after drift wished")

#: A configuration that was read: its text, tree, plain data as written, and :class:`includes.Effective`.
_Document = collections.namedtuple("_Document", "text root own effective")

_STAMP = ("meta", "lastTouchedVersion")
#: What is said of a file that is no configuration any more.
_TORN = ("config_not_utf8", "config_unparseable", "root_not_object")


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

    C($include) stays text.

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


def effective(target):
    """Return the configuration that is there as plain data, C($include) resolved; an empty one without a file.

    :raises Failure: where it cannot be read. What it says is not judged.
    """
    return _document(target, storage.read(target.path, target.account)).effective.config


def prepare(target, settings, absent=(), version=None, ignore_checks=()):
    """Return the :class:`Work` that makes settings true and absent paths gone. See :func:`prepare_all`."""
    return prepare_all(target, wishes.Wishes(settings, tuple(absent)), version, ignore_checks)


def prepare_all(target, wanted, version=None, ignore_checks=(), compared=None, enforced=None, fallback=last_good.none):
    """Return the :class:`Work` for everything a task can want of a file.

    :param wanted: :class:`wishes.Wishes`.
    :param version: OpenClaw version for C(meta.lastTouchedVersion) of a file without C(meta). Without that key
        OpenClaw throws a changed file away at its next command. (C(lastTouchedAt) is refused by 2026.9.)
    :param ignore_checks: codes of cross-checks that do not apply to this caller.
    :param compared: :class:`wishes.Baseline` to report drift from, or None.
    :param enforced: :class:`wishes.Baseline` to report drift from and to make true, or None.
    :param fallback: function of (snapshot, account) that returns what to begin with where the file is missing or torn,
        as a snapshot of another file, or None. See :mod:`last_good`.
    :raises Failure: everything a real run would refuse.
    """
    require_rights(target.account)
    snapshot = storage.read(target.path, target.account)
    document, restored = _begun_with(target, snapshot, fallback)
    expanded = wishes.expand(wanted, document.effective.config)
    baseline = compared or enforced
    drift = []
    if baseline:
        good = wishes.baseline_of(baseline, wanted, document.effective.config)
        drift = wishes.differences(good, document.effective.config)
        expanded = wishes.joined(good, expanded) if enforced else expanded
    litter_work = _litter_work(snapshot)
    if document.root is None and not expanded.settings:
        # Nothing is wanted and nothing is there.
        return Work(target, snapshot, b"", [], litter_work, "none", {}, {}, {}, drift, expanded)
    guards.refuse_removal(document.effective.config, expanded, target.path)
    new = _stamped(document, expanded, version)
    unchanged = document.root is not None and not new.changes
    own = document.own if unchanged else json5.reload(new.text)
    before = document.effective.config
    after = before if unchanged else _resolved(target, own).config
    found = values.findings(new.changes, after, wanted.replace) + checks.findings(after)
    checks.refuse(found, target.path, ignore_checks)
    kept = snapshot.data is not None and not restored and not new.changes
    data = snapshot.data if kept else new.text.encode("utf-8")
    guards.refuse_shrink(snapshot, data)
    files = _directory_work(target) + restored + _file_work(snapshot, target.account) + litter_work
    if new.changes or files:
        storage.require_room(snapshot.real, len(data))
    effect = effects.effect_of([change.path for change in new.changes], before, after)
    return Work(target, snapshot, data, new.changes, files, effect, own, before, after, drift, expanded)


def commit(work, backup, put=swap.replace):
    """Write what was prepared; returns the path of the backup, or None where none was made.

    :param backup: keep the old bytes of an existing file first.
    :param put: function of (snapshot, bytes, account) that writes, see :mod:`swap`.
    """
    if not work.changes and not work.files:
        return None
    account = work.target.account
    if any(entry["path"] == work.target.state_dir for entry in work.files):
        storage.ensure_directory(work.target.state_dir, account)
    if not work.changes and not any(entry["path"] == work.target.path for entry in work.files):
        if any(entry["action"] == "remove" for entry in work.files):
            swap.sweep(work.snapshot, account)
        return None
    kept = None
    replaced = work.changes or any(entry["action"] == "restore" for entry in work.files)
    if backup and work.snapshot.data is not None and replaced:
        kept = storage.keep_backup(work.snapshot, account)
    put(work.snapshot, work.data, account)
    return kept


def _begun_with(target, snapshot, fallback):
    """Return the document to change, and in a list what is to be said of a copy that it was taken from."""
    torn, document = None, None
    try:
        document = _document(target, snapshot)
    except Failure as failure:
        if failure.code not in _TORN:
            raise
        torn = failure
    copy = fallback(snapshot, target.account) if torn or snapshot.data is None else None
    if copy is None:
        if torn:
            raise torn
        return document, []
    found = "no configuration" if torn else "missing"
    entry = {"path": target.path, "action": "restore", "before": found, "after": "as %s" % copy.path}
    return _document(target, copy), [entry]


def _document(target, snapshot):
    if snapshot.data is None:
        return _Document(None, None, {}, includes.Effective({}, ABSENT, ()))
    text = read_text(snapshot)
    root = _parsed(snapshot, text)
    own = json5.to_python(root)
    return _Document(text, root, own, _resolved(target, own))


def _resolved(target, own):
    effective = includes.resolve(own, target.path, target.roots, included.loader(target.account))
    if not isinstance(effective.config, dict):
        raise Failure(
            "root_not_object",
            "%s consists of an $include that brings no object." % target.path,
            "config",
            "include a file that begins with '{'.",
            path=target.path,
        )
    return effective


def _planned(document, wanted):
    """The plan that makes expanded wishes true, as far as they are not true by an included file."""
    if document.root is None:
        return edit.plan_new(wanted.settings)
    settings = includes.local_settings(wanted.settings, document.own, document.effective)
    includes.require_local(wanted.absent, document.effective)
    return edit.plan(document.text, settings, wanted.absent, document.root)


def _stamped(document, wanted, version):
    """The plan, with the stamp if something is written and neither the file nor the wishes have a meta block."""
    lacks = version is not None and _STAMP[0] not in wanted.settings
    lacks = lacks and not isinstance(document.effective.config.get(_STAMP[0]), dict)
    stamped = wanted._replace(settings=dict(wanted.settings, **{_STAMP[0]: {_STAMP[1]: version}})) if lacks else wanted
    if document.root is None:
        return _planned(document, stamped)
    new = _planned(document, wanted)
    return _planned(document, stamped) if lacks and new.changes else new


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


def _litter_work(snapshot):
    """What writers that were killed have left beside the file."""
    left = litter.stale(*os.path.split(snapshot.real)) + openclaw_lock.stale(snapshot.path)
    return [{"path": path, "action": "remove", "before": "left by a killed run", "after": None} for path in left]


def _entry(path, action, before, after):
    return {
        "path": path,
        "action": action,
        "before": None if before is None else "%04o" % before,
        "after": "%04o" % after,
    }
