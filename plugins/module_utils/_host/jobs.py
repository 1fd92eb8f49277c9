# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A Gateway's job, as launchd and the property lists have it: both scopes of the label, and what else is like it."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import companions
from ansible_collections.clawops.openclaw.plugins.module_utils._service import definitions, launchd, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.domains import Domain, domain

_JOB = ("state", "pid", "runs", "throttle_interval", "exit_timeout", "last_exit", "path", "username", "program")


class Place(NamedTuple):
    """Where jobs of a Gateway can be: label, account (name, uid, gid, home), directories, and what lies there."""

    label: str
    account: tuple
    daemons_directory: str
    agents_directory: str
    survey: definitions.Survey

    def target(self, scope):
        return target.target(scope, self.label, self.account, self.daemons_directory, self.agents_directory)


def directories(account, daemons_directory, agents_directory):
    """Return (directory, scope) of all places that launchd loads the property lists of an account from."""
    daemon = target.target("daemon", "x", account, daemons_directory, agents_directory)
    return [(daemons_directory, "daemon"), *((directory, "agent") for directory in daemon.other_directories)]


def domains(launchctl, account):
    """Return the three :class:`Domain` that a Gateway of the account can be in: system, gui, user."""
    return [domain(launchctl, name) for name in ("system", "gui/%d" % account.uid, "user/%d" % account.uid)]


def describe(launchctl, place, known):
    """Look at both scopes.

    :param launchctl: :class:`launchctl.Launchctl`.
    :param place: :class:`Place`.
    :param known: what :func:`domains` returned.
    :returns: one mapping per scope: C(scope), C(target), C(domain_present), C(loaded) (C(None) when launchd did not
        say), the job's C(state), C(pid), C(runs), C(throttle_interval), C(exit_timeout), C(last_exit), C(path),
        C(username), C(program), then C(plists) (paths that define the label), C(definition), C(disabled), C(error).
    """
    system, gui, user = known
    # gui/UID and user/UID share one store of overrides, and only the latter is there without a login.
    agents = gui if gui.disabled else user
    return [_scope(launchctl, place, "daemon", system, system), _scope(launchctl, place, "agent", gui, agents)]


def _scope(launchctl, place, scope, inside, overrides):
    found = dict.fromkeys(_JOB)
    there = place.target(scope)
    mine = definition_of(place, scope)
    found.update(
        scope=scope,
        target=there.service,
        domain_present=inside.present,
        loaded=None,
        plists=[seen.path for seen in place.survey.of(place.label, scope)],
        definition=definitions.described(mine) if mine is not None else None,
        disabled=_disabled(launchctl, there, overrides),
        error=_closed(place, scope),
    )
    try:
        loaded = held(launchctl, there, inside)
    except Failure as failure:
        return dict(found, error=failure.message)
    found.update(loaded=loaded is not None, domain_present=inside.present is not False)
    if loaded is not None:
        found.update((name, getattr(loaded, name)) for name in _JOB)
    return found


def _disabled(launchctl, there, overrides):
    """Whether an override disables the label, C(None) when launchd did not say."""
    if overrides.disabled is not None:
        return overrides.disabled.get(there.label, False)
    try:
        # Releases that do not show overrides with a domain show them apart.
        return bool(launchd.is_disabled(launchctl, there)) if overrides.present else None
    except Failure:
        return None


def _closed(place, scope):
    """Say which directory of a scope could not be listed: what cannot be looked at is not empty."""
    paths = [path for path, kind in directories(place.account, place.daemons_directory, place.agents_directory)
             if kind == scope and path in place.survey.closed]
    return "cannot list %s: %s." % (paths[0], place.survey.closed[paths[0]].lower()) if paths else None


def held(launchctl, there, inside):
    """Return the job that launchd has under a target, or C(None).

    :param there: :class:`target.Target`.
    :param inside: :class:`Domain` it would be in; where that does not list the label, it need not be asked for.
    :return: :class:`print_grammar.Loaded`.
    :raises Failure: C(denied), C(launchd_unclear).
    """
    if inside.services is not None and there.label not in inside.services:
        return None
    return launchd.probe(launchctl, there.service)[1]


def definition_of(place, scope):
    """Return the :class:`definitions.Seen` that launchd would load under the label: that at its proper path first."""
    seen = place.survey.of(place.label, scope)
    proper = place.target(scope).plist
    return next((item for item in seen if item.path == proper), seen[0] if seen else None)


def supervisors(launchctl, place, known):
    """Return the targets under which launchd has the label, C(None) when it did not say of all domains."""
    found = []
    for inside in known:
        name = "%s/%s" % (inside.name, place.label)
        if inside.services is None:
            return None
        if place.label in inside.services:
            # user/UID may answer for a job of gui/UID; the job itself says where it is.
            loaded = launchd.probe(launchctl, name)[1]
            if loaded is not None and (loaded.domain or inside.name).split(" ", 1)[0] == inside.name:
                found.append(name)
    return found


def of_people(accounts, label):
    """Look through the LaunchAgents of other accounts.

    :returns: list of (:class:`Domain`, :class:`definitions.Survey`). Their domains are not asked.
    """
    return [(Domain("gui/%d" % account.uid, None, None, None),
             definitions.survey([(target.default_agents_directory(account.home), "agent")], label))
            for account in accounts]  # fmt: skip


def unseen(place, known, people):
    """Return the paths and domains that :func:`others` knows nothing of, sorted."""
    surveys = [place.survey, *(survey for _inside, survey in people)]
    silent = [inside.name for inside in known if inside.services is None]
    return sorted({path for survey in surveys for path in survey.unseen}.union(silent))


def others(place, known, people):
    """Return what else is like a Gateway: in a property list, or loaded, under another label. The check that the host
    makes of the Gateway by itself is none of them, nor are our other jobs beside it.

    :param known: what :func:`domains` returned. :param people: what :func:`of_people` returned.
    :returns: list of C({label, domain, path, program, pid, loaded, why, gateway}); C(loaded) is C(None) where it cannot
        be told, C(why) is C(label) or C(program), C(gateway) whether its command starts one, C(None) where that is not
        known.
    """
    known = {inside.name: inside for inside in known}
    gui = "gui/%d" % place.account.uid
    domain_of = {"daemon": "system", "agent": gui}
    found = [_other(seen, known[domain_of[seen.scope]]) for seen in companions.others(place.survey, place.label).seen
             if seen.readable and not seen.defines(place.label)]
    found += [_other(seen, inside) for inside, survey in people for seen in survey.seen if seen.readable]
    told = {(item["domain"], item["label"]) for item in found}
    told.update((domain_of[seen.scope], seen.definition["Label"]) for seen in place.survey.seen
                if companions.is_ours(seen.definition, place.label))
    for name, inside in known.items():
        for label, pid in (inside.services or {}).items():
            if label != place.label and definitions.GATEWAYS.search(label) and (name, label) not in told:
                found.append({"label": label, "domain": name, "path": None, "program": None, "pid": pid,
                              "loaded": True, "why": "label", "gateway": None})  # fmt: skip
    return found


def _other(seen, inside):
    definition = seen.definition or {}
    label = definition.get("Label")
    label = label if isinstance(label, str) else seen.path.rpartition("/")[2][: -len(".plist")]
    words = definitions.words(definition)
    return {
        "label": label,
        "domain": inside.name,
        "path": seen.path,
        "program": words[0] if words else None,
        "pid": (inside.services or {}).get(label),
        "loaded": None if inside.services is None else label in inside.services,
        "why": "label" if definitions.GATEWAYS.search(label) else "program",
        "gateway": definitions.starts_gateway(definition) if words else None,
    }
