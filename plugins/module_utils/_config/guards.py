# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What OpenClaw takes for damage, and answers by putting an older file in place: never written by us. Pure."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: OpenClaw takes a file below this share of the last good one for a wreck and puts the old one back.
_SHRINK_LIMIT = 0.5
_SHRINK_FLOOR = 512
_MODE = ("gateway", "mode")
_META = "meta"


def refuse_removal(before, wanted, path):
    """Refuse wishes that take C(gateway.mode) or C(meta) away.

    :param before: the configuration as plain data. :param wanted: expanded wishes. :param path: of the file.
    :raises Failure: C(gateway_mode_removed), C(meta_removed).
    """
    removed = any(_MODE[: len(gone)] == tuple(gone) for gone in wanted.absent)
    if removed or not isinstance(wanted.settings.get(_MODE[0], {}), dict):
        raise Failure(
            "gateway_mode_removed",
            "%s would lose gateway.mode, without which the Gateway refuses to start (exit 78)." % path,
            "input",
            "take gateway.mode (and gateway) out of 'absent', keep gateway a mapping, and name the mode below any path "
            "of 'replace' that covers it.",
            path=path,
        )
    loses = any(tuple(gone) == (_META,) for gone in wanted.absent) and _META in before
    if loses or not isinstance(wanted.settings.get(_META, {}), dict):
        raise Failure(
            "meta_removed",
            "%s would lose its meta block; OpenClaw would then throw the file away and restore an older one." % path,
            "input",
            "take meta out of 'absent', and keep it a mapping.",
            path=path,
        )


def refuse_shrink(snapshot, data):
    """Refuse data of less than half the size of what is there.

    OpenClaw compares with the last good file it remembers (in a database of its own, which nobody else should read);
    the present file is the nearest thing to it.

    :raises Failure: C(config_would_shrink).
    """
    if snapshot.data is None or len(snapshot.data) < _SHRINK_FLOOR or len(data) >= len(snapshot.data):
        return
    if len(data) < len(snapshot.data) * _SHRINK_LIMIT:
        raise Failure(
            "config_would_shrink",
            "%s would shrink from %d to %d bytes; OpenClaw takes a file below half of its last good size for "
            "damage and restores the old one." % (snapshot.path, len(snapshot.data), len(data)),
            "config",
            "remove less at a time, with a Gateway running in between.",
            path=snapshot.path,
        )
