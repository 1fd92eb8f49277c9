# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sw_vers: what SystemVersion.plist says."""

import plistlib

from .call import run, unknown

_KEYS = {"productName": "ProductName", "productVersion": "ProductVersion", "buildVersion": "ProductBuildVersion"}


def main(words):
    with open("/System/Library/CoreServices/SystemVersion.plist", "rb") as stream:
        said = plistlib.load(stream)
    if not words:
        return "".join("%s:\t\t%s\n" % (name[0].upper() + name[1:], said[key]) for name, key in _KEYS.items())
    key = _KEYS.get(words[0].lstrip("-"))
    if len(words) != 1 or not words[0].startswith("-") or key is None:
        raise unknown("sw_vers", words)
    return said[key] + "\n"


run("sw_vers", main)
