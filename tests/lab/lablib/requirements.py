# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab needs of the machine, and the one line that says how to get it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile

from . import hostroot, kernel
from .errors import LabError
from .paths import labs_root

#: Program, Debian package.
PROGRAMS = (
    ("ip", "iproute2"), ("sshd", "openssh-server"), ("ssh", "openssh-client"), ("ssh-keygen", "openssh-client"),
    ("sudo", "sudo"), ("bash", "bash"),
)  # fmt: skip


def check() -> None:
    """Raise :class:`LabError` unless the lab can run here."""
    if not sys.platform.startswith("linux"):
        raise LabError("the lab needs Linux", "run it in a Linux machine or virtual machine")
    if os.geteuid() != 0:
        raise LabError("the lab needs root (namespaces, mounts, bridge)", "run it with: sudo -H")
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin"
    missing = [(p, package) for p, package in PROGRAMS if not shutil.which(p)]
    if missing:
        packages = " ".join(dict.fromkeys(package for _p, package in missing))
        raise LabError("missing programs: " + ", ".join(p for p, _package in missing),
                       f"run: apt-get install -y --no-install-recommends {packages}")  # fmt: skip
    for place in ("/proc/self/ns/net", "/proc/self/ns/pid"):
        if not os.path.exists(place):
            raise LabError(f"{place} is missing: no /proc here, or a kernel without namespaces",
                           "mount -t proc proc /proc")  # fmt: skip


def check_kernel() -> None:
    """Try, in a child, what every host does: new namespaces and a writable overlay below the state directory."""
    root = labs_root()
    root.mkdir(parents=True, exist_ok=True)
    trial = tempfile.mkdtemp(prefix=".trial-", dir=root)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        step = "new namespaces"
        try:
            os.close(read)
            kernel.unshare(kernel.HOST_NAMESPACES)
            step = "a private mount point (/sys, /dev or /proc must be mounted)"
            stage = hostroot.private_mounts()
            step = "tmpfs"
            kernel.mount("tmpfs", stage, "tmpfs", 0, "size=1m")
            os.mkdir(f"{stage}/root")
            for name in ("lower", "upper", "work"):
                os.mkdir(f"{trial}/{name}")
            step = f"a writable overlay on {root}"
            hostroot.mount_overlay([f"{trial}/lower"], f"{stage}/root", f"{trial}/upper", f"{trial}/work")
        except BaseException as error:  # a forked child
            os.write(write, f"{step}: {error}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        said = stream.read().decode()
    os.waitpid(child, 0)
    shutil.rmtree(trial, ignore_errors=True)
    if said:
        raise LabError(f"this kernel or container does not give {said}",
                       "use a real machine or a privileged container, modprobe overlay, or put the state on another "
                       "file system with OPENCLAW_LAB_STATE=DIR")  # fmt: skip
