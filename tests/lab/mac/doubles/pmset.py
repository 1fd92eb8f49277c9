# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pmset: shows and keeps the power settings."""

import os
import plistlib

from .call import Refused, run, unknown

_FILE = "/Library/Preferences/com.apple.PowerManagement.plist"
#: As a Mac mini comes out of the box.
_NEW = {
    "Sleep On Power Button": 1, "autorestart": 0, "powernap": 1, "networkoversleep": 0, "disksleep": 10, "sleep": 1,
    "ttyskeepawake": 1, "displaysleep": 10, "tcpkeepalive": 1, "powermode": 0, "womp": 1,
}  # fmt: skip


def _settings():
    try:
        with open(_FILE, "rb") as stream:
            return dict(_NEW, **plistlib.load(stream).get("lab", {}))
    except OSError:
        return dict(_NEW)


def _listed(settings):
    return "".join(" %-20s %s\n" % (key, value) for key, value in settings.items())


def _set(words):
    settings = _settings()
    if len(words) % 2 or any(k not in settings or not v.isdigit() for k, v in zip(words[::2], words[1::2])):
        raise unknown("pmset", ["-a", *words])
    if os.geteuid() != 0:
        raise Refused("'pmset' must be run as root...", 77)
    settings.update({k: int(v) for k, v in zip(words[::2], words[1::2])})
    with open(_FILE, "wb") as stream:
        plistlib.dump({"lab": settings}, stream)


def main(words):
    if words in (["-g"], ["-g", "live"]):
        return "System-wide power settings:\nCurrently in use:\n" + _listed(_settings())
    if words == ["-g", "custom"]:
        return "AC Power:\n" + _listed(_settings())
    if words[:1] in (["-a"], ["-c"]) and len(words) > 1:
        return _set(words[1:])
    raise unknown("pmset", words)


run("pmset", main)
