# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The lock that OpenClaw's own commands hold while they compare and replace a configuration.

It is a file beside the configuration, C(openclaw.json.lock), that says in JSON which process holds it: C(pid),
C(createdAt), C(starttime). Its absence means free. A holder that was killed leaves it, and the next one removes it when
no such process runs, or one that started at another time; the same rule, in 2026.7 and 2026.9, that is followed here.
One that names nobody stands in OpenClaw's way for ever, so ours appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import json
import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config import exchange, litter
from ansible_collections.clawops.openclaw.plugins.module_utils._config.lock_owner import abandoned, started, whole
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Seconds to wait for OpenClaw, and between two tries. Its own commands give a holder about 18.
PATIENCE = 30.0
_PAUSE = 0.05
#: Largest lock file that is looked at, in bytes. Real ones have about 250.
_MAX_BYTES = 4096
#: Where whoever may write the configuration cannot make a file either: then OpenClaw cannot, and nobody is kept off.
_NOT_OURS_TO_MAKE = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextlib.contextmanager
def held(config_path, patience=PATIENCE):
    """Hold OpenClaw's lock of a configuration. The caller acts as the account that OpenClaw runs as.

    :param config_path: path of the configuration as OpenClaw knows it. :param patience: seconds to wait.
    :raises Failure: C(config_locked), which names the holder.
    """
    path = path_of(config_path)
    try:
        mark = _claim(path, os.path.basename(config_path), patience)
    except OSError as error:
        if error.errno not in _NOT_OURS_TO_MAKE:
            raise
        mark = None
    try:
        yield
    finally:
        if mark is not None:
            _release(path, mark)


def path_of(config_path):
    """Return the path of the lock of a configuration: beside it, under the real name of the directory."""
    directory, name = os.path.split(os.path.abspath(config_path))
    return os.path.join(os.path.realpath(directory), name + ".lock")


def stale(config_path):
    """Return a list with the path of the lock if it is there and its holder is gone, else an empty one."""
    path = path_of(config_path)
    text = _read(path)
    return [path] if text is not None and abandoned(_owner(text), started, time.time()) else []


def _claim(path, name, patience):
    """Make the lock file of a configuration of that name; returns the text that marks it as this process' own."""
    mark = _mark()
    deadline = time.monotonic() + patience
    while not _tried(path, name, mark):
        if time.monotonic() >= deadline:
            raise _locked(path, patience)
        time.sleep(_PAUSE)
    return mark


def _mark():
    moment = datetime.datetime.now(datetime.timezone.utc)
    created = moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (moment.microsecond // 1000)
    owner = {"pid": os.getpid(), "createdAt": created}
    since = started(os.getpid())[1]
    if since is not None:
        owner["starttime"] = since
    return json.dumps(owner, indent=2) + "\n"


def _tried(path, name, mark):
    """One attempt; whether the lock is ours now."""
    if _being_removed(path):
        return False
    found = _read(path)
    if found is not None and not abandoned(_owner(found), started, time.time()):
        return False
    # Named like a temporary file of the configuration, so that it is swept like one.
    temporary = litter.write(os.path.dirname(path), name, mark.encode("ascii"))
    try:
        _put(temporary, path, "create" if found is None else "exchange")
    except (FileExistsError, FileNotFoundError):
        return False
    finally:
        # After an exchange this is the lock that was left over, unless somebody was quicker.
        _discard_or_return(temporary, path, found, mark)
    if _being_removed(path) or _read(path) != mark:
        # OpenClaw is removing the left-over lock at this very moment, and will have the next one.
        _release(path, mark)
        return False
    return True


def _put(temporary, path, kind):
    try:
        exchange.rename(temporary, path, kind)
    except OSError as error:
        if error.errno not in exchange.UNSUPPORTED:
            raise
        if kind == "exchange":
            os.unlink(path)
        os.link(temporary, path)


def _discard_or_return(temporary, path, found, mark):
    """Remove a temporary file; but a living lock that an exchange brought out goes back where it was."""
    if _read(temporary) not in (None, found, mark):
        with contextlib.suppress(OSError):
            exchange.rename(temporary, path, "exchange")
    litter.discard(temporary)


def _release(path, mark):
    if _read(path) == mark:
        litter.discard(path)


def _being_removed(path):
    """Whether an OpenClaw process says that it is taking a left-over lock away."""
    return os.path.lexists(path + ".reclaim")


def _read(path):
    try:
        with open(path, "rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return None


def _owner(text):
    try:
        owner = json.loads(text)
    except ValueError:
        return {}
    return owner if isinstance(owner, dict) else {}


def _locked(path, patience):
    pid = _owner(_read(path) or "").get("pid")
    who = "process %d" % pid if whole(pid) else "a process that it does not name"
    look = "ps -p %d shows it" % pid if whole(pid) else "if no openclaw command runs, remove the file"
    return Failure(
        "config_locked",
        "%s has been held by %s for %d seconds: OpenClaw is writing this configuration." % (path, who, patience),
        "config",
        "wait for that command to end (%s), then run again." % look,
        path=path,
    )
