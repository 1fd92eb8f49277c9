# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build what all hosts of a lab share: the virgin Mac tree, the doubles over /usr, the layer over Python.

Everything here is plain files in the lab's state directory. The tables say what a Mac has; the functions only copy.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import stat
import subprocess
from pathlib import Path

from launchd_double.profiles import PROFILES

from .errors import LabError
from .paths import HERE, LabPaths
from .pythons import Interpreter

#: Where Apple's Command Line Tools keep their Python; /usr/bin/python3 leads here.
PYTHON_HOME = "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/{series}"
#: The lab's own code inside /usr of a host.
LIBEXEC = "/usr/libexec/lab"
NODE_HOME = "/opt/homebrew/opt/node@24"
#: Where a host with the stand-in for the Gateway keeps the Node that does everything else.
REAL_NODE = LIBEXEC + "/node"
OPENCLAW_HOME = "/opt/homebrew/lib/node_modules/openclaw"

ROOT, ADMIN, GATEWAY = (0, 0), (501, 20), (502, 20)
BREW = (501, 80)

VERSION_FILE = "System/Library/CoreServices/SystemVersion.plist"
#: A Mac keeps its kernel there; a host, what uname -v says.
KERNEL_FILE = "System/Library/Kernels/kernel"
KERNEL = "Darwin Kernel Version %s: Wed Jan 28 20:53:15 PST 2026; root:xnu-12377.81.4~5/RELEASE_ARM64_T8132"

#: Directories of a virgin Mac: path, mode, (uid, gid).
DIRECTORIES = (
    *((p, 0o755, ROOT) for p in (
        "Applications", "Library", "Library/Application Support", "Library/Developer",
        "Library/Developer/CommandLineTools", "Library/Developer/CommandLineTools/usr",
        "Library/Developer/CommandLineTools/usr/bin", "Library/Keychains", "Library/LaunchAgents",
        "Library/LaunchDaemons", "Library/Logs", "Library/Preferences", "System", "System/Library",
        "System/Library/LaunchAgents", "System/Library/LaunchDaemons", "System/Library/CoreServices",
        "System/Library/Kernels", "Users",
        "Volumes", "cores", "dev", "opt", "private", "private/etc", "private/var", "private/var/db",
        "private/var/db/sudo", "private/var/empty", "private/var/folders", "private/var/log", "private/var/run", "proc",
        "usr", "usr/local", "usr/local/bin", "usr/local/lib", "usr/local/share",
    )),
    ("private/tmp", 0o1777, ROOT),
    ("private/var/tmp", 0o1777, ROOT),
    ("private/var/db/com.apple.xpc.launchd", 0o755, ROOT),
    ("private/var/root", 0o700, ROOT),
    ("private/var/root/Library", 0o700, ROOT),
    *((f"opt/homebrew{p}", 0o755, BREW) for p in (
        "", "/bin", "/etc", "/lib", "/lib/node_modules", "/lib/node_modules/openclaw", "/opt", "/opt/node@24",
        "/share", "/var", "/var/log",
    )),
    *((f"Users/{user}{p}", mode, owner)
      for user, owner in (("admin", ADMIN), ("openclaw", GATEWAY))
      for p, mode in (("", 0o750), ("/Library", 0o700), ("/Library/Logs", 0o700), ("/Library/Preferences", 0o700),
                      ("/Library/Keychains", 0o700))),
    ("Users/admin/.ssh", 0o700, ADMIN),
    ("Users/openclaw/.ssh", 0o700, GATEWAY),
    ("Users/Shared", 0o1777, ROOT),
)  # fmt: skip

LINKS = (
    ("etc", "private/etc"), ("var", "private/var"), ("tmp", "private/tmp"), ("run", "private/var/run"),
    ("bin", "usr/bin"), ("sbin", "usr/sbin"),
    ("Library/Developer/CommandLineTools/usr/bin/python3", "/usr/bin/python3"),
    ("opt/homebrew/bin/node", "../opt/node@24/bin/node"),
    ("opt/homebrew/bin/npm", "../opt/node@24/bin/npm"),
    ("opt/homebrew/bin/npx", "../opt/node@24/bin/npx"),
    ("opt/homebrew/bin/openclaw", "../lib/node_modules/openclaw/openclaw.mjs"),
)  # fmt: skip

#: What the machine's dynamic programs need from its own /etc.
FROM_THE_MACHINE = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "ssl/openssl.cnf", "ssl/certs/ca-certificates.crt",
    "protocols", "services", "localtime", "python3", "perl", "bash.bashrc",
)  # fmt: skip

