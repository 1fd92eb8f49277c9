# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From what a task wants and what a host has to a :class:`change.Plan`. Reads and asks, changes nothing."""

from __future__ import annotations

import collections
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config import converge, paths, storage, wishes
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import port_of
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import strip, survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._token import (
    change,
    choice,
    layout,
    present,
    since,
    stores,
)

#: What a task says. C(wish): :class:`choice.Wish`. C(source): key of C(layout.SETTINGS). C(others): C(remove) or
#: C(report). C(old_copies): C(keep) or C(purge). C(places): :class:`survey.Places`.
Task = collections.namedtuple("Task", "wish target source secret_file others old_copies places")

#: What is going to be done and why. C(work): :class:`converge.Work` of openclaw.json. C(look): what the Gateway said
#: before. C(lines): (what, before, after) for the diff, besides what the configuration's own rows tell. C(stripping):
#: :class:`strip.Plan`. C(found): sources before. C(present): the token that the files supply, or None.
Prepared = collections.namedtuple("Prepared", "plan choice work look lines stripping found present")

#: What openclaw_config sees to; a token may be put in place before the rest of the file is there.
_NOT_OURS = ("gateway_mode_missing",)
_TOKEN_MODES = (None, "", "token")


def prepare(task, gateway, now):
    """Return the :class:`Prepared`.

    :param gateway: :class:`host.Gateway`, which is told the port. :param now: seconds since the epoch.
    :raises Failure: whatever a real run would refuse.
    """
    target, files = task.target, _Files(task)
    found = survey.everything(task.places)
    before = converge.prepare(target, {}, ignore_checks=_NOT_OURS).before
    _require_mode(before, target.path)
    gateway.port = port_of(before)
    seen = files.seen(before, found.sources)
    token = _present(seen, task.wish)
    age = None if token is None else since.age(files.bytes_of(files.record), token, now)
    chosen = choice.choose(task.wish, token, age)
    stripping = _stripping(task, found.sources)
    work = _configured(task, chosen.token, before, stripping)
    writes = _writes(task, files, work, chosen, now)
    strips = [_strip(files, step) for step in stripping.remove if step.action == strip.EDIT]
    unsets = [step.location for step in stripping.remove if step.action == strip.UNSETENV]
    purges = [step.location for step in stripping.remove if step.action == strip.PURGE]
    look = gateway.require_clear(token)
    moved = any(write.path == files.store for write in writes)
    plan = change.Plan(
        writes=writes,
        strips=strips,
        unsets=unsets,
        purges=purges,
        apply=_apply(work.effect, moved, stripping.remove, token, look),
        new=chosen.token,
        old=token if look["verdicts"]["auth"]["verdict"] == "ok" else None,
        running=look["verdicts"]["tcp"]["verdict"] == "ok",
    )
    lines = _lines(task, plan, chosen, stripping)
    return Prepared(plan, chosen, work, look, lines, stripping, found, token)


def _present(seen, wish):
    try:
        return present.token_of(seen)
    except Failure:
        # A reference that nobody here can follow is replaced only by a value that was given.
        if wish.value is None:
            raise
        return None


def _require_mode(config, path):
    mode = value_at(config, ("gateway", "auth", "mode"))
    if mode not in _TOKEN_MODES:
        raise Failure(
            "auth_mode_conflict",
            "gateway.auth.mode of %s is %r, so the Gateway would not look at gateway.auth.token." % (path, mode),
            "config",
            "set gateway.auth.mode to 'token' with openclaw_config, or do not manage a token on this host.",
            key="gateway.auth.mode",
            path=path,
        )


def _stripping(task, sources):
    """The plan for all sources but the declared one. With C(report) nothing is ours to take away."""

    def is_declared(source):
        here = source.location in (task.target.path, os.path.realpath(task.target.path))
        if source.kind in ("config", "config_reference") and here and source.name == "gateway.auth.token":
            return True
        if task.source == "file":
            return source.kind == "secret_file" and source.location == task.secret_file
        return task.source == "env" and source.kind == "dotenv"

    overrides = {"config_copy": strip.KEEP} if task.old_copies == "keep" else {}
    if task.others == "report":
        overrides = {kind: strip.REPORT for kind in strip.ACTIONS if strip.ACTIONS[kind] != strip.KEEP}
    return strip.plan(sources, is_declared, overrides)


