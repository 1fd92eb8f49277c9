# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which Node a release of OpenClaw runs on: npm's engine ranges, evaluated without npm. Pure."""

from __future__ import annotations

import re

#: C(engines.node) of OpenClaw by first release that declared it, oldest first: for a package that does not say itself.
#: Node 22 stopped being good enough inside 2026.9.x, which is why both pins have to move together.
KNOWN_ENGINES = (
    ("2026.1.30", ">=22.12.0"),
    ("2026.3.31", ">=22.14.0"),
    ("2026.5.28", ">=22.19.0"),
    ("2026.7.1", ">=22.22.3 <23 || >=24.15.0 <25 || >=25.9.0"),
    ("2026.9.6", ">=24.16.0 <25 || >=26.1.0"),
)

#: Recommended before anything computed from a range: a long-term release that every known range accepts.
PROVEN_NODE = "24.21.0"

_NUMBER = r"(?:0|[1-9][0-9]*)"
_EXACT = re.compile(r"^v?(%s)\.(%s)\.(%s)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$" % (_NUMBER, _NUMBER, _NUMBER))
_PARTIAL = re.compile(
    r"^v?(?P<major>%s|[xX*])(?:\.(?P<minor>%s|[xX*])(?:\.(?P<patch>%s|[xX*])(?:-(?P<pre>[0-9A-Za-z.-]+))?)?)?"
    r"(?:\+[0-9A-Za-z.-]+)?$" % (_NUMBER, _NUMBER, _NUMBER)
)
_COMPARATOR = re.compile(r"^(>=|<=|>|<|=|~>|~|\^)?(.*)$")
_HYPHEN = re.compile(r"^(\S+)\s+-\s+(\S+)$")

#: Prerelease of a bound that must exclude every prerelease of that version as well: C(<25.0.0) is C(<25.0.0-0) to npm.
_LOWEST = ((0, 0, ""),)
_RELEASE = ((2, 0, ""),)


def parse_version(text):
    """Return the sort key of an exact version (C(24.19.0), C(v24.19.0), C(2026.9.6-beta.1)).

    :returns: tuple C((major, minor, patch, prerelease)) that compares by semver precedence.
    :raises ValueError: when the text is not one exact version.
    """
    match = _EXACT.match(text.strip())
    if not match:
        raise ValueError("%r is not an exact version such as 24.19.0" % (text,))
    return _key(int(match.group(1)), int(match.group(2)), int(match.group(3)), match.group(4))


def satisfies(version, wanted):
    """Say whether an exact version lies in an npm range.

    As npm does for engines, prereleases count as ordinary versions of their precedence.

    :param version: exact version.
    :param wanted: npm range: C(||), spaces as "and", comparators, C(^), C(~), x-ranges, hyphen ranges.
    :raises ValueError: when either cannot be read.
    """
    key = parse_version(version)
    return any(
        all(_OPERATORS[operator](key, bound) for operator, bound in alternative) for alternative in parse_range(wanted)
    )


def parse_range(text):
    """Return the alternatives of an npm range, each a list of C((operator, version key)) that must all hold.

    :raises ValueError: naming the part that cannot be read.
    """
    return [_alternative(part.strip()) for part in text.split("||")]


def suggest(wanted):
    """Return an exact Node version that lies in the range, or C(None) when the range cannot name one.

    The proven long-term release where it fits, else the lowest version of an alternative (even majors, which get
    long-term support, before odd ones).
    """
    floors = [_text(bound) for part in parse_range(wanted) for operator, bound in part if operator == ">="]
    floors.sort(key=lambda version: (int(version.split(".")[0]) % 2, parse_version(version)))
    return next((version for version in [PROVEN_NODE] + floors if satisfies(version, wanted)), None)


def known_engines(openclaw_version):
    """Return C(engines.node) as releases around this version declare it, or C(None) before the table begins."""
    key = parse_version(openclaw_version)
    found = None
    for first, wanted in KNOWN_ENGINES:
        if key >= parse_version(first):
            found = wanted
    return found


def _key(major, minor, patch, pre=None):
    return (major, minor, patch, _prerelease(pre))


def _prerelease(text):
    if not text:
        return _RELEASE
    # Numeric identifiers sort below alphanumeric ones and by value; a shorter list sorts below its extension.
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in text.split("."))


def _text(key):
    return "%d.%d.%d" % key[:3]


def _alternative(text):
    hyphen = _HYPHEN.match(text)
    if hyphen:
        return _comparator(">=", hyphen.group(1)) + _comparator("<=", hyphen.group(2))
    # npm allows a space between an operator and its version.
    words = re.sub(r"(>=|<=|>|<|=|~>|~|\^)\s+", r"\1", text).split()
    bounds = []
    for word in words:
        operator, version = _COMPARATOR.match(word).groups()
        bounds += _comparator(operator or "", version)
    return bounds


def _comparator(operator, text):
    """Turn one comparator over a possibly partial version into half-open bounds."""
    match = _PARTIAL.match(text) if text else None
    if text and not match:
        raise ValueError("cannot read %r as part of a version range" % (operator + text))
    numbers = [] if not match else _given(match.group("major", "minor", "patch"))
    if not numbers:
        # "*" and "" hold for everything; "<*" and ">*" for nothing.
        return [("<", (0, 0, 0, _LOWEST))] if operator in ("<", ">") else []
    low = _key(*(numbers + [0, 0, 0])[:3], match.group("pre"))
    full = len(numbers) == 3
    return _BOUNDS[operator](low, numbers, full)


def _given(parts):
    numbers = []
    for part in parts:
        if part is None or part in "xX*":
            break
        numbers.append(int(part))
    return numbers


def _next(numbers, position):
    """The first version after all that share C(numbers) up to and including C(position)."""
    raised = list(numbers[:position]) + [numbers[position] + 1]
    return tuple((raised + [0, 0])[:3]) + (_LOWEST,)


def _caret(low, numbers, full):
    # The leftmost non-zero number must not change.
    position = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
    return [(">=", low), ("<", _next(numbers, position))]


def _tilde(low, numbers, full):
    return [(">=", low), ("<", _next(numbers, min(1, len(numbers) - 1)))]


def _equal(low, numbers, full):
    return [("=", low)] if full else [(">=", low), ("<", _next(numbers, len(numbers) - 1))]


#: Operator of the range language -> bounds, for (lowest version meant, numbers given, whether all three were given).
_BOUNDS = {
    "": _equal,
    "=": _equal,
    "^": _caret,
    "~": _tilde,
    "~>": _tilde,
    ">=": lambda low, numbers, full: [(">=", low)],
    ">": lambda low, numbers, full: [(">", low)] if full else [(">=", _next(numbers, len(numbers) - 1))],
    "<": lambda low, numbers, full: [("<", low if low[3] != _RELEASE else low[:3] + (_LOWEST,))],
    "<=": lambda low, numbers, full: [("<=", low)] if full else [("<", _next(numbers, len(numbers) - 1))],
}

_OPERATORS = {
    ">=": lambda version, bound: version >= bound,
    "<=": lambda version, bound: version <= bound,
    ">": lambda version, bound: version > bound,
    "<": lambda version, bound: version < bound,
    "=": lambda version, bound: version == bound,
}
