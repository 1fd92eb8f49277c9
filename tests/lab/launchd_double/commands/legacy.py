# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs from before targets: load, unload, start, stop, remove, submit. Their domain is guessed from the caller."""

import os

from .. import darwin
from ..definition import Definition, Refused, read
from ..session import legacy_domain
from . import Failed, Reply, options, refuse, usage

_DAEMON_WARNING = (
    "Warning: Expecting a LaunchDaemons path since the command was ran as root. Got LaunchAgents instead.\n"
    "`launchctl bootstrap` is a recommended alternative.\n"
)


def _plists(call, words):
    for word in words:
        path = os.path.join(call.cwd, word)
        if os.path.isdir(path):
            yield from (os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(".plist"))
        else:
            yield path


def _warning(call, paths):
    return _DAEMON_WARNING if call.root and any("/LaunchAgents/" in path for path in paths) else ""


def _load_one(machine, domain, path, override):
    if override:
        machine.disabled.set(domain.uid, read(path).label, False)
    machine.load_checked(domain, path)


def load(machine, call):
    letters, words = options(call, "wF")
    if not words:
        raise usage(call)
    domain = legacy_domain(machine, call)
    paths = list(_plists(call, words))
    stderr, code = _warning(call, paths), 0
    for path in paths:
        try:
            _load_one(machine, domain, path, "w" in letters)
        except Refused as refused:
            machine.record.log(domain.name, "load of %s failed (%d: %s)" % (path, refused.code, refused.why), "E ")
            reply = refuse(machine, call, refused.code).reply
            code, stderr = reply.rc, stderr + reply.stderr
    return Reply(code, "", stderr)


def unload(machine, call):
    letters, words = options(call, "wF")
    if not words:
        raise usage(call)
    domain = legacy_domain(machine, call)
    stderr, code = "", 0
    for path in _plists(call, words):
        try:
            label = read(path).label
        except Refused as refused:
            code, stderr = refused.code, stderr + "%s: %s\n" % (path, darwin.strerror(refused.code))
            continue
        if "w" in letters:
            machine.disabled.set(domain.uid, label, True)
        job = domain.jobs.get(label)
        if job is None:
            reply = refuse(machine, call, darwin.EIO).reply
            code, stderr = reply.rc, stderr + reply.stderr
        else:
            machine.supervisor.remove(job)
    return Reply(code, "", stderr)


def _job(machine, call):
    if len(call.words) != 1:
        raise usage(call)
    job = legacy_domain(machine, call).jobs.get(call.words[0])
    if job is None:
        raise Failed(darwin.ESRCH)
    return job


def start(machine, call):
    machine.supervisor.request(_job(machine, call), "non-ipc demand", demand=True)
    return Reply()


def stop(machine, call):
    machine.supervisor.stop(_job(machine, call), "launchctl stop")
    return Reply()


def remove(machine, call):
    machine.supervisor.remove(_job(machine, call))
    return Reply()


_SUBMIT = {"-l": "Label", "-p": "Program", "-o": "StandardOutPath", "-e": "StandardErrorPath"}


def submit(machine, call):
    words, data = list(call.words), {"KeepAlive": True}
    while words and words[0] in _SUBMIT and len(words) > 1:
        data[_SUBMIT[words[0]]] = words[1]
        words = words[2:]
    if words[:1] == ["--"]:
        words = words[1:]
    if words:
        data["ProgramArguments"] = words
    if "Label" not in data or not (words or "Program" in data):
        raise usage(call)
    domain = legacy_domain(machine, call)
    if data["Label"] in domain.jobs:
        raise Failed(darwin.EEXIST, "%s: %s\n" % (data["Label"], darwin.strerror(darwin.EEXIST)))
    machine.register(domain, Definition(data, None), kind="Submitted")
    return Reply()


TABLE = {"load": load, "unload": unload, "start": start, "stop": stop, "remove": remove, "submit": submit}
