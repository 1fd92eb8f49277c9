# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""route -n get default: a host of the lab has no way out."""

from .call import Refused, run, unknown


def main(words):
    if [w for w in words if w not in ("-n", "-inet6")] == ["get", "default"]:
        raise Refused("route: writing to routing socket: not in table")
    raise unknown("route", words)


run("route", main)
