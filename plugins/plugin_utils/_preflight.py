# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a deployment refuses before it changes anything.

Two tables of small checks, each in a file of its own. C(_judge_declared) needs no host: it judges the role's variables,
alone and against the other hosts of the play. C(_judge_observed) judges them against what C(openclaw_info) saw. A check
is a function that yields refusals; adding one means writing it and naming it in a table.
"""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.plugin_utils import _judge_declared, _judge_observed


def deploy_refusals(declared, observation=None, peers=None, host=""):
    """Say why this host must not be deployed as declared.

    :param declared: mapping of role variables by full name (C(gateway_port)); C(gateway_token) is
        C({declared, resolved, value}), because "not declared" is fine and "declared but undefined" is not.
    :param observation: result of C(openclaw_info); C(None) judges the declaration alone.
    :param peers: mapping of host name to C({environment, exposure}) of every host in the play.
    :param host: inventory name, repeated in each refusal.
    :returns: list of C({code, host, key, value, message, next}), empty when nothing stands in the way. No secret in it.
    """
    found = [item for check in _judge_declared.DECLARED for item in check(declared, peers or {})]
    if observation is not None:
        found += _judge_observed.judge(declared, observation)
    return [dict(item, host=host) for item in found]


def refusals_text(refusals):
    """Return refusals as the lines a person reads: host, key, value, reason, next step."""
    lines = []
    for item in refusals:
        lines.append("%s: %s = %s: %s" % (item["host"] or "host", item["key"], item["value"], item["message"]))
        lines.append("    Next: %s" % item["next"])
    return "\n".join(lines)
