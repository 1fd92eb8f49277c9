# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The catalogue of checks: its format, its loader, and the lint that every rule goes through, a user's own too.

A file is a list of checks (the collection's), or a mapping of C(checks), C(overrides) and C(waivers) (a user's). What a
check is made of: :class:`Check`. docs/audit.md says it for persons.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
from typing import Optional

import yaml
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit.functions import Expression, Unanswerable
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit.paths import touched

SEVERITIES = ("error", "warning", "info")
LAYERS = ("service", "network", "config", "auth", "provider", "host", "audit")
REPAIRS = ("deploy", "rotate", "remediate", "manual")
#: What a check is judged on: one host, all hosts together, or the audit itself.
SUBJECTS = ("host", "fleet", "audit")
#: Expectation -> type of what it is compared with; None for any.
EXPECTATIONS = {"equals": None, "is": bool, "empty": bool, "at_most": (int, float), "in": list, "equals_query": str}
#: Prefix of the collection's own ids; a user's checks have another.
OWN = "OCG-"
#: Names that every text of a check may use in braces.
STANDING = frozenset(
    ("host", "user", "home", "uid", "label", "scope", "domain", "target", "plist", "port", "state_dir", "config")
    + ("root", "log", "version", "node_version", "environment", "class", "inventory", "value", "want")
)
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

_ID = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d{3}\Z")
_TEXTS = ("title", "why", "impact", "diagnosis", "hint", "message", "path", "query", "applies", "blind")
_QUERIES = ("query", "applies", "blind")
_REQUIRED = ("id", "title", "why", "severity", "layer", "message", "hint")
#: What the collection's own checks must say too, because their pages and the runbook are made from it.
_REQUIRED_OWN = _REQUIRED + ("impact", "diagnosis", "step", "repair", "requirements")
_KEYS = frozenset(_REQUIRED_OWN + _TEXTS + ("expect", "needs", "with", "of"))
#: libyaml is ten times as fast, and not everywhere.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class AuditError(ValueError):
    """A file of checks or waivers that cannot be used.

    :ivar file, id, key: where. C(id) and C(key) are None where it is the whole file or check.
    """

    def __init__(self, file, id, key, problem):
        self.file, self.id, self.key, self.problem = file, id, key, problem
        where = [file] + ([id] if id else []) + (["key '%s'" % key] if key else [])
        super().__init__("%s: %s" % (": ".join(where), problem))


@dataclasses.dataclass(frozen=True)
class Query:
    """An expression. C(paths): what it may read, as tuples of keys."""

    expression: Expression
    paths: frozenset

    @property
    def text(self):
        return self.expression.text

    def of(self, document):
        """Return its answer. :raises Unanswerable: when it asks what the value cannot answer."""
        return self.expression.of(document)


@dataclasses.dataclass(frozen=True)
class Check:
    """One rule. Texts hold placeholders in braces: those of :data:`STANDING`, and the names in C(extra).

    :ivar of: one of :data:`SUBJECTS`; only those of a host have a query and an expectation.
    :ivar applies: queries, each of which answers nothing where the check does not apply: the parts of what C(&&) joins,
        since a declaration that says nothing is no fact about the host that could not be seen.
    :ivar blind: answers what could not be seen: then what would pass is unknown.
    :ivar expect: one item of :data:`EXPECTATIONS` and its value (a :class:`Query` for C(equals_query)).
    :ivar extra: placeholder -> :class:`Query`. :ivar sections: of the observation, that it needs.
    :ivar declared: paths below the policy that it compares with. :ivar disabled: why it is not asked, or None.
    """

    id: str
    title: str
    why: str
    severity: str
    layer: str
    message: str
    hint: str
    file: str
    impact: str = ""
    diagnosis: str = ""
    step: int = 2
    kind: str = "manual"
    commands: tuple = ()
    requirements: tuple = ()
    path: str = ""
    of: str = "host"
    query: Optional[Query] = None
    applies: tuple = ()
    blind: Optional[Query] = None
    expect: tuple = ("equals", None)
    extra: tuple = ()
    sections: tuple = ()
    declared: tuple = ()
    disabled: Optional[str] = None

    @property
    def queries(self):
        """Every expression of the check."""
        wanted = (self.expect[1],) if self.expect[0] == "equals_query" else ()
        named = tuple(query for _name, query in self.extra)
        asked = (self.query, *self.applies, self.blind, *wanted, *named)
        return tuple(query for query in asked if query is not None)


