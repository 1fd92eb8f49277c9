# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs that change nothing: print, list, error, version, the manager trio, help."""

from .. import darwin, listing, printer, texts
from ..session import MANAGER, legacy_domain
from . import Failed, Reply, domain_to_read, fail, job_in, parse, usage


def print_(machine, call):
    if len(call.words) != 1:
        raise usage(call)
    word = call.words[0]
    target = parse(machine, call, word)
    if machine.faults.take("print_timeout", label=target.label):
        return None
    fault = machine.faults.take("print_rc", label=target.label)
    if fault:
        raise fail(machine, call, fault["rc"], target)
    domain = domain_to_read(machine, call, target)
    if not target.label:
        return Reply(0, printer.domain(domain, word, machine.disabled.overrides(domain.uid), machine.view()))
    return Reply(0, printer.service(job_in(machine, call, domain, target), word, machine.view()))


def list_(machine, call):
    words = [word for word in call.words if word != "-x"]
    if len(words) > 1 or (words and words[0].startswith("-")):
        raise usage(call)
    domain = legacy_domain(machine, call)
    if not words:
        return Reply(0, listing.table(domain.jobs.values()))
    job = domain.jobs.get(words[0])
    if job is None:
        raise Failed(darwin.NO_SERVICE, texts.no_service(words[0], "port"))
    return Reply(0, listing.one(job))


def error(machine, call):
    words = list(call.words)
    if words and words[0] in ("posix", "mach", "bootstrap"):
        words.pop(0)
    if len(words) != 1:
        raise usage(call)
    try:
        code = int(words[0], 0)
    except ValueError:
        raise usage(call) from None
    return Reply(0, "%d: %s\n" % (code, darwin.strerror(code)))


def version(machine, call):
    return Reply(0, texts.VERSION + "\n")


def managername(machine, call):
    return Reply(0, MANAGER[call.session] + "\n")


def manageruid(machine, call):
    return Reply(0, "%d\n" % (0 if call.session == "root" else call.euid))


def managerpid(machine, call):
    return Reply(0, "1\n")


def help_text(machine, call):
    if call.argv[1:2] and call.argv[1] in texts.USAGE:
        return Reply(0, "Usage: launchctl %s %s\n" % (call.argv[1], texts.USAGE[call.argv[1]]))
    names = "\n".join("\t%s" % name for name in texts.USAGE)
    return Reply(0, "Usage: launchctl <subcommand> ... | help [subcommand]\n\nSubcommands:\n%s\n" % names)


TABLE = {
    "print": print_,
    "list": list_,
    "error": error,
    "version": version,
    "managername": managername,
    "manageruid": manageruid,
    "managerpid": managerpid,
    "help": help_text,
}
