# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Compares definitions of a job: declared, on disk, loaded. By meaning, not by bytes. Pure."""

from __future__ import annotations

import contextlib
import hashlib
import json

from ansible_collections.clawops.openclaw.plugins.module_utils._service import secretive

#: launchd puts these into a job's environment by itself (the SUDO_ ones come from a bootstrap through sudo).
#: Others that it may add in time are none of our business either, so a surplus counts only with these beginnings.
SURPLUS_THAT_COUNTS = ("OPENCLAW_", "NODE_")


def _typed(value):
    # True == 1 in Python, and <true/> is not <integer>1</integer> to launchd.
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_typed(item) for item in value]
    return (type(value).__name__, value)


def normalised(definition):
    """Return a definition with equal meanings written equally (launchd reads an Umask of text as octal)."""
    result = dict(definition)
    if isinstance(result.get("Umask"), str):
        with contextlib.suppress(ValueError):
            result["Umask"] = int(result["Umask"], 8)
    return result


def differing_keys(one, other):
    """Return the sorted top-level keys in which two definitions differ in meaning."""
    left, right = normalised(one), normalised(other)
    absent = object()
    return sorted(
        key for key in set(left) | set(right) if _typed(left.get(key, absent)) != _typed(right.get(key, absent))
    )


def _program(definition):
    return definition.get("Program") or (definition.get("ProgramArguments") or [None])[0]


def _flag(name):
    return lambda loaded: None if loaded.properties is None else name in loaded.properties


def _limit(which):
    return lambda definition: (definition.get(which) or {}).get("NumberOfFiles")


def _key(name):
    return lambda definition: normalised(definition).get(name)


def _tuple_of_arguments(definition):
    arguments = definition.get("ProgramArguments")
    return tuple(arguments) if arguments is not None else None


#: Property list key -> (what a definition says, what launchctl print shows). None on either side: says nothing.
#: A key that is not here cannot be seen in a loaded job.
VISIBLE = {
    "Program": (_program, lambda loaded: loaded.program),
    "ProgramArguments": (_tuple_of_arguments, lambda loaded: loaded.arguments),
    "WorkingDirectory": (_key("WorkingDirectory"), lambda loaded: loaded.working_directory),
    "StandardInPath": (_key("StandardInPath"), lambda loaded: loaded.stdin_path),
    "StandardOutPath": (_key("StandardOutPath"), lambda loaded: loaded.stdout_path),
    "StandardErrorPath": (_key("StandardErrorPath"), lambda loaded: loaded.stderr_path),
    "UserName": (_key("UserName"), lambda loaded: loaded.username),
    "Umask": (_key("Umask"), lambda loaded: loaded.umask),
    "ThrottleInterval": (_key("ThrottleInterval"), lambda loaded: loaded.throttle_interval),
    "ExitTimeOut": (_key("ExitTimeOut"), lambda loaded: loaded.exit_timeout),
    "RunAtLoad": (lambda definition: definition.get("RunAtLoad") is True or None, _flag("runatload")),
    "KeepAlive": (lambda definition: definition.get("KeepAlive") is True or None, _flag("keepalive")),
    "SoftResourceLimits": (_limit("SoftResourceLimits"), lambda loaded: loaded.soft_files),
    "HardResourceLimits": (_limit("HardResourceLimits"), lambda loaded: loaded.hard_files),
}


def _environment_differs(definition, loaded):
    if loaded.environment is None:
        return False
    wanted = definition.get("EnvironmentVariables") or {}
    surplus = (name for name in loaded.environment if name not in wanted and name.startswith(SURPLUS_THAT_COUNTS))
    return any(loaded.environment.get(name) != value for name, value in wanted.items()) or any(surplus)


def loaded_differences(definition, loaded, path):
    """Say in which keys launchd holds something else than a definition.

    :param definition: dictionary of a property list.
    :param loaded: :class:`print_grammar.Loaded`.
    :param path: where that property list lies; launchd must have read it from there.
    :return: sorted list of property list keys, and C(path).
    """
    keys = []
    if loaded.path is not None and loaded.path != path:
        keys.append("path")
    for key, (said, shown) in VISIBLE.items():
        wanted, held = said(definition), shown(loaded)
        if wanted is not None and held is not None and wanted != held:
            keys.append(key)
    if _environment_differs(definition, loaded):
        keys.append("EnvironmentVariables")
    return sorted(keys)


def reload_reasons(definition, on_disk, loaded, path):
    """Say why launchd must read the definition anew, if it must.

    What print shows is judged by what print shows. The rest can only be judged by the file launchd read, so a
    difference there counts when the file differs in it.

    :param on_disk: dictionary of the present file, or C(None) when there is none or it cannot be read.
    :return: sorted list of keys; empty when the loaded job is as declared.
    """
    reasons = set(loaded_differences(definition, loaded, path))
    unseen = [key for key in differing_keys(definition, on_disk or {}) if not _is_seen(key, loaded)]
    return sorted(reasons.union(unseen))


def _is_seen(key, loaded):
    if key == "EnvironmentVariables":
        return loaded.environment is not None
    return key in VISIBLE and VISIBLE[key][1](loaded) is not None


def fingerprint(text):
    """Return what may be shown of a secret."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _masked_arguments(words):
    shown, after_option = [], False
    for word in words:
        option, equals, value = word.partition("=") if isinstance(word, str) else (word, "", "")
        if after_option or (isinstance(word, str) and secretive.is_secret_value(word)):
            shown.append(fingerprint(str(word)))
        elif equals and option in secretive.SECRET_OPTIONS:
            shown.append(option + "=" + fingerprint(value))
        else:
            shown.append(word)
        after_option = word in secretive.SECRET_OPTIONS
    return shown


def masked(value, name=""):
    """Return a definition, or a part of one, with every secret in it replaced by its fingerprint."""
    if isinstance(value, dict):
        return {key: masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return _masked_arguments(value) if name == "ProgramArguments" else [masked(item, name) for item in value]
    if isinstance(value, str) and (secretive.is_secret_name(name) or secretive.is_secret_value(value)):
        return fingerprint(value)
    return value


def described(definition):
    """Return a definition as sorted lines C(key: value) for a diff, secrets masked; of C(None), nothing."""
    lines = []
    for key, value in sorted(masked(normalised(definition or {})).items()):
        items = sorted(value.items()) if isinstance(value, dict) and value else [(None, value)]
        for inner, item in items:
            name = key if inner is None else "%s.%s" % (key, inner)
            lines.append("%s: %s" % (name, json.dumps(item, sort_keys=True, ensure_ascii=False, default=str)))
    return "".join(line + "\n" for line in lines)
