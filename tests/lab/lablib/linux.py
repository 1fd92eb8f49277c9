# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Linux host with a real systemd: system manager, logind, managers of accounts. Nothing of it is a double.

Namespaces, a branch of the cgroup tree, and an overlay over this machine's own root; systemd is its first process. Its
system manager knows a handful of Debian's own units, so that it boots in a second; an account's manager knows all that
the machine has. Debian's packages C(systemd) and C(dbus) are needed, and root.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from . import hostroot, kernel, machine
from .errors import LabError
from .paths import HERE

SYSTEMD = "/usr/lib/systemd/systemd"
ACCOUNT, UID = "openclaw", 5020
HOME = f"/home/{ACCOUNT}"
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
_CGROUPS = "/sys/fs/cgroup"
#: Seconds from the start to a logind that answers, on a slow machine.
_BOOT = 60

#: What the system manager knows: systemd's and D-Bus's own units, and a target with logind below it.
_OF_DEBIAN = ("dbus.socket", "dbus.service", "systemd-logind.service", "user@.service", "user-runtime-dir@.service",
              "user.slice")  # fmt: skip
_TARGET = "[Unit]\nDefaultDependencies=no\nRequires=dbus.socket systemd-logind.service\nAfter=systemd-logind.service\n"
#: Every unit waits for these; what the machine has hung below them belongs to the machine.
_EMPTY = ("sysinit", "basic", "shutdown", "sockets", "network", "nss-user-lookup", "paths", "timers", "local-fs",
          "exit")  # fmt: skip


def _private_cgroups() -> None:
    """Have the whole tree of control groups, of the one kind that systemd wants, in a mount namespace of our own."""
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    with contextlib.suppress(OSError):
        kernel.umount(_CGROUPS)
    kernel.mount("cgroup2", _CGROUPS, "cgroup2")


def _stage_cgroup(name: str, *command: str) -> None:
    """Enter a branch of the tree of control groups, then go on as C(command)."""
    _private_cgroups()
    branch = Path(_CGROUPS, name)
    branch.mkdir(exist_ok=True)
    (branch / "cgroup.procs").write_text(str(os.getpid()))
    os.execv(command[0], command)


