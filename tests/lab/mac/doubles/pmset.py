# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pmset: shows and keeps the power settings."""

import os

from .call import Refused, knob, run, unknown

_FILE = "/Library/Preferences/com.apple.PowerManagement.plist"
#: As a mini of a fleet is set up: it never sleeps and comes back after a power cut. Out of the box C(sleep) is 1 and
#: C(autorestart) 0.
_NEW = {
    "Sleep On Power Button": 1, "autorestart": 1, "powernap": 1, "networkoversleep": 0, "disksleep": 10, "sleep": 0,
    "ttyskeepawake": 1, "displaysleep": 10, "tcpkeepalive": 1, "powermode": 0, "womp": 1,
}  # fmt: skip
#: What a Mac calls them in its preferences, below the source of power (IOPMLib's names).
_KEYS = {
    "Sleep On Power Button": "Sleep On Power Button", "autorestart": "Automatic Restart On Power Loss",
    "powernap": "DarkWakeBackgroundTasks", "networkoversleep": "PrioritizeNetworkReachabilityOverSleep",
    "disksleep": "Disk Sleep Timer", "sleep": "System Sleep Timer", "ttyskeepawake": "TTYSPreventSleep",
    "displaysleep": "Display Sleep Timer", "tcpkeepalive": "TCPKeepAlivePref", "powermode": "LowPowerMode",
    "womp": "Wake On LAN",
}  # fmt: skip


def _settings():
    if not os.path.exists(_FILE):
        return dict(_NEW)
    import plistlib

    with open(_FILE, "rb") as stream:
        kept = plistlib.load(stream)["AC Power"]
    return {name: kept.get(_KEYS[name], value) for name, value in _NEW.items()}


def _listed(settings):
    return "".join(" %-20s %s\n" % (key, value) for key, value in settings.items())


def _set(words):
    settings = _settings()
    if len(words) % 2 or any(k not in settings or not v.isdigit() for k, v in zip(words[::2], words[1::2])):
        raise unknown("pmset", ["-a", *words])
    if os.geteuid() != 0:
        raise Refused("'pmset' must be run as root...", 77)
    if knob("pmset") == "lie":
        return
    settings.update({k: int(v) for k, v in zip(words[::2], words[1::2])})
    import plistlib

    with open(_FILE, "wb") as stream:
        plistlib.dump({"AC Power": {_KEYS[name]: value for name, value in settings.items()}}, stream)


def main(words):
    if words in (["-g"], ["-g", "live"]):
        return "System-wide power settings:\nCurrently in use:\n" + _listed(_settings())
    if words == ["-g", "custom"]:
        return "AC Power:\n" + _listed(_settings())
    if words[:1] in (["-a"], ["-c"]) and len(words) > 1:
        return _set(words[1:])
    raise unknown("pmset", words)


run("pmset", main)
