# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inside of a host: its mounts, its root, its first process. Runs in the forked child, in new namespaces."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from dataclasses import dataclass, field

from . import kernel

#: Mount points that every place has where this lab runs; the first that is one carries the host's tree.
_STAGES = ("/sys", "/dev", "/proc")

#: Character devices of a host: name, major, minor, mode.
_DEVICES = (
    ("null", 1, 3, 0o666), ("zero", 1, 5, 0o666), ("full", 1, 7, 0o666), ("random", 1, 8, 0o666),
    ("urandom", 1, 9, 0o666), ("tty", 5, 0, 0o666), ("console", 1, 3, 0o622),
)  # fmt: skip
_DEVICE_LINKS = (
    ("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"),
)  # fmt: skip

PATH = "/usr/bin:/bin:/usr/sbin:/sbin"


@dataclass
class HostRoot:
    """What a host's tree is made of. All paths are those of the machine, C(places) are paths inside the host."""

    hostname: str
    lowers: list
    upper: str
    work: str
    usr_layer: str
    record: str
    #: Read-only directories: (source, place inside).
    shared: list = field(default_factory=list)
    #: Read-only directories with something of the lab's laid over them: (layer, source, place inside).
    layered: list = field(default_factory=list)


def private_mounts() -> str:
    """Cut the tie between this mount namespace and the one it came from; return a mount point to build on.

    Inside a plain chroot "/" is no mount point and cannot be made private, so the host's tree is built upon a mount
    point that can: whatever is mounted there later stays in this namespace.
    """
    with contextlib.suppress(OSError):
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    for stage in _STAGES:
        try:
            kernel.mount("none", stage, flags=kernel.MS_REC | kernel.MS_PRIVATE)
        except OSError:
            continue
        return stage
    raise OSError("none of " + ", ".join(_STAGES) + " is a mount point")


def mount_overlay(lowers: list, target: str, upper: str = "", work: str = "") -> None:
    """Mount an overlay; writable ones without waiting for the disk where the kernel can do that."""
    data = "lowerdir=" + ":".join(lowers)
    if not upper:
        kernel.mount("overlay", target, "overlay", kernel.MS_RDONLY, data)
        return
    data += f",upperdir={upper},workdir={work}"
    try:
        kernel.mount("overlay", target, "overlay", 0, data + ",volatile")
    except OSError:
        kernel.mount("overlay", target, "overlay", 0, data)


def devices(dev: str) -> None:
    """Make the character devices of a host."""
    kernel.mount("tmpfs", dev, "tmpfs", kernel.MS_NOSUID, "mode=755,size=4m")
    for name, major, minor, mode in _DEVICES:
        os.mknod(f"{dev}/{name}", stat.S_IFCHR, os.makedev(major, minor))
        os.chmod(f"{dev}/{name}", mode)
    for name, target in _DEVICE_LINKS:
        os.symlink(target, f"{dev}/{name}")
    os.mkdir(f"{dev}/pts")
    kernel.mount("devpts", f"{dev}/pts", "devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC,
                 "newinstance,ptmxmode=0666,mode=620,gid=4")  # fmt: skip
    os.mkdir(f"{dev}/shm")
    os.chmod(f"{dev}/shm", 0o1777)


def assemble(host: HostRoot) -> None:
    """Mount the whole host and make it this process's root. The caller is pid 1 of new namespaces."""
    # Opened first: the stage may hide the directories it is mounted over.
    record = os.open(host.record, os.O_RDONLY | os.O_DIRECTORY)
    stage = private_mounts()
    kernel.mount("tmpfs", stage, "tmpfs", 0, "mode=755,size=1m")
    root, keep = f"{stage}/root", f"{stage}/keep"
    os.mkdir(root)
    os.mkdir(keep)
    shutil.rmtree(host.work, ignore_errors=True)
    os.makedirs(host.work)
    mount_overlay(host.lowers, root, host.upper, host.work)
    # /usr is sealed on a Mac, /usr/local is not: keep the host's own one and lay it over the sealed tree.
    kernel.bind(f"{root}/usr/local", keep)
    mount_overlay([host.usr_layer, "/usr"], f"{root}/usr")
    kernel.bind(keep, f"{root}/usr/local")
    kernel.umount(keep)
    kernel.bind(f"{root}/System", f"{root}/System", read_only=True)
    for layer, source, place in host.layered:
        mount_overlay([layer, source], root + place)
    for source, place in host.shared:
        kernel.bind(source, root + place, read_only=True)
    for place, mode in (("private/tmp", "1777"), ("private/var/run", "755")):
        kernel.mount("tmpfs", f"{root}/{place}", "tmpfs", 0, f"mode={mode},size=2g")
    os.mkdir(f"{root}/private/var/run/sshd", 0o755)
    devices(f"{root}/dev")
    # The doubles append here: a file outside the host's tree, so that looking changes nothing in it.
    with open(f"{root}/dev/lab-calls", "wb"):
        pass
    kernel.bind(f"/proc/self/fd/{record}/doubles.jsonl", f"{root}/dev/lab-calls")
    kernel.mount("proc", f"{root}/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    os.chdir(root)
    os.chroot(".")
    os.chdir("/")
    kernel.sethostname(host.hostname)
    os.set_inheritable(record, True)
    os.dup2(record, RECORD_FD)


#: Where pid 1 of a host finds its record directory, which is not in its tree.
RECORD_FD = 9
