# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""launchctl's subcommands: a table, and what every one of them shares."""

from .. import darwin, domains, texts
from ..profiles import shown_code


class Reply:
    """What launchctl prints and returns; exec: a command the client becomes instead."""

    __slots__ = ("rc", "stdout", "stderr", "exec")

    def __init__(self, rc=0, stdout="", stderr="", exec_=None):
        self.rc = rc
        self.stdout = stdout
        self.stderr = stderr
        self.exec = exec_


class Failed(Exception):
    """Ends a subcommand with a reply."""

    def __init__(self, rc, stderr="", stdout=""):
        super().__init__(rc)
        self.reply = Reply(rc, stdout, stderr)


class Call:
    """One run of launchctl. root, context, t0 and finish(reply) are filled in by the machine."""

    def __init__(self, argv, euid, pid, session, cwd, tty):
        self.argv = argv
        self.euid = euid
        self.pid = pid
        self.session = session
        self.cwd = cwd
        self.tty = tty
        self.root = False
        self.context = None
        self.t0 = 0.0
        self.finish = None

    @property
    def verb(self):
        return self.argv[0]

    @property
    def words(self):
        return self.argv[1:]


def usage(call, first="Usage"):
    """The Failed for a call that does not follow the subcommand's syntax."""
    line = texts.usage(call.verb)
    return Failed(darwin.USAGE, line if first == "Usage" else first + "\n" + line)


def fail(machine, call, code, target=None):
    """The Failed for a code, worded for the verb and the target."""
    bad = "Bad request.\n" if call.verb == "print" and machine.profile.bad_request_line else ""
    if code == darwin.NO_SERVICE and target is not None:
        return Failed(code, bad + texts.no_service(target.label, target.text))
    if code == darwin.NO_DOMAIN and target is not None:
        return Failed(code, bad + texts.no_domain(target.text))
    label = target.label if target is not None and target.label else ""
    return Failed(code, texts.failure(call.verb, code, call.root, label))


def refuse(machine, call, code, target=None):
    """As fail, for a true reason that the release may hide behind 5."""
    return fail(machine, call, shown_code(machine.profile, code, call.root, machine.knobs.collapse), target)


def parse(machine, call, word, service=False):
    """The Target of a word. A bare label or a domain where a service is wanted is a usage error."""
    target = domains.parse_target(word)
    if target is not None and (target.label or not service):
        return target
    if target is None and service and machine.profile.did_you_mean and "/" not in word:
        raise Failed(darwin.USAGE, "Unrecognized target specifier, did you mean gui/%d/%s\n" % (call.euid, word))
    raise usage(call, "Unrecognized target specifier.")


def _hidden(machine, target):
    return target.kind == "gui" and bool(machine.faults.take("gui_absent", uid=target.uid))


def domain_to_read(machine, call, target):
    """The Domain, for verbs that only look. Raises Failed 112, or 1 for other people's domains."""
    if target.kind in ("user", "gui") and target.uid != call.euid and not call.root:
        raise fail(machine, call, darwin.EPERM, target)
    found = None if _hidden(machine, target) else machine.registry.find(target)
    if found is None:
        raise fail(machine, call, darwin.NO_DOMAIN, target)
    return found


def domain_to_change(machine, call, target):
    """The Domain, for verbs that act. Raises Failed 125 when it does not exist, 1 when it is not the caller's."""
    if target.kind == "user" and target.uid != call.euid and not call.root:
        raise fail(machine, call, darwin.EPERM, target)
    found = None if _hidden(machine, target) else machine.registry.find(target)
    if found is None:
        raise fail(machine, call, darwin.UNSUPPORTED, target)
    code = domains.may_modify(found.kind, found.uid, call.euid, machine.superusers)
    if code:
        raise fail(machine, call, code, target)
    return found


def job_in(machine, call, domain, target):
    """The Job of a service target. Raises Failed 113."""
    job = domain.jobs.get(target.label)
    if job is None:
        raise fail(machine, call, darwin.NO_SERVICE, target)
    return job


def options(call, allowed):
    """(set of option letters, remaining words). Raises the usage error for anything not allowed."""
    letters, words = set(), list(call.words)
    while words and words[0].startswith("-") and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        if not set(word[1:]) <= set(allowed):
            raise usage(call)
        letters |= set(word[1:])
    return letters, words


def run(machine, call):
    """The Reply of a call, or None when call.finish will be called later."""
    from . import environment, legacy, loading, looking, services, toggles

    if not call.argv:
        return looking.help_text(machine, call)
    table = {}
    for room in (environment, legacy, loading, looking, services, toggles):
        table.update(room.TABLE)
    handler = table.get(call.verb)
    if handler is None:
        return Reply(machine.knobs.unknown_subcommand_rc, "", "Unrecognized subcommand: %s\n%s" % (
            call.verb, "Usage: launchctl <subcommand> ... | help [subcommand]\n"))
    try:
        return handler(machine, call)
    except Failed as failed:
        return failed.reply
