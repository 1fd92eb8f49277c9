# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fdesetup status: FileVault is off on a host of the lab."""

from .call import run, unknown


def main(words):
    if words == ["status"]:
        return "FileVault is Off.\n"
    if words == ["isactive"]:
        return "false\n"
    raise unknown("fdesetup", words)


run("fdesetup", main)
