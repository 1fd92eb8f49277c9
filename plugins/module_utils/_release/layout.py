# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where everything of a release lies under its root. Pure: strings in, strings out.

    <root>/node/<node version>/                      an official Node archive, or a link to an existing prefix
    <root>/releases/<version>/node                -> ../../node/<node version>
    <root>/releases/<version>/lib/node_modules/openclaw
    <root>/releases/<version>/openclaw               wrapper that runs this release, current or not
    <root>/current                                -> releases/<version>
    <root>/bin/openclaw                              wrapper for people
"""

from __future__ import annotations

import posixpath
import re
import shlex

#: First words of the second line of the wrapper: how it is recognised as ours before it is removed.
WRAPPER_MARK = "# Managed by clawops.openclaw"

#: Everything a run builds before it renames it into place lies in one directory of this prefix under the root, so
#: that what a killed run left is recognised and every rename stays inside one file system.
WORK_PREFIX = ".work-"

PACKAGE = "lib/node_modules/openclaw"
GATEWAY_ENTRY = "dist/index.js"
DEFAULT_BIN = "openclaw.mjs"

#: OpenClaw leaves this file in its package until its own install script has run; it then wants to write there.
LIFECYCLE_MARKER = ".openclaw-lifecycle-pending"

_WRAPPER = """#!/bin/sh
%(mark)s: changes here are overwritten.
# launchd owns the Gateway and Ansible owns its plist: OpenClaw's own service commands keep their hands off both.
OPENCLAW_SUPERVISOR_MODE=external
OPENCLAW_SERVICE_REPAIR_POLICY=external
export OPENCLAW_SUPERVISOR_MODE OPENCLAW_SERVICE_REPAIR_POLICY
exec %(node)s %(bin)s "$@"
"""

#: What a directory under C(releases) or C(node) has to be called to be one of ours.
RELEASE_NAME = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?\Z")
NODE_NAME = re.compile(r"\d+\.\d+\.\d+\Z")


class Layout:
    """Paths below one root, absolute (C(path)) or as keys relative to it."""

    def __init__(self, root):
        self.root = posixpath.normpath(root)
        self.current = self.path("current")
        self.wrapper = self.path("bin/openclaw")

    def path(self, *keys):
        """Return the absolute path of a key relative to the root; C(".") is the root itself."""
        return posixpath.normpath(posixpath.join(self.root, *keys))

    def node(self, node_version):
        """Return the prefix of one Node version."""
        return self.path("node", node_version)

    def release(self, version):
        """Return the prefix of one OpenClaw version."""
        return self.path("releases", version)

    def package(self, version):
        """Return the directory of the npm package of one OpenClaw version."""
        return self.path("releases", version, PACKAGE)

    def command(self, version):
        """Return the wrapper that runs one OpenClaw version, whichever is current."""
        return self.path("releases", version, "openclaw")

    def program(self):
        """Return Node and the Gateway's entry point, through C(current): what a service definition runs."""
        return [self.path("current/node/bin/node"), self.path("current", PACKAGE, GATEWAY_ENTRY)]


def node_key(node_version):
    """Return the key of one Node version, relative to the root."""
    return "node/" + node_version


def release_key(version):
    """Return the key of one release, relative to the root."""
    return "releases/" + version


def node_link(node_version):
    """Return the target of C(releases/<version>/node)."""
    return "../../node/" + node_version


def wrapper_text(layout, bin_script, prefix="current"):
    """Return the contents of C(bin/openclaw), or of the wrapper of one release.

    :param bin_script: the CLI script of the package, relative to it (C(bin.openclaw) of its package.json).
    :param prefix: what it runs, as a key relative to the root.
    """
    return _WRAPPER % {
        "mark": WRAPPER_MARK,
        "node": shlex.quote(layout.path(prefix, "node/bin/node")),
        "bin": shlex.quote(layout.path(prefix, PACKAGE, bin_script)),
    }
