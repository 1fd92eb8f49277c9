# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The language of rules: JMESPath, and what they may ask beyond its own functions. Pure.

Each function answers null when what it is given is null, so that what could not be seen stays unknown. Without the
package jmespath this can be imported, and :func:`require` says what to install.
"""

from __future__ import annotations

import re

try:
    import jmespath
    from jmespath import exceptions, functions, parser
except ImportError:
    jmespath = None

_NUMBER = re.compile(r"\d+")


def _release(version):
    return tuple(int(part) for part in _NUMBER.findall(version))


def _signature(*types):
    return functions.signature(*types) if jmespath else lambda function: function


class _Functions(functions.Functions if jmespath else object):
    """The names below that begin with C(_func_) are what rules call."""

    @_signature({"types": ["object", "null"]}, {"types": ["object", "null"]})
    def _func_differing(self, want, have):
        """Sorted keys of the first mapping that the second has not, or has with another value."""
        if want is None or have is None:
            return None
        return sorted(key for key, value in want.items() if have.get(key) != value)

    @_signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_open_bits(self, mode, mask):
        """Those bits of an octal mode ("0644") that a mask ("0077") names, as octal text; "0" when there are none."""
        return None if mode is None else format(int(mode, 8) & int(mask, 8), "o")

    @_signature({"types": ["string", "null"]}, {"types": ["string", "null"]})
    def _func_older(self, version, than):
        """Whether a version (2026.9.6) is older than another, number by number."""
        if version is None or than is None or not _release(version) or not _release(than):
            return None
        return _release(version) < _release(than)

    @_signature({"types": ["number", "null"]})
    def _func_mib(self, size):
        """Whole MiB of a number of bytes."""
        return None if size is None else int(size) // (1024 * 1024)

    @_signature({"types": ["number", "null"]}, {"types": ["number", "null"]})
    def _func_share(self, part, whole):
        """A part of a whole, as a number from 0."""
        return None if part is None or not whole else part / whole

    @_signature({"types": ["object", "null"]}, {"types": ["string"]})
    def _func_counted(self, counter, beginning):
        """The sum of those counts of a mapping (name to number) whose name begins so."""
        return None if counter is None else sum(count for name, count in counter.items() if name.startswith(beginning))

    @_signature({"types": ["array", "null"]})
    def _func_distinct(self, values):
        """The different values of a list, sorted by how they are written; nulls left out."""
        if values is None:
            return None
        return sorted({str(value): value for value in values if value is not None}.values(), key=str)

    @_signature({"types": ["array", "null"]}, {"types": ["string"]}, {"types": []})
    def _func_where(self, rows, key, value):
        """Rows (mappings) in which a key has a value, or is a list that holds it: filters cannot see the policy."""
        return None if rows is None or value is None else [row for row in rows if _has(row, key, value)]

    @_signature({"types": ["array", "null"]}, {"types": ["string"]}, {"types": []})
    def _func_where_not(self, rows, key, value):
        """The other rows."""
        return None if rows is None or value is None else [row for row in rows if not _has(row, key, value)]

    @_signature({"types": ["array"]})
    def _func_concat(self, lists):
        """All elements of some lists; null when one of the lists is."""
        return None if None in lists else [item for items in lists for item in items]

    @_signature({"types": ["object", "null"]})
    def _func_rows(self, mapping):
        """The values of a mapping of mappings as rows, each with its key as C(name), sorted by it."""
        return None if mapping is None else [dict(mapping[name] or {}, name=name) for name in sorted(mapping)]

    @_signature({"types": ["string", "null"]})
    def _func_settled(self, verdict):
        """A verdict about the Gateway that says ok or fail; null for one that was not tried or could not be told."""
        return verdict if verdict in ("ok", "fail") else None


def _has(row, key, value):
    found = row.get(key) if isinstance(row, dict) else None
    return value in found if isinstance(found, list) else found == value


class Unanswerable(Exception):
    """An expression that cannot be compiled, or that asks what a value cannot answer."""


class Expression:
    """A compiled expression. :ivar text, parsed: as written, and as JMESPath's own tree of nodes."""

    def __init__(self, text, parsed=None):
        """:raises Unanswerable: when the text is no expression."""
        require()
        try:
            self._compiled = jmespath.compile(text) if parsed is None else parser.ParsedResult(text, parsed)
        except exceptions.JMESPathError as error:
            raise Unanswerable(" ".join(str(error).split())) from None
        self.text, self.parsed = text, self._compiled.parsed

    def of(self, document):
        """Return its answer. :raises Unanswerable: when a function gets a value of another type than it takes."""
        try:
            return self._compiled.search(document, options=OPTIONS)
        except exceptions.JMESPathError as error:
            raise Unanswerable(" ".join(str(error).split())) from None


def require():
    """:raises ImportError: naming the package, when it is not there."""
    if jmespath is None:
        raise ImportError("the audit needs the Python package jmespath beside ansible-core: pip install jmespath")


OPTIONS = jmespath.Options(custom_functions=_Functions()) if jmespath else None
