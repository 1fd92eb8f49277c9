# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The jobs that this collection puts beside that of a Gateway, which are no other Gateways: the check that a host
makes by itself, the one that keeps the logs short, and the one that raises the kernel's limits on open files after
a boot."""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._host import smoke

SYSCTL = "/usr/sbin/sysctl"
#: The kernel's limits on open files: of the whole host, and of one process.
MAX_FILES, MAX_FILES_PER_PROCESS = "kern.maxfiles", "kern.maxfilesperproc"


class Place(NamedTuple):
    """Where the job that keeps the logs short lies.

    :param label: launchd label. :param directory: root's, of nothing else: the check of the host has one of its own,
        which comes and goes by itself. :param script: what the job runs.
    """

    label: str
    directory: str
    script: str


def logs(label, top=smoke.TOP):
    """Return the :class:`Place` for a Gateway.

    :param label: launchd label of the Gateway.
    """
    name = label + ".logs"
    directory = os.path.join(top, name)
    return Place(name, directory, os.path.join(directory, "rotate.py"))


def limits(label):
    """Return the label of the job that raises the limits."""
    return label + ".limits"


def is_ours(definition, label):
    """Whether a definition is of one of these jobs, and starts nothing but it."""
    definition = definition or {}
    arguments = definition.get("ProgramArguments")
    if smoke.is_ours(definition, label):
        return True
    if "Program" in definition or not isinstance(arguments, list) or not all(isinstance(one, str) for one in arguments):
        return False
    if definition.get("Label") == logs(label).label:
        return arguments[1:4] == ["-I", "-B", logs(label).script]
    if definition.get("Label") == limits(label):
        names = {one.partition("=")[0] for one in arguments[1:]}
        return arguments[:1] == [SYSCTL] and names <= {MAX_FILES, MAX_FILES_PER_PROCESS}
    return False


def others(survey, label):
    """Return a C(definitions.Survey) without these jobs."""
    return survey._replace(seen=[seen for seen in survey.seen if not is_ours(seen.definition, label)])


def traces(survey, label):
    """Return what the host may have of them, as pairs (path, what it is)."""
    check, rotation = smoke.place(label), logs(label)
    found = [(seen.path, "smoke check") for seen in survey.of(check.label)] + [(check.directory, "smoke check")]
    found += [(seen.path, "log rotation") for seen in survey.of(rotation.label)]
    found += [(rotation.directory, "log rotation")]
    found += [(seen.path, "file limits") for seen in survey.of(limits(label))]
    return found + [(os.path.join(smoke.TOP, label + ".service"), "notes of restarts and replaced jobs")]