#: Programs of the machine that no Mac has: they would make tools take the host for a Debian.
NOT_ON_A_MAC = tuple(
    f"bin/{p}" for p in (
        "apt", "apt-get", "apt-cache", "aptitude", "dpkg", "dpkg-query", "rpm", "dnf", "yum", "systemctl", "loginctl",
        "journalctl", "hostnamectl", "node", "nodejs", "npm", "npx", "corepack", "openclaw", "lsb_release",
        "systemd-detect-virt", "plistutil", "ip", "ss", "netstat", "lsof", "lscpu", "lsblk", "free", "vmstat",
    )
) + ("sbin/service", "sbin/dmidecode", "sbin/ip", "games")  # fmt: skip

#: Files with a mode of their own; everything else copied is 0644, root's.
MODES = {"private/etc/sudoers": 0o440}

#: Not by runpy: that takes longer to import than a launchctl to answer, and products ask launchctl many things.
_STUB = """#!/usr/bin/python3 -IS
import sys
sys.path.insert(0, {libexec!r})
sys.argv[0] = {name!r}
{statement}
"""


def _make(root: Path, path: str, mode: int, owner: tuple) -> None:
    target = root / path
    target.mkdir(exist_ok=True)
    os.chown(target, *owner)
    target.chmod(mode)


def _copy_static(root: Path) -> None:
    source = HERE / "mac" / "root"
    for file in sorted(source.rglob("*")):
        path = file.relative_to(source)
        target = root / path
        if file.is_dir():
            target.mkdir(exist_ok=True)
            continue
        shutil.copyfile(file, target)
        target.chmod(MODES.get(str(path), 0o644))


def _copy_from_machine(root: Path) -> None:
    for name in FROM_THE_MACHINE:
        source, target = Path("/etc") / name, root / "private/etc" / name
        if not os.path.lexists(source):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)


def _openssh_version() -> tuple:
    done = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=False)
    words = done.stderr.removeprefix("OpenSSH_").replace("p", ".").split(".")
    digits = ["".join(c for c in w if c.isdigit()) for w in words[:2]]
    return tuple(int(d or 0) for d in digits)


def build_root(paths: LabPaths, public_key: str) -> None:
    """Build the tree of a virgin Mac below C(paths.skeleton)."""
    root = paths.skeleton
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    for path, mode, owner in DIRECTORIES:
        _make(root, path, mode, owner)
    for link, target in LINKS:
        (root / link).symlink_to(target)
    for name in sorted(p for p in os.listdir("/") if p.startswith("lib") and os.path.islink(f"/{p}")):
        (root / name).symlink_to(os.readlink(f"/{name}").lstrip("/"))
    _copy_static(root)
    _copy_from_machine(root)
    _make(root, "private/etc/newsyslog.d", 0o755, ROOT)
    if _openssh_version() >= (9, 8):
        with open(root / "private/etc/ssh/sshd_config", "a", encoding="utf-8") as config:
            config.write("PerSourcePenalties no\n")
    for user, owner in (("admin", ADMIN), ("openclaw", GATEWAY)):
        keys = root / "Users" / user / ".ssh" / "authorized_keys"
        keys.write_text(public_key)
        keys.chmod(0o600)
        os.chown(keys, *owner)


def _write_stub(usr: Path, path: str, statement: str) -> None:
    target = usr / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_STUB.format(libexec=LIBEXEC, name="/usr/" + path, statement=statement))
    target.chmod(0o755)


