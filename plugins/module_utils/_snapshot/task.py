# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A task of openclaw_snapshot: take, list, verify, restore, remove."""

from __future__ import annotations

import contextlib
import os
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config import plain
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import footprint, gateway_config
from ansible_collections.clawops.openclaw.plugins.module_utils._release.layout import Layout
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot import files, manifest, places, services


class Task(NamedTuple):
    """What all states need. C(clock) is a function that returns seconds since the epoch."""

    site: places.Site
    store: object
    launchctl: object
    check_mode: bool
    clock: object = time.time


def take(task, reason, keep):
    """Have a snapshot of the present state.

    :param reason: why, for persons. :param keep: how many snapshots there may be.
    :raises Failure: something that belongs to it cannot be looked at or kept.
    """
    taken, contents = _picture(task, reason)
    newest = _newest(task)
    if newest is not None and newest.digest == taken.digest:
        return _result(newest, changed=False)
    if not task.check_mode:
        task.store.save(taken, contents, keep)
    after = [one.told() for one in taken.entries + taken.jobs]
    return _result(taken, changed=True, diff=_diff([], after))


def _picture(task, reason):
    """Return (:class:`manifest.Manifest`, {digest: bytes}) of the present state."""
    site = task.site
    found = places.find(site)
    pictures = [files.picture(path, site.account, content=True) for path in found.contents]
    pictures += [files.picture(path, site.account, content=False) for path in found.kept]
    about = {
        "taken": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(task.clock())),
        "reason": reason,
        "openclaw_version": footprint.releases(site.root)["version"],
        "user": site.account.name,
        "label": site.label,
        "state_dir": site.state_dir,
        "root": site.root,
        "sound": _is_sound({entry.path: data for entry, data in pictures}.get(site.config)),
    }
    entries = tuple(sorted(entry for entry, _data in pictures))
    jobs = services.of_host(task.launchctl, site, found.definitions)
    return manifest.Manifest(about, entries, jobs), {entry.digest: data for entry, data in pictures if entry.digest}


def _is_sound(data):
    return data is not None and gateway_config.judge_text(data)[1] is not None


def _newest(task):
    """Return the newest snapshot; None where there is none, or one that nobody could go back to: it is damaged."""
    names = task.store.names()
    if names:
        with contextlib.suppress(Failure):
            found = task.store.load(names[-1])
            task.store.verify(found)
            return found
    return None


def restore(task, name, keep, paths=()):
    """Bring back the state of a snapshot, and keep the one that is replaced.

    :param name: of the snapshot, the newest one where it is None. :param keep: how many snapshots there may be.
    :param paths: those that come back, and nothing of launchd's; all and everything where there are none.
    :raises Failure: C(snapshot_missing), C(snapshot_damaged), C(snapshot_of_another), C(snapshot_without_path), or the
        present state cannot be kept; then nothing was changed. Else what the operating system or launchd refuses:
        running it again goes on from there.
    """
    names = task.store.names()
    then = task.store.load(name or (names[-1] if names else "(the newest)"))
    _require_same(task.site, then)
    task.store.verify(then)
    _require_paths(then, paths)
    if not paths:
        _require_release(task.site, then)
    wanted = [entry for entry in then.entries if not paths or entry.path in paths]
    now = {entry.path: files.picture(entry.path, task.site.account, entry.kind != "kept") for entry in wanted}
    changes = manifest.changes(then, {path: entry for path, (entry, _data) in now.items()})
    final = [change for change in changes if change.is_final]
    changes = [change for change in changes if not change.is_final]
    ways = [] if paths else _ways(task, then, now, changes)
    actions = [call for way in ways for call in way.calls]
    if (changes or actions) and not task.check_mode:
        replaced, contents = _picture(task, "before going back to %s" % then.name)
        newest = _newest(task)
        if newest is None or newest.digest != replaced.digest:
            task.store.save(replaced, contents, keep, spare=then.name)
        _carry_out(task, then, changes, ways)
    lines = ["launchctl " + call for call in actions]
    return _result(
        then,
        changed=bool(changes or actions),
        changes=[{"path": change.then.path, "what": list(change.what)} for change in changes],
        left=[change.then.path for change in final],
        actions=actions,
        restarts=sum(way.starts for way in ways if way.job.label == task.site.label),
        diff=_diff([change.now.told() for change in changes], [change.then.told() for change in changes] + lines),
    )


