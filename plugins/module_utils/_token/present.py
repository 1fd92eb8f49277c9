# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which token the Gateway has now: read from the places a server looks at, in the server's own order. Pure."""

from __future__ import annotations

import collections
import plistlib

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import is_reference
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.plists import option_values
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import VARIABLE
from ansible_collections.clawops.openclaw.plugins.module_utils._token import layout, stores

#: C(config): the configuration as plain data, C($include) resolved; C(config_path) its place. C(plists): bytes of the
#: property lists of the job. C(service_env), C(dotenv), C(secret_file): bytes of those files, or None.
Seen = collections.namedtuple("Seen", "config config_path plists service_env dotenv secret_file")


def token_of(seen):
    """Return the token that a Gateway with these files takes, or None where there is none.

    :raises Failure: C(token_is_reference) when it is a reference that is not one of ours, whose value nobody here
        knows.
    """
    for find in (_argument, _configured, _environment):
        found = find(seen)
        if found:
            return found
    return None


def _plists(seen):
    for data in seen.plists:
        try:
            plist = plistlib.loads(data)
        except Exception:  # plistlib lets ExpatError, struct.error, OverflowError and more through
            continue
        if isinstance(plist, dict):
            yield plist


def _argument(seen):
    for plist in _plists(seen):
        arguments = [item for item in plist.get("ProgramArguments") or [] if isinstance(item, str)]
        for option, token in option_values(arguments):
            if option == "--token":
                return token
    return None


def _environment(seen):
    for plist in _plists(seen):
        value = value_at(plist, ("EnvironmentVariables", VARIABLE))
        if isinstance(value, str) and value:
            return value
    dotenv = stores.STORES["env"]
    return dotenv.token_in(seen.service_env) or dotenv.token_in(seen.dotenv)


def _configured(seen):
    value = value_at(seen.config, layout.TOKEN_PATH)
    if value == "${%s}" % VARIABLE or value == layout.SETTINGS["env"](None, None)["gateway"]["auth"]["token"]:
        return _environment(seen)
    if isinstance(value, dict) and (value.get("source"), value.get("provider")) == ("file", layout.PROVIDER):
        return stores.STORES["file"].token_in(seen.secret_file)
    if is_reference(value) or (isinstance(value, str) and "${" in value):
        raise Failure(
            "token_is_reference",
            "gateway.auth.token of %s is a reference whose value this task does not know." % seen.config_path,
            "config",
            "give the token in 'value' to replace the reference, or do not manage this Gateway's token here.",
            key="gateway.auth.token",
            path=seen.config_path,
        )
    return value if isinstance(value, str) and value else None
