# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The sections of a look that are about the host itself: accounts, jobs, ports, disks.

Each is a function of the look.
"""

from __future__ import annotations

import os
import pwd
import time

from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe as looks
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import target as gateway_target
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.http import get_json
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import Deadline, Wire, WireError
from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    companions,
    jobs,
    listeners,
    machine,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._host import footprint as places
from ansible_collections.clawops.openclaw.plugins.module_utils._host import headless as head
from ansible_collections.clawops.openclaw.plugins.module_utils._host import installs as install
from ansible_collections.clawops.openclaw.plugins.module_utils._host import memory as memories
from ansible_collections.clawops.openclaw.plugins.module_utils._host import smoke as checks
from ansible_collections.clawops.openclaw.plugins.module_utils._host import storage as disks
from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare, definitions
from ansible_collections.clawops.openclaw.plugins.module_utils._service.print_grammar import DRAINING, THROTTLED

#: Seconds a listener gets to answer.
ANSWER = 1.0


def foreseeable(look):
    """Return the commands (lists of str) that the sections are sure to run."""
    if look.entry is None or not os.access(look.wanted.launchctl, os.X_OK):
        return []
    uid = look.account.uid
    targets = ("system/" + look.wanted.label, "system", "gui/%d" % uid, "user/%d" % uid)
    return [[look.wanted.launchctl, "print", target] for target in targets] + head.questions()


def platform(look):
    return machine.describe()


def account(look):
    if look.entry is None:
        return {"name": look.wanted.user, "exists": False, "uid": None, "gid": None, "home": None}
    return dict(look.account._asdict(), exists=True)


def privilege(look):
    """What this run may see. Without root, what belongs to another account is not seen."""
    may = None if look.entry is None else look.is_root or os.geteuid() == look.entry.uid
    return {"uid": os.geteuid(), "is_root": look.is_root, "may_read_account": may}


def service(look):
    wanted, known, place = look.wanted, look.domains, look.place
    scopes = jobs.describe(look.launchctl, place, known)
    supervised_by = jobs.supervisors(look.launchctl, place, known)
    defined = place.survey.of(wanted.label)
    people = [operator for operator in look.operators if operator.uid != look.account.uid]
    people = jobs.of_people(people, wanted.label)
    found = {
        "label": wanted.label,
        "scopes": scopes,
        "owner": next((scope["definition"]["owner"] for scope in _foremost(scopes) if scope["definition"]), None),
        "supervised_by": supervised_by,
        "loaded_count": None if supervised_by is None else len(supervised_by),
        "definition_count": None if place.survey.closed else len(defined),
        "others": jobs.others(place, known, people),
        "unseen": jobs.unseen(place, known, people),
    }
    return dict(found, **_compared(look, scopes), **_held_back(place, scopes))


def _foremost(scopes):
    """Scopes, those first that launchd has loaded."""
    return sorted(scopes, key=lambda scope: not scope["loaded"])


def _compared(look, scopes):
    """Compare file, launchd and declaration of the label."""
    wanted, place = look.wanted, look.place
    drift, problem, stale, known = None, None, set(), False
    is_declared = any(value is not None for value in wanted.job.values())
    for scope in scopes:
        there, seen = place.target(scope["scope"]), jobs.definition_of(place, scope["scope"])
        loaded = jobs.held(look.launchctl, there, look.domain_of(there)) if scope["loaded"] else None
        on_disk = seen.definition if seen is not None else None
        if loaded is not None and on_disk is not None:
            known = True
            stale.update(compare.loaded_differences(on_disk, loaded, seen.path))
        if not is_declared or scope["scope"] != (wanted.scope or "daemon") or (loaded is None and on_disk is None):
            continue
        try:
            drift = _drift(look, there, on_disk, loaded)
        except Failure as failure:
            problem = failure.message
    return {
        "drift": drift,
        "drift_error": problem,
        "loaded_is_stale": bool(stale) if known else None,
        "stale_keys": sorted(stale),
    }


def _drift(look, there, on_disk, loaded):
    """Return where a job is not as declared. :raises Failure: a declared value is refused."""
    from ansible_collections.clawops.openclaw.plugins.module_utils._service import drift  # where a job is declared

    rows = drift.of_job(look.wanted.job, there, look.account, look.state_dir, on_disk, loaded)
    return [dict(zip(("where", "key", "want", "have"), row), scope=there.scope) for row in rows]


def _held_back(place, scopes):
    """Say whether launchd keeps a job without a process: throttled, or for no reason that it shows."""
    loaded = [scope for scope in scopes if scope["loaded"]]
    if not loaded:
        untold = any(scope["loaded"] is None for scope in scopes)
        return dict.fromkeys(("throttled", "parked"), None if untold else False)
    throttled = any(scope["state"] in THROTTLED for scope in loaded)
    waiting = [scope for scope in loaded if scope["pid"] is None and scope["state"] not in THROTTLED + DRAINING]
    kept = [(scope["definition"] or {}).get("keep_alive") for scope in waiting]
    return {"throttled": throttled, "parked": None if waiting and None in kept else any(keep is True for keep in kept)}


def gui(look):
    try:
        present = look.domains[1].present
    except Failure:
        present = None  # no launchd at all, as the section service says
    return {"domain": "gui/%d" % look.account.uid, "present": present}


def port(look):
    declared = look.found.get("config", {}).get("port")
    port = look.wanted.port or (declared if isinstance(declared, int) else gateway_target.DEFAULT_PORT)
    reader, everyone = listeners.read_all()
    answers, version = _answer(port)
    here = [item for item in everyone or [] if item["port"] == port]
    found = {
        "port": port,
        "reader": reader,
        "listeners": None if everyone is None else [dict(item) for item in here],
        "answers": answers,
        "version": version,
    }
    is_told = bool(look.scopes()) and all(scope["loaded"] is not None for scope in look.scopes())
    pids = {scope["pid"] for scope in look.scopes()} - {None} if is_told else None
    return dict(found, **_holders(everyone, here, pids, port, reader == "proc" or look.is_root))


def _holders(everyone, here, pids, port, sees_all):
    """Say who of all listeners has no business to be one.

    :param pids: processes of the job, C(None) where launchd did not tell.
    :param sees_all: whether the list is complete.
    """
    if everyone is None or (not here and not sees_all):
        return dict.fromkeys(("foreign", "elsewhere", "everywhere", "others"))
    ours = {item["pid"] for item in here} if pids is None else pids
    foreign = [item for item in here if not any(listeners.descends(item, pid) for pid in ours)]
    # A listener without a process may be the job's own.
    is_untold = pids is None or any(item["pid"] is None for item in foreign)
    apart = [item for item in everyone if item["port"] != port]
    others = [{key: item[key] for key in ("pid", "port", "address", "command")} for item in apart
              if item["pid"] is not None and not any(listeners.descends(item, pid) for pid in ours)
              and _is_gateway(item)]  # fmt: skip
    is_partial = any(item["pid"] is None for item in apart) or not sees_all
    return {
        "foreign": None if is_untold and all(item["pid"] is None for item in foreign) else foreign,
        "elsewhere": sorted({item["address"] for item in here if item["elsewhere"]}),
        "everywhere": any(listeners.is_everywhere(item["address"]) for item in here),
        "others": others or (None if is_partial else []),
    }


def _is_gateway(item):
    """Whether a listener is a Gateway, by the name of its program or, where that is Node, by its arguments."""
    command = item["command"] or ""
    if definitions.GATEWAYS.search(command):
        return True
    if command != "node":
        return False
    try:
        arguments = _process.look(item["pid"])[0]
    except OSError:
        return False
    return any(map(definitions.GATEWAYS.search, arguments))


def _answer(port):
    """Return whether loopback takes connections on a port, and the version of OpenClaw that answers, where one says
    it."""
    path = looks.tcp_path("127.0.0.1", port)
    try:
        sock = path.dial(ANSWER)
    except OSError:
        return False, None
    wire = Wire(sock, Deadline(ANSWER))
    try:
        status, body = get_json(wire, "/startupz", path.host, path.headers)
    except WireError:
        return True, None
    finally:
        wire.close()
    return True, body.get("version") if status == 200 and isinstance(body.get("version"), str) else None


def storage(look):
    return {"state": disks.describe(look.state_dir, look.account), "root": disks.describe(look.wanted.root)}


def release(look):
    found = places.releases(look.wanted.root)
    return dict(found, upgrade=places.open_upgrade(look.wanted.user, look.wanted.label))


def installs(look):
    people = [("login", look.account), *(("operator:" + person.name, person) for person in look.operators)]
    people = [install.Person(who, person, pwd.getpwnam(person.name).pw_shell) for who, person in people]
    return install.describe(_service_of(look), people, look.wanted.root)


def _service_of(look):
    """Return what the job starts, from where launchd has it, else from where it would have it from."""
    place = look.place
    scopes = {scope["scope"]: scope for scope in _foremost(look.scopes())}
    for name in scopes or ("daemon", "agent"):
        there, seen = place.target(name), jobs.definition_of(place, name)
        if name in scopes and scopes[name]["loaded"]:
            loaded = jobs.held(look.launchctl, there, look.domain_of(there))
            return install.service(loaded.environment or {}, list(loaded.arguments or ()), look.account)
        if seen is not None and seen.definition is not None:
            return install.service(definitions.environment(seen.definition), definitions.words(seen.definition),
                                   look.account)  # fmt: skip
    return install.Service(None, None)


def memory(look):
    return memories.describe()


def headless(look):
    return head.describe(look.questions.hear)


def smoke(look):
    return checks.describe(look.wanted.label, look.place.survey, look.domains[:2], time.time())


def footprint(look):
    plists = [path for scope in look.scopes() for path in scope["plists"]]
    own = companions.traces(look.place.survey, look.wanted.label)
    logs = os.path.join(look.account.home, "Library", "Logs", "openclaw")
    return {"places": places.places(look.wanted.root, look.state_dir, logs, look.account.home, plists, own)}
