# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Reads what C(launchctl print) and C(launchctl print-disabled) write.

The output is no stable interface but regular: tabs for depth, C(key = value), blocks C(key = {) to C(}), and
C(KEY => value) in blocks of pairs. Blocks deeper down repeat keys of the job (C(state), C(pid), C(path)), so only
lines behind exactly one tab count, and the first of a name wins. Values hold spaces (C(spawn scheduled)).
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBER = re.compile(r"\s*(-?\d+)")
_PAIR = re.compile(r"(.*?) => ?(.*)")
_OVERRIDE = re.compile(r'\s*"?(.+?)"?\s*=>\s*(enabled|disabled|true|false)\s*$')
#: How print-disabled words an override: "disabled" and, up to macOS 12, "true" (as in: it is true that it is disabled).
_MEANS_DISABLED = {"disabled": True, "true": True, "enabled": False, "false": False}

#: The process has been told to go; the label is taken until it has.
DRAINING = ("SIGTERMed", "SIGKILLed", "languishing")
#: launchd holds the next spawn back: the throttle window, hence also the state of a crash loop.
THROTTLED = ("spawn scheduled",)


class Loaded(NamedTuple):
    """A job as launchd holds it. C(None) means that launchd did not say.

    Seconds are int; C(umask) is an int; C(last_exit) is launchd's wording (C(1), C(78: EX_CONFIG), C(Killed: 9)),
    C(None) for never.
    """

    state: str
    path: str | None = None
    program: str | None = None
    arguments: tuple | None = None
    environment: dict | None = None
    working_directory: str | None = None
    stdin_path: str | None = None
    stdout_path: str | None = None
    stderr_path: str | None = None
    username: str | None = None
    umask: int | None = None
    throttle_interval: int | None = None
    exit_timeout: int | None = None
    soft_files: int | None = None
    hard_files: int | None = None
    properties: tuple | None = None
    pid: int | None = None
    runs: int | None = None
    last_exit: str | None = None
    pended: str | None = None
    job_state: str | None = None
    domain: str | None = None

    @property
    def draining(self):
        return self.state in DRAINING

    @property
    def throttled(self):
        return self.state in THROTTLED


def _number(text):
    found = _NUMBER.match(text) if text is not None else None
    return int(found.group(1)) if found else None


def _octal(text):
    return int(text, 8) if text is not None and re.fullmatch(r"[0-7]+", text) else None


def fields_and_blocks(text):
    """Split C(launchctl print) output into top-level fields and the lines of its top-level blocks.

    :return: ({key: value}, {block name: [lines without their two tabs]}).
    """
    fields, blocks = {}, {}
    block = None
    for line in text.splitlines()[1:]:
        if line.startswith("\t\t"):
            if block is not None:
                block.append(line[2:])
        elif line.startswith("\t}"):
            block = None
        elif line.startswith("\t"):
            key, equals, value = line[1:].partition(" = ")
            if not equals:
                continue
            if value == "{":
                block = []
                blocks.setdefault(key, block)
            else:
                fields.setdefault(key, value.strip())
    return fields, blocks


def _pairs(lines):
    matches = (_PAIR.match(line.lstrip("\t")) for line in lines)
    return {match.group(1): match.group(2) for match in matches if match}


def _last_exit(fields):
    for key in ("last terminating signal", "last exit reason", "last exit code"):
        if fields.get(key) not in (None, "(never exited)"):
            return fields[key]
    return None


def parse_service(text):
    """Read the output of C(launchctl print DOMAIN/LABEL).

    :return: :class:`Loaded`, or C(None) when the text does not describe a service.
    """
    fields, blocks = fields_and_blocks(text)
    if "state" not in fields:
        return None
    limits = _pairs(blocks.get("resource limits", ()))
    properties = fields.get("properties")
    return Loaded(
        state=fields["state"],
        path=fields.get("path"),
        program=fields.get("program"),
        arguments=tuple(blocks["arguments"]) if "arguments" in blocks else None,
        environment=_pairs(blocks["environment"]) if "environment" in blocks else None,
        working_directory=fields.get("working directory"),
        stdin_path=fields.get("stdin path"),
        stdout_path=fields.get("stdout path"),
        stderr_path=fields.get("stderr path"),
        username=fields.get("username"),
        umask=_octal(fields.get("umask")),
        # Exponential throttling stretches "minimum runtime"; the base is what the definition said.
        throttle_interval=_number(fields.get("base minimum runtime", fields.get("minimum runtime"))),
        exit_timeout=_number(fields.get("exit timeout")),
        soft_files=_number(limits.get("maxfiles (soft)")),
        hard_files=_number(limits.get("maxfiles (hard)")),
        properties=tuple(word.strip() for word in properties.split("|")) if properties is not None else None,
        pid=_number(fields.get("pid")),
        runs=_number(fields.get("runs")),
        last_exit=_last_exit(fields),
        pended=fields.get("pended nondemand spawn", fields.get("pended spawn")),
        job_state=fields.get("job state"),
        domain=fields.get("domain"),
    )


def parse_disabled(text):
    """Read the output of C(launchctl print-disabled DOMAIN).

    :return: {label: bool}, true where an override disables the label; a label without an override is not in it.
    """
    overrides = {}
    inside = False
    for line in text.splitlines():
        if line.strip().endswith("= {"):
            # Other blocks (login item associations) may follow.
            inside = line.strip() == "disabled services = {"
            continue
        found = _OVERRIDE.match(line) if inside else None
        if found:
            overrides.setdefault(found.group(1), _MEANS_DISABLED[found.group(2)])
    return overrides
