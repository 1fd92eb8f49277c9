# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Whether a Mac comes back and stays up with nobody in front of it: power settings, FileVault, automatic login."""

from __future__ import annotations

import glob
import os
import plistlib
import pwd
import re
from xml.parsers.expat import ExpatError

#: Where a Mac keeps its power settings once somebody has changed them; the second form is of this one machine.
POWER = "/Library/Preferences/com.apple.PowerManagement*.plist"
LOGIN_WINDOW = "/Library/Preferences/com.apple.loginwindow.plist"
#: The password that automatic login uses; without it nobody is logged in.
KCPASSWORD = "/etc/kcpassword"
CONSOLE = "/dev/console"
PMSET, FDESETUP = "/usr/bin/pmset", "/usr/bin/fdesetup"
#: Seconds that each of the two programs may take.
PATIENCE = 5

#: What is told -> the key of the preferences, in lower case.
SETTINGS = {
    "sleep": "system sleep timer",
    "disksleep": "disk sleep timer",
    "standby": "standby enabled",
    "autorestart": "automatic restart on power loss",
    "womp": "wake on lan",
    "lowpowermode": "lowpowermode",
}
#: What has to be in the preferences to spare asking: the rest is not on every machine.
_ENOUGH = ("sleep", "autorestart")
#: C(pmset -g custom) calls the last one by another name on machines that have more than two modes.
_ALSO = {"powermode": "lowpowermode"}
_LINE = re.compile(r"^\s+(\S+(?: \S+)*?)\s+(\d+)(?:\s+\(.*)?$")
_FILEVAULT = re.compile(r"^FileVault is (On|Off)\b", re.MULTILINE)


def questions():
    """Return the commands (lists of str) whose answers :func:`describe` will want."""
    asked = [[FDESETUP, "status"]] if os.access(FDESETUP, os.X_OK) else []
    if preferred() is None and os.access(PMSET, os.X_OK):
        asked.append([PMSET, "-g", "custom"])
    return asked


def describe(hear):
    """Look.

    :param hear: function of (argv, timeout in s) to (exit code or None, stdout, stderr); raises C(OSError).
    :returns: C({sleep, disksleep, standby, autorestart, womp, lowpowermode, filevault, auto_login_user, auto_login,
        console_user, source}). The first three are minutes or 0 and 1 as C(pmset) has them, C(None) where the machine
        does not tell. C(auto_login) is C(None) where it cannot be told. C(source) is C(preferences), C(pmset) or
        C(None).
    """
    settings, source = preferred(), "preferences"
    if settings is None:
        text = _heard(hear, [PMSET, "-g", "custom"])
        settings, source = (of_pmset(text), "pmset") if text is not None else ({}, None)
    filevault = _FILEVAULT.search(_heard(hear, [FDESETUP, "status"]) or "")
    user, automatic = _auto_login()
    return dict(
        {name: settings.get(name) for name in SETTINGS},
        filevault=filevault.group(1) == "On" if filevault else None,
        auto_login_user=user,
        auto_login=automatic,
        console_user=_console_user(),
        source=source,
    )


def of_pmset(text):
    """Return the settings in C(pmset -g custom), those on mains power where it tells of several sources."""
    found = {_ALSO.get(name, name): value for name, value in on_mains(text).items()}
    found = {name: value for name, value in found.items() if name in SETTINGS}
    if "lowpowermode" in found:
        # powermode 2 is high power.
        found["lowpowermode"] = int(found["lowpowermode"] == 1)
    return found


def on_mains(text):
    """Return all that C(pmset -g custom) says of mains power, by its own names."""
    sources, lines = {}, []
    for line in text.splitlines():
        if line and not line[0].isspace():
            lines = sources.setdefault(line.strip().rstrip(":"), [])
            continue
        found = _LINE.match(line)
        if found:
            lines.append((found.group(1), int(found.group(2))))
    return dict(sources.get("AC Power") or next(iter(sources.values()), []))


def of_preferences(data):
    """Return the settings on mains power in the dictionary of a preference file."""
    profile = data.get("Custom Profile", data)
    power = profile.get("AC Power") if isinstance(profile, dict) else None
    values = {str(key).lower(): value for key, value in power.items()} if isinstance(power, dict) else {}
    return {name: int(values[key]) for name, key in SETTINGS.items() if isinstance(values.get(key), (bool, int))}


def preferred():
    """Return the settings that the preference files hold, or C(None) where they do not say enough."""
    found = {}
    for path in sorted(glob.glob(POWER)):
        found.update(of_preferences(_plist(path) or {}))
    return found if all(name in found for name in _ENOUGH) else None


def _auto_login():
    """Return (name or None, whether it happens or None)."""
    data = _plist(LOGIN_WINDOW)
    if data is None:
        return None, None if os.path.exists(LOGIN_WINDOW) else _on_a_mac()
    user = data.get("autoLoginUser")
    if not isinstance(user, str) or not user:
        return None, False
    return user, os.path.exists(KCPASSWORD)


def _on_a_mac():
    return False if os.path.isdir(os.path.dirname(LOGIN_WINDOW)) else None


def _console_user():
    """Return who owns the console, which is whoever sits at the screen; C(root) at the login window."""
    try:
        return pwd.getpwuid(os.stat(CONSOLE).st_uid).pw_name
    except (OSError, KeyError):
        return None


def _plist(path):
    try:
        with open(path, "rb") as stream:
            data = plistlib.load(stream)
    except (OSError, ValueError, ExpatError, plistlib.InvalidFileException):
        return None
    return data if isinstance(data, dict) else None


def _heard(hear, argv):
    if not os.access(argv[0], os.X_OK):
        return None
    try:
        code, out, _err = hear(argv, PATIENCE)
    except OSError:
        return None
    return out if code == 0 else None
