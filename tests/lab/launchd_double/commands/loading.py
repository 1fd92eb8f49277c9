# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""bootstrap and bootout."""

import os

from .. import darwin, texts
from ..definition import Refused
from ..profiles import shown_code
from . import Reply, domain_to_change, fail, parse, usage


def _plists(path):
    """A directory stands for the plists in it."""
    if not os.path.isdir(path):
        return [path]
    return [os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(".plist")]


def _label_of(path):
    """For faults aimed at one label: what the file name promises."""
    return os.path.basename(path)[: -len(".plist")] if path.endswith(".plist") else os.path.basename(path)


def _log_refusal(machine, call, domain, reason):
    machine.record.log(
        domain.name,
        "Bootstrap by launchctl[%d] for <private> failed (%d: %s)" % (call.pid, reason, darwin.strerror(reason)),
        "E ",
    )


def bootstrap(machine, call):
    words = call.words
    if not words or words[0].startswith("-"):
        raise usage(call)
    target = parse(machine, call, words[0])
    if target.label:
        raise usage(call, "Unrecognized target specifier.")
    domain = domain_to_change(machine, call, target)
    paths = [path for word in words[1:] for path in _plists(os.path.join(call.cwd, word))]
    codes, lines = [], ""
    may_pend = domain.kind == "gui" and call.session == "ssh" and machine.knobs.pend_ssh_bootstraps
    for path in paths:
        label = _label_of(path)
        fault = machine.faults.take("bootstrap_rc", label=label)
        if fault:
            codes.append(fault["rc"])
            _log_refusal(machine, call, domain, fault["rc"])
            continue
        try:
            machine.load_checked(domain, path, may_pend)
        except Refused as refused:
            shown = shown_code(machine.profile, refused.code, call.root, machine.knobs.collapse)
            codes.append(shown)
            _log_refusal(machine, call, domain, refused.code)
            machine.record.event("bootstrap-refused", path=path, code=refused.code, shown=shown, why=refused.why)
            if shown == refused.code:
                lines += texts.path_line(path, shown)
            continue
        fault = machine.faults.take("bootstrap_false_negative", label=label)
        if fault:
            codes.append(fault["rc"])
    if not codes:
        return Reply()
    code = codes[0] if len(codes) == 1 else darwin.MULTIPLE
    failed = fail(machine, call, code)
    return Reply(code, "", lines + failed.reply.stderr)


def _finish_when_gone(machine, call, jobs):
    """Answer once every job has left; None tells the caller to wait."""
    left = set(jobs)

    def one_less(job):
        left.discard(job)
        if not left:
            call.finish(Reply())

    for job in jobs:
        job.on_gone.append(lambda job=job: one_less(job))


def _out(machine, call, jobs, wait):
    if wait and jobs:
        _finish_when_gone(machine, call, jobs)
    for job in jobs:
        machine.supervisor.remove(job)
    if wait and jobs:
        return None
    if machine.profile.bootout_in_progress and not all(job.gone for job in jobs):
        return fail(machine, call, darwin.EINPROGRESS).reply
    return Reply()


def _bootout_paths(machine, call, domain, words, wait):
    jobs, codes = [], []
    for word in words:
        path = os.path.join(call.cwd, word)
        found = [job for job in domain.jobs.values() if job.definition.path == path and not job.draining]
        jobs += found
        codes += [] if found else [darwin.EIO]
    reply = _out(machine, call, jobs, wait and not codes)
    return fail(machine, call, codes[0]).reply if codes else reply


def bootout(machine, call):
    words = list(call.words)
    wait = False
    if words and words[0] == "--wait":
        if not machine.profile.bootout_wait:
            raise usage(call, "Unrecognized target specifier.")
        wait = True
        words = words[1:]
    if not words or words[0].startswith("-"):
        raise usage(call)
    target = parse(machine, call, words[0])
    if target.label and len(words) > 1:
        raise usage(call)
    domain = domain_to_change(machine, call, target)
    if len(words) > 1:
        return _bootout_paths(machine, call, domain, words[1:], wait)
    if not target.label:
        return _bootout_domain(machine, call, domain, target, wait)
    fault = machine.faults.take("bootout_rc", label=target.label)
    if fault and fault["rc"] != darwin.EINPROGRESS:
        raise fail(machine, call, fault["rc"])
    job = domain.jobs.get(target.label)
    if job is None:
        missing = machine.knobs.bootout_missing_rc
        raise fail(machine, call, missing, target)
    if job.sip:
        raise fail(machine, call, darwin.SIP)
    if job.draining:
        code = machine.knobs.bootout_draining_rc or (machine.profile.bootout_in_progress and darwin.EINPROGRESS)
        if code:
            raise fail(machine, call, code)
        if wait:
            _finish_when_gone(machine, call, [job])
            return None
        return Reply()
    reply = _out(machine, call, [job], wait)
    if fault:
        raise fail(machine, call, darwin.EINPROGRESS)
    return reply


def _bootout_domain(machine, call, domain, target, wait):
    if domain.kind == "system":
        raise fail(machine, call, darwin.SIP)
    jobs = list(domain.jobs.values())
    reply = _out(machine, call, jobs, wait)
    machine.record.event("logout" if domain.kind == "gui" else "domain-gone", uid=domain.uid)
    machine.registry.drop(domain)
    return reply


TABLE = {"bootstrap": bootstrap, "bootout": bootout}
