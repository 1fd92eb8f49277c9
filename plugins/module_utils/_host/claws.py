# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which processes of this host are OpenClaw's, and which configuration each of them has loaded. Starts no program."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils import _process as kernel
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.http import printable
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import survey

#: What OpenClaw was and is called.
NAMES = ("openclaw", "clawdbot", "moltbot")
#: How the kernel names a process that may be one of them: the program that runs it, or its title.
_MAYBE = ("node", "bun", "MainThread") + NAMES
#: Variables that turn OpenClaw to a configuration, the strongest first.
TURNING = ("OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR", "OPENCLAW_PROFILE", "OPENCLAW_HOME")
_MAX_PIDS = 16384


class Running(NamedTuple):
    """A process of OpenClaw's.

    :ivar command: its title, or its program and first words. :ivar config: path of the configuration that its
        environment leads to, C(None) where that cannot be read. :ivar how: what leads there.
    """

    pid: int
    uid: int | None
    command: str
    config: str | None
    how: str | None
    environment: dict | None

    @property
    def is_gateway(self):
        words = self.command.split()
        return "gateway" in words or self.command.startswith(tuple("%s-gateway" % name for name in NAMES))


def running(homes):
    """Return the list of :class:`Running` on this host.

    :param homes: uid -> home directory, for a process whose environment does not name one.
    """
    found = []
    for pid, uid, name in (_of_mac if sys.platform == "darwin" else _of_proc)():
        if not name.startswith(_MAYBE):
            continue
        try:
            arguments, environment = _process.look(pid)
        except OSError:
            # Somebody else's. Only its name tells what it is.
            if name.startswith(NAMES):
                found.append(Running(pid, uid, name, None, None, None))
            continue
        if is_openclaw(arguments):
            home = environment.get("HOME") or homes.get(uid) or "/"
            found.append(Running(pid, uid, command_of(arguments), *loads(environment, home), environment))
    return found


def is_openclaw(arguments):
    """Whether the arguments of a process, or the title it has overwritten them with, are those of OpenClaw."""
    words = [word for word in arguments if word]
    if not words:
        return False
    if os.path.basename(words[0]).startswith(NAMES):
        return True
    scripts = [word for word in words[1:6] if word.endswith((".js", ".mjs")) or "/bin/" in word]
    return any(os.path.basename(word).split(".")[0] in NAMES or "/%s/" % name in word
               for word in scripts for name in NAMES)


def command_of(arguments):
    """Return what a process may be called: what follows in its arguments could be a secret."""
    words = [word for word in arguments if word]
    plain = []
    for word in words[:3]:
        if word.startswith("-"):
            break
        plain.append(printable(os.path.basename(word), 40))
    return " ".join(plain)


def loads(environment, home):
    """Return (path of the configuration, what leads there) for an environment."""
    path = survey.chosen_by(environment, home)
    if path is None:
        return os.path.join(home, ".openclaw", "openclaw.json"), "HOME"
    return os.path.abspath(path), next(name for name in TURNING if environment.get(name))


def _of_proc():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/comm" % name, encoding="utf-8", errors="replace") as stream:
                    title = stream.read().strip()
                yield int(name), os.stat("/proc/%s" % name).st_uid, title
            except OSError:
                continue


def _of_mac():
    library = ctypes.CDLL("/usr/lib/libproc.dylib")
    pids = (ctypes.c_int * _MAX_PIDS)()
    count = library.proc_listallpids(pids, ctypes.sizeof(pids))
    for pid in pids[: max(0, count)]:
        answer = kernel.pidinfo(library, pid, kernel.BSDINFO)
        if answer is not None:
            yield (pid,) + kernel.parse_bsdinfo(answer)
