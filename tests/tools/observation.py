# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds an observation of openclaw_info to docs/observation.schema.json.

As much of JSON Schema 2020-12 as that file uses, in plain Python, because tests also run where nothing else is
installed. A word of JSON Schema that is not known here is refused: it would hold nothing.
"""
import json
import re
from pathlib import Path

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/observation.schema.json").read_text(encoding="utf-8"))
#: Words that say nothing about a document.
_REMARKS = {"$schema", "$defs", "title", "description"}
_TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _same(one, other):
    return type(one) is type(other) and one == other


def _type(wanted, value, _schema, place):
    names = wanted if isinstance(wanted, list) else [wanted]
    if not any(_TYPES[name](value) for name in names):
        yield "%s: %r is not %s" % (place, value, " or ".join(names))


def _enum(wanted, value, _schema, place):
    if not any(_same(value, item) for item in wanted):
        yield "%s: %r is none of %r" % (place, value, wanted)


def _const(wanted, value, _schema, place):
    yield from _enum([wanted], value, _schema, place)


def _pattern(wanted, value, _schema, place):
    if isinstance(value, str) and not re.search(wanted, value):
        yield "%s: %r is not like %s" % (place, value, wanted)


def _required(wanted, value, _schema, place):
    if isinstance(value, dict):
        yield from ("%s: lacks %s" % (place, key) for key in wanted if key not in value)


def _properties(wanted, value, _schema, place):
    if isinstance(value, dict):
        for key in wanted:
            if key in value:
                yield from problems(value[key], wanted[key], "%s/%s" % (place, key))


def _additional(wanted, value, schema, place):
    if isinstance(value, dict):
        for key in value:
            if key not in schema.get("properties", {}):
                inner = "%s/%s" % (place, key)
                yield from [inner + ": unknown"] if wanted is False else problems(value[key], wanted, inner)


def _items(wanted, value, _schema, place):
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from problems(item, wanted, "%s/%d" % (place, index))


def _any_of(wanted, value, _schema, place):
    found = [list(problems(value, one, place)) for one in wanted]
    if all(found):
        yield from found[0]


def _ref(wanted, value, _schema, place):
    yield from problems(value, SCHEMA["$defs"][wanted[len("#/$defs/") :]], place)


def _if(wanted, value, schema, place):
    if not list(problems(value, wanted, place)):
        yield from problems(value, schema["then"], place)


_WORDS = {
    "type": _type, "enum": _enum, "const": _const, "pattern": _pattern, "required": _required,
    "properties": _properties, "additionalProperties": _additional, "items": _items, "anyOf": _any_of, "$ref": _ref,
    "if": _if, "then": lambda wanted, value, schema, place: (),
}  # fmt: skip


def problems(value, schema=None, place=""):
    """Yield, as sentences, where a document is not as a schema says; by default the schema of the observation."""
    schema = SCHEMA if schema is None else schema
    for word, wanted in schema.items():
        if word not in _REMARKS:
            yield from _WORDS[word](wanted, value, schema, place)


def strangers(schema=None):
    """Return the words of a schema that are not known here."""
    schema = SCHEMA if schema is None else schema
    found = set(schema) - _REMARKS - set(_WORDS)
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    nested = [schema.get(word) for word in ("items", "additionalProperties", "if", "then")]
    inner += [one for one in nested if isinstance(one, dict)]
    for one in inner:
        found |= strangers(one)
    return found