def _configured(task, token, before, stripping):
    """The work on openclaw.json: the token or where it is, and the keys that must not supply another."""
    wanted = layout.wanted(task.source, token, task.secret_file)
    absent = tuple(
        paths.parse_path(name)
        for step in stripping.remove
        if step.action == strip.ABSENT
        for name in step.names
        if name != "gateway.auth.token"
    )
    return converge.prepare_all(
        task.target, wishes.Wishes(wanted.settings, absent, wanted.replace), None, ignore_checks=_NOT_OURS
    )


class _Files:
    """Reads each file once."""

    def __init__(self, task):
        self._task = task
        self._bytes = {}
        self.dotenv = os.path.join(task.target.state_dir, ".env")
        self.record = os.path.join(task.target.state_dir, since.NAME)
        self.store = {"file": task.secret_file, "env": self.dotenv}.get(task.source)

    def bytes_of(self, path):
        if path not in self._bytes:
            self._bytes[path] = storage.read(path, self._task.target.account).data
        return self._bytes[path]

    def plist(self, path):
        if path not in self._bytes:
            with open(path, "rb") as stream:
                self._bytes[path] = stream.read()
        return self._bytes[path]

    def seen(self, config, sources):
        plists = sorted({source.location for source in sources if source.kind in _PLISTS})
        services = sorted({source.location for source in sources if source.kind == "service_env"})
        return present.Seen(
            config,
            self._task.target.path,
            [self.plist(path) for path in plists],
            self.bytes_of(services[0]) if services else None,
            self.bytes_of(self.dotenv),
            self.bytes_of(self._task.secret_file),
        )


_PLISTS = ("plist_environment", "plist_argument")


def _writes(task, files, work, chosen, now):
    """Files that get the token or say where it is. The store first: a reference must never lead to nothing."""
    found = []
    if files.store:
        before = files.bytes_of(files.store)
        store = stores.STORES[task.source]
        if store.token_in(before) != chosen.token:
            found.append(change.Write(files.store, before, store.with_token(before, chosen.token, files.store)))
    if work.changes or work.files:
        found.append(change.Write(work.target.path, work.snapshot.data, work.data))
    if chosen.origin != "kept":
        found.append(change.Write(files.record, files.bytes_of(files.record), since.record(chosen.token, now)))
    return found


def _strip(files, step):
    kind = "plist" if set(step.kinds) & set(_PLISTS) else "private"
    before = files.plist(step.location) if kind == "plist" else files.bytes_of(step.location)
    return change.Write(step.location, before, strip.strip(step.kinds[0], before, step.names, step.location), kind)


def _apply(effect, store_changes, steps, token, look):
    """How the Gateway comes to know; see :class:`change.Plan`.

    One that takes another token than its files supply, or has made one up because they supplied none when it started,
    does not take up a changed one by itself.
    """
    answers = look["verdicts"]["tcp"]["verdict"] == "ok"
    locked_out = answers and (token is None or look["verdicts"]["auth"]["verdict"] == "fail")
    if locked_out or effect == "restart" or any(step.action == strip.RESTART for step in steps):
        return "restart"
    if effect != "none":
        return "hot"
    return "reload" if store_changes else "nothing"


def _lines(task, plan, chosen, stripping):
    """What else changes, for the diff: (name, before or None, after or None), secrets as fingerprints."""
    shown = "(generated)" if chosen.origin == "generated" else fingerprint(chosen.token)
    lines = []
    for write in plan.writes:
        if write.path == task.secret_file:
            known = stores.STORES[task.source].token_in(write.before)
            lines.append(("%s token" % write.path, None if known is None else fingerprint(known), shown))
    for step in stripping.remove:
        if step.action in (strip.EDIT, strip.UNSETENV, strip.PURGE):
            where = "launchd %s" % step.location if step.action == strip.UNSETENV else step.location
            lines += [
                ("%s %s" % (where, source.name or "token"), source.fingerprint or "(a reference)", None)
                for source in step.sources
            ]
    if plan.apply == "restart" and plan.running:
        lines.append(("Gateway", "running", "restarted"))
    return lines
