# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH of a lab: generated keys, real known_hosts, and no connection left over when a host is gone."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from .errors import LabError


def make_key(path: Path, comment: str) -> None:
    """Make an ed25519 key pair at C(path) unless it is there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def known_hosts_line(host: str, address: str, public_key: Path) -> str:
    kind, key = public_key.read_text().split()[:2]
    return f"{host},{address} {kind} {key}\n"


def close_connections(control: Path, address: str = "*") -> None:
    """End the shared connections (ControlMaster) to C(address), or all of this lab."""
    for path in sorted(control.glob(f"{address}-*")):
        subprocess.run(
            ["ssh", "-F", "none", "-o", f"ControlPath={path}", "-O", "exit", "lab"],
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=10,
        )  # fmt: skip
        path.unlink(missing_ok=True)


def wait_for_banner(address: str, seconds: float) -> None:
    """Return as soon as an SSH server answers at C(address):22."""
    limit = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection((address, 22), timeout=1) as connection:
                connection.settimeout(2)
                if connection.recv(4) == b"SSH-":
                    return
        except OSError:
            pass
        if time.monotonic() > limit:
            raise LabError(f"no SSH server answers at {address}:22 after {seconds:.0f} s",
                           "see the host's record/pid1.log below the lab's state directory")  # fmt: skip
        time.sleep(0.03)
