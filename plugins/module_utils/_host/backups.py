# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Copies of the configuration that lie beside it, and the secrets they hold: fingerprints only."""

from __future__ import annotations

import os
import stat
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import copies
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader

_MAX_PRINTS = 20


def describe(account, state_dir, mark, now=None):
    """Describe the copies.

    :param account: of the Gateway. :param state_dir: absolute path. :param mark: fingerprint of the token in force, or
        None. :param now: seconds since the epoch.
    :returns: C({entries, count, with_current_token, with_secrets, unreadable}). An entry has C(path), C(owner)
        (openclaw, ours, person), C(mode), C(uid), C(bytes), C(age_s), C(fingerprints) (None where it could not be
        read) and C(readable_by_others).
    """
    now = time.time() if now is None else now
    with acting_as(account):
        reader = Reader()
        names = [name for name in reader.names(state_dir) if copies.owner_of_copy(name)]
        entries = [_entry(path, reader, now) for path in reader.some(state_dir, names)]
    entries = [entry for entry in entries if entry]
    blind = any(entry["fingerprints"] is None for entry in entries) or bool(reader.unreadable)
    holding = [entry for entry in entries if entry["fingerprints"]]
    current = [entry for entry in holding if mark in entry["fingerprints"]]
    return {
        "entries": entries,
        "count": None if reader.unreadable and not entries else len(entries),
        "with_current_token": None if mark is None or blind and not current else len(current),
        "with_secrets": None if blind and not holding else len(holding),
        "unreadable": [entry["location"] for entry in reader.unreadable],
    }


def _entry(path, reader, now):
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    text = reader.text(path)
    owner = copies.owner_of_copy(os.path.basename(path))
    found = None if text is None else {source.fingerprint for source in copies.from_copy(text, path, owner)}
    return {
        "path": path,
        "owner": owner,
        "mode": "%04o" % stat.S_IMODE(facts.st_mode),
        "uid": facts.st_uid,
        "bytes": facts.st_size,
        "age_s": int(max(0, now - facts.st_mtime)),
        "fingerprints": None if found is None else sorted(found)[:_MAX_PRINTS],
        "readable_by_others": bool(facts.st_mode & 0o044),
    }
