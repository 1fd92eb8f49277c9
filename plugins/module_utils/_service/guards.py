# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What is refused before anything is changed."""

from __future__ import annotations

import os
import pwd

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import job


def refuse_without_rights(target, account, steps, others):
    """:param steps: list of :class:`job.Step` that are planned. :param others: whether other jobs are to make room.

    :raises Failure: C(denied).
    """
    euid = os.geteuid()
    if steps and euid != 0 and (target.scope == "daemon" or euid != account.uid or others):
        raise Failure(
            "denied",
            "the job %s has to be changed, which takes root, and this task runs as uid %d." % (target.service, euid),
            "host",
            "run the task with become: true.",
            target=target.service,
        )


def definition_to_be(state, declared, target, on_disk):
    """Return the definition launchd shall have in the end.

    :raises Failure: C(definition_missing), C(plist_unreadable) when nothing is declared and nothing usable is there.
    """
    if declared is not None or not job.POLICIES[state].loaded:
        return declared
    if on_disk.definition is None:
        raise Failure(
            "definition_missing" if on_disk.kind == "absent" else "plist_unreadable",
            "there is no definition to use: %s %s."
            % (
                target.plist,
                "does not exist"
                if on_disk.kind == "absent"
                else "is no readable property list (%s)" % (on_disk.error or on_disk.kind),
            ),
            "service",
            "set program_arguments, so that the definition is installed.",
            path=target.plist,
        )
    return on_disk.definition


def refuse_unstartable(definition, target, account):
    """Refuse to load what launchd would accept with 0 and then fail to spawn, over and over, with 78."""
    program = definition.get("Program") or (definition.get("ProgramArguments") or [""])[0]
    directory = definition.get("WorkingDirectory", "/")
    if not os.access(program, os.X_OK) or os.path.isdir(program):
        raise Failure(
            "program_missing",
            "the program %s does not exist or cannot be run." % program,
            "service",
            "install it first (openclaw_release), or correct program_arguments.",
            path=program,
        )
    if not os.path.isdir(directory):
        raise Failure(
            "working_directory_missing",
            "the working directory %s does not exist." % directory,
            "service",
            "create it first (openclaw_config creates the state directory), or correct working_directory.",
            path=directory,
        )
    user = definition.get("UserName", account.name)
    if target.scope == "daemon" and user != account.name and not _exists(user):
        raise Failure(
            "user_missing",
            "the definition runs the job as %r, and there is no such account on this host." % user,
            "host",
            "create the account (the playbook clawops.openclaw.mac_host does), or set program_arguments, so that the "
            "definition is made anew for %s." % account.name,
            user=user,
        )
    if target.scope == "daemon" and not os.path.isdir(os.path.dirname(target.plist)):
        raise Failure(
            "write_failed",
            "there is no directory for %s." % target.plist,
            "host",
            "set launch_daemons_dir to that of the host.",
            path=target.plist,
        )


def _exists(user):
    try:
        pwd.getpwnam(user)
    except (KeyError, TypeError):
        return False
    return True
