# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of launchctl."""

from . import darwin

RICHER = "Try re-running the command as root for richer errors."
RICHER_LOAD = "Try running `launchctl bootstrap` as root for richer errors."
VERSION = (
    "Darwin Bootstrapper Version 7.0.0: Thu Oct 30 22:40:12 PDT 2025; "
    "root:libxpc_executables-3102.40.9~1/launchd/RELEASE_ARM64E"
)

_FAILED = {
    "bootstrap": "Bootstrap failed: {code}: {text}",
    "bootout": "Boot-out failed: {code}: {text}",
    "kickstart": 'Could not kickstart service "{label}": {code}: {text}',
    "enable": "Could not enable service: {code}: {text}",
    "disable": "Could not disable service: {code}: {text}",
    "kill": "Could not signal service: {code}: {text}",
    "print": "Could not print domain: {code}: {text}",
    "print-disabled": "Could not print disabled services: {code}: {text}",
    "load": "Load failed: {code}: {text}",
    "unload": "Unload failed: {code}: {text}",
}
_PLAIN = "{verb} failed: {code}: {text}"

# Verbs that tell an unprivileged caller to come back as root after a 5.
_HINTS = {"bootstrap": RICHER, "bootout": RICHER, "load": RICHER_LOAD, "unload": RICHER_LOAD}

PATH_LINES = {
    darwin.EALREADY: "service already bootstrapped",
}

USAGE = {
    "bootstrap": "<domain-target> [service-path, service-path2, ...]",
    "bootout": "<domain-target> [service-path1, service-path2, ...] | <service-target>",
    "enable": "<service-target>",
    "disable": "<service-target>",
    "kickstart": "[-k] [-p] [-s] <service-target>",
    "kill": "<signal-number|signal-name> <service-target>",
    "print": "<domain-target> | <service-target>",
    "print-disabled": "<domain-target>",
    "blame": "<service-target>",
    "list": "[service-name]",
    "load": "[-wF] [-D <user|local|network|system|all>] paths...",
    "unload": "[-wF] [-D <user|local|network|system|all>] paths...",
    "start": "<service-name>",
    "stop": "<service-name>",
    "remove": "<service-name>",
    "submit": "-l <label> [-p <program>] [-o <stdout>] [-e <stderr>] -- <command> [args...]",
    "setenv": "<<key> <value>, ...>",
    "unsetenv": "<key, ...>",
    "getenv": "<key>",
    "asuser": "<uid> <program> [args...]",
    "limit": "[<limit-name> [<soft-limit> [<hard-limit>]]]",
    "config": "<system|user> <parameter> <value>",
    "error": "[posix|mach|bootstrap] <code>",
}


def usage(verb):
    """The usage line of a subcommand, newline-terminated."""
    return "Usage: launchctl %s %s\n" % (verb, USAGE.get(verb, ""))


def no_service(label, domain_text):
    return 'Could not find service "%s" in domain for %s\n' % (label, domain_text)


def no_domain(domain_text):
    return "Could not find domain for %s\n" % domain_text


def _silent(verb, code):
    """kickstart reports only plain errnos and the two codes newer releases added; 37 is silent."""
    if verb != "kickstart":
        return False
    return code == darwin.EALREADY or (code >= darwin.NO_DOMAIN and code not in (darwin.UNSUPPORTED, darwin.SIP))


def failure(verb, code, root, label=""):
    """stderr of a verb that failed with a code other than 112 and 113."""
    if _silent(verb, code):
        return ""
    template = _FAILED.get(verb, _PLAIN)
    line = template.format(verb=verb.capitalize(), code=code, text=darwin.strerror(code), label=label) + "\n"
    if code == darwin.EIO and not root and verb in _HINTS:
        line += _HINTS[verb] + "\n"
    return line


def path_line(path, code):
    """The per-path line root sees above 'Bootstrap failed' on releases that tell the reason."""
    return "%s: %s\n" % (path, PATH_LINES.get(code, darwin.strerror(code)))
