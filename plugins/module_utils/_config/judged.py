# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""OpenClaw's own judgement of prepared work, where it can be had."""

from __future__ import annotations

import json

from ansible_collections.clawops.openclaw.plugins.module_utils._config import includes
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: What C(auto) lives with, and says: the command itself is at fault, not the configuration.
_DOUBTS = ("openclaw_timeout", "openclaw_failed")
_SHOWN = 5


def by_openclaw(work, policy, binary, hide):
    """Refuse prepared work that OpenClaw's own validation objects to.

    :param work: :class:`converge.Work`.
    :param policy: C(never); C(auto): when something is written and the command is there; C(always): on every run, and
        a command that is missing or fails is a failure.
    :param binary: path of C(openclaw). :param hide: function of a text that returns it without secrets.
    :returns: tuple (C(builtin) or C(openclaw): who judged, sentence about what C(auto) could not do, or None).
    :raises Failure: C(config_invalid), or what :func:`_cli.validate` raises.
    """
    if policy == "never" or not work.data or (policy == "auto" and not work.changes):
        return "builtin", None
    # A run that changes nothing does not pay for what starts programs.
    from ansible_collections.clawops.openclaw.plugins.module_utils import _cli

    if policy == "auto" and not _cli.runnable(binary):
        return "builtin", None
    try:
        found = _cli.validate(binary, _standing_alone(work), work.target.account, work.target.state_dir)
    except Failure as failure:
        if policy == "auto" and failure.code in _DOUBTS:
            return "builtin", "only the built-in checks judged the configuration: %s" % hide(failure.message)
        failure.message = hide(failure.message)
        raise
    if found:
        raise _refusal(work, [{key: hide(text) for key, text in issue.items()} for issue in found])
    return "openclaw", None


def _standing_alone(work):
    """The bytes to judge. A copy elsewhere cannot include relative files, so it holds what they say."""
    if includes.contains_include(work.own):
        return json.dumps(work.after).encode("utf-8")
    return work.data


def _refusal(work, issues):
    told = "; ".join("%s: %s" % (issue["path"], issue["message"]) for issue in issues[:_SHOWN])
    return Failure(
        "config_invalid",
        "OpenClaw refuses %s as it would be: %s." % (work.target.path, told.rstrip(".")),
        "config",
        "correct the keys named; nothing was written.",
        path=work.target.path,
        issues=issues,
    )
