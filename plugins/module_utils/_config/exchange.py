# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: renames under a condition, for which Python has no function."""

from __future__ import annotations

import errno
import os

#: What the system says where it has no such rename.
UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)

#: Function of the C library that renames under a condition: name, arguments around the two paths, and its flags for
#: "change places" and "only where nothing is". The first is macOS's (10.12), the second Linux's.
_CALLS = (
    ("renamex_np", lambda old, new, flag: (old, new, flag), {"exchange": 2, "create": 4}),
    ("renameat2", lambda old, new, flag: (-100, old, -100, new, flag), {"exchange": 2, "create": 1}),
)


def rename(old, new, kind):
    """Rename C(old) to C(new) in one step: C(create) only where nothing is, C(exchange) lets the two change places.

    :raises FileExistsError: (create) or FileNotFoundError (exchange) when the condition does not hold.
    :raises OSError: with one of :data:`UNSUPPORTED` where the system or the file system has no such rename.
    """
    # Only a real write pays for this import.
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    for name, arguments, flags in _CALLS:
        call = getattr(library, name, None)
        if call is not None:
            call.restype = ctypes.c_int
            values = arguments(os.fsencode(old), os.fsencode(new), flags[kind])
            call.argtypes = [ctypes.c_char_p if isinstance(value, bytes) else ctypes.c_int for value in values]
            if call(*values) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
            return
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
