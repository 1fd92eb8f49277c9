# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What keeps a staged release from taking over: looked for before anything is changed. Changes nothing."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    credentials,
    gateway_config,
    state_database,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import schemas

_SHOWN = 5
#: Seconds that the release may take to judge a configuration. It takes one or two on a quiet machine.
_PATIENCE = 300.0


class Obstacle(NamedTuple):
    """:ivar code: stable. :ivar path: file (and key). :ivar message: what is wrong with it. :ivar next: command."""

    code: str
    path: str
    message: str
    next: str


def state(area, then, version):
    """Return the :class:`Obstacle` in the databases of a state directory.

    :param area: :class:`area.Area`. :param then: schemas that the next release reads. :param version: of that.
    """
    return [
        Obstacle(
            "state_too_new", area.path(one.path),
            "has schema %d, and OpenClaw %s reads none newer than %d" % (one.schema, version, then[one.kind]),
            "stay at the present release; to go back to a copy from before the upgrade: openclaw_upgrade, state undone",
        )
        for one in schemas.too_new(area.databases(), then)
    ]  # fmt: skip


def legacy(area, known_by):
    """Return what the next release does not take over when it starts, as :func:`schemas.legacy` does.

    :param area: :class:`area.Area`. :param known_by: tuple C((schemas of the earlier release, of the next one)).
    """
    now, then = known_by
    if not schemas.takes_over(then) or schemas.takes_over(now):
        return []
    found = schemas.legacy(area.filled(lambda path: bool(schemas.legacy([path]))))
    taken_over = any(code == "legacy_credentials" for code, _path, _does in found) and _has_shared_credentials(area)
    return [one for one in found if not (one[0] == "legacy_credentials" and taken_over)]


def of_legacy(area, found, version, command):
    """Return the :class:`Obstacle` that legacy files are where a person is to take them over.

    :param found: of :func:`legacy`. :param version: of the next release. :param command: its C(openclaw).
    """
    return [
        Obstacle(
            code, area.path(path),
            "OpenClaw %s %s while it is there: only its doctor takes it over" % (version, does),
            "stop the Gateway, run: sudo -u %s -H %s doctor --fix --non-interactive" % (area.account.name, command),
        )
        for code, path, does in found
    ]  # fmt: skip


def _has_shared_credentials(area):
    shared = state_database.read(area.account, area.state_dir).shared_credentials()
    told = credentials.describe(area.account, area.state_dir, None, shared, ())
    return any(store["store"] == "shared" and store["credentials"] for store in told["agents"])


def config(area, command):
    """Return the :class:`Obstacle` in openclaw.json, as the release itself judges it. Its exit code is not asked.

    :param command: C(openclaw) of the release. :raises Failure: it does not judge.
    """
    from ansible_collections.clawops.openclaw.plugins.module_utils import _cli

    path, data = area.path("openclaw.json"), whole_config(area)
    if data is None:
        return []
    try:
        issues = _cli.validate(command, data, area.account, area.state_dir, _PATIENCE)
    except Failure as failure:
        # A release whose own command does not work takes over from nobody.
        failure.hint = "run it by hand: sudo -u %s -H %s config validate --json" % (area.account.name, command)
        raise
    return [
        Obstacle(
            "config_refused", "%s: %s" % (path, issue["path"]), issue["message"],
            "correct that key (gateway_settings, or by hand where the role does not manage it)",
        )
        for issue in issues
    ]  # fmt: skip


def whole_config(area):
    """Return the configuration with all that it includes, as bytes; None where there is none."""
    path = area.path("openclaw.json")
    try:
        with acting_as(area.account), open(path, "rb") as stream:
            data = stream.read(gateway_config.LIMIT)
    except FileNotFoundError:
        return None
    plain = gateway_config.judge_text(data)[1]
    if plain is None:
        return data
    whole, included = gateway_config.effective(os.path.realpath(path), plain, area.account)
    return json.dumps(whole).encode("utf-8") if included else data


def refusal(obstacles, before, after):
    """Return the Failure that names all of them."""
    told = ["%s: %s" % (one.path, one.message) for one in obstacles[:_SHOWN]]
    more = len(obstacles) - _SHOWN
    return Failure(
        "upgrade_refused",
        "OpenClaw %s cannot take over from %s. %s%s. Nothing was changed." % (
            after, before, "; ".join(told), " and %d more" % more if more > 0 else ""),
        "host",
        obstacles[0].next + ".",
        obstacles=[one._asdict() for one in obstacles],
    )  # fmt: skip
