# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults the controlling side can inject: each breaks the host the way the field breaks it."""

import json
import os

_OPEN = object()

# name: (parameters with defaults; _OPEN must be given, what it does).
# 'times' counts how often a fault strikes (0: until cleared), 'label' restricts it to one job.
FAULTS = {
    "bootstrap_rc": ({"rc": 5, "times": 1, "label": ""}, "bootstrap fails with rc, nothing is loaded"),
    "bootstrap_false_negative": ({"rc": 5, "times": 1, "label": ""}, "bootstrap loads the job and still fails with rc"),
    "bootout_rc": ({"rc": 5, "times": 1, "label": ""}, "bootout answers rc; with 36 it is accepted all the same"),
    "bootout_hang_until_kill": ({"times": 0, "label": ""}, "a booted-out job never sees SIGTERM, only SIGKILL"),
    "teardown_lag": ({"seconds": 5.0, "times": 0, "label": ""}, "label stays reserved this long after the exit"),
    "gui_absent": ({"uid": _OPEN, "times": 0}, "gui/UID answers as if nobody were logged in; its jobs run on"),
    "print_rc": ({"rc": 125, "times": 1, "label": ""}, "print fails with rc"),
    "print_timeout": ({"times": 1, "label": ""}, "print never answers"),
    "kickstart_rc": ({"rc": 37, "times": 1, "label": ""}, "kickstart fails with rc"),
    "kickstart_block": ({"times": 1, "label": ""}, "kickstart never answers"),
    "pend_spawns": ({"domain": "", "label": "", "reason": "speculative", "times": 0},
                    "jobs load but are not spawned until a kickstart"),
    "btm_block": ({"label": _OPEN, "times": 0}, "Background Task Management refuses the label; kept across reboots"),
    "slow_launchctl": ({"ms": 1000, "times": 0}, "every launchctl call takes this much longer"),
    "print_noise": ({"times": 0}, "print shows fields and blocks nobody has seen before"),
    # These act at once and leave nothing behind to clear.
    "disable_behind_back": ({"label": _OPEN, "domain": "system"}, "System Settings switches a background item off"),
    "setenv_poison": ({"key": _OPEN, "value": _OPEN, "domain": "system"}, "someone ran launchctl setenv long ago"),
    "jetsam": ({"label": _OPEN, "reason": "JETSAM_REASON_MEMORY_PERPROCESSLIMIT"}, "memory pressure kills the job"),
    "kill_job": ({"label": _OPEN, "signal": "KILL"}, "the job's main process gets a signal from nowhere"),
    "park": ({"label": _OPEN}, "the job ends and is loaded, but not spawned again until a kickstart"),
    "boot_out": ({"label": _OPEN, "domain": "system"}, "somebody booted the job out"),
    "load": ({"path": _OPEN, "domain": "system"}, "somebody loaded a property list"),
    "load_instead": ({"label": _OPEN, "path": _OPEN, "domain": "system"},
                     "somebody booted the job out and loaded another property list"),
    "session_drop": ({"uid": _OPEN}, "the login session of UID ends"),
    "clock_jump": ({"seconds": 3600.0}, "the wall clock jumps; monotonic time does not"),
}
# Of FAULTS, those that are deeds rather than conditions.
IMMEDIATE = ("disable_behind_back", "setenv_poison", "jetsam", "kill_job", "park", "boot_out", "load", "load_instead",
             "session_drop", "clock_jump")
# Conditions that outlive a reboot.
PERSISTENT = ("btm_block",)


def prepare(name, words):
    """The parameters of a fault from k=v words. Raises ValueError naming what is wrong."""
    if name not in FAULTS:
        raise ValueError("no such fault: %s; there are: %s" % (name, ", ".join(sorted(FAULTS))))
    defaults = FAULTS[name][0]
    given = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in defaults:
            raise ValueError("fault %s takes %s, not %r" % (name, ", ".join(defaults), word))
        given[key] = value
    for key, default in defaults.items():
        if default is _OPEN and key not in given:
            raise ValueError("fault %s needs %s=" % (name, key))
        if key not in given:
            given[key] = default
        elif not isinstance(default, str) and default is not _OPEN:
            given[key] = _number(name, key, given[key], type(default))
    if "uid" in given:
        given["uid"] = _number(name, "uid", given["uid"], int)
    return given


def _number(name, key, value, kind):
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise ValueError("fault %s: %s must be a number, not %r" % (name, key, value)) from None


def _matches(fault, wanted):
    return all(not fault.get(key) or fault[key] == value for key, value in wanted.items() if key in fault)


class Faults:
    """The conditions in force; those that outlive a reboot are kept in a file beside the logs."""

    def __init__(self, path=None):
        self._active = []
        self._path = path
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as stream:
                self._active = [(name, parameters) for name, parameters in json.load(stream) if name in FAULTS]

    def _keep(self):
        lasting = [entry for entry in self._active if entry[0] in PERSISTENT]
        if self._path and (lasting or os.path.exists(self._path)):
            with open(self._path + ".new", "w", encoding="utf-8") as stream:
                json.dump(lasting, stream)
            os.replace(self._path + ".new", self._path)

    def add(self, name, parameters):
        self._active.append((name, dict(parameters)))
        self._keep()

    def find(self, name, **wanted):
        """The parameters of the first matching condition, or None; does not count as a strike."""
        return next((fault for key, fault in self._active if key == name and _matches(fault, wanted)), None)

    def take(self, name, **wanted):
        """As find, but a condition with a count is used up."""
        fault = self.find(name, **wanted)
        if fault and fault.get("times"):
            fault["times"] -= 1
            if fault["times"] == 0:
                self._active = [entry for entry in self._active if entry[1] is not fault]
        return fault

    def clear(self, name=None):
        """Forget one kind of condition, or all."""
        self._active = [entry for entry in self._active if name is not None and entry[0] != name]
        self._keep()

    def reboot(self):
        self._active = [entry for entry in self._active if entry[0] in PERSISTENT]

    def active(self):
        return [dict(parameters, fault=name) for name, parameters in self._active]
