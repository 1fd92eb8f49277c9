# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The code that openclaw_look brings along to a host."""

from __future__ import annotations

import base64
import functools
import pathlib
import zlib

UTILITIES = pathlib.Path(__file__).parent.parent / "module_utils"
#: What a look may import: its own room and those below it.
ROOMS = ("_config", "_gateway", "_host", "_info", "_probe", "_release", "_secrets", "_service")
#: What every room may import.
SHARED = ("_cli", "_failure")


@functools.cache
def code():
    """Return name below C(module_utils), as it is imported -> source, compressed by zlib and written in base64.

    :raises OSError: a file of the collection cannot be read.
    """
    rooms = [path for room in ROOMS for path in sorted((UTILITIES / room).glob("[!_]*.py"))]
    files = [UTILITIES / (name + ".py") for name in SHARED] + rooms
    return {".".join(path.relative_to(UTILITIES).with_suffix("").parts): _packed(path) for path in files}


def _packed(path):
    return base64.b64encode(zlib.compress(path.read_bytes())).decode("ascii")
