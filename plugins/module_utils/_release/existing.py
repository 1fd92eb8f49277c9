# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What Homebrew or npm already put on the host: is it there, is it what is declared, and will it stay where it is?"""

from __future__ import annotations

import os
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout
from ansible_collections.clawops.openclaw.plugins.module_utils._release import observe as _observe

#: Part of a path -> why a service must not be pinned to it.
_UNSTABLE = (
    (
        "/Cellar/",
        "Homebrew removes a versioned Cellar directory at its next upgrade or cleanup",
        "use the opt/ link of the formula, such as /opt/homebrew/opt/node@24",
    ),
)
#: The same, also where the path only leads there through links: directories of version managers live in a person's
#: home and follow that person's choice of the day.
_MANAGED = tuple(
    (
        part,
        "%s moves or removes it when its owner changes versions" % tool,
        "use a prefix that no version manager owns, or 'install: npm'",
    )
    for part, tool in (
        ("/.nvm/", "nvm"),
        ("/nvm/versions/", "nvm"),
        ("/.fnm/", "fnm"),
        ("/fnm_multishells/", "fnm"),
        ("/fnm/node-versions/", "fnm"),
        ("/.volta/", "Volta"),
        ("/.asdf/", "asdf"),
        ("/mise/installs/", "mise"),
        ("/mise/shims/", "mise"),
        ("/.nodenv/", "nodenv"),
        ("/.npm/_npx/", "npx"),
    )
)

#: Group that every ordinary account of a Mac is in.
STAFF = 20

_HEADER_NUMBER = re.compile(r"^#define NODE_(MAJOR|MINOR|PATCH)_VERSION (\d+)$", re.MULTILINE)


def check_stable(path, option):
    """Refuse a path that a package manager will take away from under a running service.

    :raises Failure: C(existing_unstable_path), saying who moves it.
    """
    if not os.path.isabs(path):
        raise _unstable(path, option, "it is not absolute", "give the full path")
    given = os.path.normpath(path) + "/"
    real = os.path.realpath(path) + "/"
    for part, reason, hint in _UNSTABLE:
        if part in given:
            raise _unstable(path, option, reason, hint)
    for part, reason, hint in _MANAGED:
        if part in given or part in real:
            raise _unstable(path, option, reason, hint)


def known_version(prefix, run):
    """Return the version of a Node that was started before: from the header beside it, else as :func:`started_version`.

    :raises Failure: C(existing_missing) when there is no Node any more.
    """
    _program(prefix)
    try:
        with open(os.path.join(prefix, "include/node/node_version.h"), encoding="utf-8") as handle:
            numbers = dict(_HEADER_NUMBER.findall(handle.read()))
        return "%(MAJOR)s.%(MINOR)s.%(PATCH)s" % numbers
    except (OSError, KeyError):
        return started_version(prefix, run)


def started_version(prefix, run):
    """Start the Node under a prefix and return the version it says, such as C(24.19.0).

    :param run: function of an argument list that returns C((exit code, stdout, stderr)).
    :raises Failure: C(existing_missing) when there is none, it does not start, or it says something else.
    """
    program = _program(prefix)
    code, out, err = run([program, "--version"])
    said = out.strip()
    if code != 0 or not re.match(r"^v\d+\.\d+\.\d+", said):
        raise Failure(
            "existing_missing",
            "%s does not run (exit %s: %s)." % (program, code, (err.strip() or said or "no output").splitlines()[-1]),
            "host",
            "run '%s --version' on the host; reinstall it for this processor." % program,
            path=program,
        )
    return said[1:]


def _program(prefix):
    program = os.path.join(prefix, "bin/node")
    if not _observe.runnable(program):
        raise Failure(
            "existing_missing",
            "there is no executable Node at %s." % program,
            "host",
            "install it (brew install node@24), set 'existing_node' to the prefix that has it, or use 'install: npm'.",
            path=program,
        )
    return program


def package(path):
    """Return the package.json of the OpenClaw that lies at a path.

    :raises Failure: C(existing_missing) when there is no whole OpenClaw.
    """
    about = _observe.package_json(path)
    whole = os.path.isfile(os.path.join(path, _layout.GATEWAY_ENTRY))
    if about is None or about.get("name") != "openclaw" or not whole:
        raise Failure(
            "existing_missing",
            "there is no OpenClaw package at %s (looked for package.json and %s)." % (path, _layout.GATEWAY_ENTRY),
            "host",
            "install it (npm install -g openclaw), set 'existing_openclaw' to where it lies, or use 'install: npm'.",
            path=path,
        )
    if os.path.lexists(os.path.join(path, _layout.LIFECYCLE_MARKER)):
        raise Failure(
            "existing_missing",
            "the OpenClaw package at %s is not fully installed: its install script never ran." % path,
            "host",
            "run 'openclaw --version' once as the account that owns the package, or reinstall it with scripts enabled.",
            path=path,
        )
    return about


def doubts(path):
    """Say what may go wrong with a path that other hands maintain, as sentences for a warning."""
    real = os.path.realpath(path)
    found = os.stat(real)
    told = []
    if found.st_mode & 0o002 or (found.st_gid == STAFF and found.st_mode & 0o020):
        told.append("%s can be written by ordinary accounts: the Gateway could change its own code." % path)
    closed = next((step for step in _ancestors(real) if not os.stat(step).st_mode & 0o011), None)
    if closed:
        told.append("%s lies below %s, which only its owner can enter: no other account can run it." % (path, closed))
    return told


def _ancestors(path):
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        yield path


def _unstable(path, option, reason, hint):
    return Failure(
        "existing_unstable_path",
        "%s %s cannot carry a service: %s." % (option, path, reason),
        "input",
        hint + ".",
        option=option,
        path=path,
    )
