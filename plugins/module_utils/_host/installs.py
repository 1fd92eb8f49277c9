# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Every openclaw and every node that the service or a person on the host would start, and what each is.

Versions come from files and paths; nothing is run.
"""

from __future__ import annotations

import json
import os
import re
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._host import shell_path
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader, acting_as

#: Largest start file of a shell that is read, and how much of a script is looked into for what it starts.
START_FILE_LIMIT, SCRIPT_LIMIT = 1 << 17, 4096
#: Part of a real path -> who put it there; the first that fits.
MANAGERS = (
    ("/.nvm/", "nvm"),
    ("/nvm/versions/", "nvm"),
    ("/.volta/", "volta"),
    ("/.fnm/", "fnm"),
    ("/fnm/node-versions/", "fnm"),
    ("/fnm_multishells/", "fnm"),
    ("/.asdf/", "asdf"),
    ("/Cellar/", "brew"),
    (".app/Contents/", "app"),
    ("/lib/node_modules/", "npm"),
    ("/homebrew/", "brew"),
)
_HEADER_NUMBER = re.compile(r"^#define NODE_(MAJOR|MINOR|PATCH)_VERSION (\d+)$", re.MULTILINE)
_VERSION_IN_PATH = re.compile(r"/v?(\d+\.\d+\.\d+)(?:_\d+)?(?=/)")
_PACKAGE_IN_SCRIPT = re.compile(r"""(/[^\s"'$]*/node_modules/openclaw)/""")


class Person(NamedTuple):
    """Somebody whose login shell is looked at: C(who) as told, the account, and its shell."""

    who: str
    account: tuple
    shell: str


class Service(NamedTuple):
    """What is known of the job: its PATH as a list and its command as a list of str, each C(None) for unknown."""

    path: list | None
    command: list | None


def service(environment, command, account):
    """Return the :class:`Service` that a job is, by its environment (dict) and command (list of str).

    OpenClaw's own jobs hand their program an env file, which holds the PATH.
    """
    text = environment.get("PATH")
    env_file = next((word for word in command if "/service-env/" in word and word.endswith(".env")), None)
    if text is None and env_file:
        with acting_as(account):
            held = Reader().text(env_file, START_FILE_LIMIT)
        return Service(None if held is None else shell_path.path_in(held), command)
    return Service(list(shell_path.SYSTEM) if text is None else text.split(":"), command)


def describe(service, people, root):
    """Look.

    :param service: :class:`Service`.
    :param people: list of :class:`Person`, the Gateway's own account first.
    :param root: directory of the releases.
    :returns: C({openclaw, node, service, cli, versions, node_versions, skew, path, unreadable}).
    """
    look = _Look(root)
    paths = {"service": service.path}
    paths.update((person.who, look.login_path(person)) for person in people)
    firsts = {}
    for who, directories in paths.items():
        for name in ("openclaw", "node"):
            firsts[who, name] = look.on_path(name, directories or (), who)
    told = look.of_service(service.command or ())
    heads = {who: firsts[who, "openclaw"] for who in paths if who != "service"}
    # What an operator types is what people type; without operators it is the account's own.
    cli = next((found for who, found in sorted(heads.items(), reverse=True) if found), None)
    whole = look.told()
    return dict(
        whole,
        service=told,
        cli={"openclaw": cli["path"] if cli else None, "version": cli["version"] if cli else None},
        skew=_skew(heads, told, look, None in paths.values() or bool(look.unreadable)),
        path={who: None if directories is None else ":".join(directories) for who, directories in paths.items()},
        unreadable=sorted(look.unreadable),
    )


def _skew(heads, told, look, is_partial):
    """Whether somebody who types C(openclaw) starts another one than the service runs."""
    mine = told["openclaw"]
    theirs = [look.package_of(found["path"]) for found in heads.values() if found]
    if mine is not None and any(package is not None and package != mine for package in theirs):
        return True
    return None if is_partial or (theirs and (mine is None or None in theirs)) else False


class _Look:
    def __init__(self, root):
        self.root = os.path.realpath(root) + "/"
        self.unreadable = set()
        self._found = {"openclaw": {}, "node": {}}
        self._about, self._packages = {}, {}

    def login_path(self, person):
        """Return the directories on the PATH of a person's login shell, C(None) where start files cannot be read."""
        reader = Reader()
        try:
            with acting_as(person.account):
                found = shell_path.login_path(
                    person.shell, person.account.home, lambda path: reader.text(path, START_FILE_LIMIT)
                )
        except OSError:
            return None
        self.unreadable.update(entry["location"] for entry in reader.unreadable)
        return None if reader.unreadable else found

    def on_path(self, name, directories, who):
        """Note every program of a name in directories; return the first, which is the one that would be started."""
        first = None
        for directory in directories:
            path = os.path.join(directory, name)
            try:
                mode = os.stat(path).st_mode
            except PermissionError:
                self.unreadable.add(directory)
                continue
            except OSError:
                continue
            if mode & 0o111 and mode & 0o170000 == 0o100000:
                entry = self.note(name, path, who)
                first = first or entry
        return first

    def note(self, name, path, who):
        entry = self._found[name].get(path)
        if entry is None:
            real = os.path.realpath(path)
            version = node_version(real) if name == "node" else self.version_of(self.package_of(path))
            entry = {"path": path, "real": real, "version": version, "via": self.via(real), "seen_by": []}
            self._found[name][path] = entry
        if who not in entry["seen_by"]:
            entry["seen_by"].append(who)
        return entry

    def via(self, real):
        """Say who put a program where it is."""
        if real.startswith(self.root):
            return "release"
        return next((manager for part, manager in MANAGERS if part in real), "other")

    def package_of(self, path):
        """Return the real path of the OpenClaw package that a program belongs to, C(None) where that is not seen."""
        if path not in self._packages:
            self._packages[path] = self._find_package(os.path.realpath(path))
        return self._packages[path]

    def _find_package(self, real):
        directory = os.path.dirname(real)
        for _step in range(3):
            if self.about(directory).get("name") == "openclaw":
                return directory
            directory = os.path.dirname(directory)
        try:
            with open(real, "rb") as stream:
                text = stream.read(SCRIPT_LIMIT)
        except OSError:
            return None
        started = _PACKAGE_IN_SCRIPT.search(text.decode("utf-8", "replace")) if text.startswith(b"#!") else None
        package = os.path.realpath(started.group(1)) if started else None
        return package if package and self.about(package).get("name") == "openclaw" else None

    def about(self, directory):
        """Return the package.json of a directory, C({}) where there is none."""
        if directory not in self._about:
            try:
                with open(os.path.join(directory, "package.json"), "rb") as stream:
                    parsed = json.loads(stream.read())
            except (OSError, ValueError):
                parsed = {}
            self._about[directory] = parsed if isinstance(parsed, dict) else {}
        return self._about[directory]

    def version_of(self, package):
        version = self.about(package).get("version") if package else None
        return version if isinstance(version, str) else None

    def of_service(self, command):
        """Return what the command of the job starts."""
        node = next((word for word in command if os.path.basename(word) == "node" and word.startswith("/")), None)
        script = next((word for word in command if word.startswith("/") and _is_openclaw(word)), None)
        package = self.package_of(script) if script else None
        if node:
            self.note("node", node, "gateway")
        if script:
            self.note("openclaw", script, "gateway")
        found = self._found["node"].get(node, {}).get("version")
        version, wanted = self.version_of(package), _engines(self.about(package)) if package else None
        return {
            "openclaw": package,
            "openclaw_version": version,
            "node": node,
            "node_version": found,
            "engines": wanted,
            # No Node is none that would do.
            "engines_ok": False if node and _is_gone(node) else _satisfies(found, wanted),
        }

    def told(self):
        lists = {name: list(entries.values()) for name, entries in self._found.items()}
        return dict(
            lists,
            versions=_distinct(lists["openclaw"]),
            node_versions=_distinct(lists["node"]),
        )


def _is_gone(path):
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        # Somebody else may be able to look there.
        pass
    return False


def _is_openclaw(word):
    return os.path.basename(word) == "openclaw" or ("/openclaw/" in word and word.endswith((".js", ".mjs")))


def _distinct(entries):
    return sorted({entry["version"] for entry in entries} - {None})


def node_version(real):
    """Return the version of a Node by its real path: from the header beside it, else from the path, or C(None)."""
    prefix = os.path.dirname(os.path.dirname(real))
    try:
        with open(os.path.join(prefix, "include/node/node_version.h"), encoding="utf-8") as stream:
            return "%(MAJOR)s.%(MINOR)s.%(PATCH)s" % dict(_HEADER_NUMBER.findall(stream.read()))
    except (OSError, KeyError, UnicodeDecodeError):
        found = _VERSION_IN_PATH.findall(real)
        return found[-1] if found else None


def _engines(about):
    """Return the range of Node versions that a package wants, C(None) where neither it nor its time says."""
    engines = about.get("engines")
    wanted = engines.get("node") if isinstance(engines, dict) else None
    if isinstance(wanted, str):
        return wanted
    from ansible_collections.clawops.openclaw.plugins.module_utils._release.engines import known_engines

    try:
        return known_engines(about.get("version") or "")
    except ValueError:
        return None


def _satisfies(version, wanted):
    if version is None or wanted is None:
        return None
    from ansible_collections.clawops.openclaw.plugins.module_utils._release.engines import satisfies

    try:
        return satisfies(version, wanted)
    except ValueError:
        return None
