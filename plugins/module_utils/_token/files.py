# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: what is on a host before anything is done, each place read once."""

from __future__ import annotations

import json
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config import storage
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import plists, since
from ansible_collections.clawops.openclaw.plugins.module_utils._token import keychain, layout, present

#: Kinds of sources in a property list.
PLISTS = ("plist_environment", "plist_argument")
#: Directories above a program in which the package it belongs to is looked for.
_LEVELS = 4


class Files:
    """The places of a task.

    :param account: whose Gateway it is. :param state_dir: its state directory. :param sites: :class:`layout.Sites`.
    """

    def __init__(self, account, state_dir, sites):
        self._account, self.sites = account, sites
        self._seen = {}
        self.record = os.path.join(state_dir, since.NAME)

    def snapshot(self, path):
        """Return the :class:`storage.Snapshot` of a file of the account."""
        return self._once(path, lambda: storage.read(path, self._account))

    def bytes_of(self, path):
        """Return the bytes of a file of the account, None where there is none."""
        return self.snapshot(path).data

    def plist(self, path):
        """Return the bytes of a property list, which may be root's."""

        def read():
            with open(path, "rb") as stream:
                return stream.read()

        return self._once(path, read)

    def item(self):
        """Return the bytes of the keychain item, None where there is none."""
        return self._once(self.sites.item, lambda: keychain.read(self.sites.item))

    def content(self, store):
        """Return the bytes of a store (:class:`stores.Store`) and its permission bits, None for what is not there."""
        place = store.place(self.sites)
        if store.kind == "keychain":
            return self.item(), None
        found = self.snapshot(place)
        return found.data, found.mode

    def seen(self, config, config_path, sources, job_plists):
        """Return the :class:`present.Seen`: what of all this a Gateway looks at.

        :param config: plain data. :param sources: of the survey. :param job_plists: where the job's own may be.
        """
        with_tokens = sorted({source.location for source in sources if source.kind in PLISTS})
        handed = {source.kind: source.location for source in sources if source.kind in ("service_env", "gateway_env")}
        refers_to_item = layout.refers(value_at(config, layout.TOKEN_PATH), "exec")
        return present.Seen(
            config=config,
            config_path=config_path,
            version=self._version(job_plists),
            plists=[self.plist(path) for path in with_tokens],
            service_env=self._given(handed.get("service_env")),
            dotenv=self.bytes_of(self.sites.dotenv),
            gateway_env=self._given(handed.get("gateway_env")),
            secret_file=self.bytes_of(self.sites.secret_file),
            item=self.item() if refers_to_item else None,
        )

    def _given(self, path):
        return self.bytes_of(path) if path else None

    def _once(self, key, read):
        if key not in self._seen:
            self._seen[key] = read()
        return self._seen[key]

    def _version(self, paths):
        """Return the version of the OpenClaw that the job runs, or None where it cannot be told."""
        for path in filter(os.path.isfile, paths):
            try:
                job = plists.load(self.plist(path))
            except (OSError, ValueError):
                continue
            with acting_as(self._account):
                for argument in job.arguments if job else ():
                    version = _package_version(argument)
                    if version:
                        return version
        return None


def _package_version(program):
    """Return the version of the package openclaw that a file belongs to, or None."""
    if not os.path.isabs(program):
        return None
    directory = os.path.realpath(program)
    for _level in range(_LEVELS):
        directory = os.path.dirname(directory)
        try:
            with open(os.path.join(directory, "package.json"), encoding="utf-8") as stream:
                package = json.load(stream)
        except (OSError, ValueError):
            continue
        if isinstance(package, dict):
            return package.get("version") if package.get("name") == "openclaw" else None
    return None