def load(paths, extra=()):
    """Read, check and compile a catalogue. The answer for unchanged files is kept: load it before processes fork.

    :param paths: files or directories of the collection's checks. :param extra: files of a user's own.
    :returns: list of :class:`Check`, in the order of the files, with the user's overrides applied.
    :raises AuditError: naming file, check and key, and what was expected.
    """
    return list(_load(_stamped(files_of(paths)), _stamped(files_of(extra))))


def files_of(paths):
    """Return the YAML files that files and directories stand for, those of a directory sorted."""
    found = []
    for path in paths:
        if os.path.isdir(path):
            names = sorted(name for name in os.listdir(path) if name.endswith((".yml", ".yaml")))
            found += [os.path.join(path, name) for name in names]
        else:
            found.append(path)
    return found


def read(path):
    """Return what a YAML file says, as plain data. :raises AuditError: when it cannot be read or parsed."""
    try:
        with open(path, encoding="utf-8") as stream:
            return yaml.load(stream, Loader=_LOADER)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise AuditError(path, None, None, "cannot be read: %s." % why) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "line %d, column %d: " % (mark.line + 1, mark.column + 1) if mark else ""
        raise AuditError(path, None, None, "%snot YAML: %s" % (where, getattr(error, "problem", error))) from None


@functools.lru_cache(maxsize=1)
def shape():
    """Return the shape of the document that is judged: plain data, see :mod:`paths`."""
    here = os.path.dirname(os.path.abspath(__file__))
    return read(os.path.join(here, "..", "..", "..", "roles", "audit", "files", "shape.yml"))


def _stamped(files):
    """Files with what changes when they do, as a key to keep answers by."""
    stamped = []
    for path in files:
        try:
            facts = os.stat(path)
        except OSError as error:
            raise AuditError(path, None, None, "cannot be read: %s." % error.strerror) from None
        stamped.append((path, facts.st_mtime_ns, facts.st_size))
    return tuple(stamped)


@functools.lru_cache(maxsize=8)
def _load(own, extra):
    checks, overrides = {}, {}
    for files, prefixed in ((own, True), (extra, False)):
        for path, _changed, _size in files:
            content = _content(path)
            for item in content["checks"]:
                check = _check(path, item, prefixed)
                if check.id in checks:
                    raise AuditError(path, check.id, "id", "is taken by a check in %s." % checks[check.id].file)
                checks[check.id] = check
            overrides.update({name: (path, said) for name, said in content["overrides"].items()})
    for name, (path, said) in overrides.items():
        if name not in checks:
            raise AuditError(path, name, None, "is overridden, but there is no such check.")
        checks[name] = _overridden(checks[name], path, said)
    return tuple(checks.values())


def _content(path):
    content = read(path)
    if isinstance(content, list):
        content = {"checks": content}
    if not isinstance(content, dict):
        expected = "a list of checks, or a mapping of checks, overrides and waivers"
        raise AuditError(path, None, None, "holds %s; expected %s." % (_kind(content), expected))
    stray = sorted(set(map(str, content)) - {"checks", "overrides", "waivers"})
    if stray:
        raise AuditError(path, None, stray[0], "is unknown; expected checks, overrides or waivers.")
    for key, kind in (("checks", list), ("overrides", dict)):
        content[key] = kind() if content.get(key) is None else content[key]
        if not isinstance(content[key], kind):
            raise AuditError(path, None, key, "is %s; expected a %s." % (_kind(content[key]), _NAMES[kind]))
    return content


_NAMES = {str: "text", list: "list", dict: "mapping", bool: "true or false", int: "whole number"}
_NAMES[(int, float)] = "number"


def _kind(value):
    return "nothing" if value is None else _NAMES.get(type(value), type(value).__name__)


