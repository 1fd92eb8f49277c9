# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The Gateway's process as launchd sees it, for waits that must notice a process nobody else gets to see."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wait import Process
from ansible_collections.clawops.openclaw.plugins.module_utils._service import launchd
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl

_NOBODY = Process(None, None)


def watch(path, label, uid):
    """Return a function that returns the :class:`wait.Process` of a job, or None where there is no launchd to ask.

    :param path: of launchctl. :param label: of the job. :param uid: of the account, whose agents are looked at too.
    """
    try:
        launchctl = Launchctl.found(path)
    except Failure:
        return None
    return lambda: _look(launchctl, ["system/%s" % label, "gui/%d/%s" % (uid, label)])


def _look(launchctl, services):
    for service in services:
        try:
            loaded = launchd.probe(launchctl, service)[1]
        except Failure:
            continue
        if loaded is not None:
            return Process(loaded.pid, loaded.runs)
    return _NOBODY
