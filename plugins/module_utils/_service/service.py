# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Brings a launchd job to a declared state: observe, plan, act, verify."""

from __future__ import annotations

import pwd
import time

from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import (
    act,
    files,
    guards,
    job,
    launchd,
    observe,
    pace,
    records,
    replacing,
    rivals,
    sides,
    troubles,
)

#: For whoever minds a job that is no Gateway, or only restarts one: the label must not be anywhere else.
BY_LABEL = rivals.Others("refuse", "", lambda state_dir: None)


def described(loaded, target, disabled):
    """Return a job as the plain mapping that the module returns."""
    held = loaded._asdict() if loaded is not None else {}
    keys = ("state", "pid", "runs", "last_exit", "throttle_interval", "exit_timeout", "path", "program", "pended")
    return dict(
        {key: held.get(key) for key in keys}, loaded=loaded is not None, disabled=bool(disabled), domain=target.domain
    )


def _expected_uid(loaded, target, account):
    """Return the uid that a process of a loaded job should have, C(None) when nobody can say."""
    if target.scope == "agent" or loaded.username == account.name:
        return account.uid
    if loaded.username is None:
        return 0
    try:
        return pwd.getpwnam(loaded.username).pw_uid
    except KeyError:
        return None


def _compared(declared, observed, target, account):
    loaded = observed.loaded
    process = _process.seen(loaded.pid) if loaded is not None and loaded.pid is not None else None
    uid = _expected_uid(loaded, target, account) if loaded is not None else None
    return sides.compared(declared, observed.on_disk.definition, loaded, target.plist, process, uid)


def _surroundings(launchctl, target, account, declared, others):
    """Return (jobs that make room, jobs that are left alone), refusing those beside which the job cannot be.

    :raises Failure: see :func:`rivals.refuse`.
    """
    definition = None
    if others is not BY_LABEL:
        definition = declared if declared is not None else files.read_plist(target.plist).definition
    found = rivals.find(launchctl, target, account, definition, others)
    rivals.refuse(found, target, others)
    leaving = rivals.to_replace(found, others)
    return replacing.with_overrides(launchctl, leaving, target), [rival for rival in found if rival not in leaving]


def _observed(actor, log_path):
    """Look at the job, once it is not on its way out any more."""
    observed = observe.observe(actor.launchctl, actor.target, log_path, actor.account)
    if observed.loaded is not None and observed.loaded.draining:
        actor.await_end_of_drain(observed.loaded)
        observed = observe.observe(actor.launchctl, actor.target, log_path, actor.account)
    return observed


def _planned(actor, state, declared, observed, leaving, is_open):
    """Return :class:`job.Plan` of the job, with the steps that make room for it around its own."""
    planned = job.plan(state, declared, actor.target, observed)
    before, after = replacing.steps(leaving, is_open)
    takes_over = any(rival.loaded is not None and rival.loaded.pid for rival in leaving)
    starts = any(words[0] == "bootstrap" for words in planned.calls)
    return planned._replace(steps=before + planned.steps + after, restarts=planned.restarts or (takes_over and starts))


def _sampled(actor, state, observed, planned, restarts):
    """Look for a while at a job that may be in a loop and is about to be touched, or to be called one that runs; of any
    other there is no sample.

    :raises Failure: C(job_dies) for one that is as declared, but for its process, which does not stay.
    """
    if restarts is None or not pace.is_suspicious(observed.loaded):
        return None
    runs = job.POLICIES[state].running and not planned.actions and observed.loaded.pid is not None
    if not planned.restarts and not (runs and pace.is_young(observed.loaded.pid)):
        return None
    sample = pace.sampled(actor.look, restarts.window, actor.clock)
    if runs and sample.looping:
        raise actor.dies(actor.look())
    return sample


def _make_whole(actor, observed, failure):
    """Put back what was there before the job was touched: a job must not be lost to a bad declaration.

    What came of it goes into the failure, which stays the one that is raised.
    """
    took_place = actor.journal is not None and bool(actor.journal.jobs)
    if not took_place and not actor.has_booted_out:
        return
    try:
        now = actor.look()
        if not took_place and now is not None:
            return
        said = " The previous definition has been loaded again."
        _put_back(actor, observed, now, took_place)
        if took_place:
            said = " What was there before is as it was again: %s." % ", ".join(
                "%s/%s" % (one["domain"], one["label"]) for one in actor.journal.jobs
            )
            actor.journal.put_back(
                lambda other: act.Actor(actor.launchctl, other, actor.account, None, actor.patience, actor.clock)
            )
    except Failure as another:
        failure.details["put_back"] = False
        failure.message += " The previous definition could not be loaded again either: %s" % another.message
        if took_place:
            failure.message += " What it was is kept in %s." % actor.journal.place
    else:
        failure.details["put_back"] = True
        failure.message += said


