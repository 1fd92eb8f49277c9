# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The sources in the arguments and the environment with which a process was started."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import plists, sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint


def from_process(arguments, environment, location, names, prefix="process"):
    """Sources in the arguments (list) and environment (dict) of a running process, or of a loaded job."""
    found = []
    for name, credential in names.items():
        value = (environment.get(name) or "").strip()
        if value:
            found.append(_source(prefix + "_environment", location, value, name, credential))
    for option, value in plists.option_values(arguments):
        found.append(_source(prefix + "_argument", location, value, option, sources.OPTIONS[option]))
    return found


def _source(kind, location, value, name, credential):
    return sources.Source(kind, location, None, True, fingerprint(value), sources.KINDS[kind], name, credential)
