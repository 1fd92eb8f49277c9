# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What openclaw_token returns: fingerprints, lines of a diff, and what the sources are afterwards. Pure."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import report, sources, strip, winner
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.winner_table import CONSUMERS
from ansible_collections.clawops.openclaw.plugins.module_utils._token import change, layout

#: What is said when the token of a Gateway is taken away that goes on running.
RUNS_WITHOUT = (
    "the Gateway goes on running, with a token of its own making that nobody knows. "
    "Next: stop it (openclaw_service, state: stopped or absent)."
)
_GOING = (strip.EDIT, strip.ABSENT, strip.UNSETENV, strip.PURGE, strip.RESTART)


def foretold(prepared, task):
    """Return the sources as they will be after a run that is not made."""
    plan, chosen = prepared.plan, prepared.choice
    gone = [source for step in prepared.stripping.remove if step.action in _GOING for source in step.sources]
    kept = [source for source in prepared.found.sources if source not in gone and source.location != task.target.path]
    # What the stores hold by then is told by what is written to them.
    written = {write.path: write for write in plan.writes + plan.strips}
    kept = [source for source in kept if source.kind not in _STORED or source.location not in written]
    mine = sources.from_config(prepared.work.data.decode("utf-8"), task.target.path) if prepared.work.data else []
    unknown = chosen.origin == "generated"
    mark = None if unknown or plan.new is None else fingerprint(plan.new)
    if task.wish.state != "absent":
        kept += [
            sources.Source(kind, path, None, True, mark, "ours", name)
            for kind, path, name in _STORES.get(task.source, lambda sites: ())(task.sites)
            if path in written
        ]
    return [
        source._replace(fingerprint=None) if unknown and source.kind == "config" else source for source in mine + kept
    ]


#: Kinds of sources that are stores of ours.
_STORED = ("secret_file", "dotenv")
#: Source -> function of :class:`layout.Sites` to (kind, path, name) of what the survey will find there.
_STORES = {
    "file": lambda sites: (("secret_file", sites.secret_file, "/gateway/token"),),
    "env": lambda sites: (("dotenv", sites.dotenv, sources.VARIABLE),),
}


def winners(found, version):
    """Return who of the sources supplies whom: dicts of consumer, winner (a slot of the table), location, shadowed."""
    rows = []
    for consumer in CONSUMERS:
        verdict = winner.resolve(winner.slots_of(found, consumer), consumer, version)
        fits = [one for one in found if one.credential == "token" and winner.slot_of(one, consumer) == verdict.winner]
        rows.append(
            {
                "consumer": consumer,
                "winner": verdict.winner,
                "location": fits[0].location if fits else None,
                "line": fits[0].line if fits else None,
                "fingerprint": fits[0].fingerprint if fits else None,
                "shadowed": list(verdict.shadowed),
            }
        )
    return rows


def consumers(declared, token):
    """Return what consumers elsewhere hold, compared with the token: dicts of name, fingerprint, current.

    :param token: the one in use, None where nobody knows it yet.
    """
    mark = None if token is None else fingerprint(token)
    return [dict(one, current=None if mark is None else one["fingerprint"] == mark) for one in declared]


def outdated(compared):
    """Return findings about consumers that hold another token."""
    return [
        {
            "code": "consumer_outdated",
            "location": one["name"],
            "line": None,
            "live": False,
            "message": "%s holds another token (%s) than this Gateway." % (one["name"], one["fingerprint"]),
            "hint": "give it the present one (deliver_to, or the vault that both read).",
        }
        for one in compared
        if one["current"] is False
    ]


def result(prepared, task, proof, everything, compared, findings, restarts, unproven_s):
    """Return the module's result.

    :param proof: C(proven), C(not_running) or C(check_mode). :param everything: sources afterwards.
    :param compared: of :func:`consumers`. :param restarts: how often the job was restarted.
    :param unproven_s: seconds from the first write to the proof.
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
        "fingerprint": None if plan.new is None or (generated and proof == "check_mode") else fingerprint(plan.new),
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
        "survey_ms": round(prepared.survey_ms, 1),
        "source_count": len(sources.server_sources(everything)),
        "version": prepared.version,
        "winners": winners(everything, prepared.version),
        "delivered": [write.path for write in plan.deliveries],
        "consumers": compared,
        "findings": findings,
        "reports": prepared.stripping.report,
        "unreadable": prepared.found.unreadable,
        "diff": diff,
    }