def lint(check, examples, pages):
    """Say why a check may not be in the collection; loading it has refused what no rule at all may be.

    :param check: :class:`Check`. :param examples: what fixtures there are of it, as names of results.
    :param pages: ids of the checks that have a page.
    :returns: list of sentences.
    """
    wanted = ("pass", "fail", "unknown") if check.of == "host" else ()
    found = ["has no example of a host on which it is '%s'." % kind for kind in wanted if kind not in examples]
    found += [] if check.id in pages else ["has no page: run 'make reference'."]
    found += [] if check.requirements else ["names no requirement."]
    if check.kind != "manual" and not any("clawops.openclaw." in command for command in check.commands):
        found.append("is repaired by '%s', but no command of it runs a playbook of the collection." % check.kind)
    return found


def _overridden(check, path, said):
    if not isinstance(said, dict) or not isinstance(said.get("reason"), str) or not said["reason"].strip():
        raise AuditError(path, check.id, "reason", "is missing; expected a sentence that says why the check differs.")
    stray = sorted(set(map(str, said)) - {"reason", "severity", "disabled"})
    if stray:
        raise AuditError(path, check.id, stray[0], "cannot be overridden; expected severity, disabled and reason.")
    severity = said.get("severity", check.severity)
    _one_of(path, check.id, "severity", severity, SEVERITIES)
    if not isinstance(said.get("disabled", False), bool):
        raise AuditError(path, check.id, "disabled", "is %r; expected true or false." % (said["disabled"],))
    return dataclasses.replace(check, severity=severity, disabled=said["reason"] if said.get("disabled") else None)


def _one_of(path, name, key, value, allowed):
    if value not in allowed:
        raise AuditError(path, name, key, "is %r; expected one of %s." % (value, ", ".join(map(str, allowed))))


def _check(path, item, own):
    if not isinstance(item, dict):
        raise AuditError(path, None, None, "a check is %s; expected a mapping." % _kind(item))
    name = item.get("id")
    if not isinstance(name, str) or not _ID.match(name):
        raise AuditError(path, None, "id", "is %r; expected capitals with a number, as ACME-PORT-001." % (name,))
    if name.startswith(OWN) is not own:
        expected = "one that begins with %s" if own else "another beginning than %s, which is the collection's"
        raise AuditError(path, name, "id", "expected " + expected % OWN + ".")
    _keys(path, name, item, own)
    queries = {key: _query(path, name, key, item[key]) for key in ("query", "blind") if item.get(key)}
    extra = tuple((key, _query(path, name, "with." + key, said)) for key, said in item.get("with", {}).items())
    kind, commands = _repair(path, name, item.get("repair", {"kind": "manual", "commands": []}))
    check = Check(
        **{key: " ".join(item[key].split()) for key in _TEXTS if key in item and key not in _QUERIES},
        **queries, applies=_applies(path, name, item.get("applies")), id=name, file=path,
        severity=item["severity"], layer=item["layer"], step=item.get("step", 2),
        kind=kind, commands=commands, requirements=tuple(item.get("requirements", ())), of=item.get("of", "host"),
        expect=_expectation(path, name, item), extra=extra,
    )
    _placeholders(path, check)
    return _with_needs(path, check, item.get("needs", []))


def _keys(path, name, item, own):
    stray = sorted(set(map(str, item)) - _KEYS)
    if stray:
        raise AuditError(path, name, stray[0], "is unknown; expected one of %s." % ", ".join(sorted(_KEYS)))
    for key in _REQUIRED_OWN if own else _REQUIRED:
        if item.get(key) in (None, ""):
            raise AuditError(path, name, key, "is missing.")
    for key in _TEXTS:
        if key in item and not isinstance(item[key], str):
            raise AuditError(path, name, key, "is %s; expected text." % _kind(item[key]))
    _one_of(path, name, "severity", item["severity"], SEVERITIES)
    _one_of(path, name, "layer", item["layer"], LAYERS)
    _one_of(path, name, "of", item.get("of", "host"), SUBJECTS if own else ("host",))
    _one_of(path, name, "step", item.get("step", 2), (1, 2, 3, 4, 5, 6))
    for key in ("requirements", "needs"):
        if not isinstance(item.get(key, []), list) or not all(isinstance(one, str) for one in item.get(key, [])):
            raise AuditError(path, name, key, "expected a list of texts.")
    if not isinstance(item.get("with", {}), dict):
        raise AuditError(path, name, "with", "is %s; expected a mapping of names to queries." % _kind(item["with"]))


