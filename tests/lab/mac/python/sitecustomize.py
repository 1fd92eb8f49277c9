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
    return os.uname_result((
        "Darwin",
        _linux_uname().nodename,
        "25.3.0",
        "Darwin Kernel Version 25.3.0: Wed Jan 28 20:53:15 PST 2026; root:xnu-12377.81.4~5/RELEASE_ARM64_T8132",
        "arm64",
    ))


os.uname = _darwin_uname
