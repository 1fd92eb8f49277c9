# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What is wrong with single values that a task is about to write, whatever key they stand under. Pure.

Only what a task writes is judged here: what it does not manage is not its business (see :mod:`checks` for the whole).
"""

from __future__ import annotations

import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config.checks import Finding
from ansible_collections.clawops.openclaw.plugins.module_utils._config.edit import ABSENT
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path

REDACTED = "__OPENCLAW_REDACTED__"

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
_BOOLEAN = re.compile(r"(?:true|false|yes|no|on|off)\Z", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{[^}]*\}\Z")
#: Keys that hold numbers wherever OpenClaw's schema has them (2026.9.6: 250 keys), but for those that take a size or
#: duration in words too.
_NUMERIC_KEY = re.compile(
    r"(?:Ms|Seconds|Minutes|Hours|Days|Port|Bytes|Chars|Tokens|Mb|Limit|Count|Attempts|Retries|Concurrent|Redirects"
    r"|PerMinute)\Z|\Aport\Z|\A(?:max|min)[A-Z]|\AcontextWindow\Z"
)
_SIZES = frozenset(
    (
        "maxDiskBytes",
        "highWaterBytes",
        "maxActiveTranscriptBytes",
        "forceFlushTranscriptBytes",
        "maxTokensField",
        "activeHours",
    )
)
#: Where keys are not OpenClaw's: environments, headers, and what plugins define for themselves.
_FOREIGN = frozenset(("env", "vars", "headers", "plugins", "channels", "config", "metadata", "labels", "params"))


def _numeric_string(path, value, _parent):
    key = path[-1]
    if key in _SIZES or not _NUMERIC_KEY.search(key):
        return None
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        return "is a string of digits, where OpenClaw wants a number"
    return None


def _boolean_string(path, value, _parent):
    if path[-1] == "enabled" and isinstance(value, str) and _BOOLEAN.match(value.strip()):
        return "is the string %r, where OpenClaw wants true or false" % value
    return None


def _redacted(_path, value, _parent):
    if isinstance(value, str) and REDACTED in value:
        return "holds %s, which OpenClaw shows in the place of a secret and which is none" % REDACTED
    return None


def _beside_reference(path, value, parent):
    if isinstance(value, str) and value and not is_reference(value) and is_reference(parent.get("%sRef" % path[-1])):
        return "is a plain secret, while %sRef beside it refers to one" % path[-1]
    return None


#: Code, test of (path, value, the object it stands in) that returns what is wrong or None, whether it also judges
#: below :data:`_FOREIGN` keys, what to do.
VALUES = (
    ("numeric_string", _numeric_string, False, "write it without quotes; in a template, add '| int'."),
    ("boolean_string", _boolean_string, False, "write it without quotes; in a template, add '| bool'."),
    ("secret_placeholder", _redacted, True, "give the secret itself, a ${VARIABLE} or a reference."),
    ("plain_secret", _beside_reference, True, "set one of the two and list the other in 'absent'."),
)


def is_reference(value):
    """Whether a value names a secret instead of being one: C(${VAR}) alone, or an object with source and id."""
    if isinstance(value, str):
        return bool(_VARIABLE.match(value))
    return isinstance(value, dict) and isinstance(value.get("source"), str) and isinstance(value.get("id"), str)


def findings(changes, after, replaced=()):
    """Return the list of :class:`checks.Finding` for what changes write.

    :param changes: iterable of :class:`edit.Change`. :param after: the configuration after them, as plain data.
    :param replaced: path tuples whose subtree the task replaces deliberately; references below them may go.
    """
    found = []
    for change in changes:
        if change.after is ABSENT:
            continue
        if _loses_reference(change) and not any(change.path[: len(path)] == tuple(path) for path in replaced):
            found.append(
                Finding(
                    "plain_secret",
                    format_path(change.path),
                    "%s refers to a secret, and would become a plain one." % format_path(change.path),
                    "keep the reference and change the secret where it is kept; or, to really put it into the file, "
                    "list the path in 'replace'.",
                )
            )
        parent = after
        for key in change.path[:-1]:
            parent = parent.get(key, {}) if isinstance(parent, dict) else {}
        found += _judged(change.path, change.after, parent if isinstance(parent, dict) else {})
    return found


def _loses_reference(change):
    plain = isinstance(change.after, str) and change.after and not is_reference(change.after)
    return plain and is_reference(change.before)


def _judged(path, value, parent):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _judged(path + (key,), item, value)
        return
    if isinstance(value, list):
        for item in value:
            yield from _judged(path, item, {})
        return
    foreign = not _FOREIGN.isdisjoint(path[:-1])
    for code, test, everywhere, hint in VALUES:
        problem = test(path, value, parent) if everywhere or not foreign else None
        if problem:
            yield Finding(code, format_path(path), "%s %s." % (format_path(path), problem), hint)
