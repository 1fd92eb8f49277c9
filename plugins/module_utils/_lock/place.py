# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where the lock of a host lies: a file in a directory of root's own. The rim."""

from __future__ import annotations

import contextlib
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config import litter, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._lock import record

NAME = "run.json"
#: How often a directory is made anew that others remove as they leave.
_TRIES = 20


def read(directory):
    """Return the :class:`record.Lock` of a directory, or None.

    :raises Failure: it cannot be read.
    """
    path = os.path.join(directory, NAME)
    try:
        with open(path, encoding="utf-8") as stream:
            return record.loads(stream.read())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _failure(error, path, "read") from None


def change(directory, decide):
    """Replace the lock by what C(decide(lock or None)) says, while nobody else does.

    :param decide: function that returns (:class:`record.Lock`, answer). What it raises changes nothing.
    :returns: the answer.
    :raises Failure: the directory cannot be written to, or another task has been writing there for long.
    """
    path = os.path.join(directory, NAME)
    try:
        with _alone(directory):
            lock, answer = decide(read(directory))
            os.rename(litter.write(directory, NAME, record.dumps(lock).encode("utf-8")), path)
    except OSError as error:
        raise _failure(error, path, "write") from None
    return answer


def release(directory, run, top):
    """Remove the lock of a run, and the directories up to C(top) as far as nothing is in them. That of another stays.

    :raises Failure: the directory cannot be written to, or another task has been writing there for long.
    """
    path = os.path.join(directory, NAME)
    try:
        with _alone(directory):
            if record.without(read(directory), run) is None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
            # While it is held: whoever waits for it sees that it is gone, and makes it anew.
            with contextlib.suppress(OSError):
                while directory.startswith(top):
                    os.rmdir(directory)
                    directory = os.path.dirname(directory)
    except OSError as error:
        raise _failure(error, path, "remove") from None


@contextlib.contextmanager
def _alone(directory):
    """Hold a directory, which is made where it is not there."""
    with contextlib.ExitStack() as stack:
        for left in reversed(range(_TRIES)):
            try:
                os.makedirs(directory, storage.DIR_MODE, exist_ok=True)
                stack.enter_context(litter.locked(directory))
                break
            except (FileNotFoundError, FileExistsError):
                # A run that leaves has removed it, or one above it, in between. C(makedirs) says that it exists where
                # it did, and does no longer when that is looked at.
                if not left:
                    raise
        litter.sweep(directory, NAME)
        yield


def _failure(error, path, doing):
    if isinstance(error, UnicodeDecodeError):
        error = OSError(0, "it is no text")
    return storage.os_failure(error, path, doing)
