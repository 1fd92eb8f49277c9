# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a smoke check says of a host: whether its Gateway is healthy, and one line of plain text. Pure."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.plugin_utils._table import NO_RESULT, duration, first_problem

#: The runbook, which finds the cause and shows what it would do.
_RUNBOOK = "ansible-playbook clawops.openclaw.remediate -e target=%s --check --diff"


def smoke_row(probe, host):
    """Say how a Gateway is.

    :param probe: what C(openclaw_probe) returned, or Ansible in its place for a host that could not be asked.
    :returns: C({host, healthy, line}). Only a Gateway of which every verdict is ok is healthy: unknown is not.
    """
    problem = first_problem([probe]) or (None if probe.get("verdicts") else NO_RESULT["problem"])
    if problem:
        return {"host": host, "healthy": False, "line": _plain("%s could not be asked: %s" % (host, problem))}
    if probe["state"] == "healthy":
        server = probe.get("server") or {}
        line = "%s healthy (OpenClaw %s, up %s)" % (host, server.get("version"), duration(server.get("uptime_ms")))
        return {"host": host, "healthy": True, "line": line}
    said = "; ".join(_said(name, one) for name, one in probe["verdicts"].items() if one["verdict"] != "ok")
    line = "%s %s: %s. Next: %s Or: %s" % (host, probe["state"], said, probe.get("next") or "", _RUNBOOK % host)
    return {"host": host, "healthy": False, "line": _plain(line)}


def _said(name, one):
    if one["verdict"] == "skipped":
        return "%s not tried" % name
    return "%s %s (%s, %s)" % (name, one["verdict"], one["code"], one["reason"].rstrip("."))


def _plain(text):
    return " ".join(text.split())
