# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""C($include) as OpenClaw resolves it: for reading, never for writing. Pure but for the loader it is given.

An include is a file name or a list of them. Files are merged in their order, and the keys beside the include are
merged over them: objects key by key, lists joined end to end, everything else by the later one.
"""

from __future__ import annotations

import collections
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5, paths
from ansible_collections.clawops.openclaw.plugins.module_utils._config.edit import ABSENT
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

KEY = "$include"
#: OpenClaw's own limits: files nested in files, and the length of a name in characters.
MAX_DEPTH = 10
MAX_NAME = 4096
#: Files read for one configuration, each as often as it is included. OpenClaw has no such limit; ten levels of files
#: that include each other twice are a thousand, and of ten times are more than any machine reads.
MAX_FILES = 200

#: C(config) is what OpenClaw sees. C(provided) is the part of it that comes from included files, or ABSENT.
#: C(sources) lists C((path, file, depth, value)) for each included file.
Effective = collections.namedtuple("Effective", "config provided sources")

_Place = collections.namedtuple("_Place", "file chain")


def resolve(tree, location, roots, load):
    """Return the :class:`Effective` configuration.

    :param tree: decoded configuration. :param location: absolute path of its file.
    :param roots: absolute paths of directories, beside the file's own, that may be included from.
    :param load: function of an absolute path and the allowed directories that returns a decoded tree.
    :raises Failure: C(include_invalid), C(include_outside), C(include_cycle), C(include_too_deep),
        C(include_too_many), and what load raises.
    """
    if not contains_include(tree):
        return Effective(tree, ABSENT, ())
    resolver = _Resolver((os.path.dirname(location),) + tuple(roots), load)
    config, provided = resolver.process(tree, (), _Place(os.path.normpath(location), ()))
    return Effective(config, provided, tuple(resolver.sources))


def contains_include(value):
    """Whether an C($include) stands anywhere in plain data."""
    if isinstance(value, dict):
        return KEY in value or any(contains_include(item) for item in value.values())
    return isinstance(value, list) and any(contains_include(item) for item in value)


def source_of(effective, path):
    """Return the name of the included file that brings the value at a path, or None."""
    best = None
    for at, file, depth, value in effective.sources:
        inside = path[: len(at)] == at and paths.value_at(value, path[len(at) :], ABSENT) is not ABSENT
        if inside and (best is None or depth >= best[0]):
            best = (depth, file)
    return best[1] if best else None


class _Resolver:
    def __init__(self, roots, load):
        self.roots = roots
        self.load = load
        self.left = MAX_FILES
        self.sources = []

    def process(self, value, path, place):
        """Return what value means, and the part of that which comes from elsewhere."""
        if isinstance(value, list):
            pairs = [self.process(item, path + (index,), place) for index, item in enumerate(value)]
            whole = [pair[0] for pair in pairs]
            return whole, whole if any(pair[1] is not ABSENT for pair in pairs) else ABSENT
        if not isinstance(value, dict):
            return value, ABSENT
        pairs = {key: self.process(item, path + (key,), place) for key, item in value.items() if key != KEY}
        own = {key: pair[0] for key, pair in pairs.items()}
        foreign = {key: pair[1] for key, pair in pairs.items() if pair[1] is not ABSENT}
        if KEY not in value:
            return own, foreign or ABSENT
        included = self.included(value[KEY], path, place)
        if not own:
            return included, included
        if not isinstance(included, dict):
            raise _failure(
                "include_invalid",
                place.file,
                "has keys beside an $include whose file holds no object",
                "include a file with an object, or remove the keys beside the include.",
            )
        return _deep(included, own), _deep(included, foreign)

    def included(self, names, path, place):
        if isinstance(names, str):
            return self.file(names, path, place)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _failure(
                "include_invalid",
                place.file,
                "has an $include that is neither a file name nor a list of them",
                "write a relative file name.",
            )
        out = {}
        for name in names:
            out = _deep(out, self.file(name, path, place))
        return out

    def file(self, name, path, place):
        wanted = os.path.normpath(os.path.join(os.path.dirname(place.file), name))
        if "\0" in name or len(wanted) >= MAX_NAME:
            raise _failure("include_invalid", place.file, "includes a file by an impossible name", "correct the name.")
        if not any(inside(root, wanted) for root in self.roots):
            raise outside(wanted, place.file)
        chain = place.chain + (place.file,)
        if wanted in chain:
            raise _failure(
                "include_cycle",
                place.file,
                "includes itself: %s" % " -> ".join(chain + (wanted,)),
                "remove one of the includes.",
            )
        if len(chain) > MAX_DEPTH:
            raise _failure(
                "include_too_deep",
                place.file,
                "includes files more than %d levels deep" % MAX_DEPTH,
                "include fewer levels.",
            )
        self.left -= 1
        if self.left < 0:
            raise _failure(
                "include_too_many",
                place.file,
                "is part of a configuration that includes more than %d files" % MAX_FILES,
                "include fewer files, and each once.",
            )
        value, _provided = self.process(self.load(wanted, self.roots), path, _Place(wanted, chain))
        self.sources.append((path, wanted, len(chain), value))
        return value


def inside(root, path):
    """Whether a normal absolute path is root or lies below it."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def outside(wanted, file):
    """Return the :class:`Failure` for an include from a directory that OpenClaw does not allow."""
    return _failure(
        "include_outside",
        file,
        "includes %s, which lies outside the directory of the configuration" % wanted,
        "move the file there; or name its directory in 'include_roots', if the Gateway's environment has it in "
        "OPENCLAW_INCLUDE_ROOTS.",
        included=wanted,
    )


