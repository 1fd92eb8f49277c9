# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which paths belong to a rollback point of a Gateway, from where it is installed and what its configuration names."""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._files import reach
from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    companions,
    gateway_config,
    jobs,
    private_files,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._release.layout import Layout
from ansible_collections.clawops.openclaw.plugins.module_utils._service import definitions

#: Below the state directory and below the home: recorded as absent, too, so that a restore takes away what has come.
IN_STATE = ("openclaw.json", ".env", "secrets.json", "gateway-token.since.json")
IN_HOME = (".config/openclaw/gateway.env",)
#: Directories below the state directory, of which every file counts.
DIRECTORIES = ("service-env", "secrets")
#: What a database has beside it only while somebody uses it.
_COMES_AND_GOES = ("-wal", "-shm", "-journal")


class Site(NamedTuple):
    """Which Gateway: account (name, uid, gid, home), state directory, root of its releases, label, directories of
    launchd."""

    account: tuple
    state_dir: str
    root: str
    label: str
    daemons_directory: str
    agents_directory: str

    @property
    def config(self):
        return os.path.join(self.state_dir, "openclaw.json")


class Found(NamedTuple):
    """What belongs to a rollback point.

    :param contents: paths of which the content counts. :param kept: paths of which mode and owner count.
    :param definitions: :class:`definitions.Survey` of the property lists.
    """

    contents: tuple
    kept: tuple
    definitions: tuple


def find(site):
    """Find what belongs to a rollback point of a Gateway.

    :raises Failure: C(snapshot_incomplete): something that belongs to it cannot be looked at.
    """
    directories = jobs.directories(site.account, site.daemons_directory, site.agents_directory)
    survey = definitions.survey(directories, site.label)
    if survey.unseen:
        raise Failure(
            "snapshot_incomplete",
            "%s cannot be read, so nobody knows what launchd has from there." % survey.unseen[0],
            "host",
            "run the task with become: true, or look at the path: sudo ls -le@ %s" % survey.unseen[0],
            path=survey.unseen[0],
        )
    # Our jobs beside the Gateway's come and go with the declaration, not with the Gateway.
    survey = companions.others(survey, site.label)
    layout = Layout(site.root)
    contents = [os.path.join(site.state_dir, name) for name in IN_STATE]
    contents += [os.path.join(site.account.home, name) for name in IN_HOME]
    contents += [os.path.join(directory, site.label + ".plist") for directory, _scope in directories]
    # The link to Node of the release that is current: both say what runs.
    contents += [layout.current, layout.wrapper] + _node_links(layout)
    contents += [path for name in DIRECTORIES for path in _files(site, name)]
    contents += [seen.path for seen in survey.seen]
    # A configuration may be a link to where it really lies.
    led_to = [os.path.realpath(path) for path in contents if os.path.islink(path) and path != layout.current]
    contents += [path for path in _named(site) + led_to if _is_theirs(path, site.account)]
    contents = list(dict.fromkeys(contents))
    private = private_files.describe(site.account, site.state_dir, [])
    kept = [entry["path"] for entry in private["entries"] if entry["kind"] in ("file", "directory")]
    kept = [path for path in kept if path not in contents and not path.endswith(_COMES_AND_GOES)]
    return Found(tuple(contents), tuple(kept), survey)


def _node_links(layout):
    if not os.path.islink(layout.current):
        return []
    release = os.path.join(layout.root, os.readlink(layout.current))
    return [path for path in [os.path.join(release, "node")] if os.path.islink(path)]


def _is_theirs(path, account):
    """Whether a path that the account has chosen is its own. Any other one would be put back with root's rights."""
    try:
        return os.lstat(path).st_uid == account.uid
    except OSError:
        return False


def _files(site, name):
    directory = os.path.join(site.state_dir, name)
    try:
        with acting_as(site.account):
            names = sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError:
        # The account itself may not look there; whoever comes that far without a link may.
        names = reach.names(directory)
    paths = [os.path.join(directory, name) for name in names]
    return [path for path in paths if os.path.islink(path) or not os.path.isdir(path)]


def _named(site):
    """Return the files that the configuration names: those that it includes, and those that hold its secrets."""
    try:
        _told, config = gateway_config.read(site.config)
    except OSError:
        return []
    if config is None:
        return []
    included = []
    with contextlib.suppress(Failure):
        # One that OpenClaw could not read either is no part of what runs.
        config, included = gateway_config.effective(site.config, config, site.account)
    providers = value_at(config, ("secrets", "providers"))
    for one in (providers if isinstance(providers, dict) else {}).values():
        path = one.get("path") if isinstance(one, dict) and one.get("source") == "file" else None
        if isinstance(path, str):
            path = site.account.home + path[1:] if path.startswith("~/") else path
            included.append(os.path.join(site.state_dir, path))
    return included
