# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the double that facts about real Macs leave open, with their defaults."""

import json
import os

# name: (default, what it does)
KNOBS = {
    "time_scale": (1.0, "factor on ThrottleInterval, ExitTimeOut, StartInterval (printed values stay unscaled)"),
    "teardown_lag_ms": (300, "how long a label stays reserved after its booted-out process has exited (not scaled)"),
    "default_exit_timeout": (5, "exit timeout in s of a job without ExitTimeOut"),
    "shutdown_limit": (65, "seconds (scaled) a shutdown or reboot waits before it kills what ignores SIGTERM"),
    "client_patience": (30.0, "seconds (not scaled) a client may take to send its request"),
    "default_throttle": (10, "minimum runtime in s of a job without ThrottleInterval"),
    "kickstart_k_signal": ("TERM", "what kickstart -k sends first: TERM (KILL follows after the exit timeout) or KILL"),
    "kickstart_k_waits": (True, "kickstart -k answers only once the old process is gone"),
    "kickstart_blocks_when_throttled": (False, "kickstart answers only once the throttled spawn has happened"),
    "kickstart_disabled_rc": (0, "exit code of kickstart for a loaded but disabled label"),
    "bootout_missing_rc": (3, "exit code of bootout for a service target that is not loaded: 3 or 113"),
    "bootout_draining_rc": (0, "exit code of bootout for a label that is already draining"),
    "already_rc": (37, "true reason for 'already bootstrapped' before any collapsing: 37, 17 or 133"),
    "draining_rc": (37, "true reason for bootstrap of a draining label before any collapsing"),
    "missing_plist_rc": (2, "true reason for a missing plist before any collapsing"),
    "collapse": ("profile", "hide reasons behind 5: profile, always, never"),
    "unknown_subcommand_rc": (64, "exit code of an unknown subcommand"),
    "enable_without_gui_rc": (125, "exit code of enable/disable gui/UID/x when there is no such login; 0 lets it pass"),
    "pend_ssh_bootstraps": (False, "a job bootstrapped into gui/UID over SSH is loaded but not spawned"),
    "username_sets_home": (True, "UserName jobs get HOME, USER, LOGNAME and SHELL"),
    "session": ("auto", "session of callers: auto (from the process tree), aqua, ssh or root"),
    "sip": (True, "System Integrity Protection guards jobs from /System/Library"),
    "bare_print_header": (False, "print starts with the label instead of the target, as very old releases did"),
}


def _like(default, value):
    """*value* (a string from a command line, or JSON) in the type of *default*."""
    if isinstance(default, bool):
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        return value if isinstance(value, bool) else words[str(value).lower()]
    return type(default)(value)


class Knobs:
    """The knobs' values as attributes, kept in config.json of the record directory across restarts."""

    def __init__(self, path=None):
        self._path = path
        self._set = {}
        for name, (default, _doc) in KNOBS.items():
            setattr(self, name, default)
        self.load()

    def load(self):
        """Read config.json again. Raises ValueError for values a knob cannot take."""
        if self._path and os.path.exists(self._path):
            with open(self._path, encoding="utf-8") as stream:
                for name, value in json.load(stream).items():
                    if name in KNOBS:
                        self._assign(name, value)

    def _assign(self, name, value):
        if name not in KNOBS:
            raise ValueError("no such knob: %s" % name)
        try:
            value = _like(KNOBS[name][0], value)
        except (KeyError, TypeError, ValueError):
            raise ValueError("knob %s cannot be %r" % (name, value)) from None
        self._set[name] = value
        setattr(self, name, value)

    def set(self, name, value):
        """Set one knob and keep it. Raises ValueError for unknown names and impossible values."""
        self._assign(name, value)
        if self._path:
            with open(self._path + ".new", "w", encoding="utf-8") as stream:
                json.dump(self._set, stream, sort_keys=True)
            os.replace(self._path + ".new", self._path)

    def all(self):
        return {name: getattr(self, name) for name in KNOBS}
