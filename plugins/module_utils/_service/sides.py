# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The four sides of a job: what is declared, what lies on disk, what launchd has loaded, and the process that runs."""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._process import is_titled
from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare

#: What launchd and sudo put into the environment of a process, and what a process finds there by its own doing.
_OF_THE_SYSTEM = ("XPC_", "SUDO_", "OSLogRateLimit", "__CF", "SSH_AUTH_SOCK")


def of_process(loaded, process, uid):
    """Say in which keys a process is otherwise than what launchd has loaded.

    A process may have changed its directory, or run another program in its place; so this tells, and does not judge.

    :param loaded: :class:`print_grammar.Loaded`.
    :param process: C(_process.Process).
    :param uid: of the account that the job is to run as.
    :return: sorted list of property list keys. What the kernel does not say does not differ.
    """
    keys = []
    if process.uid is not None and process.uid != uid:
        keys.append("UserName")
    directory = loaded.working_directory
    if None not in (directory, process.directory) and os.path.realpath(directory) != process.directory:
        keys.append("WorkingDirectory")
    if not _is_command(loaded.arguments, process.arguments):
        keys.append("ProgramArguments")
    if process.environment and loaded.environment is not None and not _is_environment(loaded, process.environment):
        keys.append("EnvironmentVariables")
    return sorted(keys)


def _is_command(arguments, seen):
    """Whether a process may have been started with these arguments: one with a title has overwritten its own, and a
    wrapper runs what follows it in its own place."""
    if arguments is None or seen is None or is_titled(seen):
        return True
    return list(arguments[-len(seen) :]) == list(seen) or list(arguments[1:]) == list(seen[1:])


def _is_environment(loaded, environment):
    wanted = {name: value for name, value in loaded.environment.items() if not name.startswith(_OF_THE_SYSTEM)}
    surplus = [name for name in environment if name not in wanted and name.startswith(compare.SURPLUS_THAT_COUNTS)]
    return not surplus and all(environment.get(name) == value for name, value in wanted.items())


def compared(declared, on_disk, loaded, path, process, uid):
    """Compare the four sides of a job, each with the next: declared, on disk, loaded, process.

    :param declared: dictionary of the property list, or C(None). :param on_disk: likewise, of what lies there.
    :param loaded: :class:`print_grammar.Loaded`, or C(None). :param path: of the property list.
    :param process: C(_process.Process), or C(None). :param uid: of the account that the job is to run as.
    :return: C({declared_disk, disk_loaded, loaded_process}), each a sorted list of keys, or C(None) where one of the
        two is not there or cannot be seen.
    """
    pairs = dict.fromkeys(("declared_disk", "disk_loaded", "loaded_process"))
    if None not in (declared, on_disk):
        pairs["declared_disk"] = compare.differing_keys(declared, on_disk)
    if None not in (on_disk, loaded):
        pairs["disk_loaded"] = compare.loaded_differences(on_disk, loaded, path)
    if None not in (loaded, process):
        pairs["loaded_process"] = of_process(loaded, process, uid)
    return pairs
