# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Puts the check of a host into place, or takes it away: its program, its directories, its definition.

All lies in a directory of root's. Only where the status goes the Gateway's account may write.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config import litter
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files
from ansible_collections.clawops.openclaw.plugins.module_utils._smoke import check

ROOT = (0, 0)
#: Shortest and longest seconds between two checks.
INTERVALS = (30, 86400)


class Part(NamedTuple):
    """A file or directory as it shall be: path, kind (C(file) or C(directory)), mode, owner (uid, gid), and content."""

    path: str
    kind: str
    mode: int
    owner: tuple
    data: bytes | None = None


def source():
    """Return the program as bytes: the very file that this collection tests."""
    return check.__loader__.get_source(check.__name__).encode("utf-8")


def parts(where, account):
    """Return what the check consists of, in order.

    :param where: C(smoke.Place). :param account: object with uid and gid.
    """
    return [
        Part(os.path.dirname(where.directory), "directory", 0o755, ROOT),
        Part(where.directory, "directory", 0o755, ROOT),
        Part(where.writable, "directory", 0o755, (account.uid, account.gid)),
        Part(where.script, "file", 0o644, ROOT, source()),
    ]


def definition(where, python, port, interval, username_key):
    """Return the property list of the job, as a dictionary.

    :param python: absolute path of the Python that runs it.
    """
    words = ["--port", str(port), "--interval", str(interval), "--status", where.status]
    return dict(
        username_key,
        Label=where.label,
        # Isolated: neither the environment nor what lies beside the program has a say.
        ProgramArguments=[python, "-I", "-B", where.script, *words],
        RunAtLoad=True,
        StartInterval=interval,
        # It has time, and the Gateway shall not notice it.
        ProcessType="Background",
        LowPriorityIO=True,
        ExitTimeOut=5,
    )


def wrong(part):
    """Return how a part differs from what it shall be, as a pair of texts, or C(None).

    :raises Failure: C(path_refused): something else is in its place.
    """
    shall = "%s %04o of uid %d" % (part.kind, part.mode, part.owner[0])
    try:
        facts = os.lstat(part.path)
    except (FileNotFoundError, NotADirectoryError):
        return "absent", shall
    except OSError as error:
        raise files.failed("cannot look at", part.path, error) from error
    if not (stat.S_ISREG if part.kind == "file" else stat.S_ISDIR)(facts.st_mode):
        raise Failure("path_refused", "%s is no %s." % (part.path, part.kind), "host", "move it away, then run again.",
                      path=part.path)  # fmt: skip
    found = "%s %04o of uid %d" % (part.kind, stat.S_IMODE(facts.st_mode), facts.st_uid)
    if part.kind == "file" and _content(part.path) != part.data:
        return found + ", another content", shall
    right = stat.S_IMODE(facts.st_mode) == part.mode and (facts.st_uid, facts.st_gid) == part.owner
    return None if right else (found, shall)


def _content(path):
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise files.failed("cannot read", path, error) from error


def make(part):
    """Make a part as it shall be.

    :raises Failure: C(denied), C(write_failed).
    """

    def dress(there):
        os.chown(there, *part.owner)
        os.chmod(there, part.mode)

    try:
        if part.kind == "file":
            directory, name = os.path.split(part.path)
            os.rename(litter.write(directory, name, part.data, dress), part.path)
        else:
            os.makedirs(part.path, exist_ok=True)
            dress(part.path)
    except OSError as error:
        raise files.failed("cannot make", part.path, error) from error


def remove(where):
    """Take everything away, and the directory above it when nothing else is in it.

    :raises Failure: C(denied), C(write_failed).
    """
    try:
        shutil.rmtree(where.directory)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(where.directory))
    except FileNotFoundError:
        return
    except OSError as error:
        raise files.failed("cannot remove", where.directory, error) from error
