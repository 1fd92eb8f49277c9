# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loaded job: its definition and what has become of it. No side effects here."""

from . import darwin

# Exit status of the last run: ("code", n), ("signal", Darwin number), ("reason", text) or None.


class Process:
    """The running main process of a job."""

    __slots__ = ("pid", "started", "report", "sent", "kill_timer", "unswitched")

    def __init__(self, pid, started, report, unswitched):
        self.pid = pid
        self.started = started
        self.report = report
        self.sent = None
        self.kill_timer = None
        self.unswitched = unswitched


class Job:
    def __init__(self, definition, domain, sip=False, kind=None):
        self.definition = definition
        self.label = definition.label
        self.domain = domain
        self.sip = sip
        self.kind = kind or ("LaunchDaemon" if domain.kind == "system" else "LaunchAgent")
        self.coalition = domain.next_coalition()
        self.process = None
        self.runs = 0
        self.last_spawn = None
        self.last_exit = None
        self.wait_status = 0
        self.spawn_failed = False
        self.spawn_failures = 0
        self.successive_crashes = 0
        self.reason = None
        self.pended = None
        self.may_pend = False
        self.respawn = None
        self.interval = None
        self.demanded = False
        self.jetsam = None
        self.draining = False
        self.gone = False
        self.on_gone = []
        self.on_spawn = []
        self.on_exit = []

    @property
    def target(self):
        return "%s/%s" % (self.domain.name, self.label)

    @property
    def pid(self):
        return self.process.pid if self.process else None

    def state(self):
        """The word after 'state ='."""
        if self.process:
            return {None: "running", "TERM": "SIGTERMed", "KILL": "SIGKILLed"}[self.process.sent]
        if self.draining:
            return "SIGTERMed"
        return "spawn scheduled" if self.respawn else "not running"

    def job_state(self):
        """The words after 'job state =', or None before the first run."""
        if self.process:
            return "running"
        if self.runs == 0:
            return None
        return "spawn failed" if self.spawn_failed else "exited"

    def list_status(self):
        """The Status column of list."""
        kind, value = self.last_exit or ("code", 0)
        return {"code": value, "signal": -value if kind == "signal" else 0, "reason": -9}[kind]

    def exit_line(self):
        """The line of print that tells how the last run ended."""
        if self.last_exit is None:
            return "last exit code = (never exited)"
        kind, value = self.last_exit or ("code", 0)
        if kind == "signal":
            return "last terminating signal = " + darwin.signal_text(value)
        if kind == "reason":
            return "last exit reason = " + value
        name = darwin.SYSEXITS.get(value)
        return "last exit code = %d%s" % (value, ": " + name if name else "")

    def crashed(self):
        kind, value = self.last_exit or ("code", 0)
        return kind == "signal" and darwin.SIGNALS.get(value, ("",))[0] in darwin.CRASH_SIGNALS

    def properties(self):
        """The words after 'properties ='."""
        get = self.definition.get
        flags = (
            ("keepalive", self.definition.keep_alive is True),
            ("runatload", bool(get("RunAtLoad"))),
            ("low priority i/o", bool(get("LowPriorityIO"))),
            ("launch only once", bool(get("LaunchOnlyOnce"))),
            ("abandon process group", bool(get("AbandonProcessGroup"))),
            ("penalty box", self.spawn_failures > 1),
            ("inferred program", self.definition.inferred_program),
            ("system service", self.domain.kind == "system"),
            ("tle system", self.domain.kind == "system"),
        )
        return [word for word, present in flags if present]


def keep_alive_reason(job, exists, loaded):
    """Why an exited job must run again: 'inefficient', 'semaphore' or None.

    exists(path) and loaded(label) answer PathState and OtherJobEnabled. The conditions of a
    dictionary are alternatives: any satisfied one keeps the job alive. NetworkState is ignored.
    """
    keep = job.definition.keep_alive
    if keep is True:
        return "inefficient"
    if not isinstance(keep, dict):
        return None
    succeeded = job.last_exit == ("code", 0)
    checks = {
        "SuccessfulExit": lambda wanted: job.last_exit is not None and wanted is succeeded,
        "Crashed": lambda wanted: job.last_exit is not None and wanted is job.crashed(),
        "PathState": lambda paths: any(exists(path) is bool(wanted) for path, wanted in paths.items()),
        "OtherJobEnabled": lambda jobs: any(loaded(label) is bool(wanted) for label, wanted in jobs.items()),
    }
    alive = any(checks[key](value) for key, value in keep.items() if key in checks)
    return "semaphore" if alive else None


def throttle_delay(job, now, default, scale):
    """Seconds (real, scaled) until the job may spawn again: the interval counts from spawn to spawn."""
    if job.last_spawn is None:
        return 0.0
    return max(0.0, job.definition.throttle(default) * scale - (now - job.last_spawn))
