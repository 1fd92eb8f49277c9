# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What openclaw_token returns: fingerprints, lines of a diff, and what the sources are afterwards. Pure."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import report, sources, strip
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._token import change, layout

_GOING = (strip.EDIT, strip.ABSENT, strip.UNSETENV, strip.PURGE, strip.RESTART)


def foretold(prepared, task):
    """Return the sources as they will be after a run that is not made."""
    plan, chosen = prepared.plan, prepared.choice
    gone = [source for step in prepared.stripping.remove if step.action in _GOING for source in step.sources]
    kept = [source for source in prepared.found.sources if source not in gone and source.location != task.target.path]
    if chosen.origin != "kept":
        kept = [source for source in kept if source.kind != "secret_file"]
    mine = sources.from_config(prepared.work.data.decode("utf-8"), task.target.path) if prepared.work.data else []
    unknown = chosen.origin == "generated" and plan.new is not None
    return [
        source._replace(fingerprint=None) if unknown and source.kind == "config" else source for source in mine + kept
    ]


def result(prepared, task, proof, everything, findings, restarts, unproven_s):
    """Return the module's result.

    :param proof: C(proven), C(not_running) or C(check_mode). :param everything: sources afterwards.
    :param restarts: how often the job was restarted. :param unproven_s: seconds from the first write to the proof.
    """
    plan, chosen, work = prepared.plan, prepared.choice, prepared.work
    generated = chosen.origin == "generated"
    shown = {format_path(layout.TOKEN_PATH): "(generated)"} if generated and task.source == "config" else None
    rows = report.as_rows(work.changes, shown)
    # In a play openclaw_config comes first and tells of the state directory. In check mode it has not come, and the
    # same line here would make the check differ from the run.
    told = [entry for entry in work.files if entry["action"] != "create"]
    diff = report.as_diff(rows, told, task.target.path)
    for name, before, after in prepared.lines:
        diff["before"] += "" if before is None else "%s: %s\n" % (name, before)
        diff["after"] += "" if after is None else "%s: %s\n" % (name, after)
    return {
        "changed": not change.is_empty(plan),
        "path": task.target.path,
        "source": task.source,
        "fingerprint": None if generated and proof == "check_mode" else fingerprint(plan.new),
        "previous": None if plan.old is None else fingerprint(plan.old),
        "generated": generated,
        "replaced": chosen.objection,
        "due": chosen.due,
        "applied": plan.apply,
        "proof": proof,
        "restarts": restarts,
        "unproven_s": round(unproven_s, 2),
        "effect": work.effect,
        "files": work.files,
        "sources": [dict(source._asdict()) for source in everything],
        "source_count": len(sources.server_sources(everything)),
        "findings": findings,
        "reports": prepared.stripping.report,
        "unreadable": prepared.found.unreadable,
        "diff": diff,
    }
