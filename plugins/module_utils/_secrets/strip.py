# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Taking single credentials out of a place, every other byte staying, and the plan of what to take. Pure."""

from __future__ import annotations

import collections
import shlex

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import (
    dotenv,
    plist_edit,
    plists,
    shell_edit,
    shells,
)

#: What to do with a source. edit: strip() the file. absent: remove the key from openclaw.json. unsetenv: run the
#: command. purge: delete the file. restart: it goes when the job is loaded anew, the places before it being clean.
#: report: a person has to. keep: it is none of this Gateway's sources.
EDIT, ABSENT, UNSETENV, PURGE, RESTART, REPORT, KEEP = (
    "edit",
    "absent",
    "unsetenv",
    "purge",
    "restart",
    "report",
    "keep",
)

#: Kind -> what is done with it, unless it is the declared one or a person's.
ACTIONS = {
    "config": ABSENT,
    "config_reference": ABSENT,
    "config_env": ABSENT,
    "config_remote": ABSENT,
    "config_remote_reference": ABSENT,
    "config_legacy": ABSENT,
    "config_legacy_reference": ABSENT,
    "config_copy": PURGE,
    "secret_file": REPORT,
    "dotenv": EDIT,
    "gateway_env": EDIT,
    "service_env": EDIT,
    "plist_environment": EDIT,
    "plist_argument": EDIT,
    "plist_setenv": REPORT,
    "job_environment": RESTART,
    "job_argument": RESTART,
    "process_environment": RESTART,
    "process_argument": RESTART,
    "launchctl": UNSETENV,
    "shell": REPORT,
    "shell_launchctl": REPORT,
    "systemd_environment": REPORT,
    "systemd_argument": REPORT,
    "other_config": KEEP,
    "other_dotenv": KEEP,
    "other_user_config": KEEP,
    "other_user_dotenv": KEEP,
}
#: Action -> owners whose places are left to people.
_LEFT_TO_PEOPLE = {EDIT: ("person", "system"), PURGE: ("person", "system"), UNSETENV: ("person",)}

#: C(location): the file, or the launchd domain for unsetenv. C(names): variables, options or keys, sorted. C(command):
#: argv for unsetenv, else None. C(kinds): kinds of the sources, sorted. C(sources): the sources themselves.
Step = collections.namedtuple("Step", "action location names command kinds sources")
#: Lists: steps for us, notes for people (dicts, see :func:`note`), and sources that stay.
Plan = collections.namedtuple("Plan", "remove report keep")


def _in_text(edit):
    def edited(data, names):
        text = data.decode("utf-8", "surrogateescape")
        return edit(text, names).encode("utf-8", "surrogateescape")

    return edited


#: Kind -> function of (bytes, set of names) to bytes.
_EDITORS = {
    "dotenv": _in_text(dotenv.without),
    "gateway_env": _in_text(dotenv.without),
    "other_dotenv": _in_text(dotenv.without),
    "service_env": _in_text(shell_edit.without),
    "shell": _in_text(shell_edit.without),
    "plist_environment": plist_edit.without,
    "plist_argument": plist_edit.without,
}


def _read_plist(data, names):
    job = plists.load(data)
    return plists.sources_of(job, data, "", job.label, names) if job else []


def _read_text(read):
    return lambda data, names: read(data.decode("utf-8", "surrogateescape"), names)


#: Kind -> function of (bytes, mapping of names to credentials) to the sources that are there.
_READERS = {
    "dotenv": _read_text(lambda text, names: dotenv.from_dotenv(text, "", True, names=names)),
    "service_env": _read_text(lambda text, names: shells.from_service_env(text, "", True, names)),
    "shell": _read_text(lambda text, names: [s for s in shells.from_shell(text, "", names) if s.kind == "shell"]),
    "plist_environment": _read_plist,
}
_READERS.update(
    gateway_env=_READERS["dotenv"], other_dotenv=_READERS["dotenv"], plist_argument=_READERS["plist_environment"]
)


