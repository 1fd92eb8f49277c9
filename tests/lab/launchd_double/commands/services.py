# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kickstart, kill and blame."""

from .. import darwin
from ..loop import now
from ..supervisor import linux_signal
from . import Failed, Reply, domain_to_change, domain_to_read, fail, job_in, options, parse, usage


def _pid_text(call, job):
    if job.pid is None:
        return ""
    return "service spawned with pid: %d\n" % job.pid if call.tty else "%d\n" % job.pid


def _injected(machine, call, target):
    """True when a fault swallows the call."""
    if machine.faults.take("kickstart_block", label=target.label):
        return True
    fault = machine.faults.take("kickstart_rc", label=target.label)
    if fault:
        raise fail(machine, call, fault["rc"], target)
    return False


def kickstart(machine, call):
    letters, words = options(call, "kps")
    if len(words) != 1:
        raise usage(call)
    target = parse(machine, call, words[0], service=True)
    domain = domain_to_change(machine, call, target)
    if _injected(machine, call, target):
        return None
    job = job_in(machine, call, domain, target)
    if job.sip and "k" in letters:
        raise fail(machine, call, darwin.SIP, target)
    if job.draining:
        raise fail(machine, call, darwin.EALREADY, target)
    if machine.knobs.kickstart_disabled_rc and machine.is_disabled(domain, job.definition):
        raise fail(machine, call, machine.knobs.kickstart_disabled_rc, target)
    show = "p" in letters

    def answer():
        call.finish(Reply(0, _pid_text(call, job) if show else ""))

    def spawn():
        machine.supervisor.request(job, "non-ipc demand", demand=True)
        # -p needs a pid, so it waits for the spawn; otherwise whether a throttled kickstart waits is a knob.
        if job.respawn and (show or machine.knobs.kickstart_blocks_when_throttled):
            job.on_spawn.append(answer)
        else:
            answer()

    if job.process and "k" not in letters:
        return Reply(0, _pid_text(call, job) if show else "")
    if not job.process:
        spawn()
        return None
    _restart(machine, call, job, spawn)
    return None


def _restart(machine, call, job, spawn):
    """Kill the process; the spawn follows its exit and obeys the throttle."""
    job.demanded = True
    if machine.knobs.kickstart_k_waits:
        # on_exit runs before the job is looked at again, so this call's demand is the first to be served.
        job.on_exit.append(lambda: machine.loop.later(0, spawn))
    else:
        call.finish(Reply())
    machine.supervisor.stop(job, "kickstart -k at %.3f" % now(), machine.knobs.kickstart_k_signal)


def kill(machine, call):
    words = call.words
    if len(words) != 2:
        raise usage(call)
    name = darwin.signal_name(words[0])
    if name is None:
        raise Failed(darwin.USAGE, "Invalid signal.\n")
    target = parse(machine, call, words[1], service=True)
    domain = domain_to_change(machine, call, target)
    job = job_in(machine, call, domain, target)
    if not job.process:
        raise Failed(darwin.ESRCH, "No process to signal.\n")
    if linux_signal(name) is not None:
        machine.supervisor.signal(job, name, "launchctl kill")
    return Reply()


def blame(machine, call):
    if len(call.words) != 1:
        raise usage(call)
    target = parse(machine, call, call.words[0], service=True)
    domain = domain_to_read(machine, call, target)
    job = job_in(machine, call, domain, target)
    return Reply(0, "%s\n" % (job.reason or "(not yet spawned)"))


TABLE = {"kickstart": kickstart, "kill": kill, "blame": blame}
