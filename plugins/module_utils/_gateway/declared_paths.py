# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The paths that a task declares: their options, and what is wrong with them. Pure."""

from __future__ import annotations

from .._failure import Failure
from .paths import KINDS
from .verdict import NAMES

#: Options of one path, as Ansible takes them.
OPTIONS = {
    "kind": {"type": "str", "required": True, "choices": list(KINDS)},
    "name": {"type": "str"},
    "url": {"type": "str"},
    "host_header": {"type": "str"},
    "origin": {"type": "str"},
    "headers": {"type": "dict", "default": {}},
    "expect": {"type": "list", "elements": "str", "choices": list(NAMES), "default": []},
    "refusal": {"type": "list", "elements": "str", "default": []},
    "ca_path": {"type": "path"},
    "hops": {"type": "list", "elements": "str", "default": []},
    "key_file": {"type": "path"},
    "known_hosts": {"type": "path"},
    "address": {"type": "str"},
}


def named(declared):
    """Return name -> options of each path, in their order.

    :param declared: list of mappings with the keys of :data:`OPTIONS`, of which some may be missing.
    :raises Failure: C(option_invalid) for two of one name, or one that lacks what its kind needs.
    """
    found = {}
    for one in declared:
        one = dict({key: option.get("default") for key, option in OPTIONS.items()},
                   **{key: value for key, value in one.items() if value is not None})
        name = one["name"] or one["kind"]
        lacking = [option for option in KINDS[one["kind"]].needs if not one[option]]
        if name in found:
            raise _invalid("two paths are called %s." % name, "give one of them another 'name'.")
        if lacking:
            raise _invalid("path %s needs '%s'." % (name, lacking[0]), "set it in the task.")
        if one["url"]:
            # Imported here: the cost is paid only by those who declare one.
            from .ways import address

            address(one["url"])
        found[name] = one
    return found


def headers(one):
    """Return the headers that every request of a path carries."""
    own = {str(key): str(value) for key, value in one["headers"].items()}
    broken = [key for key, value in own.items() if set("\r\n") & set(key + value)]
    if broken:
        raise _invalid("a header of path %s has more than one line." % (one["name"] or one["kind"]), "correct it.")
    return dict(own, Origin=one["origin"]) if one["origin"] else own


def split(declared):
    """Return (paths that begin on the target, paths that begin on the controller) of a list of declared ones."""
    sides = {"target": [], "controller": []}
    for one in declared:
        kind = KINDS.get(one.get("kind"))
        # One that nobody knows is for the module to refuse.
        sides[kind.where if kind else "target"].append(one)
    return sides["target"], sides["controller"]


def _invalid(message, hint):
    return Failure("option_invalid", "option 'paths': %s" % message, "input", hint, option="paths")