def _put_back(actor, observed, now, took_place):
    """Put back the job itself.

    :param now: what launchd has of it.
    :param took_place: whether other jobs made room, so that not even a job that was not there before may stay.
    """
    target, before = actor.target, observed.loaded
    if before is None and now is not None:
        actor.carry_out(job.Step("launchctl", ("bootout", target.service)))
    if observed.on_disk.kind == "absent" and took_place:
        actor.carry_out(job.Step("remove", (target.plist,)))
    else:
        files.restore(target.plist, observed.on_disk)
    if took_place and observed.disabled:
        actor.carry_out(job.Step("launchctl", ("disable", target.override)))
    if before is not None and now is None:
        actor.carry_out(job.Step("launchctl", ("bootstrap", target.domain, before.path or target.plist)))


def _act(actor, state, observed, planned):
    """Carry a plan out and prove it.

    :return: the job as launchd holds it afterwards, or C(None).
    """
    policy, loaded = job.POLICIES[state], observed.loaded
    for step in planned.steps:
        if step.kind != "settle":
            actor.carry_out(step)
    if policy.loaded and planned.actions:
        loaded = actor.verify_definition()
    if policy.running and (planned.actions or loaded.pid is None):
        loaded = actor.verify_running(is_fresh=any(words[0] == "bootstrap" for words in planned.calls))
    # Only now, as until then it could have had to be taken back.
    for step in planned.steps:
        if step.kind == "settle":
            actor.carry_out(step)
    return actor.look() if planned.actions else loaded


def _wait(actor, restarts, boot):
    """Wait as long as a restart has to, and note that it is made.

    :return: C({cooldown, jitter}), seconds.
    :raises Failure: C(cooling_down).
    """
    waited = pace.delay(restarts, actor.target, actor.clock, boot)
    for seconds in filter(None, waited.values()):
        actor.clock.sleep(seconds)
    pace.note(restarts, actor.clock, boot)
    return waited


def converge(
    launchctl, target, account, state, declared, patience, check_mode, clock=time, others=BY_LABEL, restarts=None
):
    """Bring a job to C(state).

    :param launchctl: :class:`launchctl.Launchctl`.
    :param target: :class:`target.Target`.
    :param account: object with name, uid, gid, home.
    :param state: key of :data:`job.POLICIES`.
    :param declared: dictionary of the property list, or C(None) to keep what is installed.
    :param patience: :class:`act.Patience`.
    :param check_mode: only observe and plan.
    :param clock: object with monotonic() and sleep(s).
    :param others: :class:`rivals.Others`; :data:`BY_LABEL` minds the label alone.
    :param restarts: :class:`pace.Pace`, or C(None) to restart whenever it is called for.
    :return: result mapping, as the module returns it.
    :raises Failure: see the module's documentation.
    """
    policy = job.POLICIES[state]
    log_path = declared.get("StandardOutPath") if declared is not None and policy.installed is not False else None
    leaving, left = _surroundings(launchctl, target, account, declared, others) if policy.loaded else ([], [])
    journal = replacing.Journal(others.records, leaving) if policy.loaded and others is not BY_LABEL else None
    actor = act.Actor(launchctl, target, account, declared, patience, clock, journal)
    observed = _observed(actor, log_path)
    actor.definition = guards.definition_to_be(state, declared, target, observed.on_disk)
    if policy.loaded and not observed.domain_exists:
        raise troubles.gui_domain_absent(target)
    is_open = journal is not None and journal.is_open
    planned = _planned(actor, state, declared, observed, leaving, is_open)
    guards.refuse_without_rights(target, account, planned.steps, bool(leaving))
    sample = _sampled(actor, state, observed, planned, restarts)
    if sample is not None and sample.looping:
        observed = observed._replace(looping=True)
        planned = _planned(actor, state, declared, observed, leaving, is_open)
    comparison = _compared(declared, observed, target, account)
    waited = {"cooldown": 0.0, "jitter": 0.0}
    boot = pace.boot_id() if restarts is not None and planned.restarts else None
    if restarts is not None and planned.restarts:
        pace.delay(restarts, target, clock, boot)

    loaded, disabled = observed.loaded, observed.disabled
    if not check_mode:
        if policy.loaded and planned.actions:
            guards.refuse_unstartable(actor.definition, target, account)
        if restarts is not None and planned.restarts:
            waited = _wait(actor, restarts, boot)
        try:
            loaded = _act(actor, state, observed, planned)
        except Failure as failure:
            _make_whole(actor, observed, failure)
            raise
        if planned.actions:
            disabled = launchd.is_disabled(launchctl, target)
        if restarts is not None and planned.steps and policy.installed is False:
            records.forget(restarts.stamp)
    halves = ("others of " + target.label, replacing.diff(leaving, others.records))
    return {
        "changed": bool(planned.steps or launchctl.actions),
        "actions": planned.actions if check_mode else launchctl.actions,
        "restarted": planned.restarts,
        "reload_reasons": planned.reload_reasons,
        "plist": target.plist,
        "job": described(loaded, target, disabled),
        "comparison": comparison,
        "replaced": replacing.foretold(leaving) if check_mode or journal is None else journal.told(),
        "others": replacing.foretold(left),
        "storm": dict(sample._asdict(), looping=sample.looping) if sample is not None else None,
        "waited": waited,
        "diff": job.diff(state, declared, target, observed, planned, account.name) + job.differing([halves]),
    }
