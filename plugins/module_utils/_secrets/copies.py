# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Other files with a configuration in them: copies beside openclaw.json, further roots and profiles. Pure."""

from __future__ import annotations

import json
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path, value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: Names of configuration files, the present one first.
CONFIG_NAMES = ("openclaw.json", "clawdbot.json", "moltbot.json")

#: What follows the name of the file in the name of a copy -> who made it. The first that fits decides.
SUFFIXES = (
    (re.compile(r"\.bak(?:\.\d+)?\Z"), "openclaw"),
    (re.compile(r"\.last-good\Z"), "openclaw"),
    (re.compile(r"\.clobbered\..+\Z"), "openclaw"),
    (re.compile(r"\.rejected\..+\Z"), "openclaw"),
    (re.compile(r"\.ansible-\d{8}T\d{6}Z-[0-9a-f]{8}\.bak\Z"), "ours"),
    (re.compile(r"[.~#_-].*\Z"), "person"),
)
#: Longer texts that are no plain JSON are searched instead of read: nobody waits for a reader in Python.
_MAX_JSON5 = 256 * 1024
#: What this collection leaves when it is killed between two steps.
_LEFT_BEHIND = re.compile(r"\.(?:openclaw|clawdbot|moltbot)\.json\.ansible-.+\.tmp\Z")
_IN_RUBBISH = re.compile(r"""["']?(token|password)["']?\s*:\s*(?:"([^"\\\n]{8,})"|'([^'\\\n]{8,})')""")


def owner_of_copy(name, config_name="openclaw.json"):
    """Return who made a file of this name beside the configuration, or None when it is no copy of it."""
    if _LEFT_BEHIND.match(name):
        return "ours"
    if name == config_name or not name.startswith(CONFIG_NAMES):
        return None
    base = next(known for known in CONFIG_NAMES if name.startswith(known))
    rest = name[len(base) :]
    if not rest:
        return "person"
    return next((owner for pattern, owner in SUFFIXES if pattern.match(rest)), None)


def from_copy(text, location, owner, kind="config_copy", live=False, whose=None):
    """Sources in a file that holds, or once held, a configuration. Rubbish is searched for what looks like one."""
    config = _parsed(text)
    if config is None:
        told = [
            (match.group(1), match.group(2) or match.group(3), match.group(1))
            for match in _IN_RUBBISH.finditer(text)
            if not sources.reference_of(match.group(2) or match.group(3))
        ]
    else:
        told = list(_values(config))
    found, position = [], {}
    for name, value, credential in told:
        place = _place(text, value, position.get(value, 0))
        position[value] = place + 1
        found.append(
            sources.Source(
                kind,
                location,
                text.count("\n", 0, place) + 1 if place >= 0 else None,
                live,
                fingerprint(value),
                owner,
                name,
                credential,
                whose,
            )
        )
    return found


def _parsed(text):
    # OpenClaw writes plain JSON, which is read a hundred times faster.
    for parse, longest in ((json.loads, None), (json5.loads, _MAX_JSON5)):
        try:
            if longest is None or len(text) <= longest:
                return parse(text)
        except (ValueError, RecursionError):
            continue
    return None


def _values(config):
    keys = [(path, credential) for path, (_kind, _live, credential) in sources.CONFIG_KEYS.items()]
    for block in sources.ENV_BLOCKS:
        keys += [(block + (name,), credential) for name, credential in sources.VARIABLES.items()]
    defaults = value_at(config, ("secrets", "defaults")) if isinstance(config, dict) else None
    for path, credential in keys:
        value = value_at(config, path) if isinstance(config, dict) else None
        if isinstance(value, str) and value and not sources.reference_of(value, defaults):
            yield format_path(path), value, credential


def _place(text, value, start):
    for written in (json.dumps(value), json.dumps(value, ensure_ascii=False), value):
        place = text.find(written, start)
        if place >= 0:
            return place
    return -1


def pointed_at(config, reference):
    """Return (path, pointer, mode) of the file that a SecretRef of source C(file) names, or None.

    :param config: the whole configuration (plain data).
    """
    provider = value_at(config, ("secrets", "providers", reference["provider"]))
    if not isinstance(provider, dict) or provider.get("source") != "file" or not isinstance(provider.get("path"), str):
        return None
    return provider["path"], reference["id"], provider.get("mode", "json")


def secret_in(text, pointer, mode):
    """Return the secret that a file provider finds in the text of its file, or None.

    C(singleValue) takes the whole text without its last line break, C(json) follows a JSON pointer.
    """
    if mode == "singleValue":
        return re.sub(r"\r?\n\Z", "", text) or None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None
