# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: all that is read of a Mac before anything is decided, and again when it is proven."""

from __future__ import annotations

import fnmatch
import glob
import grp
import os
import pwd
import re
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import companions, headless
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files

DSCL, TMUTIL, MDUTIL = "/usr/bin/dscl", "/usr/bin/tmutil", "/usr/bin/mdutil"
FIREWALL = "/usr/libexec/ApplicationFirewall/socketfilterfw"
NEWSYSLOG = ("/etc/newsyslog.conf", "/etc/newsyslog.d/*.conf")
#: Where this lies, Spotlight does not look.
MARKER = ".metadata_never_index"
#: Seconds for one answer.
PATIENCE = 10
_HIDDEN = re.compile(r"^(?:dsAttrTypeNative:)?IsHidden: *(\S+)", re.MULTILINE)
_FIREWALL = re.compile(r"\(State = ([012])\)")
_EXCLUDED = re.compile(r"^\[(Excluded|Included)\]\s", re.MULTILINE)
_TRUE = ("1", "true", "yes")


class Account(NamedTuple):
    """An account. C(hidden) is C(None) where nobody says."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    full_name: str
    hidden: bool | None = None


class Seen(NamedTuple):
    """What was read; C(None) where it could not be told, or was not asked for.

    :ivar account: :class:`Account`. :ivar lacks: directories that are missing, by what needs them (C(home), C(state)).
        :ivar power: setting -> number. :ivar limits: name -> number.
    :ivar excluded: of C(time_machine) and C(spotlight), whether. :ivar facts: what is told and never changed.
    """

    account: Account | None
    lacks: dict
    power: dict | None
    limits: dict | None
    excluded: dict
    facts: dict


def ask(hear, *argv):
    """Return what a program says on its output, C(None) where it cannot be run or fails."""
    if not os.access(argv[0], os.X_OK):
        return None
    try:
        code, out, _err = hear(list(argv), PATIENCE)
    except OSError:
        return None
    return out if code == 0 else None


def account(name, hear):
    """Return the :class:`Account` of a name, C(None) where there is none."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    said = ask(hear, DSCL, ".", "-read", "/Users/" + name, "IsHidden")
    found = _HIDDEN.search(said or "")
    hidden = None if said is None else bool(found) and found.group(1).lower() in _TRUE
    return Account(name, entry.pw_uid, entry.pw_gid, entry.pw_dir, entry.pw_shell, entry.pw_gecos, hidden)


def read(wanted, who, exists, state_dir, logs, hear):
    """Read everything that is declared, and the facts.

    :param who: the :class:`Account` as it is, or as it will be created. :param exists: which of the two.
    :param state_dir: of the Gateway. :param logs: paths of its logs.
    :param hear: function of (argv, seconds) to (exit code or None, stdout, stderr).
    :raises Failure: C(path_refused): something else is in the place of the state directory.
    """
    said = ask(hear, headless.PMSET, "-g", "custom")
    power = headless.on_mains(said) if said is not None else None
    limits = None
    if wanted.limits:
        said = ask(hear, companions.SYSCTL, "-n", *wanted.limits)
        numbers = (said or "").split()
        if len(numbers) == len(wanted.limits) and all(number.isdigit() for number in numbers):
            limits = dict(zip(wanted.limits, map(int, numbers)))
    present = _is_directory(state_dir)
    lacks = {"home": [] if _is_directory(who.home) else _missing(who.home),
             "state": [] if present else _missing(state_dir)}  # fmt: skip
    excluded = {}
    if "time_machine" in wanted.excluded:
        found = _EXCLUDED.search(ask(hear, TMUTIL, "isexcluded", state_dir) or "") if present else None
        excluded["time_machine"] = found.group(1) == "Excluded" if found else None if present else False
    if "spotlight" in wanted.excluded:
        excluded["spotlight"] = os.path.lexists(os.path.join(state_dir, MARKER))
    return Seen(who if exists else None, lacks, power, limits, excluded, facts(who if exists else None, logs, hear))


def _is_directory(path):
    if os.path.isdir(path):
        return True
    if os.path.lexists(path):
        raise Failure("path_refused", "%s is no directory." % path, "host", "move it away, then run again.", path=path)
    return False


def taken():
    """Return the numbers of all accounts."""
    return frozenset(entry.pw_uid for entry in pwd.getpwall())


def owner(path):
    """Return the number of whose a directory is, C(None) where there is none."""
    try:
        return os.stat(path).st_uid
    except OSError:
        return None


def _missing(path):
    return [lack.path for lack in files.lacks_above(os.path.join(path, "."))]


def facts(who, logs, hear):
    """Return what is told and never changed."""
    head = headless.describe(hear)
    firewall = _FIREWALL.search(ask(hear, FIREWALL, "--getglobalstate") or "")
    return {
        "filevault": head["filevault"],
        "auto_login": head["auto_login"],
        "auto_login_user": head["auto_login_user"],
        "console_user": head["console_user"],
        "firewall": int(firewall.group(1)) if firewall else None,
        "indexing": indexing(ask(hear, MDUTIL, "-s", "/")),
        "administrator": administrator(who) if who else None,
        "newsyslog": renamers(newsyslog_files(), logs),
    }


def indexing(said):
    """Return whether Spotlight looks at the disk at all, from what mdutil says; C(None) where it does not say."""
    if said is None or "disabled" not in said and "enabled" not in said:
        return None
    return "disabled" not in said


def administrator(who):
    """Return whether an account may administer the Mac, C(None) where that cannot be told."""
    try:
        group = grp.getgrnam("admin")
    except KeyError:
        return None
    return who.name in group.gr_mem or who.gid == group.gr_gid


def newsyslog_files():
    """Return path -> text of the files that newsyslog reads; what cannot be read is left out."""
    found = {}
    for path in [path for pattern in NEWSYSLOG for path in sorted(glob.glob(pattern))]:
        try:
            with open(path, encoding="utf-8", errors="replace") as stream:
                found[path] = stream.read(1 << 20)
        except OSError:
            continue
    return found


def renamers(texts, logs):
    """Return the lines by which newsyslog would rename one of the logs, as C({path, line, log}). Pure."""
    found = []
    for path, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            # With G among its flags the name is a pattern.
            pattern = any(re.match(r"[A-Z]*G[A-Z]*\Z", word) for word in words[4:])
            for log in logs:
                if words[0] == log or pattern and fnmatch.fnmatch(log, words[0]):
                    found.append({"path": path, "line": number, "log": log})
    return found
