# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Where a Gateway token can come from: parsers from text to findings. Pure.

Every parser returns a list of :class:`Source`. C(live) says whether the running server could take its token from
there; C(location) is a file or a command. A value never leaves this file, only its fingerprint.
"""

from __future__ import annotations

import collections
import plistlib
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint, is_reference

VARIABLE = "OPENCLAW_GATEWAY_TOKEN"

#: C(line) is 1-based or None. C(fingerprint) is None where the value is a reference that only OpenClaw resolves.
Source = collections.namedtuple("Source", "kind location line live fingerprint")

#: Key of openclaw.json -> (kind, live). gateway.remote.* configures clients; gateway.token is dead and stops the start.
CONFIG_KEYS = {
    ("gateway", "auth", "token"): ("config", True),
    ("gateway", "remote", "token"): ("config_remote", False),
    ("gateway", "token"): ("config_legacy", False),
}

_ASSIGNMENT = re.compile(
    r"""^[ \t]*(?:(?:export|typeset|declare|readonly|local)(?:[ \t]+-[A-Za-z]+)*[ \t]+)?"""
    r"""%s=(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s;&|#]*)""" % VARIABLE,
    re.MULTILINE,
)
_LAUNCHCTL = re.compile(
    r"""launchctl[ \t]+setenv[ \t]+%s[ \t]+(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s;&|#]+)""" % VARIABLE
)
_DOTENV = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?%s[ \t]*=[ \t]*(?P<value>"[^"\n]*"|'[^'\n]*'|[^\n#]*)""" % VARIABLE, re.MULTILINE
)


def from_config(text, location):
    """Sources in the text of an openclaw.json.

    :raises json5.Json5Error: when it cannot be read.
    """
    root = json5.parse(text)
    found = []
    for path, (kind, live) in CONFIG_KEYS.items():
        node = _node_at(root, path)
        if node is None:
            continue
        value = json5.to_python(node)
        if value is None or value == "":
            continue
        line = text.count("\n", 0, node.start) + 1
        if is_reference(value):
            found.append(Source(kind + "_reference", location, line, live, None))
        else:
            found.append(Source(kind, location, line, live, fingerprint(value) if isinstance(value, str) else None))
    return found


def _node_at(node, path):
    for key in path:
        member = node.member(key) if node.kind == "object" else None
        if member is None:
            return None
        node = member.node
    return node


def from_dotenv(text, location, live, kind="dotenv"):
    """Sources in a file of C(KEY=value) lines, as C(~/.openclaw/.env) or a service env file."""
    return _matches(_DOTENV, text, location, live, kind)


def from_shell(text, location):
    """Sources in a shell start file. Not live: launchd jobs never read these; clients started from a shell do."""
    return _matches(_ASSIGNMENT, text, location, False, "shell") + _matches(
        _LAUNCHCTL, text, location, False, "shell_launchctl"
    )


def _matches(pattern, text, location, live, kind):
    found = []
    for match in pattern.finditer(text):
        raw = match.group("value").strip()
        value = raw[1:-1] if len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "'\"" else raw
        if value:
            line = text.count("\n", 0, match.start("value")) + 1
            found.append(Source(kind, location, line, live, None if value.startswith("$") else fingerprint(value)))
    return found


def from_plist(data, location, label):
    """Sources in the bytes of a launchd plist whose Label is the given one.

    :returns: (sources, program arguments); both empty for another label.
    :raises ValueError: when it is no property list.
    """
    try:
        plist = plistlib.loads(data)
    except Exception as error:  # plistlib lets ExpatError, struct.error, OverflowError and more through
        raise ValueError(str(error)) from None
    if not isinstance(plist, dict) or plist.get("Label") != label:
        return [], []
    arguments = [item for item in plist.get("ProgramArguments") or [] if isinstance(item, str)]
    found = []
    value = value_at(plist, ("EnvironmentVariables", VARIABLE))
    if isinstance(value, str) and value:
        found.append(Source("plist_environment", location, None, True, fingerprint(value)))
    for token in token_arguments(arguments):
        found.append(Source("plist_argument", location, None, True, fingerprint(token)))
    return found, arguments


def token_arguments(arguments):
    """Return the values of C(--token VALUE) and C(--token=VALUE) in a list of program arguments."""
    following = [after for before, after in zip(arguments, arguments[1:]) if before == "--token"]
    return following + [item[len("--token=") :] for item in arguments if item.startswith("--token=")]


def server_sources(sources):
    """The sources from which the server could take its token. Exactly one is what an operator wants."""
    return [source for source in sources if source.live]
