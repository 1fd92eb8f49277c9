# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""systemd units of a Gateway, as OpenClaw writes them on Linux and as a home brought along may still hold. Pure."""

from __future__ import annotations

import re

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import plists, shells, sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: Units and drop-ins below ~/.config/systemd/user.
UNIT = re.compile(r"(?:openclaw|clawdbot|moltbot)-gateway[^/]*\.service\Z")
DROP_INS = re.compile(r"(?:openclaw|clawdbot|moltbot)-gateway[^/]*\.service\.d\Z")

_LINE = re.compile(r"^[ \t]*(?P<key>Environment|Exec[A-Za-z]+)[ \t]*=(?P<value>(?:[^\n\\]|\\[\s\S])*)", re.MULTILINE)


def from_unit(text, location, owner, names=None):
    """Sources in the text of a unit or a drop-in. Not live: a Mac has no systemd."""
    names = sources.VARIABLES if names is None else names
    found = []
    for match in _LINE.finditer(text):
        line = text.count("\n", 0, match.start("key")) + 1
        words = [
            shells.value_of(word.text) or word.text
            for command in shells.commands(match.group("value").replace("\\\n", "  "))
            for word in command
        ]
        if match.group("key") == "Environment":
            pairs = [("systemd_environment",) + word.partition("=")[::2] for word in words]
            told = [(kind, name, value, names.get(name)) for kind, name, value in pairs]
        else:
            pairs = plists.option_values(words)
            told = [("systemd_argument", name, value, sources.OPTIONS[name]) for name, value in pairs]
        for kind, name, value, credential in told:
            if credential and value.strip():
                found.append(
                    sources.Source(kind, location, line, False, fingerprint(value.strip()), owner, name, credential)
                )
    return found
