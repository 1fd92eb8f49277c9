# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The property lists from which launchd would load a Gateway: which there are, what they say, and whose they are."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._names import GATEWAYS, may_concern
from ansible_collections.clawops.openclaw.plugins.module_utils._service.parsing import parse, render

#: Largest property list read. Real ones are a few KiB.
LIMIT = 1 << 20
#: Words of a command that start a Gateway.
STARTING = ("gateway", "daemon")
#: What is wrong with a link to nothing. launchd loads nothing from it, so it hides nothing.
NOWHERE = "leads nowhere"


class Seen(NamedTuple):
    """A property list that concerns a Gateway.

    :param path: where it lies.
    :param scope: C(daemon) or C(agent): what launchd makes of it there.
    :param status: C(os.stat_result) of the path itself.
    :param definition: its dictionary, or C(None) where it cannot be read or parsed.
    :param problem: why not, else C(None).
    :param digest: C(sha256:) and the digest of its bytes, or C(None) where they could not be read.
    """

    path: str
    scope: str
    status: os.stat_result
    definition: dict | None
    problem: str | None
    digest: str | None

    @property
    def readable(self):
        return self.digest is not None

    def defines(self, label):
        """Whether launchd would load it under a label; one called after the label counts even if it is broken."""
        return os.path.basename(self.path) == label + ".plist" or (self.definition or {}).get("Label") == label


class Survey(NamedTuple):
    """What was seen, in order, and C({directory or file: why it could not be read})."""

    seen: list
    closed: dict

    @property
    def unseen(self):
        """Paths of which nobody knows what launchd would load from there."""
        return [*self.closed, *(item.path for item in self.seen if not item.readable and item.problem != NOWHERE)]

    def of(self, label, scope=None):
        return [item for item in self.seen if item.defines(label) and scope in (None, item.scope)]


def survey(directories, label):
    """Look through directories for property lists that define a label or run a Gateway.

    :param directories: list of (directory, scope).
    """
    found = Survey([], {})
    for directory, scope in dict.fromkeys(directories):
        try:
            names = sorted(name for name in os.listdir(directory) if name.endswith(".plist"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            found.closed[directory] = error.strerror
            continue
        for name in names:
            path = os.path.join(directory, name)
            try:
                found.seen.extend(filter(None, [_look(path, scope, label)]))
            except OSError as error:
                found.closed[path] = error.strerror
    return found


def _look(path, scope, label):
    """Return the :class:`Seen` of a file, None where it does not concern a Gateway.

    :raises OSError: it cannot be read, and its name does not say whether it does.
    """
    named = os.path.basename(path) == label + ".plist" or bool(GATEWAYS.search(os.path.basename(path)))
    try:
        status = os.lstat(path)
        # A FIFO must not hold us up.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            data = stream.read(LIMIT)
    except FileNotFoundError:
        # A link that leads nowhere is there all the same.
        return _unread(path, scope, NOWHERE) if named and os.path.islink(path) else None
    except IsADirectoryError:
        # launchd loads nothing from it.
        return None
    except OSError as error:
        if not named:
            raise
        return _unread(path, scope, error.strerror)
    if not named and not may_concern(data, label):
        return None
    definition, problem = parse(data)
    if definition is not None and not named and not _concerns(definition, label):
        return None
    return Seen(path, scope, status, definition, problem, "sha256:" + hashlib.sha256(data).hexdigest())


def _unread(path, scope, problem):
    return Seen(path, scope, os.lstat(path), None, problem, None)


def _concerns(definition, label):
    return definition.get("Label") == label or any(map(GATEWAYS.search, [_label(definition), *words(definition)]))


def _label(definition):
    return definition["Label"] if isinstance(definition.get("Label"), str) else ""


def words(definition):
    """Return the command of a definition as a list of str, the program first."""
    arguments = definition.get("ProgramArguments")
    arguments = [word for word in arguments if isinstance(word, str)] if isinstance(arguments, list) else []
    program = definition.get("Program")
    return [program, *arguments[1:]] if isinstance(program, str) else arguments


def environment(definition):
    """Return the environment of a definition as a dict; what is no text there is left out."""
    pairs = definition.get("EnvironmentVariables")
    pairs = pairs if isinstance(pairs, dict) else {}
    return {name: value for name, value in pairs.items() if isinstance(value, str)}


def starts_gateway(definition):
    """Whether the command starts a Gateway, and not something else of OpenClaw's."""
    return any(word in STARTING for word in words(definition)[1:])


def owner(definition, path):
    """Say who wrote a definition: C(ours), C(openclaw), C(homebrew) or C(other)."""
    comment = definition.get("Comment")
    if isinstance(comment, str) and comment.startswith("OpenClaw "):
        # Also where OpenClaw has written ours anew for a restart: it may have kept our environment.
        return "openclaw"
    if environment(definition).get("OPENCLAW_SUPERVISOR_MODE") == "external":
        return "ours"
    if os.path.basename(path).startswith("homebrew.") or _label(definition).startswith("homebrew."):
        return "homebrew"
    marked = environment(definition).get("OPENCLAW_SERVICE_MARKER") == "openclaw"
    return "openclaw" if marked or _goes_through_env_file(definition) else "other"


def _goes_through_env_file(definition):
    return any("/service-env/" in word for word in words(definition))


def written(seen):
    """Say who wrote a property list last, by what the writers leave in it.

    :return: C({by, evidence, at}): words for a person, the list of what says so, and when (UTC, ISO 8601); C(by) is
        C(None) where the file cannot be read.
    """
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seen.status.st_mtime))
    if seen.definition is None:
        return {"by": None, "evidence": [], "at": at}
    by, evidence = _writer(seen)
    return {"by": by, "evidence": evidence, "at": at}


