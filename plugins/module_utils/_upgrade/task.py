# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A change of releases as a transaction: begun, then proven or undone."""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import footprint
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout
from ansible_collections.clawops.openclaw.plugins.module_utils._release import observe
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import area as _area
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import check, record, schemas, takeover


class Task(NamedTuple):
    """What all states need. C(directory) is where the record lies; C(running) says whether the job has a process."""

    area: _area.Area
    root: str
    version: str
    directory: str
    check_mode: bool
    running: object


def begin(task, snapshot, trial_timeout, legacy):
    """Check that the staged release can take over, try it, and copy what it will migrate.

    :param snapshot: name of the rollback point that goes with it, or None. :param trial_timeout: seconds; 0 for none.
    :param legacy: whether files that only the doctor takes over are C(accepted) or C(refused).
    :raises Failure: C(upgrade_refused), C(trial_failed), C(takeover_busy) or C(state_unreadable); nothing was changed
        then.
    """
    takeover.settle(task.area)
    known = record.read(task.directory)
    if known is not None and known.state == "open" and known.to == task.version:
        left = _left(task, known)
        return dict(_told(known, changed=False), legacy=left, takeover=bool(left))
    now = footprint.releases(task.root)
    if now["version"] == task.version:
        return _told(None, changed=False)
    layout = _layout.Layout(task.root)
    if now["version"] is None:
        return _first(task, layout)
    staged = os.access(layout.command(task.version), os.X_OK)
    about = {version: observe.package_json(layout.package(version)) or {} for version in (now["version"], task.version)}
    reads = tuple(schemas.known(about[version], version) for version in (now["version"], task.version))
    if schemas.too_new(task.area.databases(), reads[0]):
        # A newer release has run here already, and the one that the pointer names cannot: nothing to go back to.
        return _first(task, layout)
    obstacles = check.state(task.area, reads[1], task.version)
    old = check.legacy(task.area, reads)
    if legacy == "refused":
        obstacles += check.of_legacy(task.area, old, task.version, layout.command(task.version))
    seconds = None
    if staged and not obstacles:
        # A command that does not work must not hide what is in the way already.
        obstacles += check.config(task.area, layout.command(task.version))
    if obstacles:
        raise check.refusal(obstacles, now["version"], task.version)
    begun = record.Record(now["version"], now["node_version"], task.version, snapshot, reads[0])
    told = dict(_told(begun, changed=True), legacy=[path for _code, path, _does in old], takeover=bool(old))
    if task.check_mode:
        return told
    if not staged:
        raise Failure(
            "release_not_staged",
            "there is no %s." % layout.command(task.version),
            "input",
            "stage the release first (openclaw_release with state: staged).",
            path=layout.command(task.version),
        )
    if trial_timeout:
        from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import trial

        seconds = trial.start(_program(layout, task.version), task.area.account, trial_timeout)
    copied = task.area.keep() + (task.area.keep_conversations() if old else 0)
    record.write(task.directory, begun)
    return dict(told, trial_seconds=seconds, copied_bytes=copied)


def _first(task, layout):
    """Refuse a release that could not read what another OpenClaw has left, where there is none to go back to: nobody
    knows which one wrote it."""
    about = observe.package_json(layout.package(task.version)) or {}
    then = schemas.known(about, task.version)
    found = {one.kind: one.schema for one in task.area.databases() if one.kind == "state"}
    old = check.legacy(task.area, (dict({"state": 1}, **found), then))
    obstacles = check.state(task.area, then, task.version)
    obstacles += check.of_legacy(task.area, old, task.version, layout.command(task.version))
    if obstacles:
        raise check.refusal(obstacles, "what is there", task.version)
    return _told(None, changed=False)


def _left(task, known):
    """Return the paths that an open upgrade still has to have taken over, relative to the state directory."""
    about = observe.package_json(_layout.Layout(task.root).package(task.version)) or {}
    reads = (known.schemas, schemas.known(about, task.version))
    return [path for _code, path, _does in check.legacy(task.area, reads)]


def take_over(task, timeout):
    """Have the doctor of the next release take over what that does not take over when it starts.

    :param timeout: seconds that the doctor gets.
    :raises Failure: C(gateway_running), C(takeover_failed), C(takeover_busy) or C(state_unreadable).
    """
    takeover.settle(task.area)
    known = record.read(task.directory)
    if known is None or known.state != "open":
        return _told(known, changed=False)
    task = task._replace(version=known.to)
    left = _left(task, known)
    if left and not task.check_mode:
        if task.running():
            raise _runs("the doctor cannot take over what it writes")
        command = _layout.Layout(task.root).command(task.version)
        takeover.run(task.area, command, lambda: _left(task, known), timeout)
    return dict(_told(known, changed=bool(left)), legacy=left, takeover=bool(left))


def _program(layout, version):
    release = layout.release(version)
    return [os.path.join(release, "node/bin/node"), os.path.join(release, _layout.PACKAGE, _layout.GATEWAY_ENTRY)]


def prove(task):
    """Close an upgrade that was proven. The copies stay until the next one begins."""
    return _closed(task, "proven")


def undo(task):
    """Make the state readable for the release that was there before, and close the upgrade.

    :raises Failure: C(gateway_running): its databases must not be taken from under it; C(nothing_to_undo);
        C(takeover_busy).
    """
    takeover.settle(task.area)
    known = record.read(task.directory)
    if known is None:
        raise Failure(
            "nothing_to_undo",
            "no upgrade of this Gateway was begun here.",
            "input",
            "go back with playbooks/rollback.yml, if there is a snapshot.",
        )
    if known.schemas is None:
        return dict(_closed(task, "undone"), put_back=[], taken_away=[])
    back, away, files = task.area.wanting(known.schemas)
    if (back or away or files) and not task.check_mode:
        if task.running():
            raise _runs("its databases cannot be put back")
        back, away, files = task.area.put_back(known.schemas)
    closed = _closed(task, "undone")
    return dict(closed, changed=bool(closed["changed"] or back or away or files), put_back=back + files,
                taken_away=away)  # fmt: skip


def _runs(what):
    return Failure("gateway_running", "the Gateway runs, and %s meanwhile." % what, "service",
                   "stop it first (openclaw_service with state: stopped).")  # fmt: skip


def _closed(task, state):
    known = record.read(task.directory)
    open_ = known is not None and known.state == "open"
    if open_ and not task.check_mode:
        known = known._replace(state=state)
        record.write(task.directory, known)
    return _told(known, changed=open_)


def _told(known, changed):
    keys = ("version", "node_version", "to", "snapshot", "state")
    return {
        "changed": changed,
        "upgrade": None if known is None else {key: getattr(known, key) for key in keys},
        "trial_seconds": None,
        "copied_bytes": 0,
        "legacy": [],
        "takeover": False,
        "put_back": [],
        "taken_away": [],
    }