def _whiteout(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mknod(path, stat.S_IFCHR, os.makedev(0, 0))


def _machine_symlink(usr: Path, name: str) -> None:
    (usr / "lib").mkdir(parents=True, exist_ok=True)
    link = usr / "lib" / os.path.basename(name)
    link.symlink_to(name)


def _python_layer(paths: LabPaths, python: Interpreter) -> str:
    """Put sitecustomize where C(python) finds it; return what /usr/bin/python3 shall lead to."""
    source = HERE / "mac" / "python" / "sitecustomize.py"
    if python.in_usr:
        target = paths.usr / "lib" / f"python{python.series}" / "sitecustomize.py"
        link = os.path.basename(python.executable)
    else:
        home = PYTHON_HOME.format(series=python.series)
        _make_all(paths.skeleton, home)
        target = paths.python / "lib" / f"python{python.series}" / "site-packages" / "sitecustomize.py"
        link = home + "/" + os.path.relpath(python.executable, python.prefix)
        for library in python.shared_libraries:
            # It looks for its library where it was installed, which is not there, and then in the system's directory.
            _machine_symlink(paths.usr, home + "/" + os.path.relpath(library, python.prefix))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return link


def _make_all(root: Path, path: str) -> None:
    (root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)


def build_usr(paths: LabPaths, python: Interpreter, launchd: Path) -> None:
    """Build the layer over this machine's /usr: the doubles, the launchd double, the hosts' Python."""
    usr = paths.usr
    bin_dir, libexec = usr / "bin", usr / LIBEXEC.removeprefix("/usr/")
    for directory in (bin_dir, usr / "sbin", libexec, usr / "local", paths.python):
        directory.mkdir(parents=True, exist_ok=True)
    link = _python_layer(paths, python)
    for name in ("python3", f"python{python.series}"):
        if not (python.in_usr and name == link):
            (bin_dir / name).symlink_to(link)
    # The name by which it is started is the name that /proc/1/comm tells Ansible's facts.
    (usr / "sbin" / "launchd").symlink_to("/usr/bin/python3")
    for other in Path("/usr/bin").glob("python3.[0-9]*"):
        if other.name not in (link, f"python{python.series}"):
            _whiteout(bin_dir / other.name)
    ignore = shutil.ignore_patterns("__pycache__", "tests", "*.md")
    if not (launchd / "__main__.py").is_file():
        raise LabError(f"{launchd} holds no launchd double", "restore tests/lab/launchd_double from the repository")
    shutil.copytree(launchd, libexec / "launchd_double", ignore=ignore)
    shutil.copytree(HERE / "mac" / "doubles", libexec / "doubles", ignore=ignore)
    stand_in = libexec / "gateway_stand_in"
    shutil.copytree(HERE / "gateway_stand_in", stand_in, ignore=ignore)
    (stand_in / "bin").mkdir()
    shutil.copy(os.path.realpath(python.executable), stand_in / "bin/node")
    (usr / REAL_NODE.removeprefix("/usr/")).mkdir()
    if os.access("/usr/bin/perl", os.X_OK):
        shutil.copy(launchd / "launchctl.pl", bin_dir / "launchctl")
        (bin_dir / "launchctl").chmod(0o755)
    else:
        _write_stub(usr, "bin/launchctl", "from launchd_double.launchctl import run; run()")
    table = {}
    exec((HERE / "mac" / "doubles" / "table.py").read_text(), table)  # plain data, and not importable as a package here
    for path, module in table["PROGRAMS"].items():
        _write_stub(usr, path, f"import doubles.{module}")
    for path in NOT_ON_A_MAC:
        if os.path.lexists(f"/usr/{path}") and not os.path.lexists(usr / path):
            _whiteout(usr / path)
    # /usr is read-only on the hosts, so what is not compiled now is compiled again at every call.
    subprocess.run(
        [python.executable, "-m", "compileall", "-q", "-s", str(usr), "-p", "/usr",
         "--invalidation-mode", "unchecked-hash", str(libexec)],
        check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def build_node_layer(paths: LabPaths) -> None:
    """Build what lies over Node on a host with the stand-in for the Gateway."""
    target = paths.node_layer / "bin" / "node"
    target.parent.mkdir(parents=True)
    shutil.copy(HERE / "gateway_stand_in" / "node", target)
    target.chmod(0o755)


def _release(layer: Path, macos: int) -> None:
    """Write what makes a host a Mac with this macOS: its number, and the words of its kernel."""
    profile = PROFILES[macos]
    said = {"ProductName": "macOS", "ProductVersion": profile.version, "ProductUserVisibleVersion": profile.version,
            "ProductBuildVersion": profile.build}  # fmt: skip
    for path, data in ((VERSION_FILE, plistlib.dumps(said)), (KERNEL_FILE, (KERNEL % profile.darwin).encode())):
        target = layer / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o644)


def build_host_layer(layer: Path, host: str, address: str, host_key: Path, macos: int) -> None:
    """Build what one host has of its own when it is new: its name, its SSH host key, its macOS."""
    _release(layer, macos)
    etc = layer / "private" / "etc"
    (etc / "ssh").mkdir(parents=True)
    (etc / "hosts").write_text(
        f"127.0.0.1\tlocalhost\n255.255.255.255\tbroadcasthost\n::1\tlocalhost\n{address}\t{host} {host}.local\n"
    )
    for suffix, mode in (("", 0o600), (".pub", 0o644)):
        target = etc / "ssh" / f"ssh_host_ed25519_key{suffix}"
        shutil.copyfile(f"{host_key}{suffix}", target)
        target.chmod(mode)
