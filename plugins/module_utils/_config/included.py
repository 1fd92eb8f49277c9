# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim of :mod:`includes`: reading the files that a configuration includes."""

from __future__ import annotations

import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config import includes, json5
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Largest included file, in bytes: OpenClaw's own limit.
MAX_BYTES = 2 * 1024 * 1024


def loader(account):
    """Return the loader of :func:`includes.resolve` that reads with the rights of an account and as OpenClaw does.

    The loader raises C(include_unreadable), C(include_outside), C(include_unparseable).
    """

    def load(path, roots):
        try:
            with acting_as(account):
                real = os.path.realpath(path)
                if not any(includes.inside(os.path.realpath(root), real) for root in roots):
                    raise includes.outside(real, path)
                handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                with os.fdopen(handle, "rb") as stream:
                    facts = os.fstat(stream.fileno())
                    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1 or facts.st_size > MAX_BYTES:
                        raise _include_failure(
                            path, "is no regular file with one name and at most %d bytes" % MAX_BYTES
                        )
                    data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise _include_failure(path, "cannot be read: %s" % (error.strerror or error)) from None
        try:
            return json5.loads(data.decode("utf-8"))
        except ValueError as error:
            raise Failure(
                "include_unparseable",
                "%s, which the configuration includes, cannot be read as JSON5: %s." % (path, error),
                "config",
                "correct that file; nothing was changed.",
                path=path,
            ) from None

    return load


def _include_failure(path, problem):
    return Failure(
        "include_unreadable",
        "%s, which the configuration includes, %s; OpenClaw refuses the whole configuration then." % (path, problem),
        "config",
        "put the file in place, or take it out of the $include.",
        path=path,
    )
