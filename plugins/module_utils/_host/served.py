# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: what the Gateway's service is given by its definition, and where it writes its log. Reads only."""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import dotenv
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader
from ansible_collections.clawops.openclaw.plugins.module_utils._service.parsing import parse

_LOG = "Library/Logs/openclaw/gateway.log"


class Service(NamedTuple):
    """:ivar definition: path of the property list, None where there is none. :ivar environment: what it hands over.
    :ivar program: its arguments. :ivar log: path. :ivar notes: what could not be read."""

    definition: str | None
    environment: dict
    program: list
    log: str
    notes: list


def look(account, label, daemons_dir, agents_dir):
    """Return the :class:`Service` of a label. A daemon comes before an agent."""
    reader = Reader()
    path, plist = _in(daemons_dir, label, reader)
    if plist is None:
        with acting_as(account):
            path, plist = _in(agents_dir, label, reader)
    definition = plist or {}
    environment = _texts(definition.get("EnvironmentVariables"))
    program = [word for word in definition.get("ProgramArguments") or [] if isinstance(word, str)]
    for word in program:
        # OpenClaw's own installation keeps the environment in a file, which a wrapper reads.
        if word.endswith("/%s.env" % label):
            with acting_as(account):
                text = reader.text(word) or ""
            environment.update((item.name, item.value) for item in dotenv.assignments(text))
    log = definition.get("StandardOutPath")
    log = log if isinstance(log, str) else os.path.join(account.home, _LOG)
    notes = ["%s: %s" % (entry["location"], entry["reason"]) for entry in reader.unreadable]
    return Service(path, environment, program, log, notes)


def _texts(mapping):
    pairs = mapping.items() if isinstance(mapping, dict) else ()
    return {name: text for name, text in pairs if isinstance(text, str) and "\0" not in name + text}


def _in(directory, label, reader):
    """Return (path, dictionary) of the property list of a label in a directory, or (None, None)."""
    for name in reader.names(directory):
        path = os.path.join(directory, name)
        data = reader.data(path) if name.endswith(".plist") else None
        definition = parse(data)[0] if data is not None else None
        if definition is not None and definition.get("Label") == label:
            return path, definition
    return None, None