def _query(path, name, key, text):
    if not isinstance(text, str):
        raise AuditError(path, name, key, "is %s; expected a JMESPath expression." % _kind(text))
    try:
        expression = Expression(text)
    except Unanswerable as error:
        raise AuditError(path, name, key, "is no JMESPath expression: %s." % str(error).rstrip(".")) from None
    found = touched(expression, shape())
    if found.problems:
        raise AuditError(path, name, key, "asks what no observation has: %s." % "; ".join(sorted(set(found.problems))))
    return Query(expression, found.paths)


def _applies(path, name, text):
    if not text:
        return ()
    whole = _query(path, name, "applies", text)
    parts, waiting = [], [whole.expression.parsed]
    while waiting:
        node = waiting.pop(0)
        if node["type"] == "and_expression":
            waiting = node["children"] + waiting
        else:
            part = Expression(text, node)
            parts.append(Query(part, touched(part, shape()).paths))
    return tuple(parts)


def _expectation(path, name, item):
    if item.get("of", "host") != "host":
        for key in ("query", "expect"):
            if key in item:
                raise AuditError(path, name, key, "only checks of a host have one.")
        return ("equals", None)
    for key in ("query", "expect"):
        if not item.get(key):
            raise AuditError(path, name, key, "is missing.")
    said = item["expect"]
    if not isinstance(said, dict) or len(said) != 1 or set(said) - set(EXPECTATIONS):
        raise AuditError(path, name, "expect", "is %r; expected a mapping with one of %s."
                         % (said, ", ".join(EXPECTATIONS)))
    (word, value), = said.items()
    wanted = EXPECTATIONS[word]
    if wanted and (not isinstance(value, wanted) or (wanted is EXPECTATIONS["at_most"] and isinstance(value, bool))):
        raise AuditError(path, name, "expect." + word, "is %s; expected a %s." % (_kind(value), _NAMES[wanted]))
    return (word, _query(path, name, "expect." + word, value) if word == "equals_query" else value)


def _repair(path, name, said):
    if not isinstance(said, dict) or set(said) - {"kind", "commands"}:
        raise AuditError(path, name, "repair", "expected a mapping of kind and commands.")
    _one_of(path, name, "repair.kind", said.get("kind"), REPAIRS)
    commands = said.get("commands", [])
    if not isinstance(commands, list) or not all(isinstance(one, str) for one in commands):
        raise AuditError(path, name, "repair.commands", "expected a list of texts.")
    return said["kind"], tuple(" ".join(one.split()) for one in commands)


def _placeholders(path, check):
    known = STANDING | {name for name, _query in check.extra}
    for key, text in [(key, getattr(check, key)) for key in ("message", "hint", "path")] + [
        ("repair.commands", command) for command in check.commands
    ]:
        stray = [name for name in PLACEHOLDER.findall(text) if name not in known]
        # What judges a fleet or the audit itself brings its own.
        if stray and check.of == "host":
            raise AuditError(path, check.id, key, "has the placeholder {%s}; expected one of %s, or a name in 'with'."
                             % (stray[0], ", ".join(sorted(known))))


def _with_needs(path, check, needs):
    for name in needs:
        if name not in shape() or name == "policy":
            raise AuditError(path, check.id, "needs", "names '%s', which is no section of the observation." % name)
    paths = {one for query in check.queries for one in query.paths}
    sections = sorted({one[0] for one in paths if one[0] != "policy"} | set(needs))
    declared = sorted(one[1:] for one in paths if one[0] == "policy" and len(one) > 1)
    if check.of == "host" and not any(one[0] != "policy" for one in check.query.paths | _answered(check)):
        raise AuditError(path, check.id, "query", "touches nothing of the observation: its answer is always the same.")
    return dataclasses.replace(check, sections=tuple(sections), declared=tuple(declared))


def _answered(check):
    return check.expect[1].paths if check.expect[0] == "equals_query" else frozenset()
