# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""socketfilterfw --getglobalstate: the application firewall is off, unless a file of the lab has another state."""

from .call import knob, run, unknown

_SAID = {
    "0": "Firewall is disabled. (State = 0)\n",
    "1": "Firewall is enabled. (State = 1)\n",
    "2": "Firewall is blocking all non-essential incoming connections. (State = 2)\n",
}


def main(words):
    if words != ["--getglobalstate"]:
        raise unknown("socketfilterfw", words)
    return _SAID[knob("firewall") or "0"]


run("socketfilterfw", main)
