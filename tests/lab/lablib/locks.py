# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks that no crash can leave behind."""

from __future__ import annotations

import contextlib
import socket
import time

from .errors import LabError


@contextlib.contextmanager
def locked(name: str, say, seconds: float = 1800.0):
    """Hold a name in the kernel (an abstract socket), not a file; says so when it has to wait."""
    holder = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    limit, told = time.monotonic() + seconds, False
    while True:
        try:
            holder.bind(f"\0clawops-openclaw-{name}")
            break
        except OSError:
            if time.monotonic() > limit:
                raise LabError(f"another command still holds {name}", "wait for it, or end it") from None
            if not told:
                say(f"waiting for another lab command ({name})")
                told = True
            time.sleep(0.05)
    try:
        yield
    finally:
        holder.close()
