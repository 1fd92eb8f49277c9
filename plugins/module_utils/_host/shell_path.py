# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The PATH that a login shell ends up with, from the text of its start files: no shell is started.

Conditions are taken to hold: a directory that is not there cannot hold a program either.
"""

from __future__ import annotations

import os
import re

#: What a process has before any start file is read.
SYSTEM = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")
#: What path_helper reads.
PATHS, PATHS_DIRECTORY = "/etc/paths", "/etc/paths.d"
#: Start files in the order in which a login shell at a terminal reads them; C(~) is the home.
_ZSH = tuple(place + name for name in ("zshenv", "zprofile", "zshrc", "zlogin") for place in ("/etc/", "~/."))
_BASH = ("/etc/profile", "~/.bash_profile", "~/.bash_login", "~/.profile", "~/.bashrc")
#: bash reads the first of these that there is.
_FIRST_OF = ("~/.bash_profile", "~/.bash_login", "~/.profile")

#: Repetitions have an end, so that no text takes long.
_STATEMENT = re.compile(
    r"""(?P<comment>(?:^|(?<=\s))\#[^\n]*)
    |(?P<array>\bpath(?P<append>\+?)=\((?P<items>[^)]{0,4000})\))
    |(?:^|[;&({]|\bthen\b|\bdo\b)[ \t]*(?:(?:export|typeset|declare|readonly|local)\s+(?:-\w+\s+)*)?
      (?P<name>[A-Za-z_]\w*)(?P<plus>\+?)=(?P<value>
      (?:"(?:[^"\\]|\\.){0,4000}"|'[^']{0,4000}'|\\.|\$\([^()]{0,999}\)|`[^`]{0,999}`|[^\s;&|"'()`])+)
    |(?P<helper>\bpath_helper\b)
    |(?P<brew>(?P<prefix>(?:/[\w.-]{1,64}){0,8}?)(?:/bin/)?\bbrew["']?\s+shellenv)
    |(?P<tool>\bnvm\.sh|\bfnm\s+env|\basdf\.sh|\bmise\s+activate)""",
    re.MULTILINE | re.VERBOSE,
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)[^}]*\}|(\w+))")
_QUOTES = re.compile(r"""["'\\]""")
_VERSION = re.compile(r"^v(\d+)\.(\d+)\.(\d+)$")


def start_files(shell, home):
    """Return the paths of the start files of a login shell, in order."""
    names = _ZSH if os.path.basename(shell or "zsh") == "zsh" else _BASH
    return [home + name[1:] if name.startswith("~") else name for name in names]


def login_path(shell, home, read):
    """Return the PATH of a login shell as a list of directories, each once.

    :param shell: program of the account's shell.
    :param home: its home.
    :param read: function of a path to the text of the file, or C(None) where there is none.
    """
    state = _State(home, read)
    first = False
    for path in start_files(shell, home):
        is_alternative = path[len(home) :] in [name[1:] for name in _FIRST_OF]
        text = None if is_alternative and first else read(path)
        if text is not None:
            first = first or is_alternative
            state.take(text)
    return list(dict.fromkeys(state.path))


class _State:
    def __init__(self, home, read):
        self.home, self.read = home, read
        self.variables = {"HOME": home}
        self.path = list(SYSTEM)

    def take(self, text):
        for found in _STATEMENT.finditer(text):
            if found.group("array") is not None:
                before = self.path if found.group("append") else []
                self.path = before + self.directories(" ".join(found.group("items").split()).replace(" ", ":"))
            elif found.group("name") is not None:
                self.assign(found.group("name"), found.group("plus"), found.group("value"))
            elif found.group("helper") is not None:
                self.path = helped(self.read) + self.path
            elif found.group("brew") is not None:
                prefix = found.group("prefix") or "/opt/homebrew"
                prefix = prefix[: -len("/bin")] if prefix.endswith("/bin") else prefix
                self.path = [prefix + "/bin", prefix + "/sbin"] + self.path
            elif found.group("tool") is not None:
                self.path = _TOOLS[found.group("tool").split()[0]](self.home, self.variables) + self.path

    def assign(self, name, plus, value):
        if name == "PATH":
            self.path = (self.path if plus else []) + self.directories(value)
        elif "$(" not in value and "`" not in value:
            self.variables[name] = self.expanded(value)

    def directories(self, text):
        """Return the directories in a text, of which those that nobody can tell are left out."""
        found = []
        for part in _QUOTES.sub("", text).split(":"):
            if part in ("$PATH", "${PATH}", "$path", "${path[@]}", "$path[@]"):
                found += self.path
                continue
            directory = self.expanded(part)
            if directory.startswith("/"):
                found.append(os.path.normpath(directory))
        return found

    def expanded(self, text):
        text = _QUOTES.sub("", text)
        text = self.home + text[1:] if text == "~" or text.startswith("~/") else text
        return _VARIABLE.sub(lambda found: self.variables.get(found.group(1) or found.group(2), ""), text)


def path_in(text):
    """Return the PATH that an env file sets, as a list of directories, C(None) where it sets none."""
    found = [found for found in _STATEMENT.finditer(text) if found.group("name") == "PATH"]
    return _State("~", None).directories(found[-1].group("value")) if found else None


def helped(read):
    """Return the directories that path_helper puts first."""
    try:
        names = sorted(os.listdir(PATHS_DIRECTORY))
    except OSError:
        names = []
    files = [PATHS] + [os.path.join(PATHS_DIRECTORY, name) for name in names]
    return [line.strip() for path in files for line in (read(path) or "").splitlines() if line.strip().startswith("/")]


def _nvm(home, variables):
    """The directory of nvm's default version, or of the newest where there is no default that leads to one."""
    root = variables.get("NVM_DIR") or os.path.join(home, ".nvm")
    versions = os.path.join(root, "versions/node")
    try:
        numbers = {name: tuple(map(int, _VERSION.match(name).groups())) for name in os.listdir(versions)
                   if _VERSION.match(name)}  # fmt: skip
    except OSError:
        return []
    alias = _of_alias(root, "default")
    fitting = [name for name in numbers if name == alias or name.startswith(("v%s." % alias, "%s." % alias))]
    chosen = max(fitting or numbers, key=numbers.get, default=None)
    return [os.path.join(versions, chosen, "bin")] if chosen else []


def _of_alias(root, name):
    for _step in range(4):
        try:
            with open(os.path.join(root, "alias", name), encoding="utf-8", errors="replace") as stream:
                name = stream.read(100).strip()
        except OSError:
            break
    return name


def _fnm(home, variables):
    places = (variables.get("FNM_DIR"), home + "/.local/share/fnm", home + "/Library/Application Support/fnm")
    return [place + "/aliases/default/bin" for place in places if place]


_TOOLS = {
    "nvm.sh": _nvm,
    "fnm": _fnm,
    "asdf.sh": lambda home, variables: [variables.get("ASDF_DATA_DIR", home + "/.asdf") + "/shims"],
    "mise": lambda home, variables: [home + "/.local/share/mise/shims"],
}
