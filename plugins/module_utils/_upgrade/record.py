# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What an upgrade that has begun must not forget, until it is proven or undone. A run that was killed leaves it."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config import litter, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._host import footprint

NAME = footprint.UPGRADE


class Record(NamedTuple):
    """:ivar version, node_version: what ran before. :ivar to: the release that takes over. :ivar snapshot: name of the
    rollback point, or None. :ivar schemas: {kind: newest schema} that the earlier release reads, or None.
    :ivar state: C(open), C(proven) or C(undone)."""

    version: str
    node_version: str | None
    to: str
    snapshot: str | None
    schemas: dict | None
    state: str = "open"


def read(directory):
    """Return the :class:`Record` of a directory, or None.

    :raises Failure: it cannot be read.
    """
    path = os.path.join(directory, NAME)
    try:
        with open(path, encoding="utf-8") as stream:
            return Record(**json.load(stream))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        # Torn by other hands; it can lead nobody back.
        return None
    except OSError as error:
        raise storage.os_failure(error, path, "read") from None


def write(directory, record):
    """Replace the record, in one step.

    :raises Failure: the directory cannot be written to.
    """
    path = os.path.join(directory, NAME)
    try:
        os.makedirs(directory, storage.DIR_MODE, exist_ok=True)
        data = (json.dumps(record._asdict(), indent=1, sort_keys=True) + "\n").encode("utf-8")
        os.rename(litter.write(directory, NAME, data), path)
    except OSError as error:
        raise storage.os_failure(error, path, "write") from None
