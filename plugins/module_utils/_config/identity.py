# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Acting on a user's files with that user's rights, so that no link of theirs can turn root's pen elsewhere.

Rim: changes the process' effective ids for a moment. Not for threads.
"""

from __future__ import annotations

import contextlib
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure


def require_rights(account):
    """Refuse when this process is neither root nor the account.

    :raises Failure: C(not_permitted).
    """
    if os.geteuid() not in (0, account.uid):
        raise Failure(
            "not_permitted",
            "this task runs as uid %d and may not act for user %s (uid %d)."
            % (os.geteuid(), account.name, account.uid),
            "host",
            "set 'become: true' on the task.",
            user=account.name,
        )


@contextlib.contextmanager
def acting_as(account):
    """Run the body with the account's effective user and group and no other groups. A no-op unless root."""
    if os.geteuid() != 0 or account.uid == 0:
        yield
        return
    groups = os.getgroups()
    gid = os.getegid()
    _set_groups([account.gid])
    try:
        os.setegid(account.gid)
        os.seteuid(account.uid)
        yield
    finally:
        os.seteuid(0)
        os.setegid(gid)
        _set_groups(groups[:16])


def _set_groups(groups):
    # macOS refuses lists that its directory service made longer than the kernel's; then the groups simply stay.
    with contextlib.suppress(OSError):
        os.setgroups(groups)
