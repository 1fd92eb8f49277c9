# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Looks at a job: what launchd holds, whether an override disables it, what lies on disk. Changes nothing."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._service import files, launchd, outcomes, print_grammar


class Observed(NamedTuple):
    """A job as found.

    :param loaded: :class:`print_grammar.Loaded`, or C(None) when launchd does not have it.
    :param domain_exists: false when the domain itself is absent (nobody logged in).
    :param disabled: whether an override disables the label; C(None) when there is no override, or no domain to ask in.
    :param on_disk: :class:`files.OnDisk`.
    :param lacks: list of :class:`files.Lack`: what the log and an agent's property list need.
    :param looping: whether it was seen to end and be started over and over.
    """

    loaded: print_grammar.Loaded | None
    domain_exists: bool
    disabled: bool | None
    on_disk: files.OnDisk
    lacks: list
    looping: bool = False


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
