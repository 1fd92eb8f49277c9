# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where Apple's Command Line Tools are, and the one program in them that the doubles of their installers know of."""

import os

HOME = "/Library/Developer/CommandLineTools"
PYTHON = HOME + "/usr/bin/python3"


def are_there():
    return os.path.lexists(PYTHON)


def install():
    os.makedirs(os.path.dirname(PYTHON), exist_ok=True)
    os.symlink("/usr/bin/python3", PYTHON)