def _stage_sweep(name: str) -> None:
    """Remove a branch of the tree of control groups; its processes are dead, or dying."""
    _private_cgroups()
    deadline = time.monotonic() + 10
    while Path(_CGROUPS, name).exists():
        for directory, _names, _files in os.walk(Path(_CGROUPS, name), topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(directory)
        if time.monotonic() > deadline:
            sys.exit(f"{_CGROUPS}/{name} is still in use")
        time.sleep(0.02)


def _stage_init(directory: str, *shared: str) -> None:
    """Mount the host, make it the root, become systemd. The caller is pid 1 of new namespaces."""
    place = Path(directory)
    root = place / "root"
    for name in ("root", "work"):
        shutil.rmtree(place / name, ignore_errors=True)
        (place / name).mkdir()
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    hostroot.mount_overlay(["/"], str(root), str(place / "upper"), str(place / "work"))
    kernel.mount("proc", f"{root}/proc", "proc")
    kernel.mount("sysfs", f"{root}/sys", "sysfs", kernel.MS_RDONLY)
    kernel.mount("cgroup2", f"{root}{_CGROUPS}", "cgroup2")
    for name in ("run", "tmp"):
        kernel.mount("tmpfs", f"{root}/{name}", "tmpfs")
    os.chmod(root / "tmp", 0o1777)
    hostroot.devices(f"{root}/dev")
    for pair in shared:
        source, _colon, inside = pair.partition(":")
        os.makedirs(f"{root}{inside}", exist_ok=True)
        kernel.bind(source, f"{root}{inside}", read_only=True)
    kernel.sethostname("linux01")
    os.chdir(root)
    os.chroot(".")
    os.chdir("/")
    environment = {"container": "lab", "PATH": PATH, "SYSTEMD_UNIT_PATH": "/etc/systemd/system"}
    words = ["--system", "--unit=lab.target", "--log-target=console", "--show-status=0"]
    os.execve(SYSTEMD, [SYSTEMD, *words], environment)


def _opaque(path: Path) -> None:
    """Make a directory of the upper layer that hides what the machine has there."""
    path.mkdir(parents=True)
    os.setxattr(path, "trusted.overlay.opaque", b"y")


def _build(upper: Path) -> None:
    units, users = upper / "etc/systemd/system", upper / "etc/systemd/user"
    for directory in (units, users, upper / "var/lib/systemd/linger"):
        _opaque(directory)
    for name in _OF_DEBIAN:
        (units / name).write_text(Path("/usr/lib/systemd/system", name).read_text())
    for name in _EMPTY:
        (units / f"{name}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    (units / "lab.target").write_text(_TARGET)
    # Whether the machine has a D-Bus for accounts must make no difference.
    (users / "dbus.socket").symlink_to(os.devnull)
    for name, line, mode in (
        ("passwd", f"{ACCOUNT}:x:{UID}:{UID}::{HOME}:/bin/sh", 0o644),
        ("group", f"{ACCOUNT}:x:{UID}:", 0o644),
        ("shadow", f"{ACCOUNT}:*:19000:0:99999:7:::", 0o600),
    ):
        file = upper / "etc" / name
        file.write_text(Path("/etc", name).read_text() + line + "\n")
        file.chmod(mode)
    (upper / "etc/machine-id").write_text(uuid.uuid4().hex + "\n")
    home = upper / HOME[1:]
    home.mkdir(parents=True)
    home.chmod(0o750)
    os.chown(home, UID, UID)


class LinuxHost:
    """One host, from its first boot to its end.

    :param directory: where its disk lies; not on an overlay. Everything in it is this host's.
    :param shared: read-only directories of the machine, (source, place inside).
    """

    #: The account's home directory.
    home = HOME

    def __init__(self, directory: Path, shared: list = ()):
        for needed in (SYSTEMD, "/usr/bin/dbus-daemon"):
            if not os.access(needed, os.X_OK):
                raise LabError(f"{needed} is not there", "run: apt-get install -y --no-install-recommends systemd dbus")
        self._place = directory
        self._cgroup = f"oclab-{uuid.uuid4().hex[:8]}"
        # What lies on another file system than / does not show through the overlay.
        device = os.stat("/").st_dev
        own = {str(HERE.parents[1]), sys.prefix, sys.base_prefix}
        hidden = [(path, path) for path in sorted(own) if os.stat(path).st_dev != device]
        self._shared = [f"{source}:{inside}" for source, inside in [*hidden, *shared]]
        self._process = None
        self.pid = 0
        _build(directory / "upper")

    @property
    def upper(self) -> Path:
        """The host's disk as far as it is its own; to be changed before it boots."""
        return self._place / "upper"

    @property
    def root(self) -> Path:
        """The host's disk as it sees it, while it runs. (An overlay does not notice what is done to its layers.)"""
        return Path(f"/proc/{self.pid}/root")

    def boot(self) -> None:
        """Switch the host on and wait until logind answers."""
        me = [sys.executable, "-m", "lablib.linux"]
        unshare = shutil.which("unshare")
        inner = [unshare, "--cgroup", "--pid", "--fork", "--kill-child", *me, "init", str(self._place), *self._shared]
        argv = [unshare, "--mount", "--net", "--uts", "--ipc", *me, "cgroup", self._cgroup, *inner]
        with open(self._place / "log", "ab") as log:
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=HERE,
                                             preexec_fn=kernel.die_with_parent)  # fmt: skip
        deadline = time.monotonic() + _BOOT
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                said = (self._place / "log").read_text(errors="replace").strip()[-500:]
                self.cut()
                raise LabError(f"a Linux host does not boot: {said}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, LookupError):
            pid = self._process.pid
            self.pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
            if os.readlink(f"/proc/{self.pid}/exe").endswith(SYSTEMD):  # as seen from outside
                return self.run("loginctl", "--no-legend", "list-users").returncode == 0
        return False

    def argv(self, *command: str, user: str = "root") -> list[str]:
        """Return the command line that runs C(command) inside."""
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--uts", "--ipc", "--pid", "--cgroup", "--root",
                 "--wd"]  # fmt: skip
        if user != "root":
            enter += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        return [*enter, "env", "-i", f"PATH={PATH}", "LC_ALL=C.UTF-8", *command]

    def run(self, *command: str, user: str = "root", timeout: float = 120) -> subprocess.CompletedProcess:
        """Run a program inside to its end; its output is captured as text."""
        return subprocess.run(self.argv(*command, user=user), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, check=False)  # fmt: skip

    def systemctl(self, *words: str) -> subprocess.CompletedProcess:
        """Ask the account's manager, as the account does."""
        own = (f"XDG_RUNTIME_DIR=/run/user/{UID}", f"HOME={HOME}")
        return self.run(*own, "systemctl", "--user", "--no-pager", *words, user=ACCOUNT)

    def cut(self) -> None:
        """Cut the power: every process is gone at once, the disk stays."""
        if self._process is not None:
            started = machine.start_time(self.pid) if self.pid else None
            self._process.kill()  # the first process dies with it
            self._process.wait()
            machine.end({"pid": self.pid, "started": started}, signal.SIGKILL)
            self._process = None

    def close(self) -> None:
        """End the host and leave nothing of it behind."""
        self.cut()
        argv = [shutil.which("unshare"), "--mount", sys.executable, "-m", "lablib.linux", "sweep", self._cgroup]
        done = subprocess.run(argv, cwd=HERE, capture_output=True, text=True, check=False)
        shutil.rmtree(self._place)
        if done.returncode:
            raise LabError(f"a control group stays behind: {done.stderr.strip()}")


if __name__ == "__main__":
    {"cgroup": _stage_cgroup, "init": _stage_init, "sweep": _stage_sweep}[sys.argv[1]](*sys.argv[2:])
