# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several tests of readers need: somebody else's eyes."""
import contextlib
import os
import pwd

import pytest


@pytest.fixture
def as_nobody(tmp_path):
    """A context in which this process has no rights but everybody's; C(tmp_path) can be entered by everybody."""
    for directory in (tmp_path, *tmp_path.parents):
        if directory != directory.parent:
            os.chmod(str(directory), os.stat(str(directory)).st_mode | 0o055)

    @contextlib.contextmanager
    def acting():
        nobody, groups = pwd.getpwnam("nobody"), os.getgroups()
        os.setgroups([])
        os.setegid(nobody.pw_gid)
        os.seteuid(nobody.pw_uid)
        try:
            yield nobody
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)

    return acting
