# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Holds a directory against other processes of this collection.

The lock is on the directory itself, so that it leaves no file behind and dies with its holders. A child that inherits
the descriptor is one of them: what a killed module has started keeps the next run away until it has ended, too.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time

#: Seconds between two tries.
_PAUSE = 0.02
_BUSY = (errno.EWOULDBLOCK, errno.EACCES, errno.EAGAIN)
#: A file system without locks (some network ones) has nothing to wait for.
_NO_LOCKS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL)


@contextlib.contextmanager
def held(directory, patience, busy):
    """Hold a directory; yields the descriptor that holds it.

    :param patience: seconds to wait for whoever holds it. :param busy: :class:`_failure.Failure` when that is over.
    :raises Failure: C(busy). :raises OSError: where it cannot be had, or is removed meanwhile.
    """
    deadline = time.monotonic() + patience
    while True:
        # In the hands of an account it may have become a pipe meanwhile, which nobody may wait for here.
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            while not _taken(descriptor):
                if time.monotonic() >= deadline:
                    raise busy
                time.sleep(_PAUSE)
            # Its last holder may have removed it, and somebody else made one of that name.
            if os.path.samestat(os.fstat(descriptor), os.stat(directory)):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _taken(descriptor):
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        if error.errno not in _NO_LOCKS:
            raise
    return True
