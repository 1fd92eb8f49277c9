# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Python says about the machine on a simulated Mac.

Only :func:`os.uname` is replaced: C(platform) asks it, and reads the rest from SystemVersion.plist as on a Mac.
C(sys.platform) stays as it is, because the standard library chooses real system calls by it.
"""

import os

_linux_uname = os.uname


def _darwin_uname():
    with open("/System/Library/Kernels/kernel", encoding="ascii") as stream:
        version = stream.read()
    release = version.partition("Version ")[2].partition(":")[0]
    return os.uname_result(("Darwin", _linux_uname().nodename, release, version, "arm64"))


os.uname = _darwin_uname
