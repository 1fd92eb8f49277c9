# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The sinks by name, and the one place that writes a report to disk."""

from __future__ import annotations

import os
import stat
import tempfile

from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import (
    html,
    json_,
    junit,
    markdown,
    prometheus,
    text,
)
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report.record import exit_code

__all__ = ["SINKS", "exit_code", "write"]

#: Sink -> (function from a record to text, name of its file).
SINKS = {
    "html": (html.render, "drift.html"),
    "json": (json_.render, "drift.json"),
    "junit": (junit.render, "drift.junit.xml"),
    "markdown": (markdown.render, "drift.md"),
    "prometheus": (prometheus.render, "openclaw.prom"),
    "text": (text.render, "drift.txt"),
}


def write(path, text, mode=0o600):
    """Make a file hold a text, all of it or what it held before: written beside it, then renamed over it.

    :param path: where; its directory must exist. A symbolic link is replaced and not followed.
    :param mode: rights of the file; only its owner may read it unless told otherwise (a collector that runs as
        another user needs C(0o644)).
    :returns: whether anything changed; the same text with the same rights is left alone.
    :raises OSError: where it cannot be written; what was there is untouched then.
    """
    content = text.encode("utf-8", "replace")
    if _holds(path, content, mode):
        return False
    handle, scratch = tempfile.mkstemp(prefix=".%s." % os.path.basename(path), dir=os.path.dirname(path) or ".")
    try:
        with os.fdopen(handle, "wb") as out:
            os.fchmod(out.fileno(), mode)
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(scratch, path)
    except BaseException:
        os.unlink(scratch)
        raise
    return True


def _holds(path, content, mode):
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) != mode or found.st_size != len(content):
            return False
        with open(path, "rb") as there:
            return there.read() == content
    except FileNotFoundError:
        return False
