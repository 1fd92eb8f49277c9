# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controlling side may ask of the double. Product code never gets here."""

from .darwin import SIGNAL_NUMBERS
from .definition import Refused
from .faults import FAULTS, IMMEDIATE, PERSISTENT, prepare
from .knobs import KNOBS


def _uid(machine, word):
    """A uid from digits or from an account's name."""
    if str(word).isdigit():
        return int(word)
    account = machine.accounts.by_name(word)
    if account is None:
        raise ValueError("no such user: %s" % word)
    return account.uid


def _find_job(machine, label):
    job = next((job for job in machine.registry.jobs() if label in (job.label, job.target)), None)
    if job is None:
        raise ValueError("no such job: %s" % label)
    return job


def _domain(machine, name):
    domain = next((item for item in machine.registry.all() if item.name == name), None)
    if domain is None:
        raise ValueError("no such domain: %s" % name)
    return domain


def _login(machine, words, later):
    machine.login(_uid(machine, words[0]))
    return {}


def _logout(machine, words, later):
    machine.logout(_uid(machine, words[0]))
    return {}


def _autologin(machine, words, later):
    if words[0] == "off":
        machine.set_autologin(None)
        return {}
    account = machine.accounts.by_uid(_uid(machine, words[0]))
    if account is None:
        raise ValueError("no such user: %s" % words[0])
    machine.set_autologin(account.name)
    return {}


def _boot(machine, words, later):
    machine.boot()
    return {}


def _reboot(machine, words, later):
    machine.reboot(lambda: later({"ok": True}))


def _shutdown(machine, words, later):
    # The answer goes out first; the loop ends with the last process.
    machine.loop.later(0.01, machine.shutdown)
    return {}


def _status(machine, words, later):
    domains = {}
    for domain in machine.registry.all():
        domains[domain.name] = {
            job.label: {"pid": job.pid, "state": job.state(), "runs": job.runs, "exit": job.exit_line(),
                        "draining": job.draining, "path": job.definition.path, "type": job.kind}
            for job in domain.jobs.values()
        }
    return {
        "macos": machine.profile.macos,
        "autologin": machine.autologin_user(),
        "domains": domains,
        "faults": machine.faults.active(),
        "knobs": machine.knobs.all(),
    }


def _jetsam(machine, given):
    job = _find_job(machine, given["label"])
    job.jetsam = given["reason"]
    machine.supervisor.signal(job, "KILL", "jetsam")


def _kill_job(machine, given):
    if given["signal"] not in SIGNAL_NUMBERS:
        raise ValueError("no such signal: %s" % given["signal"])
    machine.supervisor.signal(_find_job(machine, given["label"]), given["signal"], "injected")


def _park(machine, given):
    job = _find_job(machine, given["label"])
    machine.faults.add("pend_spawns", dict(prepare("pend_spawns", ()), label=job.label))
    machine.supervisor.signal(job, "KILL", "injected")


def _job_in(machine, given):
    job = _domain(machine, given["domain"]).jobs.get(given["label"])
    if job is None:
        raise ValueError("no such job: %s/%s" % (given["domain"], given["label"]))
    return job


def _boot_out(machine, given):
    machine.supervisor.remove(_job_in(machine, given))


def _load(machine, given):
    try:
        machine.load_checked(_domain(machine, given["domain"]), given["path"])
    except Refused as refused:
        raise ValueError("%s cannot be loaded: %d: %s" % (given["path"], refused.code, refused.why)) from None


def _load_instead(machine, given):
    job = _job_in(machine, given)
    job.on_gone.append(lambda: _load(machine, given))
    machine.supervisor.remove(job)


def _setenv_poison(machine, given):
    machine.record.hide(given["value"])
    _domain(machine, given["domain"]).environment[given["key"]] = given["value"]


def _disable_behind_back(machine, given):
    kind, _slash, uid = given["domain"].partition("/")
    machine.disabled.set(None if kind == "system" else int(uid), given["label"], True)


def _session_drop(machine, given):
    machine.logout(given["uid"])


def _clock_jump(machine, given):
    machine.record.clock_offset += given["seconds"]


_DEEDS = {
    "jetsam": _jetsam,
    "kill_job": _kill_job,
    "park": _park,
    "boot_out": _boot_out,
    "load": _load,
    "load_instead": _load_instead,
    "setenv_poison": _setenv_poison,
    "disable_behind_back": _disable_behind_back,
    "session_drop": _session_drop,
    "clock_jump": _clock_jump,
}


def _inject(machine, words, later):
    name, given = words[0], prepare(words[0], words[1:])
    if name in IMMEDIATE:
        _DEEDS[name](machine, given)
    else:
        machine.faults.add(name, given)
    machine.record.event("inject", fault=name, parameters=sorted(given))
    return {}


def _clear(machine, words, later):
    machine.faults.clear(words[0] if words else None)
    return {}


def _defaults(parameters):
    """Parameter -> default; null for one that must be given, which a bare object() marks."""
    return {key: None if value.__class__ is object else value for key, value in parameters.items()}


def _faults(machine, words, later):
    rows = [
        {"name": name, "what": what, "parameters": _defaults(parameters),
         "kind": "deed" if name in IMMEDIATE else "condition", "survives_reboot": name in PERSISTENT}
        for name, (parameters, what) in FAULTS.items()
    ]
    return {"faults": rows}


def _set(machine, words, later):
    for word in words:
        name, _equals, value = word.partition("=")
        machine.knobs.set(name, value)
    return {}


def _reload(machine, words, later):
    machine.knobs.load()
    return {}


def _knobs(machine, words, later):
    rows = {name: {"value": getattr(machine.knobs, name), "what": doc} for name, (_default, doc) in KNOBS.items()}
    return {"knobs": rows}


# verb: (handler, least number of words, help)
VERBS = {
    "status": (_status, 0, "domains, jobs, faults and knobs as JSON"),
    "login": (_login, 1, "UID|NAME: a GUI login; gui/UID appears and loads its agents"),
    "logout": (_logout, 1, "UID|NAME: the GUI session ends"),
    "autologin": (_autologin, 1, "UID|NAME|off: who is logged in at boot"),
    "boot": (_boot, 0, "load the daemons, then the automatic login"),
    "reboot": (_reboot, 0, "all jobs down, volatile state forgotten, boot"),
    "shutdown": (_shutdown, 0, "orderly end"),
    "inject": (_inject, 1, "FAULT [k=v...]: break something"),
    "clear": (_clear, 0, "[FAULT]: mend what was injected"),
    "faults": (_faults, 0, "the faults there are"),
    "set": (_set, 1, "KNOB=VALUE...: kept across restarts"),
    "reload": (_reload, 0, "read config.json of the record directory again"),
    "knobs": (_knobs, 0, "the knobs there are and their values"),
}


def run(machine, message, later):
    """The answer to {"verb": ..., "words": [...]}, or None when later(answer) will be called.

    Raises ValueError with a sentence for whatever cannot be done.
    """
    verb, words = message.get("verb"), message.get("words") or []
    if verb not in VERBS:
        raise ValueError("no such verb: %s; there are: %s" % (verb, ", ".join(VERBS)))
    handler, least, text = VERBS[verb]
    if len(words) < least:
        raise ValueError("%s wants %s" % (verb, text))
    answer = handler(machine, words, later)
    if answer is None:
        return None
    answer["ok"] = True
    return answer
