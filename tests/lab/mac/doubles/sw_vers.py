# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sw_vers: what SystemVersion.plist says."""

from . import hardware
from .call import run, unknown

_KEYS = {"productName": "ProductName", "productVersion": "ProductVersion", "buildVersion": "ProductBuildVersion"}


def main(words):
    if not words:
        rows = ((name[0].upper() + name[1:], hardware.system_version(key)) for name, key in _KEYS.items())
        return "".join("%s:\t\t%s\n" % row for row in rows)
    key = _KEYS.get(words[0].lstrip("-"))
    if len(words) != 1 or not words[0].startswith("-") or key is None:
        raise unknown("sw_vers", words)
    return hardware.system_version(key) + "\n"


run("sw_vers", main)
