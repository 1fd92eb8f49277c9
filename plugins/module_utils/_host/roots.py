# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The configurations that lie on a host for a Gateway's account, and which process has loaded which."""

from __future__ import annotations

import hashlib
import os
import re
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._host.claws import TURNING
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.copies import CONFIG_NAMES
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.dotenv import MAX_BYTES
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import HOME_FILES, Reader

_LEGACY = (".clawdbot", ".moltbot")
_PROFILE = ".openclaw-"
#: A state directory without a configuration is one if it has one of these.
_TRACES = ("state", "agents", "devices", "credentials")
_HOME = re.compile(r"\$(?:HOME\b|\{HOME\})")


def describe(account, state_dir, running, chosen, own_pid):
    """Describe the roots.

    :param account: of the Gateway. :param state_dir: the declared one.
    :param running: list of :class:`claws.Running`. :param chosen: configurations that a service definition of the
        account leads to. :param own_pid: of the Gateway's process, or None.
    :returns: C({roots, count, loaded, other_used, unreadable}). C(roots) are mappings of C(path), C(kind) (state,
        profile, legacy, environment), C(config), C(config_exists), C(digest), C(mode), C(uid), C(used_by) (mappings of
        C(pid), C(command), C(how)). C(loaded) is the configuration of the Gateway's own process.
    """
    # Whether there is something is asked with all rights there are, what stands in it with those of the account.
    reader = Reader()
    roots = _of_home(account.home, state_dir, reader)
    mine = [one for one in running if one.uid in (None, account.uid) or one.is_gateway]
    for path in list(chosen) + [one.config for one in mine if one.config]:
        if path not in [root["config"] for root in roots]:
            roots.append({"path": os.path.dirname(path), "kind": "environment", "config": path})
    with acting_as(account):
        digests = {root["config"]: _digest(root["config"], reader) for root in roots}
    told = [_told(root, digests[root["config"]]) for root in roots]
    for root in told:
        root["used_by"] = [{"pid": one.pid, "command": one.command, "how": one.how}
                           for one in mine if one.config == root["config"]]
    blind = sorted(one.pid for one in mine if one.config is None)
    own = next((one for one in mine if one.pid == own_pid), None)
    others = [root for root in told if root["used_by"] and root["kind"] != "state"]
    unreadable = sorted({entry["location"] for entry in reader.unreadable})
    return {
        "roots": told,
        "count": None if any(root["config_exists"] is None for root in told) or account.home in unreadable
        else sum(root["config_exists"] for root in told),
        "loaded": own.config if own else None,
        # Of other accounts' processes not even the names may be told.
        "other_used": True if others else None if blind or os.geteuid() not in (0, account.uid) else False,
        "unreadable": unreadable + ["process %d" % pid for pid in blind],
    }


def of_shells(account):
    """Read by what the start files of an account's shells turn OpenClaw to another root.

    :returns: (environment, empty where they do not; what of them cannot be told, as a list of str).
    """
    paths = [os.path.join(account.home, name) for name in HOME_FILES]
    with acting_as(account):
        reader = Reader()
        texts = [(path, reader.text(path, MAX_BYTES) or "") for path in paths]
    environment, untold = {}, [entry["location"] for entry in reader.unreadable]
    for path, text in texts:
        if not any(name in text for name in TURNING):
            continue
        from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import shells  # few hosts need it

        commands = shells.commands(_HOME.sub(lambda _match: account.home, text))
        for item in (item for command in commands for item in shells.assignments(command, TURNING)):
            value = shells.value_of(item.raw)
            if value is None:
                untold.append("%s in %s" % (item.name, path))
            else:
                environment[item.name] = value
    return environment, untold


def _of_home(home, state_dir, reader):
    """Return the roots that lie where OpenClaw would look for them, the declared one first."""
    default = os.path.join(home, ".openclaw")
    others = [(default, "profile")] if os.path.abspath(state_dir) != default else []
    others += [(os.path.join(home, name), "profile") for name in reader.names(home) if name.startswith(_PROFILE)]
    others += [(os.path.join(home, name), "legacy") for name in _LEGACY]
    found = [{"path": state_dir, "kind": "state", "config": _config(state_dir)}]
    for path, kind in others:
        config = _config(path)
        if os.path.abspath(path) != os.path.abspath(state_dir) and (_exists(config) is not False or _has_traces(path)):
            found.append({"path": path, "kind": kind, "config": config})
    return found


def _config(directory):
    """Return the path of the configuration in a directory; the old ones may hold one of the old or of the new name."""
    paths = [os.path.join(directory, name) for name in CONFIG_NAMES]
    return next((path for path in paths if _exists(path)), paths[0])


def _has_traces(path):
    return any(os.path.isdir(os.path.join(path, name)) for name in _TRACES)


def _digest(path, reader):
    data = reader.data(path)
    return None if data is None else "sha256:" + hashlib.sha256(data).hexdigest()


def _told(root, digest):
    facts = _status(root["path"])
    return dict(
        root,
        config_exists=_exists(root["config"]),
        digest=digest,
        mode="%04o" % stat.S_IMODE(facts.st_mode) if facts else None,
        uid=facts.st_uid if facts else None,
    )


def _status(path):
    try:
        return os.stat(path)
    except OSError:
        return None


def _exists(path):
    """Whether a file is there, None where that may not be known."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return None
    return True
