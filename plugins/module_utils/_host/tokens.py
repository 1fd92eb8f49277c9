# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which places could supply the Gateway's token, the fingerprint of the one in force, and what is wrong with it."""

from __future__ import annotations

import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config.checks import PLACEHOLDERS
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import (
    copies,
    dotenv,
    policy,
    since,
    sources,
    survey,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader

_PLACEHOLDERS = frozenset(map(fingerprint, PLACEHOLDERS))
_DAY = 86400.0


def describe(places, config=None, environment=None, now=None):
    """Describe the sources of the token.

    :param places: :class:`survey.Places`. :param config: openclaw.json as plain data, or None.
    :param environment: of the service as its definition has it, or None. :param now: seconds since the epoch.
    :returns: C({count, fingerprint, sources, unreadable, conflicts, placeholder, weak, remote_fingerprint, since,
        age_days}). C(count) is of the distinct ones the server could take its token from (C(None) where openclaw.json
        cannot be read), C(fingerprint) that of the first of them that is no reference. C(placeholder) and C(weak) name
        the kinds of sources that hold what is no secret, or too short a one.
    """
    found = survey.everything(places)
    live = sources.server_sources(found.sources)
    tokens = [source for source in found.sources if source.credential == "token"]
    prints = [source.fingerprint for source in tokens if source.live and source.fingerprint]
    mark = next((source.fingerprint for source in live if source.fingerprint), prints[0] if prints else None)
    short = _short(places, config, environment)
    used = [source for source in found.sources if source.live or source.kind == "config_remote"]
    begun = _begun(places, mark)
    own = places.path or os.path.join(places.state_dir, "openclaw.json")
    blind = any(entry["location"] in (own, places.state_dir) for entry in found.unreadable)
    now = time.time() if now is None else now
    return {
        "count": None if blind else len(live),
        "fingerprint": mark,
        "sources": [dict(source._asdict()) for source in found.sources],
        "unreadable": found.unreadable,
        "conflicts": len(set(prints)) > 1,
        "placeholder": _kinds(source for source in used if source.fingerprint in _PLACEHOLDERS),
        "weak": _kinds(source for source in used if source.fingerprint in short),
        "remote_fingerprint": next((source.fingerprint for source in tokens if source.kind == "config_remote"), None),
        "since": None if begun is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun)),
        "age_days": None if begun is None else round(max(0.0, now - begun) / _DAY, 2),
    }


def _kinds(found):
    return sorted({source.kind for source in found})


def _begun(places, mark):
    if mark is None:
        return None
    with acting_as(places.account):
        return since.moment(Reader().data(os.path.join(places.state_dir, since.NAME), 4096), mark)


def _short(places, config, environment):
    """Return the fingerprints of the secrets that are too short, of those whose value can be seen."""
    values = [value_at(config or {}, path) for path in sources.CONFIG_KEYS]
    blocks = [value_at(config or {}, path) for path in sources.ENV_BLOCKS] + [environment]
    names = sources.variable_names(config)
    with acting_as(places.account):
        reader = Reader()
        for reference, _credential in sources.references(config):
            pointed = copies.pointed_at(config, reference) if reference["source"] == "file" else None
            path = pointed[0] if pointed else ""
            path = places.account.home + path[1:] if path.startswith("~/") else path
            text = reader.text(path, dotenv.MAX_BYTES) if path else None
            values.append(copies.secret_in(text, *pointed[1:]) if text else None)
        text = reader.text(os.path.join(places.state_dir, ".env"), dotenv.MAX_BYTES)
    blocks.append({item.name: item.value for item in dotenv.assignments(text)} if text else None)
    values += [block.get(name) for block in blocks if isinstance(block, dict) for name in names]
    texts = {value.strip() for value in values if isinstance(value, str) and not sources.reference_of(value)}
    return {fingerprint(text) for text in texts if (policy.objection(text) or ("",))[0] == "token_short"}
