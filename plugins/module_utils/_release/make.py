# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Carries the steps of a plan out. Every verb leaves either the old or the new behind."""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._release import archive as _archive
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout
from ansible_collections.clawops.openclaw.plugins.module_utils._release import node as _node
from ansible_collections.clawops.openclaw.plugins.module_utils._release import npm as _npm
from ansible_collections.clawops.openclaw.plugins.module_utils._release import process as _process
from ansible_collections.clawops.openclaw.plugins.module_utils._release import switch as _switch


class Maker:
    """The verbs of a plan, as methods.

    :param release: what was looked up. :param work: private directory under the root.
    :param lock: descriptor that holds the root.
    """

    def __init__(self, layout, declaration, release, work, lock):
        self.layout = layout
        self.declaration = declaration
        self.release = release
        self.work = work
        self.lock = lock
        self._unpacked = None

    def make(self, step):
        """Do one step of a plan."""
        getattr(self, step.verb)(self.layout.path(step.key), *step.arguments)

    def remove(self, path):
        """Sweeping is done before anything is made."""

    def directory(self, path):
        _switch.directory(path)

    def link(self, path, target):
        _switch.link(path, target, self.work)

    def wrapper(self, path, bin_script, prefix):
        _switch.wrapper(path, _layout.wrapper_text(self.layout, bin_script, prefix), self.work)

    def node_archive(self, path, version):
        fresh = _node.install(
            self.release["node_url"],
            self.release["node_sha256"],
            version,
            self.work,
            self.declaration["timeout"],
            _process.run,
        )
        _switch.tree(fresh, path, self.work)

    def node_packed(self, path, version):
        fresh = self._packed()[0]
        reason = _node.start(fresh, version, _process.run)
        if reason:
            raise _archive.unusable(self.declaration["archive"], reason)
        _switch.tree(fresh, path, self.work)

    def release_npm(self, path, version):
        fresh = _npm.install(
            self.declaration["npm_registry"],
            version,
            self._node(),
            self.work,
            self.declaration["timeout"],
            self._run,
        )
        self._bind(fresh, version)
        _switch.tree(fresh, path, self.work)

    def release_packed(self, path, version):
        fresh = self._packed()[1]
        home = os.path.join(self.work, "home")
        os.mkdir(home, 0o700)
        environment = _npm.clean_environment(self._node(), home, {})
        reason = _npm.start(fresh, self._node(), version, environment, self.declaration["timeout"], self._run)
        if reason:
            raise _archive.unusable(self.declaration["archive"], reason)
        self._bind(fresh, version)
        _switch.tree(fresh, path, self.work)

    def release_link(self, path, package):
        fresh = os.path.join(self.work, "release")
        inner = os.path.join(fresh, _layout.PACKAGE)
        os.makedirs(os.path.dirname(inner))
        os.symlink(package, inner)
        self._bind(fresh, self.declaration["version"])
        _switch.small_tree(fresh, path, self.work)

    def _node(self):
        return self.layout.node(self.declaration["node_version"])

    def _run(self, argv, environment, timeout):
        return _process.run(argv, environment, timeout, keep_open=(self.lock,))

    def _packed(self):
        # One file holds both, and is unpacked once.
        if self._unpacked is None:
            self._unpacked = _archive.unpack(self.declaration["archive"], self.work)
        return self._unpacked

    def _bind(self, fresh, version):
        """Give a release that is not in its place yet what belongs to it there: its Node, and its wrapper."""
        os.symlink(_layout.node_link(self.declaration["node_version"]), os.path.join(fresh, "node"))
        text = _layout.wrapper_text(self.layout, self.release["bin"], _layout.release_key(version))
        _switch.wrapper(os.path.join(fresh, "openclaw"), text, self.work)
