# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The sections of a look that are about secrets: where they lie, who may read them, whom they belong to.

Each is a function of the look.
"""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    backups as copies,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    credentials,
    private_files,
    tokens,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._info import kept
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import dotenv, survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader, acting_as


def token_sources(look):
    wanted = look.wanted
    places = survey.Places(
        look.account,
        look.state_dir,
        wanted.label,
        wanted.launch_daemons_dir,
        look.agents_dir,
        wanted.launchctl,
        tuple(look.operators),
        start=look.questions.ask,
    )
    return tokens.describe(places, kept.plain(look), kept.service(look).environment)


def files(look):
    return private_files.describe(look.account, look.state_dir, _further(look))


def _further(look):
    """Return what lies outside of the state directory: (path, what, whether it is secret, uid of its owner or None)."""
    account, service = look.account, kept.service(look)
    found = private_files.elsewhere(account, look.wanted.root, service.log, kept.plain(look))
    if service.definition:
        is_daemon = os.path.dirname(service.definition) == look.wanted.launch_daemons_dir.rstrip("/")
        found.append((service.definition, "service definition", False, 0 if is_daemon else account.uid))
    return found


def backups(look):
    mark = look.found.get("token_sources", {}).get("fingerprint")
    return copies.describe(look.account, look.state_dir, mark)


def providers(look):
    database = kept.database(look)
    names = set(kept.environment(look))
    with acting_as(look.account):
        text = Reader().text(os.path.join(look.state_dir, ".env"), dotenv.MAX_BYTES)
    names.update(item.name for item in dotenv.assignments(text or ""))
    found = credentials.describe(look.account, look.state_dir, kept.plain(look), database.shared_credentials(), names)
    if database.problem:
        found["problems"].append(database.problem)
        found["missing"] = None
    return found
