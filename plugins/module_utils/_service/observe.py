# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Looks at a job: what launchd holds, whether an override disables it, what lies on disk. Changes nothing."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files, launchd, outcomes, print_grammar


class Observed(NamedTuple):
    """A job as found.

    :param loaded: :class:`print_grammar.Loaded`, or C(None) when launchd does not have it.
    :param domain_exists: false when the domain itself is absent (nobody logged in).
    :param disabled: whether an override disables the label; C(None) when there is no override, or no domain to ask in.
    :param on_disk: :class:`files.OnDisk`.
    :param lacks: list of :class:`files.Lack`: what the log and an agent's property list need.
    """

    loaded: print_grammar.Loaded | None
    domain_exists: bool
    disabled: bool | None
    on_disk: files.OnDisk
    lacks: list


def observe(launchctl, target, log_path, account):
    """Look at a job from all sides.

    :param log_path: where its log shall be, or C(None) when that is not declared or does not matter.
    :return: :class:`Observed`.
    """
    kind, loaded = launchd.probe(launchctl, target.service)
    lacks = files.lacks(log_path, account) if log_path else []
    if target.scope == "agent":
        lacks += [lack for lack in files.lacks_above(target.plist) if lack not in lacks]
    return Observed(
        loaded=loaded,
        domain_exists=kind != outcomes.DOMAIN_ABSENT,
        disabled=launchd.is_disabled(launchctl, target),
        on_disk=files.read_plist(target.plist),
        lacks=lacks,
    )


def refuse_second_home(launchctl, target):
    """Refuse to go on when the label is at home somewhere else too: two supervisors would fight over one Gateway.

    :raises Failure: C(label_in_other_scope) naming the place and what clears it.
    """
    for directory in target.other_directories:
        for path in files.plists_with_label(directory, target.label, target.plist):
            raise Failure(
                "label_in_other_scope",
                "the label %s is also defined by %s, outside scope '%s'; launchd would run two Gateways."
                % (target.label, path, target.scope),
                "service",
                "unload and remove that one first: %s && sudo rm %s"
                % (
                    " ; ".join(
                        "sudo launchctl bootout %s/%s" % (domain, target.label) for domain in target.other_domains
                    ),
                    path,
                ),
                label=target.label,
                path=path,
            )
    for domain in target.other_domains:
        other = "%s/%s" % (domain, target.label)
        dummy, loaded = launchd.probe(launchctl, other)
        # user/UID may answer for a job of gui/UID; the job itself says where it is.
        if loaded is not None and (loaded.domain or domain).split(" ", 1)[0] != target.domain:
            raise Failure(
                "label_in_other_scope",
                "the label %s is already loaded in %s (from %s), outside scope '%s'; launchd would run two Gateways."
                % (target.label, domain, loaded.path or "an unknown path", target.scope),
                "service",
                "unload it first: sudo launchctl bootout %s" % other,
                label=target.label,
                path=loaded.path,
                domain=domain,
            )
