# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of one host: power on, power cut, commands inside."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from . import hostroot, kernel, skeleton
from .errors import LabError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def start_time(pid: int) -> str | None:
    """Return when C(pid) started (kernel ticks, as text), or None when it does not run. Tells reused pids apart."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def alive(process: dict | None) -> bool:
    """Tell whether C(process), {"pid", "started"}, still runs."""
    return bool(process) and process["started"] is not None and start_time(process["pid"]) == process["started"]


def end(process: dict | None, sig: int = signal.SIGKILL, seconds: float = 10.0) -> None:
    """End exactly this process and wait until it is gone."""
    if not alive(process):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(process["pid"], sig)
    limit = time.monotonic() + seconds
    pause = 0.002
    while alive(process):
        if time.monotonic() > limit:
            raise LabError(f"process {process['pid']} does not end", "look at it with ps and /proc/<pid>/stack")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process["pid"], os.WNOHANG)


def strays(mark: str) -> list[dict]:
    """Return the processes that belong to a lab, found without its notes: C(mark) begins the last argument.

    These are the first processes of hosts, and the mirror. Whatever else runs in a host dies with its first process.
    """
    found = []
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
        except OSError:
            continue
        if arguments[-1].startswith(mark) and pid != os.getpid():
            found.append({"pid": pid, "started": start_time(pid)})
    return [process for process in found if process["started"]]


@contextlib.contextmanager
def still(pid1: int):
    """Hold every process of a host, so that its disk is of one moment; they go on afterwards."""
    held: list[int] = []
    try:
        # Again, for the children of those that were held later. Who was stopped before stays so.
        while running := _running(os.readlink(f"/proc/{pid1}/ns/pid")):
            for pid in running:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    held.append(pid)
            time.sleep(0.005)
        yield
    finally:
        for pid in held:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _running(namespace: str) -> list[int]:
    found = []
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        # Gone since it was listed, or a thread of the kernel.
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/ns/pid") == namespace and _state(pid) not in "TtZX":
                found.append(pid)
    return found


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _pid1_command(profile: str, mark: str) -> list[str]:
    code = (
        f"import sys,runpy; sys.path.insert(0,{skeleton.LIBEXEC!r}); sys.argv[:]=['launchd']+sys.argv[1:-1];"
        "runpy.run_module('launchd_double', run_name='__main__', alter_sys=True)"
    )
    # The mark stays behind: launchd's own argument list is cut before it, its process' is not.
    return ["/sbin/launchd", "-IS", "-c", code,
            "--record", f"/proc/self/fd/{hostroot.RECORD_FD}", "--socket", "/var/run/launchd.sock", "--root", "/",
            "--profile", profile, "--boot", mark]  # fmt: skip


def _become_pid1(root: hostroot.HostRoot, profile: str, mark: str, log: str, report: int, go: int) -> None:
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    hostroot.assemble(root)
    nothing = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    os.write(report, b"ready")
    if os.read(go, 1) != b"g":  # the lab itself died: nobody knows this host
        os._exit(1)
    for sig in _SIGNALS:
        signal.signal(sig, signal.SIG_DFL)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in (hostroot.RECORD_FD, report):
            with contextlib.suppress(OSError):
                os.close(int(name))
    os.execve("/sbin/launchd", _pid1_command(profile, mark), {"PATH": hostroot.PATH})


class Boot:
    """A host that is being switched on: made, connected to the network by somebody, then let go."""

    def __init__(self, root: hostroot.HostRoot, log: str, mark: str, profile: str):
        report_r, report_w = os.pipe()
        go_r, self._go = os.pipe()
        pid_r, pid_w = os.pipe()
        middle = os.fork()
        if middle == 0:
            code = 1
            try:
                os.setsid()
                for fd in (report_r, self._go, pid_r):
                    os.close(fd)
                kernel.unshare(kernel.HOST_NAMESPACES)
                first = os.fork()
                if first == 0:
                    os.close(pid_w)
                    _become_pid1(root, profile, mark, log, report_w, go_r)
                os.write(pid_w, str(first).encode())
                code = 0
            except BaseException as error:  # a forked child: everything is reported, nothing unwinds
                os.write(report_w, str(error).encode())
            finally:
                os._exit(code)
        for fd in (report_w, go_r, pid_w):
            os.close(fd)
        self._report = report_r
        with os.fdopen(pid_r, "rb") as stream:
            text = stream.read()
        os.waitpid(middle, 0)
        self.pid = int(text) if text else 0

    def wait_ready(self) -> dict:
        """Return {"pid", "started"} once the mounts stand."""
        said = os.read(self._report, 4096)
        if said != b"ready" or not self.pid:
            os.close(self._report)
            os.close(self._go)
            raise LabError(f"a host cannot be built: {said.decode(errors='replace') or 'its first process died'}",
                           "the kernel must offer namespaces and overlay (try: modprobe overlay), and the lab's state "
                           "must not itself be on an overlay (set OPENCLAW_LAB_STATE)")  # fmt: skip
        return {"pid": self.pid, "started": start_time(self.pid)}

    def go(self) -> None:
        """Let the host's launchd start; raises when it cannot be executed."""
        os.write(self._go, b"g")
        os.close(self._go)
        said = os.read(self._report, 4096)
        os.close(self._report)
        if said:
            raise LabError(f"a host's launchd does not start: {said.decode(errors='replace')}")