def _writer(seen):
    definition = seen.definition
    found = owner(definition, seen.path)
    if found == "openclaw":
        evidence = []
        if isinstance(definition.get("Comment"), str):
            evidence.append("Comment is %r" % definition["Comment"])
        if _goes_through_env_file(definition):
            evidence.append("starts through service-env")
        if any(word.startswith("--max-old-space-size=") for word in words(definition)):
            # Only an installation works out how much memory the host has to spare.
            return "openclaw gateway install", [*evidence, "sets --max-old-space-size"]
        return "openclaw (gateway restart or install, doctor, or update)", evidence
    if found == "homebrew":
        return "brew services", ["is called %s" % os.path.basename(seen.path)]
    if found == "ours" and seen.digest == "sha256:" + hashlib.sha256(render(definition)).hexdigest():
        return "this collection", ["is byte for byte as it writes them"]
    if found == "ours":
        return "a person or another program, after this collection", ["is laid out otherwise than it writes them"]
    return "a person or another program", ["bears no mark of OpenClaw, Homebrew or this collection"]


def _invalid(seen):
    """Return why launchd would not take a definition, as far as that can be seen, or C(None)."""
    if seen.problem or seen.definition is None:
        return seen.problem
    if not _label(seen.definition):
        return "it has no Label"
    return None if words(seen.definition) else "it has no program"


def described(seen):
    """Return a property list as plain data: no value of its environment, secrets in its command as fingerprints."""
    from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare, secretive

    told = compare.normalised(seen.definition or {})
    pairs = environment(told)
    secrets = [name for name, value in pairs.items()
               if secretive.is_secret_name(name) or secretive.is_secret_value(value)]
    secrets += [word.partition("=")[0] for word in words(told) if word.partition("=")[0] in secretive.SECRET_OPTIONS]
    limits = told.get("SoftResourceLimits")
    keep_alive = told.get("KeepAlive")
    umask = told.get("Umask")
    return {
        "path": seen.path,
        "mode": "%04o" % stat.S_IMODE(seen.status.st_mode),
        "uid": seen.status.st_uid,
        "symlink": stat.S_ISLNK(seen.status.st_mode),
        "valid": _invalid(seen) is None if seen.readable else None,
        "problem": _invalid(seen),
        "throttle_interval": _number(told.get("ThrottleInterval")),
        "exit_timeout": _number(told.get("ExitTimeOut")),
        "keep_alive": "conditional" if isinstance(keep_alive, dict) else keep_alive if _is_bool(keep_alive) else None,
        "run_at_load": told["RunAtLoad"] if _is_bool(told.get("RunAtLoad")) else None,
        "process_type": _text(told.get("ProcessType")),
        "umask": "%04o" % umask if _number(umask) is not None else None,
        "files_limit": _number(limits.get("NumberOfFiles")) if isinstance(limits, dict) else None,
        "username": _text(told.get("UserName")),
        "program_arguments": compare.masked(words(told), "ProgramArguments"),
        "environment": sorted(pairs),
        "secrets": sorted(set(secrets)),
        "stdout": _text(told.get("StandardOutPath")),
        "stderr": _text(told.get("StandardErrorPath")),
        "owner": owner(told, seen.path) if seen.definition is not None else None,
        "written": written(seen),
        "digest": seen.digest,
    }


def _is_bool(value):
    return isinstance(value, bool)


def _number(value):
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value):
    return value if isinstance(value, str) else None
