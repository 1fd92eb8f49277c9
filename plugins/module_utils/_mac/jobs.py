# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The two jobs of launchd that a Mac gets: one keeps the logs short, one raises the kernel's limits after a boot."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._host import companions
from ansible_collections.clawops.openclaw.plugins.module_utils._mac import rotate
from ansible_collections.clawops.openclaw.plugins.module_utils._smoke.install import ROOT, Part


def program():
    """Return the program that keeps logs short as bytes: the very file that this collection tests."""
    return rotate.__loader__.get_source(rotate.__name__).encode("utf-8")


def parts(place):
    """Return the files of that job, in order.

    :param place: C(companions.Place).
    """
    above = place.directory.rpartition("/")[0]
    return [
        Part(above, "directory", 0o755, ROOT),
        Part(place.directory, "directory", 0o755, ROOT),
        Part(place.script, "file", 0o644, ROOT, program()),
    ]


def rotation(place, python, wanted, logs):
    """Return the property list of the job that keeps logs short, as a dictionary.

    It is one of the system, also where the Gateway is an agent: logs grow whoever is logged in. It runs as the
    Gateway's account, so it can do nothing to a file that this account could not.

    :param python: absolute path of the Python that runs it. :param logs: paths.
    """
    words = ["--size", str(wanted.size), "--keep", str(wanted.keep), *logs]
    return {
        "UserName": wanted.user,
        "Label": place.label,
        # Isolated: neither the environment nor what lies beside the program has a say.
        "ProgramArguments": [python, "-I", "-B", place.script, *words],
        "RunAtLoad": True,
        "StartInterval": wanted.interval,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "ExitTimeOut": 30,
    }


def raising(definition, label, low, floors):
    """Return the property list of the job that raises limits, C(None) where none is needed. Pure.

    Only what was found too low is ever in it: a limit that macOS itself has set high enough is never lowered.

    :param definition: what is installed, or None. :param low: limits that are too low now.
    :param floors: what is declared, by name; all of it is 0 where no job shall be.
    """
    ours = definition if companions.is_ours(definition, label) else None
    before = {one.partition("=")[0] for one in (ours or {}).get("ProgramArguments", [])[1:]}
    names = [name for name, number in floors.items() if number and (name in low or name in before)]
    if not names:
        return None
    return {
        "UserName": "root",
        "Label": companions.limits(label),
        "ProgramArguments": [companions.SYSCTL, *("%s=%d" % (name, floors[name]) for name in names)],
        "RunAtLoad": True,
    }
