# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""launchd property lists that run a Gateway: what they hand it. Pure."""

from __future__ import annotations

import collections
import plistlib

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import shells, sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: What a plist tells besides its sources: its Label, ProgramArguments (list of str), EnvironmentVariables (dict), and
#: whether it runs a Gateway of OpenClaw.
Job = collections.namedtuple("Job", "label arguments environment gateway generated")

#: What a list begins with that is no XML.
BINARY = b"bplist"
_NAMES = ("openclaw", "clawdbot", "moltbot")


def load(data):
    """Return the :class:`Job` of the bytes of a plist, or None for one that describes no job.

    :raises ValueError: when it is no property list.
    """
    plist = loads(data)
    if not isinstance(plist, dict) or not isinstance(plist.get("Label"), str):
        return None
    arguments = plist.get("ProgramArguments")
    arguments = [item for item in arguments if isinstance(item, str)] if isinstance(arguments, list) else []
    environment = plist.get("EnvironmentVariables")
    environment = environment if isinstance(environment, dict) else {}
    command = "\n".join([str(plist.get("Program", ""))] + arguments).lower()
    gateway = "gateway" in arguments and any(name in command for name in _NAMES)
    marked = environment.get("OPENCLAW_SERVICE_KIND") == "gateway"
    generated = any(item.endswith("-env-wrapper.sh") for item in arguments) or (
        plist.get("Comment") == "OpenClaw Gateway"
    )
    return Job(plist["Label"], arguments, environment, gateway or marked, generated)


def loads(data):
    """Return the value of the bytes of a property list.

    :raises ValueError: when they are none.
    """
    try:
        return plistlib.loads(data)
    except Exception as error:  # plistlib lets ExpatError, struct.error, OverflowError and more through
        raise ValueError(type(error).__name__ if isinstance(error, RecursionError) else str(error)) from None


def from_plist(data, location, label, names=None):
    """Sources in the bytes of a launchd plist whose Label is the given one, or that runs a Gateway under another.

    :returns: (sources, program arguments); both empty for a plist that is neither. Another label's are not live.
    :raises ValueError: when it is no property list.
    """
    job = load(data)
    if job is None or not (job.label == label or job.gateway):
        return [], []
    return sources_of(job, data, location, label, names), job.arguments


def sources_of(job, data, location, label, names=None):
    """Sources in a :class:`Job` that C(data) (bytes) describes."""
    names = sources.VARIABLES if names is None else names
    ours = job.label == label
    owner = "person" if not ours else "openclaw" if job.generated else "ours"
    found = []
    for name, credential in names.items():
        value = job.environment.get(name)
        if isinstance(value, str) and value.strip():
            line = _line(data, ("<key>%s</key>" % name).encode())
            found.append(
                sources.Source(
                    "plist_environment", location, line, ours, fingerprint(value.strip()), owner, name, credential
                )
            )
    for option, value in option_values(job.arguments):
        line = _line(data, ("<string>%s" % option).encode())
        found.append(
            sources.Source(
                "plist_argument", location, line, ours, fingerprint(value), owner, option, sources.OPTIONS[option]
            )
        )
    return found


def setenv_sources(job, data, location, names):
    """Sources in a job of whatever kind that runs C(launchctl setenv) with one of these variables."""
    if not any("setenv" in item for item in job.arguments):
        return []
    commands = [job.arguments]
    for item in job.arguments:
        if "setenv" in item and " " in item:
            commands += [[word.text for word in command] for command in shells.commands(item)]
    return [
        sources.Source(
            "plist_setenv",
            location,
            _line(data, b"setenv"),
            False,
            None if shells.value_of(raw) is None else fingerprint(shells.value_of(raw)),
            "person",
            name,
            names[name],
        )
        for command in commands
        for name, raw in shells.setenv(command, names)
    ]


def _line(data, needle):
    place = -1 if data.startswith(BINARY) else data.find(needle)
    return None if place < 0 else data.count(b"\n", 0, place) + 1


def option_values(arguments):
    """Return (option, value) of C(--token VALUE) and C(--token=VALUE) in a list of program arguments.

    Looked for in the text of C(sh -c) as well.
    """
    found = []
    for index, item in enumerate(arguments):
        option, equals, value = item.partition("=")
        if option in sources.OPTIONS and equals:
            found.append((option, value))
        elif item in sources.OPTIONS and index + 1 < len(arguments):
            found.append((item, arguments[index + 1]))
        elif any(name + " " in item or name + "=" in item for name in sources.OPTIONS):
            for command in shells.commands(item):
                words = [shells.value_of(word.text) or "" for word in command]
                found += option_values(words) if words != [item] else []
    return [(option, value) for option, value in found if value]
