# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a job is declared to be, as far as that is declared, and where file and launchd hold something else. Pure."""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare, plist

#: What openclaw_service takes for an option that nobody sets.
DEFAULTS = {
    "throttle_interval": 30,
    "exit_timeout": 30,
    "soft_file_limit": 10240,
    "hard_file_limit": 10240,
    "umask": "077",
    "process_type": "Interactive",
    "environment": {},
}


def declared_definition(options, place, account, state_dir):
    """Return the definition that openclaw_service would install.

    :param options: option name -> value of the declared job; C(None) for what is not declared.
    :param place: :class:`target.Target`.
    :param account: object with name and home.
    :return: dictionary of the whole property list when the command is declared, else of the declared keys alone.
    :raises Failure: a value is refused.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if "program_arguments" in given:
        places = {
            "label": place.label,
            "working_directory": state_dir,
            "log_path": os.path.join(account.home, "Library", "Logs", "openclaw", "gateway.log"),
        }
        declared = dict(DEFAULTS, **dict(places, **given))
        return plist.definition(declared, account.name, account.home, state_dir, place.username_key)
    keys = dict(place.username_key) if "scope" in given else {}
    if "throttle_interval" in given:
        keys["ThrottleInterval"] = plist.throttle_interval(given["throttle_interval"])
    if "exit_timeout" in given:
        keys["ExitTimeOut"] = plist.whole_number("exit_timeout", given["exit_timeout"], 1, 600)
    return keys


def of_job(options, place, account, state_dir, on_disk, loaded):
    """Compare a job with its declaration, as :func:`declared_definition` has it.

    :param on_disk: dictionary of the property list, or C(None).
    :param loaded: :class:`print_grammar.Loaded`, or C(None).
    :return: list of (where, key, wanted, found), C(where) being C(file) or C(loaded); secrets masked.
    :raises Failure: a declared value is refused.
    """
    declared = declared_definition(options, place, account, state_dir)
    rows = []
    if on_disk is not None:
        rows += [("file", *row) for row in of_file(declared, on_disk, options["program_arguments"] is not None)]
    if loaded is not None:
        rows += [("loaded", *row) for row in of_loaded(declared, loaded, place.plist)]
    return rows


def of_file(declared, on_disk, is_whole):
    """Say where a property list differs from the declared one.

    :param is_whole: what C(declared) does not hold may not be in the file either.
    :return: list of (key, wanted, found), secrets masked; a key inside a dictionary is C(OUTER.INNER).
    """
    found = compare.normalised(on_disk)
    keys = compare.differing_keys(declared, found if is_whole else {key: found.get(key) for key in declared})
    return [row for key in keys for row in _rows(key, declared.get(key), found.get(key))]


def of_loaded(declared, loaded, path):
    """Say where launchd holds something else than the declared definition, as :func:`of_file` does.

    :param loaded: :class:`print_grammar.Loaded`.
    :param path: where the property list lies, from which launchd must have read it.
    """
    rows = []
    for key in compare.loaded_differences(declared, loaded, path):
        if key == "path":
            rows.append((key, path, loaded.path))
        elif key == "EnvironmentVariables":
            if key not in declared:
                continue
            wanted = declared[key]
            counts = {name for name in loaded.environment if name.startswith(compare.SURPLUS_THAT_COUNTS)}
            held = {name: value for name, value in loaded.environment.items() if name in counts.union(wanted)}
            rows += _rows(key, wanted, held)
        else:
            said, shown = compare.VISIBLE[key]
            rows += _rows(key, said(declared), shown(loaded))
    return rows


def _rows(key, wanted, found):
    if isinstance(wanted, dict) and isinstance(found, dict):
        inner = sorted(name for name in set(wanted) | set(found) if wanted.get(name) != found.get(name))
        return [("%s.%s" % (key, name), *_masked(name, wanted.get(name), found.get(name))) for name in inner]
    return [(key, *_masked(key, wanted, found))]


def _masked(name, *values):
    return [compare.masked(list(value) if isinstance(value, tuple) else value, name) for value in values]