def strip(kind, data, names, location="the file"):
    """Return the bytes of a place without the assignments of some names; every other byte is the same.

    A binary property list is written anew with the same values; so is an XML one that cannot be cut.

    :param kind: kind of the sources, one of those whose action is C(edit), or C(shell).
    :param names: variables (C(OPENCLAW_GATEWAY_TOKEN)) and options (C(--token)).
    :param location: what to call the place in an error.
    :raises Failure: C(token_source_stuck) when a source would still be there afterwards, or the place is no such file.
    """
    names = set(names)
    try:
        edited = _EDITORS[kind](data, names)
        wanted = dict.fromkeys(names, "token")
        left = [source for source in _READERS[kind](edited, wanted) if source.name in names]
    except ValueError as error:
        raise _stuck(location, names, "it cannot be read: %s" % error) from None
    if left:
        raise _stuck(location, names, "line %s holds it in a way that cannot be cut out" % left[0].line)
    return edited


def _stuck(location, names, reason):
    return Failure(
        "token_source_stuck",
        "%s cannot be freed of %s: %s." % (location, ", ".join(sorted(names)), reason),
        "config",
        "take it out of %s by hand, then run again." % location,
        path=location,
    )


def plan(found, is_declared, overrides=None, credential="token"):
    """Plan how a host gets down to its declared source.

    :param found: list of :class:`sources.Source`. :param is_declared: function of a source to whether it is to stay.
    :param overrides: kind -> action, where it shall differ from :data:`ACTIONS`, also for files of a person: such as
        C({"config_copy": "keep"}) or C({"shell": "edit"}).
    :param credential: C(token) or C(password); the other one's sources stay.
    :returns: :class:`Plan`. Steps come in the order of carrying them out: files, domains, restart, copies.
    """
    overrides = overrides or {}
    groups, report, keep = collections.OrderedDict(), [], []
    for source in found:
        action = _action(source, is_declared, overrides, credential)
        if action == KEEP:
            keep.append(source)
        elif action == REPORT:
            report.append(note(source))
        else:
            location = source.whose if action == UNSETENV else source.location
            groups.setdefault((action, location), []).append(source)
    steps = [_step(action, location, members) for (action, location), members in groups.items()]
    return Plan(sorted(steps, key=lambda step: _ORDER.index(step.action)), report, keep)


_ORDER = (EDIT, ABSENT, UNSETENV, RESTART, PURGE)


def _action(source, is_declared, overrides, credential):
    if source.credential != credential or is_declared(source):
        return KEEP
    if source.kind in overrides:
        return overrides[source.kind]
    action = ACTIONS[source.kind]
    if action == KEEP and source.live:
        return REPORT
    return REPORT if source.owner in _LEFT_TO_PEOPLE.get(action, ()) else action


def _step(action, location, members):
    names = sorted({source.name for source in members if source.name})
    command = _unsetenv(location, names) if action == UNSETENV else None
    return Step(action, location, names, command, sorted({source.kind for source in members}), members)


def _unsetenv(domain, names):
    """What takes variables out of a launchd domain, run as root. Whether it did is told by looking again."""
    kind, _slash, uid = domain.partition("/")
    command = ["launchctl", "unsetenv", *names]
    if kind == "user":
        return ["sudo", "-u", "#" + uid, *command]
    return ["launchctl", "asuser", uid, "sudo", "-u", "#" + uid, *command] if kind == "gui" else command


def note(source):
    """Return what a person has to do about a source, as data. C(command) is None where only an editor helps."""
    shown = {key: getattr(source, key) for key in ("kind", "location", "line", "name", "owner", "whose", "live")}
    return dict(shown, fingerprint=source.fingerprint, command=_COMMANDS.get(source.kind, _no_command)(source))


def _no_command(_source):
    return None


def _delete_line(source):
    # Only where that line still names it: the file may have changed in between.
    word = "setenv.*" + source.name if source.kind == "shell_launchctl" else source.name
    return "sed -i '' -e %s %s" % (
        shlex.quote("%d{/%s/d;}" % (source.line, word)),
        shlex.quote(source.location),
    )


def _remove_from_plist(source):
    return "plutil -remove %s %s" % (shlex.quote("EnvironmentVariables." + source.name), shlex.quote(source.location))


def _delete_file(source):
    return "rm %s" % shlex.quote(source.location)


def _leave_domain(source):
    return "sudo " + " ".join(map(shlex.quote, _unsetenv(source.whose, [source.name])))


_COMMANDS = {
    "launchctl": _leave_domain,
    "shell": _delete_line,
    "shell_launchctl": _delete_line,
    "dotenv": _delete_line,
    "gateway_env": _delete_line,
    "other_dotenv": _delete_line,
    "systemd_environment": _delete_line,
    "plist_environment": _remove_from_plist,
    "config_copy": _delete_file,
    "secret_file": _delete_file,
}
