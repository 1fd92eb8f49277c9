# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""setenv and friends, asuser, limit, config."""

from .. import darwin
from ..session import identify, legacy_domain
from . import Failed, Reply, usage


def setenv(machine, call):
    if len(call.words) < 2 or len(call.words) % 2:
        raise usage(call)
    domain = legacy_domain(machine, call)
    for key, value in zip(call.words[::2], call.words[1::2]):
        machine.record.hide(value)
        domain.environment[key] = value
    return Reply()


def unsetenv(machine, call):
    if not call.words:
        raise usage(call)
    domain = legacy_domain(machine, call)
    for key in call.words:
        domain.environment.pop(key, None)
    return Reply()


def getenv(machine, call):
    if len(call.words) != 1:
        raise usage(call)
    value = legacy_domain(machine, call).inherited().get(call.words[0])
    return Reply(0, "" if value is None else value + "\n")


def asuser(machine, call):
    if len(call.words) < 2 or not call.words[0].isdigit():
        raise usage(call)
    if not call.root:
        raise Failed(darwin.EPERM, "Could not switch to audit session 0x%x: 1: Operation not permitted\n" % call.euid)
    # The client becomes the command: same pid, same start time.
    process = identify(call.pid)
    if process is None:
        raise Failed(darwin.ESRCH)
    machine.contexts[call.pid, process[2]] = int(call.words[0])
    return Reply(0, exec_=call.words[1:])


def _row(name, limits):
    soft, hard = ("unlimited" if value is None else str(value) for value in limits)
    return "\t%-12s%-15s%-15s\n" % (name, soft, hard)


def limit(machine, call):
    words = call.words
    if not words:
        return Reply(0, "".join(_row(name, values) for name, values in machine.limits.items()))
    if words[0] not in machine.limits or len(words) > 3:
        raise usage(call)
    if len(words) == 1:
        return Reply(0, _row(words[0], machine.limits[words[0]]))
    if not call.root:
        raise Failed(darwin.EPERM, "Could not set resource limits: 1: Operation not permitted\n")
    try:
        values = [None if word == "unlimited" else int(word) for word in words[1:]]
    except ValueError:
        raise usage(call) from None
    machine.limits[words[0]] = [values[0] or machine.limits[words[0]][0], values[-1]]
    return Reply()


def config(machine, call):
    if len(call.words) < 2 or call.words[0] not in ("system", "user"):
        raise usage(call)
    if not call.root:
        raise Failed(darwin.EPERM, "Could not set config: 1: Operation not permitted\n")
    machine.record.event("config", words=call.words)
    return Reply(0, "Configuration applied. You will need to reboot for the changes to take effect.\n")


TABLE = {
    "setenv": setenv,
    "unsetenv": unsetenv,
    "getenv": getenv,
    "asuser": asuser,
    "limit": limit,
    "config": config,
}
