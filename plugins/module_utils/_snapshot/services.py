# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The jobs of a snapshot: what launchd does with them, and how that comes back."""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config import effects
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, launchd, outcomes, parsing, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.job import Step
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot.manifest import Job

#: Seconds to wait for a process, and for which it has to stay.
PATIENCE = act.Patience(start_timeout=30, settle=0)


def place_of(site, job):
    """Return the :class:`target.Target` of a job of a snapshot."""
    there = target.target(job.scope, job.label, site.account, site.daemons_directory, site.agents_directory)
    return there._replace(plist=job.plist)


def look(launchctl, site, job):
    """Return a job as launchd has it now.

    :raises Failure: launchd does not tell.
    """
    there = place_of(site, job)
    kind, loaded = launchd.probe(launchctl, there.service)
    # user/UID may answer for a job of gui/UID; the job itself says where it is.
    elsewhere = loaded is not None and (loaded.domain or there.domain).split(" ", 1)[0] != there.domain
    is_loaded = None if kind == outcomes.DOMAIN_ABSENT else loaded is not None and not elsewhere
    return job._replace(loaded=is_loaded, disabled=bool(launchd.is_disabled(launchctl, there)))


def of_host(launchctl, site, survey):
    """Return the jobs of a host: the Gateway's label in both scopes, and each label that a property list defines."""
    found = []
    for scope in target.SCOPES:
        there = target.target(scope, site.label, site.account, site.daemons_directory, site.agents_directory)
        found.append((site.label, scope, there.plist))
    for seen in survey.seen:
        label = (seen.definition or {}).get("Label")
        if isinstance(label, str) and label and (label, seen.scope) not in [one[:2] for one in found]:
            found.append((label, seen.scope, seen.path))
    return tuple(look(launchctl, site, Job(*one, loaded=None, disabled=None)) for one in found)


class Way(NamedTuple):
    """How a job comes back: C(before) the files are put back, and C(after). Steps as :class:`job.Step` says."""

    job: Job
    before: list
    after: list

    @property
    def starts(self):
        """Whether the job gets another process."""
        return any(step.words[0] in ("bootstrap", "kickstart") for step in self.after)

    @property
    def calls(self):
        return [" ".join(step.words) for step in self.before + self.after]


def way(site, then, now, rewritten, restart):
    """Plan how a job comes back. Pure.

    :param then: :class:`manifest.Job` as it was. :param now: as it is. :param rewritten: whether its definition is put
        back, too. :param restart: whether its process has to read something anew.
    """
    there = place_of(site, then)
    unload = bool(now.loaded) and (not then.loaded or rewritten)
    load = bool(then.loaded) and (unload or not now.loaded)
    before = [Step("launchctl", ("bootout", there.service))] if unload else []
    after = []
    # launchd loads nothing that is disabled.
    if then.disabled != now.disabled and not (load and then.disabled):
        after.append(Step("launchctl", ("disable" if then.disabled else "enable", there.override)))
    if load:
        after.append(Step("launchctl", ("bootstrap", there.domain, there.plist)))
    elif restart and then.loaded:
        after.append(Step("launchctl", ("kickstart", "-k", there.service)))
    return Way(then, before, after)


def actor(launchctl, site, job, data):
    """Return who carries out the steps of a way. C(data) is the definition that is to be loaded, as bytes or None."""
    definition = parsing.parse(data)[0] if data else None
    return act.Actor(launchctl, place_of(site, job), site.account, definition, PATIENCE)


def needs_restart(site, changes, root_changed, before, after):
    """Whether the Gateway has to start again to run with what is put back. Pure.

    :param changes: paths whose content is put back. :param root_changed: whether another release becomes current.
    :param before: configuration that is there now as plain data. :param after: the one that is put back; both None
        where it stays or cannot be read.
    """
    at_start = [path for path in changes if _is_read_at_start(site, path)]
    if root_changed or at_start:
        return True
    if before is None or after is None:
        return False
    leaves = [(key,) for key in set(before) | set(after) if before.get(key) != after.get(key)]
    return effects.effect_of(leaves, before, after) == "restart"


def _is_read_at_start(site, path):
    name = os.path.basename(path)
    inside = os.path.relpath(path, site.state_dir).split(os.sep, maxsplit=1)[0]
    return name == "gateway.env" or inside in (".env", "service-env")
