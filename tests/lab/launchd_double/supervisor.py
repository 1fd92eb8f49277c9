# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps jobs running: spawn, throttle, signals, exits, draining."""

import contextlib
import os
import signal

from . import darwin, spawn
from .job import Process, keep_alive_reason, throttle_delay
from .loop import now

_OUR_UID = os.geteuid()


def linux_signal(name):
    """The number of a Darwin signal name on this machine, or None where there is none (EMT, INFO)."""
    number = getattr(signal, "SIG" + name, None)
    return None if number is None else int(number)


def darwin_number(number):
    """The Darwin number of a signal that ended a process here."""
    with contextlib.suppress(ValueError):
        name = signal.Signals(number).name[3:]
        return darwin.SIGNAL_NUMBERS.get(name, number)
    return number


def _send(pid, name):
    number = linux_signal(name)
    if number is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


class Supervisor:
    """*machine* gives loop, knobs, faults, record, profile, accounts, registry and limits."""

    def __init__(self, machine):
        self._machine = machine
        self._by_pid = {}
        self._watch = None
        self.stopping = False

    # -- spawning ---------------------------------------------------------------------------------

    def request(self, job, reason, demand=False):
        """Ask for a spawn. Nothing happens while the job runs, drains or waits for its throttle."""
        if job.process or job.draining or job.gone or self.stopping:
            return
        if demand:
            job.pended = None
            job.may_pend = False
        elif self._pend(job, reason):
            return
        if job.respawn:
            job.demanded = job.demanded or demand
            return
        delay = throttle_delay(job, now(), self._machine.knobs.default_throttle, self._machine.knobs.time_scale)
        if delay > 0:
            self._defer(job, reason, delay)
        else:
            self._spawn(job, reason)

    def _pend(self, job, reason):
        fault = self._machine.faults.find("pend_spawns", domain=job.domain.name, label=job.label)
        if not fault and not job.may_pend:
            return False
        job.pended = fault["reason"] if fault and fault.get("reason") else reason
        self._machine.record.event("pended", target=job.target, reason=job.pended)
        self._machine.record.log(job.target, "pended nondemand spawn: %s" % job.pended)
        return True

    def _defer(self, job, reason, delay):
        scale = self._machine.knobs.time_scale
        ran = (now() - job.last_spawn) / scale
        left = delay / scale
        job.respawn = self._machine.loop.later(delay, lambda: self._throttle_over(job, reason))
        self._machine.record.event("throttle", target=job.target, ran_s=round(ran, 3), delay_s=round(left, 3))
        self._machine.record.log(
            job.target,
            "Service only ran for %d seconds. Pushing respawn out by %d seconds." % (int(ran), max(1, round(left))),
        )

    def _throttle_over(self, job, reason):
        job.respawn = None
        if not job.process and not job.draining and not job.gone and not self.stopping:
            self._spawn(job, reason)

    def _environment(self, job, account):
        """The whole environment of a job; nothing comes from the double's own."""
        environment = {"PATH": darwin.DEFAULT_PATH}
        environment.update(job.domain.inherited())
        if account is not None and self._machine.knobs.username_sets_home:
            environment.update(HOME=account.home, USER=account.name, LOGNAME=account.name, SHELL=account.shell)
        environment.update(job.definition.environment)
        environment["XPC_SERVICE_NAME"] = job.label
        if self._machine.profile.os_log_rate_limit:
            environment.setdefault("OSLogRateLimit", "64")
        return environment

    def _identity(self, job):
        """(account or None, gid, unswitched). Raises LookupError naming the missing user or group."""
        accounts = self._machine.accounts
        account = None
        if job.domain.kind == "system":
            if job.definition.user:
                account = accounts.by_name(job.definition.user)
                if account is None:
                    raise LookupError("UserName %s does not exist" % job.definition.user)
        else:
            account = accounts.of_domain(job.domain.uid)
        gid = account.gid if account else 0
        if job.domain.kind == "system" and job.definition.group:
            gid = accounts.group(job.definition.group)
            if gid is None:
                raise LookupError("GroupName %s does not exist" % job.definition.group)
        wanted = account.uid if account else (0 if job.domain.kind == "system" else job.domain.uid)
        return account, gid, _OUR_UID != 0 and wanted != _OUR_UID

    def _spawn(self, job, reason):
        machine = self._machine
        job.runs += 1
        job.last_spawn = now()
        job.reason = reason
        job.demanded = False
        job.pended = None
        if machine.faults.find("btm_block", label=job.label):
            machine.record.log(job.target, "Service could not launch: 161: %s" % darwin.strerror(161), "E ")
            self._failed_before_fork(job, "BTM policy (161)")
            return
        try:
            account, gid, unswitched = self._identity(job)
        except LookupError as error:
            self._failed_before_fork(job, str(error))
            return
        environment = self._environment(job, account)
        # A daemon without UserName gets root's groups, not those of whoever started the double.
        switch = (account or machine.accounts.by_uid(0)) if _OUR_UID == 0 else None
        plan = spawn.Plan(job.definition, environment, switch, gid, machine.limits["maxfiles"][0])
        try:
            pid, report = spawn.start(plan)
        except OSError as error:
            self._failed_before_fork(job, "fork: %s" % error)
            return
        job.process = Process(pid, job.last_spawn, report, unswitched)
        self._by_pid[pid] = job
        fields = {"unswitched": True} if unswitched else {}
        machine.record.event("spawn", target=job.target, pid=pid, runs=job.runs, reason=reason,
                             mono=round(job.last_spawn, 4), **fields)
        machine.record.log("%s [%d]" % (job.target, pid), "Successfully spawned %s[%d] because %s" % (
            os.path.basename(job.definition.program), pid, reason))
        self._call(job.on_spawn)

    def _failed_before_fork(self, job, why):
        job.last_exit = ("code", darwin.EX_CONFIG)
        job.wait_status = darwin.EX_CONFIG << 8
        job.spawn_failed = True
        job.spawn_failures += 1
        self._machine.record.event("spawn-failed", target=job.target, runs=job.runs, why=why)
        self._machine.record.log(job.target, "Service could not initialize: %s" % why, "E ")
        self._call(job.on_spawn)
        # Not from inside the call that asked for the spawn: the throttle decides when to try again.
        self._machine.loop.later(0, lambda: self._after_exit(job))

    @staticmethod
    def _call(waiters):
        """Run and forget callbacks."""
        pending, waiters[:] = list(waiters), []
        for callback in pending:
            callback()

    # -- signals ----------------------------------------------------------------------------------

    def signal(self, job, name, why):
        """Send one signal to the main process."""
        if not job.process:
            return
        event = {"TERM": "sigterm", "KILL": "sigkill"}.get(name, "signal")
        self._machine.record.event(event, target=job.target, pid=job.pid, signal=name, why=why)
        self._machine.record.log(
            "%s [%d]" % (job.target, job.pid),
            "signaled service: %s (%s)" % (darwin.signal_text(darwin.SIGNAL_NUMBERS[name]), why),
        )
        _send(job.pid, name)

    def stop(self, job, why, first="TERM"):
        """SIGTERM now, SIGKILL after the exit timeout (0: never)."""
        process = job.process
        if not process or process.sent == "KILL" or (process.sent == "TERM" and first == "TERM"):
            return
        if first == "TERM" and job.draining and self._machine.faults.take("bootout_hang_until_kill", label=job.label):
            self._machine.record.event("sigterm", target=job.target, pid=job.pid, why=why, swallowed=True)
        else:
            self.signal(job, first, why)
        process.sent = first
        if process.kill_timer:
            process.kill_timer.cancel()
            process.kill_timer = None
        timeout = job.definition.exit_timeout(self._machine.knobs.default_exit_timeout)
        if first == "TERM" and timeout:
            process.kill_timer = self._machine.loop.later(
                timeout * self._machine.knobs.time_scale, lambda: self._exit_timeout(job, process))

    def _exit_timeout(self, job, process):
        if job.process is process:
            process.sent = "KILL"
            self.signal(job, "KILL", "exit timeout")

    # -- exits ------------------------------------------------------------------------------------

    def reap(self):
        """Collect every dead child: jobs, and orphans that came to us as PID 1 or subreaper."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            job = self._by_pid.pop(pid, None)
            if job is not None:
                self._exited(job, pid, status)

    def _exited(self, job, pid, status):
        process, job.process = job.process, None
        if process.kill_timer:
            process.kill_timer.cancel()
        problem = spawn.read_report(process.report)
        job.spawn_failed = bool(problem)
        job.spawn_failures = job.spawn_failures + 1 if problem else 0
        if os.WIFSIGNALED(status):
            number = darwin_number(os.WTERMSIG(status))
            job.last_exit = ("reason", job.jetsam) if job.jetsam else ("signal", number)
            job.wait_status = number
        else:
            job.last_exit = ("code", os.WEXITSTATUS(status))
            job.wait_status = os.WEXITSTATUS(status) << 8
        job.jetsam = None
        job.successive_crashes = job.successive_crashes + 1 if job.crashed() else 0
        ran = now() - process.started
        fields = {"why": problem} if problem else {}
        record = self._machine.record
        record.event("exit", target=job.target, pid=pid, how=list(job.last_exit),
                     ran_s=round(ran / self._machine.knobs.time_scale, 3), runs=job.runs, **fields)
        if problem:
            record.log("%s [%d]" % (job.target, pid), "Service could not initialize: %s" % problem, "E ", "xpcproxy[1]")
        record.log("%s [%d]" % (job.target, pid), "exited: %s" % job.exit_line())
        if not job.definition.get("AbandonProcessGroup", False):
            self._kill_leftovers(job, pid)
        self._call(job.on_exit)
        self._after_exit(job)

    def _kill_leftovers(self, job, pgid):
        try:
            os.killpg(pgid, signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            return
        self._machine.record.event("leftovers", target=job.target, pgid=pgid, signal="TERM")

    def _after_exit(self, job):
        if job.draining:
            lag = self._machine.faults.find("teardown_lag", label=job.label)
            seconds = lag["seconds"] if lag else self._machine.knobs.teardown_lag_ms / 1000.0
            self._machine.loop.later(seconds, lambda: self._remove(job))
            return
        if job.process or job.gone:
            return
        if job.demanded:
            self.request(job, "non-ipc demand", demand=True)
            return
        reason = self._keep_alive(job)
        if reason:
            self.request(job, reason)

    def _keep_alive(self, job):
        if job.definition.get("LaunchOnlyOnce"):
            return None
        return keep_alive_reason(job, os.path.exists, lambda label: label in job.domain.jobs)

    # -- life of a job ----------------------------------------------------------------------------

    def loaded(self, job):
        """First steps of a job that has just been registered."""
        if job.definition.get("ThrottleInterval", 1) <= 0:
            self._machine.record.log(job.target, "ThrottleInterval set to zero. You're not that important. Ignoring.")
        if job.definition.runs_at_load() or self._keep_alive(job):
            self.request(job, "speculative")
        interval = job.definition.get("StartInterval")
        if interval and interval > 0:
            self._tick_later(job, interval * self._machine.knobs.time_scale)
        self.look_at_conditions()

    def _tick_later(self, job, seconds):
        def tick():
            if not job.gone and not job.draining:
                self.request(job, "interval")
                self._tick_later(job, seconds)

        job.interval = self._machine.loop.later(seconds, tick)

    def look_at_conditions(self):
        """PathState and OtherJobEnabled have no notification here: look once a second, only while they are used."""
        if self._watch:
            self._watch.cancel()
            self._watch = None
        waiting = [job for job in self._machine.registry.jobs()
                   if isinstance(job.definition.keep_alive, dict)
                   and {"PathState", "OtherJobEnabled"} & set(job.definition.keep_alive)]
        for job in waiting:
            if not job.process and not job.respawn and self._keep_alive(job):
                self.request(job, "semaphore")
        if any("PathState" in job.definition.keep_alive for job in waiting):
            self._watch = self._machine.loop.later(self._machine.knobs.time_scale, self.look_at_conditions)

    def remove(self, job):
        """Boot a job out: drain its process, then forget the label."""
        if job.draining or job.gone:
            return
        job.draining = True
        for timer in (job.respawn, job.interval):
            if timer:
                timer.cancel()
        job.respawn = job.interval = None
        if job.process:
            timeout = job.definition.exit_timeout(self._machine.knobs.default_exit_timeout)
            self._machine.record.log(
                job.target, "scheduling cleanup in %d sec after sending Terminated: 15" % timeout)
            self.stop(job, "bootout")
        else:
            self._remove(job)

    def _remove(self, job):
        if job.gone:
            return
        job.gone = True
        if job.domain.jobs.get(job.label) is job:
            del job.domain.jobs[job.label]
        self._machine.record.event("bootout-done", target=job.target)
        self._machine.record.log(job.target, "removing service: %s" % job.label)
        self._call(job.on_spawn)
        self._call(job.on_gone)
        self.look_at_conditions()

    def running(self):
        """Jobs with a process, also those whose domain is gone."""
        return set(self._by_pid.values())

    def kill_everything(self):
        """The end of the machine: SIGKILL to whatever is left below us."""
        for pid in list(self._by_pid):
            _send(pid, "KILL")
        if os.getpid() == 1:
            with contextlib.suppress(OSError):
                os.kill(-1, signal.SIGKILL)
        else:
            _kill_children()


def _kill_children():
    """Adopted orphans of a double that is not PID 1."""
    for _round in range(20):
        try:
            with open("/proc/self/task/%d/children" % os.getpid(), encoding="ascii") as stream:
                pids = [int(word) for word in stream.read().split()]
        except OSError:
            return
        if not pids:
            return
        for pid in pids:
            _send(pid, "KILL")
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
