# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From what a task wants and what a host has to a :class:`change.Plan`. Reads and asks, changes nothing."""

from __future__ import annotations

import collections
import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config import converge, paths, wishes
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import port_of
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import since, strip, survey, winner
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._token import (
    change,
    choice,
    deliver,
    keychain,
    layout,
    present,
    stores,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._token import files as rim

#: What a task says. C(wish): :class:`choice.Wish`. C(source): key of C(layout.SOURCES). C(sites):
#: :class:`layout.Sites`. C(others): C(remove) or C(report). C(old_copies): C(keep) or C(purge). C(deliveries): list of
#: :class:`deliver.Delivery`. C(consumers): dicts of C(name) and C(fingerprint). C(places): :class:`survey.Places`.
Task = collections.namedtuple("Task", "wish target source sites others old_copies deliveries consumers places")

#: What is going to be done and why. C(work): :class:`converge.Work` of openclaw.json. C(look): what the Gateway said
#: before. C(lines): (what, before, after) for the diff, besides what the configuration's own rows tell. C(stripping):
#: :class:`strip.Plan`. C(found): sources before. C(present): the token that the files supply, or None. C(version): of
#: OpenClaw, or None. C(survey_ms): milliseconds that the look for sources took.
Prepared = collections.namedtuple("Prepared", "plan choice work look lines stripping found present version survey_ms")

#: What openclaw_config sees to; a token may be put in place before the rest of the file is there.
_NOT_OURS = ("gateway_mode_missing",)
_TOKEN_MODES = (None, "", "token")
#: Kinds of places from which a Gateway fills its own environment when it starts.
_FILLS_ENVIRONMENT = {"dotenv", "gateway_env", "config_env"}
#: Tokens that a Gateway is asked about. Each wrong one costs an entry in its log, and up to five seconds.
_ATTEMPTS = 3

#: A store (:class:`stores.Store`) and what is written to it.
_Stored = collections.namedtuple("_Stored", "store write")


def prepare(task, gateway, now):
    """Return the :class:`Prepared`.

    :param gateway: :class:`host.Gateway`, which is told the port. :param now: seconds since the epoch.
    :raises Failure: whatever a real run would refuse.
    """
    target = task.target
    files = rim.Files(target.account, target.state_dir, task.sites)
    began = time.monotonic()
    found = survey.everything(task.places)
    survey_ms = (time.monotonic() - began) * 1000
    before = converge.effective(target)
    _require_mode(before, target.path)
    gateway.port = port_of(before)
    seen = files.seen(before, target.path, found.sources, _job_plists(task.places))
    look, token = _present(seen, task.wish, gateway)
    age = None if token is None else since.age(files.bytes_of(files.record), fingerprint(token), now)
    chosen = choice.choose(task.wish, token, age)
    stripping = _stripping(task, found.sources)
    work = _configured(task, chosen.token, stripping)
    stored = _stored(task, files, chosen.token)
    left = _left(task, files, before)
    strips = [_strip(files, step) for step in stripping.remove if step.action == strip.EDIT]
    plan = change.Plan(
        writes=[one.write for one in stored] + _writes(task, files, work, chosen, now),
        strips=strips + [one.write for one in left],
        unsets=[step.command for step in stripping.remove if step.action == strip.UNSETENV],
        deliveries=deliver.writes(task.deliveries, chosen.token),
        purges=[step.location for step in stripping.remove if step.action == strip.PURGE],
        apply=_apply(task, work.effect, stored, _is_held(stripping.remove, seen.version), token, look),
        new=chosen.token,
        old=token if look["verdicts"]["auth"]["verdict"] == "ok" else None,
        running=look["verdicts"]["tcp"]["verdict"] == "ok",
    )
    lines = _lines(task, plan, stored + left, chosen, stripping)
    return Prepared(plan, chosen, work, look, lines, stripping, found, token, seen.version, survey_ms)


def require_stripped(prepared, after):
    """Refuse to call a host clean on which a restart did not take a token away that it was meant to.

    :param after: sources after the run. :raises Failure: C(token_source_stuck).
    """
    steps = [step for step in prepared.stripping.remove if step.action == strip.RESTART]
    meant = {(source.kind, source.name, source.fingerprint) for step in steps for source in step.sources}
    for source in after:
        if (source.kind, source.name, source.fingerprint) in meant:
            raise Failure(
                "token_source_stuck",
                "the Gateway was restarted and proven, and %s still holds %s, from a place that was not found."
                % (source.location, source.name),
                "service",
                "look for what starts it with that: a wrapper script, a second property list, a job that runs "
                "launchctl setenv.",
                location=source.location,
            )


def _job_plists(places):
    return [os.path.join(where, "%s.plist" % places.label) for where in (places.daemons_dir, places.agents_dir)]


def _present(seen, wish, gateway):
    """Return what the Gateway says, and the token that it has: the one of the files that it takes, if it takes one."""
    try:
        tokens = present.candidates(seen)
    except Failure:
        # A reference that nobody here can follow is replaced only by a value that was given, or by nothing.
        if wish.value is None and wish.state != "absent":
            raise
        tokens = []
    token = tokens[0] if tokens else None
    look = gateway.require_clear(token)
    if look["verdicts"]["auth"]["verdict"] == "fail":
        for other in tokens[1:_ATTEMPTS]:
            another = gateway.look(other)
            if another["verdicts"]["auth"]["verdict"] == "ok":
                return another, other
    return look, token


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
    here = (task.target.path, os.path.realpath(task.target.path))
    wanted = task.wish.state != "absent"

    def is_declared(source):
        if source.kind in ("config", "config_reference") and source.name == "gateway.auth.token":
            # What is written there instead, or that nothing is, _configured decides.
            return source.location in here
        if source.kind == "secret_file":
            # Ours is a store: what becomes of it, _stored and _left decide.
            return source.location == task.sites.secret_file
        return wanted and task.source == "env" and source.kind == "dotenv"

    overrides = {"config_copy": strip.KEEP} if task.old_copies == "keep" else {}
    if task.others == "report":
        overrides = {kind: strip.REPORT for kind in strip.ACTIONS if strip.ACTIONS[kind] != strip.KEEP}
    return strip.plan(sources, is_declared, overrides)


def _configured(task, token, stripping):
    """The work on openclaw.json: the token or where it is, and the keys that must not supply another."""
    wanted = layout.nowhere() if token is None else layout.wanted(task.source, token, task.sites)
    others = tuple(
        paths.parse_path(name) for step in stripping.remove if step.action == strip.ABSENT for name in step.names
    )
    wish = wishes.Wishes(wanted.settings, wanted.absent + others, wanted.replace)
    return converge.prepare_all(task.target, wish, None, ignore_checks=_NOT_OURS)


def _stored(task, files, token):
    """What changes about the stores of the declared source, be it only a mode that is wrong."""
    found = []
    for store in stores.STORES[task.source] if token is not None else ():
        before, mode = files.content(store)
        known = store.token_in(before)
        after = before if known == token else store.with_token(before, token, task.sites)
        if (before, mode) != (after, store.mode):
            found.append(_change_of(store, task.sites, before, after))
    return found


def _left(task, files, config):
    """What changes about the stores of the other sources: they lose the token."""
    found = []
    for source, all_of_it in stores.STORES.items():
        kept = source == task.source and task.wish.state != "absent"
        referred = layout.refers(value_at(config, layout.TOKEN_PATH), source)
        if kept or task.others == "report":
            continue
        # Last written, first removed.
        for store in reversed(all_of_it):
            # Nobody asks keychains in vain.
            if store.kind == "keychain" and not referred:
                continue
            before = files.content(store)[0]
            ours = before is not None and (store.token_in(before) or before == stores.program(task.sites.item))
            after = store.without(before) if ours else before
            if after != before:
                found.append(_change_of(store, task.sites, before, after))
    return found


def _change_of(store, sites, before, after):
    place = store.place(sites)
    name = keychain.label(place) if store.kind == "keychain" else place
    return _Stored(store, change.Write(name, before, after, store.kind, place))


def _writes(task, files, work, chosen, now):
    """What follows the stores, since a reference must never lead to nothing: the configuration, and the record."""
    found = []
    if work.changes or work.files:
        found.append(change.Write(task.target.path, work.snapshot.data, work.data))
    known = files.bytes_of(files.record)
    record = None if chosen.origin == "removed" else known
    # One that is put back where it was is as old as it was.
    if chosen.origin in ("given", "generated") and since.moment(known, fingerprint(chosen.token)) is None:
        record = since.record(chosen.token, now)
    if record != known:
        found.append(change.Write(files.record, known, record))
    return found


def _strip(files, step):
    kind = "plist" if set(step.kinds) & set(rim.PLISTS) else "edited"
    before = files.plist(step.location) if kind == "plist" else files.bytes_of(step.location)
    return change.Write(step.location, before, strip.strip(step.kinds[0], before, step.names, step.location), kind)


def _is_held(steps, version):
    """Whether a Gateway keeps in its process what is taken away, until it ends.

    What it put into its environment when it started it hands on to every command that it starts; up to 2026.7 those
    would present it. Nothing outside the process shows whether it did: the places may be younger, or edited.
    """
    inherited = winner.presents_inherited(version)
    return any(
        step.action == strip.RESTART or (inherited and not _FILLS_ENVIRONMENT.isdisjoint(step.kinds)) for step in steps
    )


def _apply(task, effect, stored, held, token, look):
    """How the Gateway comes to know; see :class:`change.Plan`. C(held): see :func:`_is_held`.

    One that takes another token than its files supply, or has made one up because they supplied none when it started,
    does not take up a changed one by itself. Nor does one take up a changed environment, or that it has none any more.
    """
    answers = look["verdicts"]["tcp"]["verdict"] == "ok"
    locked_out = answers and (token is None or look["verdicts"]["auth"]["verdict"] == "fail")
    if task.wish.state == "absent":
        return "restart" if answers and token is not None else "nothing"
    by_process = task.source == "env" and (stored or effect != "none")
    if locked_out or by_process or effect == "restart" or held:
        return "restart"
    if effect != "none":
        return "hot"
    return "reload" if any(one.write.before != one.write.after for one in stored) else "nothing"


def _lines(task, plan, stored, chosen, stripping):
    """What else changes, for the diff: (name, before or None, after or None), secrets as fingerprints."""
    shown = "(generated)" if chosen.origin == "generated" else chosen.token and fingerprint(chosen.token)
    lines = []
    for store, write in stored:
        if write.before == write.after:
            lines.append(("%s mode" % write.path, "wrong", "%04o" % store.mode))
        elif store.kind == "program":
            lines.append((write.path, write.before and "(a program)", write.after and "(a program)"))
        else:
            known = store.token_in(write.before)
            lines.append(("%s token" % write.path, known and fingerprint(known), shown if write.after else None))
    lines += [(name, before, shown) for name, before in deliver.shown(plan.deliveries)]
    for step in stripping.remove:
        if step.action in (strip.EDIT, strip.UNSETENV, strip.PURGE):
            where = "launchd %s" % step.location if step.action == strip.UNSETENV else step.location
            lines += [
                ("%s %s" % (where, source.name or "token"), source.fingerprint or "(a reference)", None)
                for source in step.sources
            ]
    if change.restarts(plan):
        lines.append(("Gateway", "running", "restarted"))
    return lines