def _require_paths(then, paths):
    strange = sorted(set(paths) - {entry.path for entry in then.entries})
    if strange:
        raise Failure(
            "snapshot_without_path",
            "snapshot %s has no %s." % (then.name, strange[0]),
            "input",
            "correct 'paths' in the task: absolute paths, as the diff of the task that took the snapshot tells them.",
            path=strange[0],
        )


def _require_release(site, then):
    """Refuse to make a release current that is not there any more: nothing could start from there."""
    layout = Layout(site.root)
    for entry in then.entries:
        if entry.path == layout.current and entry.kind == "link" and not os.path.isdir(layout.path(entry.target)):
            raise Failure(
                "snapshot_release_gone",
                "snapshot %s goes with %s, which is not there any more." % (then.name, layout.path(entry.target)),
                "host",
                "install that release beside the present one first (openclaw_release with state: staged), or name a"
                " newer snapshot.",
                snapshot=then.name,
                path=layout.path(entry.target),
            )


def _require_same(site, then):
    for key, value in (("user", site.account.name), ("label", site.label), ("state_dir", site.state_dir)):
        if then.about[key] != value:
            raise Failure(
                "snapshot_of_another",
                "snapshot %s is of another Gateway: its %s is %s, not %s." % (then.name, key, then.about[key], value),
                "input",
                "correct '%s' in the task, or name another snapshot." % key,
                snapshot=then.name,
            )


def _ways(task, then, now, changes):
    site = task.site
    rewritten = {change.then.path for change in changes if "content" in change.what}
    config = {"before": None, "after": None}
    if site.config in rewritten:
        entry = next(entry for entry in then.entries if entry.path == site.config)
        config["before"] = _plain(now[site.config][1])
        config["after"] = _plain(task.store.content(entry.digest)) if entry.digest else None
    restart = services.needs_restart(site, rewritten, Layout(site.root).current in rewritten, **config)
    return [
        services.way(site, job, services.look(task.launchctl, site, job), job.plist in rewritten,
                     restart and job.label == site.label)
        for job in then.jobs
    ]  # fmt: skip


def _plain(data):
    try:
        found = plain.loads((data or b"").decode("utf-8"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _carry_out(task, then, changes, ways):
    # Everything is read before the first thing is changed.
    data = {change.then.path: task.store.content(change.then.digest) for change in changes if change.then.digest}
    plists = {entry.path: entry.digest for entry in then.entries}
    actors = []
    for way in ways:
        digest = plists.get(way.job.plist)
        definition = task.store.content(digest) if digest else None
        actors.append((services.actor(task.launchctl, task.site, way.job, definition), way))
    for actor, way in actors:
        for step in way.before:
            actor.carry_out(step)
    # Directories first: what lies in them may need them.
    for change in sorted(changes, key=lambda change: (change.then.kind != "directory", change.then.path)):
        files.put_back(change.then, data.get(change.then.path), task.site.account)
    for actor, way in actors:
        for step in way.after:
            actor.carry_out(step)


def verify(task, name):
    """Read every content of the snapshots.

    :param name: of one snapshot, all where it is None. :raises Failure: C(snapshot_missing), C(snapshot_damaged).
    """
    for one in [name] if name else task.store.names():
        task.store.verify(task.store.load(one))
    return _result(None, changed=False)


def remove(task, name):
    """Remove one snapshot, all where C(name) is None."""
    names = [one for one in task.store.names() if name in (None, one)]
    if names and not task.check_mode:
        task.store.remove(names)
    return _result(None, changed=bool(names), diff=_diff(names, []))


def _result(one, **more):
    told = {"snapshot": one and _told(one), "changes": [], "left": [], "actions": [], "restarts": 0}
    return dict(dict(told, diff=_diff([], [])), **more)


def _told(one):
    kinds = [entry.kind for entry in one.entries]
    # Of a snapshot that does not say it nobody knows.
    about = dict({"sound": False}, **one.about)
    loaded = any(job.loaded for job in one.jobs if job.label == one.about.get("label"))
    return dict(
        about, name=one.name, digest=one.digest, files=kinds.count("file"), entries=len(kinds), loaded=loaded
    )


def _diff(before, after):
    return {"before": "".join(line + "\n" for line in before), "after": "".join(line + "\n" for line in after)}


def listing(store):
    """Return the snapshots that are there, the oldest first, as plain data; a damaged one has C(problem)."""
    found = []
    for name in store.names():
        try:
            found.append(dict(_told(store.load(name)), problem=None))
        except Failure as failure:
            found.append({"name": name, "sound": False, "problem": failure.message})
    return found


def default_directory(site):
    """Return where the snapshots of a Gateway lie unless it is said otherwise."""
    return footprint.own_directory(site.account.name, site.label)
