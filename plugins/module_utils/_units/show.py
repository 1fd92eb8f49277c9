# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What C(systemctl show) says of a unit, and where that is something else than a definition. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._units import definition, grammar

_UNITS_OF_TIME = {
    "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "month": 2629800, "y": 31557600,
}  # fmt: skip
_TIME = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|min|h|d|w|month|y)\Z")
_COMMAND = re.compile(r"argv\[\]=(?P<argv>.*?) ; ignore_errors=", re.DOTALL)
_PROGRAM = re.compile(r"path=(?P<path>.*?) ; argv\[\]=", re.DOTALL)
_QUOTES = str.maketrans("", "", "\\\"'")

#: How the process ended, in ExecMainCode.
_EXITED, _KILLED, _DUMPED = 1, 2, 3
#: Codes that systemd itself ends a process with, before the program has begun; and the Gateway's own.
_WORDS = {
    78: "EX_CONFIG", 200: "CHDIR", 203: "EXEC", 205: "LIMITS", 208: "STDIN", 209: "STDOUT", 222: "STDERR",
}  # fmt: skip


class Loaded(NamedTuple):
    """A unit as a manager holds it.

    :param load: C(loaded), C(not-found), C(masked), C(bad-setting), C(error).
    :param active: C(active), C(activating), C(deactivating), C(inactive), C(failed).
    :param sub: the same in finer words: C(running), C(auto-restart), C(dead).
    :param result: why it failed: C(exit-code), C(start-limit-hit), or C(success).
    :param path: file it was read from, or C(None).
    :param drop_ins: paths of the drop-ins it was read from.
    :param is_stale: whether its files have changed since they were read.
    :param pid: main process, or C(None).
    :param restarts: how many times systemd has started it anew by itself.
    :param last_exit: how the last process ended, or C(None).
    :param says: property -> text, for :func:`differences`.
    """

    load: str
    active: str
    sub: str
    result: str
    path: str | None
    drop_ins: tuple
    is_stale: bool
    pid: int | None
    restarts: int
    last_exit: str | None
    says: dict

    @property
    def is_up(self):
        return self.active == "active" and self.pid is not None

    @property
    def is_engaged(self):
        """Whether there is a process, or systemd is about to start one."""
        return self.active not in ("inactive", "failed")

    @property
    def is_waiting(self):
        """Whether systemd lets time pass before it starts a process that has ended."""
        return self.sub.startswith("auto-restart")


#: A unit that no manager knows.
UNKNOWN = Loaded("not-found", "inactive", "dead", "success", None, (), False, None, 0, None, {})


def seconds(text):
    """Return a span of time as systemd prints it in seconds; C(None) for one without end, or none."""
    total = 0.0
    for word in text.split():
        match = _TIME.match(word)
        if match is None:
            return None
        total += float(match.group(1)) * _UNITS_OF_TIME[match.group(2)]
    return total if text.split() else None


def _whole(text):
    return int(text) if re.fullmatch(r"\d+", text) else None


def _octal(text):
    return int(text, 8) if re.fullmatch(r"[0-7]+", text) else None


def environment(text):
    """Return the variables of a unit as a dictionary."""
    return _unstamped(dict(word.partition("=")[::2] for word in grammar.words(text)))


def _unstamped(variables):
    # Which process has which generation is another question.
    return {name: value for name, value in variables.items() if name != definition.STAMP}


def command(text):
    """Return a command as far as it can be compared: newer releases print quotes, older ones do not."""
    match = _COMMAND.search(text)
    return match.group("argv").translate(_QUOTES).split() if match else None


def program(text):
    """Return the program of a command, or C(None)."""
    match = _PROGRAM.search(text)
    return match.group("path") if match else None


def _command_of(words):
    return " ".join(words).replace("$", "$$").translate(_QUOTES).split()


def _kind_of_output(text):
    return text.partition(":")[0]


def _same(value):
    return value


#: Key -> (property, what a definition says made comparable, what is printed made comparable). A property that is not
#: printed, as by an older systemd, says nothing.
VISIBLE = {
    "Type": ("Type", _same, _same),
    "ExecStart": ("ExecStart", _command_of, command),
    "Environment": ("Environment", _unstamped, environment),
    "WorkingDirectory": ("WorkingDirectory", _same, _same),
    "Restart": ("Restart", _same, _same),
    "RestartSec": ("RestartUSec", float, seconds),
    "RestartPreventExitStatus": ("RestartPreventExitStatus", str, _same),
    "TimeoutStopSec": ("TimeoutStopUSec", float, seconds),
    "StartLimitIntervalSec": ("StartLimitIntervalUSec", float, seconds),
    "StartLimitBurst": ("StartLimitBurst", _same, _whole),
    "KillMode": ("KillMode", _same, _same),
    "UMask": ("UMask", _same, _octal),
    "StandardOutput": ("StandardOutput", _kind_of_output, _kind_of_output),
    "StandardError": ("StandardError", _kind_of_output, _kind_of_output),
}
_LIMITS = ("LimitNOFILESoft", "LimitNOFILE")

PROPERTIES = (
    "LoadState", "ActiveState", "SubState", "Result", "FragmentPath", "DropInPaths", "NeedDaemonReload", "MainPID",
    "NRestarts", "ExecMainCode", "ExecMainStatus", *(name for name, dummy, dummy_too in VISIBLE.values()), *_LIMITS,
)  # fmt: skip


def _ended(says):
    code, status = _whole(says.get("ExecMainCode", "")), _whole(says.get("ExecMainStatus", ""))
    if code in (_KILLED, _DUMPED):
        return "signal %s" % status
    if code != _EXITED:
        return None
    return "%s: %s" % (status, _WORDS[status]) if status in _WORDS else str(status)


def parse(text):
    """Read the lines C(NAME=VALUE) of C(systemctl show).

    :return: :class:`Loaded`, or C(None) when that is no such answer.
    """
    says = dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    if "LoadState" not in says or "ActiveState" not in says:
        return None
    return Loaded(
        load=says["LoadState"],
        active=says["ActiveState"],
        sub=says.get("SubState", ""),
        result=says.get("Result", ""),
        path=says.get("FragmentPath") or None,
        drop_ins=tuple(grammar.words(says.get("DropInPaths", ""))),
        is_stale=says.get("NeedDaemonReload") == "yes",
        pid=_whole(says.get("MainPID", "")) or None,
        restarts=_whole(says.get("NRestarts", "")) or 0,
        last_exit=_ended(says),
        says=says,
    )


def differences(made, loaded):
    """Say in which keys a manager holds something else than a definition.

    :param made: dictionary as of :func:`definition.definition`.
    :return: sorted list of keys.
    """
    keys = []
    for key, (name, said, shown) in VISIBLE.items():
        if name in loaded.says and said(made[key]) != shown(loaded.says[name]):
            keys.append(key)
    limits = tuple(_whole(loaded.says[name]) for name in _LIMITS if name in loaded.says)
    if len(limits) == len(_LIMITS) and limits != made["LimitNOFILE"]:
        keys.append("LimitNOFILE")
    return sorted(keys)