def _account(user: str) -> tuple[int, int, list[int], str, str]:
    """Read an account from the files of the host whose root this process already has."""
    with open("/etc/passwd", encoding="utf-8") as lines:
        fields = next((x.rstrip("\n").split(":") for x in lines if x.startswith(user + ":")), None)
    if fields is None:
        raise LabError(f"no user {user!r} on this host")
    groups = [int(fields[3])]
    with open("/etc/group", encoding="utf-8") as lines:
        for line in lines:
            _name, _x, gid, members = line.rstrip("\n").split(":")
            if user in members.split(",") and int(gid) not in groups:
                groups.append(int(gid))
    return int(fields[2]), int(fields[3]), groups, fields[5], fields[6]


def _inside(user: str, command: list[str], stay_in: str | None, extra: dict | None) -> None:
    uid, gid, groups, home, shell = _account(user)
    os.setgroups(groups)
    os.setgid(gid)
    os.setuid(uid)
    env = {"HOME": home, "USER": user, "LOGNAME": user, "SHELL": shell, "PATH": hostroot.PATH, **(extra or {})}
    if "TERM" in os.environ:
        env["TERM"] = os.environ["TERM"]
    try:
        os.chdir(stay_in or home)
    except OSError:
        os.chdir("/")
    for sig in _SIGNALS:
        signal.signal(sig, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command or [shell], env)
    except FileNotFoundError:
        print(f"lab: {command[0]}: not found on this host", file=sys.stderr, flush=True)
        os._exit(127)
    except OSError as error:
        print(f"lab: {command[0]}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(126)


def enter(pid: int, files: tuple = kernel.NAMESPACE_FILES) -> None:
    """Move this process into the namespaces of C(pid) and, with the mounts, into its root."""
    fds = [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in files]
    root = os.open(f"/proc/{pid}/root", os.O_RDONLY | os.O_DIRECTORY)
    for fd in fds:
        kernel.setns(fd)
        os.close(fd)
    if "mnt" in files:
        os.fchdir(root)
        os.chroot(".")
        os.chdir("/")
    os.close(root)


def run_inside(pid: int, user: str, command: list[str], cwd: str | None = None, env: dict | None = None) -> int:
    """Run C(command) in the host of C(pid) with this process's stdin, stdout and stderr; return its exit code.

    A command that a signal ended gives 128 + signal. Signals sent to the lab reach the command.
    """
    middle = os.fork()
    if middle == 0:
        code = 70
        try:
            enter(pid)
            child = os.fork()
            if child == 0:
                try:
                    _inside(user, command, cwd, env)
                except BaseException as error:
                    print(f"lab: {error}", file=sys.stderr, flush=True)
                finally:
                    os._exit(70)
            code = _wait_passing_signals(child)
        except BaseException as error:
            print(f"lab: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    return _wait_passing_signals(middle)


def _wait_passing_signals(child: int) -> int:
    def forward(sig, _frame):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, sig)

    before = {sig: signal.signal(sig, forward) for sig in _SIGNALS}
    try:
        _pid, status = os.waitpid(child, 0)
    finally:
        for sig, handler in before.items():
            signal.signal(sig, handler)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
