# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which parts of an observation a JMESPath expression can touch: read from the expression and the shape of what it is
asked of, not from a run of it. Pure.

A run shows only one way through C(&&), C(||) and filters, and a misspelt key there is null, which looks like an answer.
The shape is plain data: a mapping has its keys, or the one key C(*) where they are free; a list has one element; a leaf
is the name of a type.
"""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

#: Stands in a path for every element of a list, and for every value of a mapping with free keys.
ANY = "*"


class _Ref(NamedTuple):
    """A part of the document."""

    path: tuple
    shape: Any


#: What C(!) answers.
_NEGATED = _Ref((), "bool")


class _Many(NamedTuple):
    """A list that the expression makes: each element is one of the values."""

    values: list


class _Made(NamedTuple):
    """A mapping that the expression makes: key -> the values it may have."""

    keys: dict


class Touched(NamedTuple):
    """What an expression may read: C(paths), tuples of keys, prefixes left out; C(problems), sentences about keys that
    nothing has."""

    paths: frozenset
    problems: tuple


def touched(expression, shape):
    """Return what a compiled JMESPath expression may read of a document of that shape, as :class:`Touched`."""
    walk = _Walk()
    walk.of(expression.parsed, [_Ref((), shape)])
    longer = {path[:cut] for path in walk.paths for cut in range(1, len(path))}
    return Touched(frozenset(walk.paths - longer), tuple(walk.problems))


def shown(path):
    """Return a path as a person writes it: C(service.scopes[].state)."""
    return ".".join("[]" if part == ANY else part for part in path).replace(".[]", "[]")


class _Walk:
    """Every method takes a node and the values it may be asked of, and returns the values it may answer (none of them
    where the answer is computed)."""

    def __init__(self):
        self.paths, self.problems = set(), []

    def of(self, node, here):
        return getattr(self, "_" + node["type"], self._computed)(node, here)

    def _computed(self, node, here):
        for child in node["children"]:
            self.of(child, here)
        return []

    def _current(self, node, here):
        return here

    _identity = _slice = _current

    def _not_expression(self, node, here):
        self._computed(node, here)
        return [_NEGATED]

    def _field(self, node, here):
        return [found for value in here for found in self._member(value, node["value"])]

    def _member(self, value, key):
        if isinstance(value, _Made):
            return value.keys.get(key, [])
        if isinstance(value, _Many):
            self.problems.append("'.%s' is asked of a list, and is always null; write '[].%s'" % (key, key))
            return []
        path, shape = value.path + (key,), value.shape
        if value is _NEGATED:
            self.problems.append("'!' binds tighter than the dot: write !(a.%s)" % key)
            return []
        if isinstance(shape, list):
            self.problems.append("'%s' is a list: write '%s[].%s'" % (shown(value.path), shown(value.path), key))
            return []
        if not isinstance(shape, dict):
            if shape != "any":
                self.problems.append("'%s' has no members, so there is no '%s'" % (shown(value.path), shown(path)))
            return []
        if key not in shape and ANY not in shape:
            self.problems.append("nothing is called '%s'%s" % (shown(path), _meant(key, shape)))
            return []
        self.paths.add(path)
        return [_Ref(path, shape.get(key, shape.get(ANY)))]

    def _chain(self, node, here):
        for child in node["children"]:
            here = self.of(child, here)
        return here

    _subexpression = _index_expression = _pipe = _chain

    def _index(self, node, here):
        return self._elements(here)

    def _elements(self, values):
        found = []
        for value in values:
            if isinstance(value, _Many):
                found += value.values
            elif isinstance(value, _Ref) and isinstance(value.shape, list):
                path = value.path + (ANY,)
                found.append(_Ref(path, value.shape[0]))
            elif isinstance(value, _Ref) and value.shape != "any":
                self.problems.append("'%s' is no list" % shown(value.path))
        return found

    def _members(self, values):
        found = []
        for value in values:
            if isinstance(value, _Ref) and isinstance(value.shape, dict):
                found += [_Ref(value.path + (key,), shape) for key, shape in value.shape.items()]
            elif isinstance(value, _Made):
                found += [one for ones in value.keys.values() for one in ones]
        return found

    def _projection(self, node, here):
        left, right = node["children"]
        return [_Many(self.of(right, self._elements(self.of(left, here))))]

    def _value_projection(self, node, here):
        left, right = node["children"]
        return [_Many(self.of(right, self._members(self.of(left, here))))]

    def _filter_projection(self, node, here):
        left, right, condition = node["children"]
        elements = self._elements(self.of(left, here))
        self.of(condition, elements)
        return [_Many(self.of(right, elements))]

    def _flatten(self, node, here):
        flat = []
        for value in self._elements(self.of(node["children"][0], here)):
            nested = isinstance(value, _Many) or (isinstance(value, _Ref) and isinstance(value.shape, list))
            flat += self._elements([value]) if nested else [value]
        return [_Many(flat)]

    def _either(self, node, here):
        return [value for child in node["children"] for value in self.of(child, here)]

    _or_expression = _and_expression = _either

    def _multi_select_list(self, node, here):
        return [_Many(self._either(node, here))]

    def _multi_select_dict(self, node, here):
        return [_Made({pair["value"]: self.of(pair["children"][0], here) for pair in node["children"]})]

    def _function_expression(self, node, here):
        name, given = node["value"], node["children"]
        values = [self.of(child, here) for child in given if child["type"] != "expref"]
        listed = self._elements(values[0]) if values and any(child["type"] == "expref" for child in given) else []
        answers = [self.of(child["children"][0], listed) for child in given if child["type"] == "expref"]
        return _FUNCTIONS.get(name, lambda walk, values, answers: [])(self, values, answers)


def _named(value):
    return value._replace(shape=dict(value.shape, name="str")) if isinstance(value.shape, dict) else value


#: Function -> what its answer may be, from the values of its arguments and the answers of its expressions. Any other
#: computes something new.
_FUNCTIONS = {
    "rows": lambda walk, values, answers: [_Many([_named(value) for value in walk._members(values[0])])],
    "map": lambda walk, values, answers: [_Many(answers[0])],
    "not_null": lambda walk, values, answers: [value for one in values for value in one],
    "concat": lambda walk, values, answers: [_Many(walk._elements(walk._elements(values[0])))],
    **dict.fromkeys(
        ("where", "where_not"), lambda walk, values, answers: [_Many(walk._elements(values[0]))]
    ),
    "values": lambda walk, values, answers: [_Many(walk._members(values[0]))],
    **dict.fromkeys(("max_by", "min_by"), lambda walk, values, answers: walk._elements(values[0])),
    **dict.fromkeys(("sort", "sort_by", "reverse", "to_array"), lambda walk, values, answers: values[0]),
}


def _meant(key, shape):
    near = difflib.get_close_matches(key, [name for name in shape if name != ANY], 1)
    return " (is '%s' meant?)" % near[0] if near else ""
