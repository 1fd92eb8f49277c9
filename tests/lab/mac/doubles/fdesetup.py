# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fdesetup status: FileVault is off on a host of the lab, unless a fault wrote On."""

from .call import knob, run, unknown


def main(words):
    if words == ["status"]:
        return "FileVault is %s.\n" % (knob("filevault") or "Off")
    if words == ["isactive"]:
        return "true\n" if knob("filevault") == "On" else "false\n"
    raise unknown("fdesetup", words)


run("fdesetup", main)
