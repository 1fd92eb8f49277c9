# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""fork and exec of one job, done as xpcproxy does it: what fails before exec ends in exit 78."""

import os
import resource
import signal

from . import darwin

_LIMITS = {
    "Core": resource.RLIMIT_CORE,
    "CPU": resource.RLIMIT_CPU,
    "Data": resource.RLIMIT_DATA,
    "FileSize": resource.RLIMIT_FSIZE,
    "MemoryLock": resource.RLIMIT_MEMLOCK,
    "NumberOfFiles": resource.RLIMIT_NOFILE,
    "NumberOfProcesses": resource.RLIMIT_NPROC,
    "ResidentSetSize": resource.RLIMIT_RSS,
    "Stack": resource.RLIMIT_STACK,
}
_ALL_SIGNALS = frozenset(range(1, signal.NSIG)) - {signal.SIGKILL, signal.SIGSTOP, 32, 33}
# Directories launchd makes for a missing log path; for a UserName job they are root's and of no use to it.
_MADE_DIRECTORY = 0o744


class Plan:
    """Everything the child needs, computed before the fork. account None: keep the current user."""

    def __init__(self, definition, environment, account, gid, files_soft):
        self.program = definition.program
        self.arguments = definition.arguments
        self.environment = environment
        self.account = account
        self.gid = gid
        self.init_groups = definition.get("InitGroups", True)
        self.directory = definition.get("WorkingDirectory", "/")
        self.umask = 0o022 if definition.umask is None else definition.umask
        self.nice = definition.get("Nice")
        self.stdin = definition.get("StandardInPath", "/dev/null")
        self.stdout = definition.get("StandardOutPath", "/dev/null")
        self.stderr = definition.get("StandardErrorPath", "/dev/null")
        self.soft = dict(definition.get("SoftResourceLimits", {}))
        self.hard = dict(definition.get("HardResourceLimits", {}))
        self.soft.setdefault("NumberOfFiles", min(files_soft, self.hard.get("NumberOfFiles", files_soft)))


class _Stage:
    """Names what the child is doing, for the report when it fails."""

    name = "start"


def _limit(name, plan):
    which = _LIMITS[name]
    old_soft, old_hard = resource.getrlimit(which)
    hard = int(plan.hard.get(name, old_hard))
    soft = int(plan.soft.get(name, old_soft))
    if hard != resource.RLIM_INFINITY and (soft == resource.RLIM_INFINITY or soft > hard):
        soft = hard
    try:
        resource.setrlimit(which, (soft, hard))
    except (OSError, ValueError):
        # A limit above what this machine allows is not the job's fault.
        if old_hard != resource.RLIM_INFINITY:
            resource.setrlimit(which, (min(soft, old_hard), old_hard))


def _make_parent(path):
    parent = os.path.dirname(path)
    if parent.startswith("/") and not os.path.isdir(parent):
        os.makedirs(parent, mode=_MADE_DIRECTORY, exist_ok=True)


def _become(plan):
    account = plan.account
    if account is None:
        return
    os.setgroups(account.groups if plan.init_groups else [plan.gid])
    os.setgid(plan.gid)
    os.setuid(account.uid)


def _redirect(path, flags, number):
    fd = os.open(path, flags | os.O_NOCTTY, 0o666)
    os.dup2(fd, number)
    if fd > 2:
        os.close(fd)


def _exec(plan):
    if "/" in plan.program:
        candidates = [plan.program]
    else:
        candidates = [os.path.join(directory, plan.program) for directory in darwin.DEFAULT_PATH.split(":")]
    error = None
    for candidate in candidates:
        try:
            os.execve(candidate, plan.arguments, plan.environment)
        except OSError as caught:
            error = error if isinstance(error, PermissionError) else caught
    raise error


def _child(plan, stage):
    for number in _ALL_SIGNALS:
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            continue
    os.setsid()
    stage.name = "Nice"
    if plan.nice is not None:
        os.setpriority(os.PRIO_PROCESS, 0, plan.nice)
    stage.name = "ResourceLimits"
    for name in _LIMITS:
        if name in plan.soft or name in plan.hard:
            _limit(name, plan)
    stage.name = "log directory"
    os.umask(0o022)
    for path in (plan.stdout, plan.stderr):
        _make_parent(path)
    os.umask(plan.umask)
    stage.name = "UserName"
    _become(plan)
    stage.name = "WorkingDirectory " + plan.directory
    os.chdir(plan.directory)
    stage.name = "StandardInPath " + plan.stdin
    _redirect(plan.stdin, os.O_RDONLY, 0)
    append = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    stage.name = "StandardOutPath " + plan.stdout
    _redirect(plan.stdout, append, 1)
    stage.name = "StandardErrorPath " + plan.stderr
    _redirect(plan.stderr, append, 2)
    stage.name = "exec " + plan.program
    # A SIGTERM that came while this was still a copy of the double is delivered here, to the job.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _exec(plan)


def start(plan):
    """Fork and exec. Returns (pid, report): *report* is a descriptor that holds words only if exec never happened.

    All descriptors of the double are close-on-exec, so the job inherits three and no more.
    """
    report_read, report_write = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ALL_SIGNALS)
    try:
        pid = os.fork()
        if pid == 0:
            stage = _Stage()
            try:
                # The wakeup descriptor belongs to the parent's loop.
                signal.set_wakeup_fd(-1)
                _child(plan, stage)
            except BaseException as error:  # the child must never return into the parent's code
                os.write(report_write, ("%s: %s" % (stage.name, error)).encode("utf-8", "backslashreplace"))
            finally:
                os._exit(darwin.EX_CONFIG)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(report_write)
    os.set_blocking(report_read, False)
    return pid, report_read


def read_report(report):
    """What went wrong before exec, or '' if exec happened. Closes the descriptor."""
    try:
        return os.read(report, 4096).decode("utf-8", "replace")
    except BlockingIOError:
        return ""
    finally:
        os.close(report)
