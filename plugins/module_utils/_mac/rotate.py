# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Keeps log files short while others write to them. launchd runs this file on its own, as the account of the Gateway.

launchd opens a job's log once, for appending, and hands the open file to the job. So a log that is renamed is written
to under its new name until the job is started again, and newsyslog, which renames, would have the Gateway restarted.
Here a log is copied and then emptied in place: the job goes on with the file it has, at its new end, and notices
nothing.

What is written between the last look and the emptying is lost: a millisecond or so, on a machine that is busy. A line
that is being written then is cut. What cannot be copied is not emptied.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import stat
import sys

CHUNK = 1 << 20


def pour(source, target):
    """Append what is left to read of one open file to another, until there is no more."""
    while True:
        data = os.read(source, CHUNK)
        if not data:
            return
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(target, rest) :]


def shift(path, keep):
    """Make room for the newest copy: each is one older, and the oldest one goes."""
    for age in range(keep - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            os.replace("%s.%d" % (path, age), "%s.%d" % (path, age + 1))


def sync_directory(path):
    """Have the names in a directory on the disk.

    :raises OSError: this cannot be had.
    """
    handle = os.open(path or ".", os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rotate(path, size, keep):
    """Copy a log and empty it, where it is larger than wanted.

    In this order, whoever is killed loses nothing, and a power cut only what came in the last moment: the copy and its
    name are on the disk before the log is emptied.

    :param size: bytes. :param keep: how many copies there are at most.
    :returns: whether it was larger.
    :raises OSError: what could not be done; the log has not been emptied then.
    """
    try:
        # No link is followed and no pipe waited for.
        source = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        facts = os.fstat(source)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size <= size:
            return False
        beside = path + ".new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        target = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            try:
                pour(source, target)
                os.fsync(target)
            except OSError:
                os.unlink(beside)
                raise
            shift(path, keep)
            os.replace(beside, path + ".1")
            sync_directory(os.path.dirname(path))
            pour(source, target)
            os.fsync(target)
            # What has come meanwhile. From here to the next line nobody else can be kept from writing.
            pour(source, target)
            os.ftruncate(source, 0)
        finally:
            os.close(target)
    finally:
        os.close(source)
    return True


def main(words):
    parser = argparse.ArgumentParser(description="Copy logs that are too large, and empty them in place.")
    parser.add_argument("--size", type=int, required=True, help="bytes from which on a log is too large")
    parser.add_argument("--keep", type=int, required=True, help="copies to keep of each")
    parser.add_argument("logs", nargs="+", metavar="LOG")
    options = parser.parse_args(words)
    code = 0
    for path in options.logs:
        try:
            rotate(path, options.size, options.keep)
        except OSError as error:
            code = 1
            sys.stderr.write("%s: %s\n" % (path, error.strerror or error))
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