def _failure(code, file, problem, hint, **details):
    return Failure(code, "%s %s." % (file, problem), "config", hint, path=file, **details)


def _deep(low, high):
    if isinstance(low, list) and isinstance(high, list):
        return low + high
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    out = dict(low)
    for key, value in high.items():
        out[key] = _deep(low[key], value) if key in low else value
    return out


def local_settings(settings, own, effective):
    """Return the part of settings that has to be written into the file itself.

    What an included file already makes true is left out.

    :param own: the decoded file, C($include) as text. :param effective: the :class:`Effective` of it.
    :raises Failure: C(setting_in_include) when a value that differs comes from an included file.
    """
    if effective.provided is ABSENT:
        return settings
    return _local(settings, own, effective.provided, effective.config, effective, ())


def _child(tree, key):
    return tree.get(key, ABSENT) if isinstance(tree, dict) else ABSENT


def _local(wanted, own, provided, config, effective, path):
    out = {}
    for key, value in wanted.items():
        here = path + (key,)
        mine, theirs, now = _child(own, key), _child(provided, key), _child(config, key)
        if theirs is ABSENT:
            out[key] = value
        elif isinstance(value, dict) and isinstance(now, dict):
            rest = _local(value, mine, theirs, now, effective, here)
            if rest:
                out[key] = rest
        elif json5.same(now, value):
            continue
        elif mine is not ABSENT and not isinstance(theirs, (dict, list)):
            out[key] = value
        else:
            raise _refusal(effective, here, "has another value")
    return out


def require_local(absent, effective):
    """Refuse absent paths that come from an included file.

    :raises Failure: C(setting_in_include).
    """
    if effective.provided is ABSENT:
        return
    for path in absent:
        if paths.value_at(effective.provided, path, ABSENT) is not ABSENT:
            raise _refusal(effective, path, "is still there")


def _refusal(effective, path, problem):
    name = paths.format_path(path)
    file = source_of(effective, path) or "an included file"
    return Failure(
        "setting_in_include",
        "%s %s in %s, which the configuration includes and this task does not edit." % (name, problem, file),
        "config",
        "change it in %s (name that file in 'path'), or remove it there: then it is managed in the main file." % file,
        path=file,
        key=name,
    )
