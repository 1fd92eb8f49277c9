# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mdutil -s /: whether Spotlight looks at the disk, which it does unless a file of the lab says off."""

from .call import knob, run, unknown


def main(words):
    if words != ["-s", "/"]:
        raise unknown("mdutil", words)
    return "/:\n\tIndexing %s. \n" % ("disabled" if knob("indexing") == "off" else "enabled")


run("mdutil", main)
