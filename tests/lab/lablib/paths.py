# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a lab keeps what: one object that knows every path and every name derived from the lab's name."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from .errors import LabError

#: tests/lab in the clone.
HERE = Path(__file__).resolve().parent.parent

DEFAULT_OPENCLAW = "2026.9.6"
#: The newest Node the Python registry offers as a wheel, within the engines of the default OpenClaw.
DEFAULT_NODE = "24.19.0"
DEFAULT_PYTHON = "3.9"
DEFAULT_MACOS = 26
MIRROR_PORT = 8081


def cache_root() -> Path:
    """Return the cache outside the repository that all labs and clones share."""
    given = os.environ.get("OPENCLAW_LAB_CACHE")
    if given:
        return Path(given).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base).absolute() / "clawops-openclaw"


def labs_root() -> Path:
    given = os.environ.get("OPENCLAW_LAB_STATE")
    return Path(given).absolute() if given else cache_root() / "labs"


class LabPaths:
    """Every path and name of one lab. Pure: makes nothing."""

    def __init__(self, name: str):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", name):
            raise LabError(f"lab name {name!r} is not a plain word", "use letters, digits, '-', '_' and '.'")
        self.name = name
        self.state = labs_root() / name
        # The same path inside a chroot is another lab, and may share this network: the root is part of the name.
        top = os.stat("/")
        self.use_id(hashlib.sha256(f"{self.state}:{top.st_dev}:{top.st_ino}".encode()).hexdigest()[:8])
        self.file = self.state / "lab.json"
        self.inventory = self.state / "inventory.yml"
        self.key = self.state / "ssh" / "id_ed25519"
        self.known_hosts = self.state / "ssh" / "known_hosts"
        self.skeleton = self.state / "skeleton"
        self.usr = self.state / "usr"
        self.python = self.state / "python"
        self.node_layer = self.state / "node"
        self.trash = self.state / "trash"
        self.mirror_log = self.state / "mirror.log"

    def use_id(self, lab_id: str) -> None:
        """Derive everything that this machine must not have twice from C(lab_id), eight hexadecimal digits."""
        self.id = lab_id
        self.bridge = f"oclb{lab_id}"
        #: ssh control sockets: a socket's path has at most 108 bytes, so not below a deep cache.
        self.control = Path("/tmp") / f".oclab-{lab_id}"

    def mark(self, host: str = "") -> str:
        """Return the word in a process' arguments by which the lab knows its own, even after a crash."""
        return f"lab={self.id}/{host}"

    def link(self, index: int) -> str:
        return f"ocl{self.id}h{index:02d}"

    def host(self, host: str) -> Path:
        return self.state / "hosts" / host
