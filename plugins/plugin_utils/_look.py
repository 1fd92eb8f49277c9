# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The code that openclaw_look brings along to a host."""

from __future__ import annotations

import base64
import functools
import importlib.util
import json
import pathlib
import re
import zlib

UTILITIES = pathlib.Path(__file__).parent.parent / "module_utils"
PACKAGE = "ansible_collections.clawops.openclaw.plugins.module_utils"
#: What the module itself imports.
ENTRANCES = ("_info.observe", "_info.wanted", "_failure")
#: An import from ours, wherever in a file it is: from what, and the names, without a bracket after them.
_IMPORT = re.compile(r"^ *from (%s[\w.]*|\.[\w.]*) import (\([^)]+|[^\n]+)" % re.escape(PACKAGE), re.MULTILINE)


@functools.cache
def code():
    """Return name below C(module_utils), as it is imported -> source, as JSON, compressed by zlib, written in base64.

    All of it together and only what a look may import: every host is sent this, and Python reads it there.

    :raises OSError: a file of the collection cannot be read.
    """
    found, ahead = {}, list(ENTRANCES)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found[name] = _path(name).read_text(encoding="utf-8")
            ahead += _imported(name, found[name])
    return base64.b64encode(zlib.compress(json.dumps(found).encode("ascii"))).decode("ascii")


def _path(name):
    return UTILITIES / (name.replace(".", "/") + ".py")


def _imported(name, source):
    """Return the utilities that a source imports, be it whole or names of them."""
    room = "%s.%s" % (PACKAGE, name.rpartition(".")[0])
    for said, names in _IMPORT.findall(source):
        of = importlib.util.resolve_name(said, room)[len(PACKAGE) + 1 :]
        for word in re.sub("#.*", "", names).strip("(,\n ").split(","):
            whole = ".".join(filter(None, (of, word.split()[0])))
            yield whole if _path(whole).is_file() else of
