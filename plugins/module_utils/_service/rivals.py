# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Other jobs that would run the Gateway which is declared: found, judged, refused, or told to make room.

A rival has the same label somewhere else, or runs a Gateway with the same state directory or on the same port, whatever
it is called: what OpenClaw, Homebrew or a person installed, and what is left from older names and from updaters.
"""

from __future__ import annotations

import os
import pwd
import re
import stat
from typing import Callable, NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._names import GATEWAYS
from ansible_collections.clawops.openclaw.plugins.module_utils._service import (
    definitions,
    domains,
    files,
    launchd,
    outcomes,
    print_grammar,
    target,
)

#: Port of a Gateway that is told none.
DEFAULT_PORT = 18789
LABEL, STATE, PORT, OLDER, UPDATER = "label", "state directory", "port", "older name", "updater"
#: Mode -> the kinds of rivals that make room; the other kinds of :data:`SUPERVISORS` are refused.
MODES = {
    "refuse": (),
    "replace_label": (LABEL,),
    "replace": (LABEL, STATE, PORT, OLDER, UPDATER),
}
#: Kinds beside which the declared job cannot run: of the label wherever it is, of the others while launchd has them.
SUPERVISORS = (LABEL, STATE, PORT)
_UPDATER = re.compile(r"ai\.openclaw\.(update|manual-update)\.")
_OLDER = re.compile(r"(com\.clawdbot\.|com\.moltbot\.|bot\.molt\.)|clawdbot|moltbot", re.IGNORECASE)
#: A word of a command that is OpenClaw itself, with its name: that of an account or a directory of data does not count.
_PROGRAM = re.compile(
    r"/(openclaw|clawdbot|moltbot)(?:\.m?js)?\Z"
    r"|/node_modules/(openclaw|clawdbot|moltbot)/"
    r"|/(openclaw|clawdbot|moltbot)/dist/(?:index|entry)\.m?js\Z"
)
#: Labels that OpenClaw gives to the Gateway of a profile.
_OF_PROFILE = re.compile(r"ai\.openclaw\.(?!gateway\Z)([A-Za-z0-9_-]+)\Z")


class Others(NamedTuple):
    """How to treat them.

    :param mode: key of :data:`MODES`. :param records: directory in which is kept what they were, a path.
    :param configured_port: function of a state directory to the port that its openclaw.json names, or C(None).
    """

    mode: str
    records: str
    configured_port: Callable


class Gateway(NamedTuple):
    """What two Gateways cannot share.

    :param state_dir: absolute path. :param port: TCP port.
    """

    state_dir: str
    port: int


class Rival(NamedTuple):
    """A job that would run the same Gateway, or gets into its way.

    :param label: launchd label. :param domain: in which launchd has it, or would have it.
    :param override: service target for enable and disable. :param kind: a word of :data:`MODES`.
    :param path: of the property list that launchd would load again by itself, C(None) for none.
    :param author: who wrote that, as :func:`definitions.owner` says, or C(None).
    :param loaded: :class:`print_grammar.Loaded`, or C(None).
    :param disabled: whether an override disables it; C(None) for no override, or when that was not asked.
    """

    label: str
    domain: str
    override: str
    kind: str
    path: str | None
    author: str | None
    loaded: print_grammar.Loaded | None
    disabled: bool | None

    @property
    def service(self):
        return "%s/%s" % (self.domain, self.label)

    @property
    def place(self):
        """Where it is, for a message."""
        return self.path or (self.loaded.path if self.loaded is not None else None) or "an unknown path"


# -- what a definition would run ---------------------------------------------------------------------------------------


def gateway_of(words, environment, label, home, configured_port):
    """Return the :class:`Gateway` that a command would run.

    :param words: list of str. :param environment: dict. :param label: of its job.
    :param home: of the account that it would run as.
    """
    base = environment.get("OPENCLAW_HOME") or environment.get("HOME") or home
    profile = _option(words, "--profile") or environment.get("OPENCLAW_PROFILE") or ("dev" if "--dev" in words else "")
    product = product_of(words) or "openclaw"
    named = _OF_PROFILE.match(label)
    profile = profile or (named.group(1) if named and any("/service-env/" in word for word in words) else "")
    name = "." + product if profile in ("", "default") else ".%s-%s" % (product, profile)
    state_dir = os.path.normpath(environment.get("OPENCLAW_STATE_DIR") or os.path.join(base, name))
    return Gateway(state_dir, _port(words, environment) or configured_port(state_dir) or DEFAULT_PORT)


def product_of(words):
    """Return under which of its names a command runs OpenClaw, or C(None) when it does not.

    :param words: list of str; commands of a shell among them count word by word.
    """
    parts = _parts(words)
    # Without a path it may as well be the name of an account, unless it is told to start a Gateway.
    told = ["/" + part for part, following in zip(parts, parts[1:]) if following in definitions.STARTING]
    found = map(_PROGRAM.search, told + [part for part in parts if "/" in part])
    return next((next(filter(None, match.groups())) for match in found if match), None)


def _parts(words):
    return [part for word in words for part in word.split()]


def _option(words, name):
    for word, following in zip(words, [*words[1:], ""]):
        option, equals, value = word.partition("=")
        if option == name:
            return value if equals else following
    return None


def _port(words, environment):
    text = _option(words, "--port") or environment.get("OPENCLAW_GATEWAY_PORT") or ""
    return int(text) if text.isascii() and text.isdigit() else None


def declared_gateway(definition, account, configured_port):
    """Return the :class:`Gateway` of a declared definition, or C(None) when it starts none."""
    if definition is None or not definitions.starts_gateway(definition):
        return None
    label = definition.get("Label")
    words, environment = definitions.words(definition), definitions.environment(definition)
    return gateway_of(words, environment, label if isinstance(label, str) else "", account.home, configured_port)


def kind_of(label, words, environment, account, ours, others):
    """Say what a job of another label is to the declared Gateway, or C(None).

    :param account: (name, home) that it would run as. :param ours: (account name, :class:`Gateway`).
    """
    name, home = account
    ours_name, gateway = ours
    if _UPDATER.match(label):
        return UPDATER if name in (ours_name, "root") else None
    if not GATEWAYS.search(label) and product_of(words) is None:
        return None
    if any(part in definitions.STARTING for part in _parts(words)[1:]):
        theirs = gateway_of(words, environment, label, home, others.configured_port)
        if theirs.state_dir == gateway.state_dir:
            return STATE
        if theirs.port == gateway.port:
            return PORT
    return OLDER if name == ours_name and _OLDER.search(label) else None


# -- finding them ------------------------------------------------------------------------------------------------------


def find(launchctl, place, account, definition, others):
    """Return the :class:`Rival` that are there, those first that launchd has.

    Asks launchd only about what looks like one; where other jobs are to make room, about its domains as well, because a
    job can be loaded from anywhere.

    :param place: :class:`target.Target` of the declared job. :param account: object with name, uid, gid, home.
    :param definition: the declared one, or C(None). :param others: :class:`Others`.
    :raises Failure: C(denied), C(launchd_unclear): what cannot be looked at is not absent.
    """
    search = _Search(launchctl, place, account, definition, others)
    search.of_the_label()
    if search.gateway is not None:
        search.in_files()
        if others.mode == "replace":
            search.in_launchd()
    return sorted(search.found, key=lambda rival: rival.loaded is None)


class _Search:
    def __init__(self, launchctl, place, account, definition, others):
        self.launchctl, self.place, self.account, self.others = launchctl, place, account, others
        self.gateway = declared_gateway(definition, account, others.configured_port)
        self.found = []
        self.surveys = [
            (where, definitions.survey([(where.directory, where.scope)], place.label))
            for where in _directories(place, account)
        ]
        for where, survey in self.surveys:
            # That a directory cannot be listed is not that nothing is in it.
            problem = survey.closed.get(where.directory)
            if problem is not None and (where.holder is None or others.mode == "replace"):
                raise files.failed("cannot list", where.directory, PermissionError(0, problem))

    def of_the_label(self):
        for where, survey in self.surveys:
            for seen in survey.of(self.place.label):
                if seen.path != self.place.plist and where.holder is None:
                    self._add(self.place.label, where.domain, LABEL, seen)
        for domain in self.place.other_domains:
            if self.found and LABEL not in MODES[self.others.mode]:
                return  # enough to refuse
            self._add_loaded(self.place.label, domain, lambda dummy: LABEL)

    def in_files(self):
        for where, survey in self.surveys:
            for seen in survey.seen:
                definition = seen.definition
                is_ours = where.holder is None and seen.defines(self.place.label)
                if definition is None or is_ours or not isinstance(definition.get("Label"), str):
                    continue
                kind = self._kind(
                    definition["Label"],
                    definitions.words(definition),
                    definitions.environment(definition),
                    self._runs_as(definition.get("UserName"), where),
                )
                if kind is not None:
                    self._add(definition["Label"], where.domain, kind, seen)

    def in_launchd(self):
        """Look for jobs that were loaded from elsewhere: a cellar, a checkout, a directory of somebody's."""
        for name in ("system", *(domain for domain in self.place.other_domains if domain != "system")):
            inside = domains.domain(self.launchctl, name)
            for label in sorted(inside.services or {}):
                if GATEWAYS.search(label) and label != self.place.label:
                    self._add_loaded(label, name, lambda loaded, label=label: self._kind_of_loaded(label, loaded))

    def _kind_of_loaded(self, label, loaded):
        user = loaded.username or ("root" if (loaded.domain or "system").startswith("system") else self.account.name)
        account = (user, _home(user, self.account))
        return self._kind(label, list(loaded.arguments or ()), loaded.environment or {}, account)

    def _kind(self, label, words, environment, account):
        return kind_of(label, words, environment, account, (self.account.name, self.gateway), self.others)

    def _runs_as(self, username, where):
        if where.domain == "system":
            name = username if isinstance(username, str) else "root"
            return name, _home(name, self.account)
        return (self.account.name, self.account.home) if where.holder is None else where.holder

    def _add(self, label, domain, kind, seen):
        author = definitions.owner(seen.definition, seen.path) if seen.definition is not None else None
        self.found.append(self._rival(label, domain, kind, seen.path, author))

    def _add_loaded(self, label, domain, kind_of_it):
        """Add a job that launchd has there, unless it was found with its property list, or is not one."""
        if any((rival.label, rival.domain) == (label, domain) for rival in self.found):
            return
        dummy, loaded = launchd.probe(self.launchctl, "%s/%s" % (domain, label))
        # user/UID may answer for a job of gui/UID; the job itself says where it is.
        if loaded is None or (loaded.domain or domain).split(" ", 1)[0] not in (domain,):
            return
        kind = kind_of_it(loaded)
        if kind is not None:
            self.found.append(Rival(label, domain, target.override_of(domain, label), kind, None, None, loaded, None))

    def _rival(self, label, domain, kind, path, author):
        """Return the rival that a property list defines, with what launchd has of it."""
        loaded = None
        # The job of our own label and domain is looked at as what it is: the one to bring into order.
        if "%s/%s" % (domain, label) != self.place.service and self._is_asked(kind):
            answer, loaded = launchd.probe(self.launchctl, "%s/%s" % (domain, label))
            if answer == outcomes.DOMAIN_ABSENT:
                loaded = None
        return Rival(label, domain, target.override_of(domain, label), kind, path, author, loaded, None)

    def _is_asked(self, kind):
        """Whether it matters what launchd has of a kind: where it is refused at once, or left alone, it does not."""
        if kind == LABEL:
            return self.others.mode != "refuse"
        return kind in SUPERVISORS or kind in MODES[self.others.mode]


class _Directory(NamedTuple):
    """A directory of property lists, the domain that they are loaded into, and (name, home) of whoever else's it is."""

    directory: str
    scope: str
    domain: str
    holder: tuple | None


def _directories(place, account):
    gui = "gui/%d" % account.uid
    own = [(os.path.dirname(place.plist), place.scope), *((path, None) for path in place.other_directories)]
    daemons = place.daemons_directory
    found = [
        _Directory(path, "daemon" if path == daemons else "agent", "system" if path == daemons else gui, None)
        for path, dummy in dict.fromkeys(own)
    ]
    return found + (_of_people(account) if os.geteuid() == 0 else [])


def _of_people(account):
    """Return the directories of LaunchAgents of whoever has a home beside that of the account."""
    top = os.path.dirname(account.home)
    found = []
    try:
        names = sorted(os.listdir(top))
    except OSError:
        return found
    for name in names:
        home = os.path.join(top, name)
        try:
            status = os.lstat(home)
        except OSError:
            continue
        if not stat.S_ISDIR(status.st_mode) or status.st_uid in (0, account.uid):
            continue
        directory = target.default_agents_directory(home)
        found.append(_Directory(directory, "agent", "gui/%d" % status.st_uid, (name, home)))
    return found


def _home(name, account):
    if name == account.name:
        return account.home
    try:
        return pwd.getpwnam(name).pw_dir
    except KeyError:
        return "/var/empty"


# -- what becomes of them ----------------------------------------------------------------------------------------------


def to_replace(found, others):
    """Return those that make room."""
    return [rival for rival in found if rival.kind in MODES[others.mode]]


def refuse(found, place, others):
    """Refuse to go on beside a supervisor that is not to make room, or with one that must not be disturbed now.

    :raises Failure: C(label_in_other_scope), C(label_defined_twice), C(other_gateway), C(updater_running), naming the
        place, what to say to have it replaced, and what clears it by hand.
    """
    replaced = MODES[others.mode]
    for rival in found:
        if rival.kind in SUPERVISORS and rival.kind not in replaced and (rival.kind == LABEL or rival.loaded):
            raise _refusal(rival, place)
        if rival.kind == UPDATER and rival.kind in replaced and rival.loaded is not None and rival.loaded.pid:
            raise Failure(
                "updater_running",
                "%s, an update of OpenClaw, is at work (pid %d); to end it now could leave half an installation."
                % (rival.service, rival.loaded.pid),
                "service",
                "wait until it has ended (launchctl print %s), then run again." % rival.service,
                target=rival.service,
                pid=rival.loaded.pid,
            )


def _refusal(rival, place):
    enough = "replace_label" if rival.kind == LABEL else "replace"
    code, message = "other_gateway", "the job %s (%s%s) runs a Gateway with the same %s" % (
        rival.service,
        rival.place,
        ", written by %s" % rival.author if rival.author not in (None, "other") else "",
        rival.kind,
    )
    if rival.kind == LABEL and rival.domain == place.domain and rival.path is not None:
        code, message = "label_defined_twice", "the label %s is defined by %s as well" % (rival.label, rival.path)
    elif rival.kind == LABEL and rival.path is not None:
        message = "the label %s is also defined by %s, outside scope '%s'" % (rival.label, rival.path, place.scope)
        code = "label_in_other_scope"
    elif rival.kind == LABEL:
        message = "the label %s is already loaded in %s (from %s), outside scope '%s'" % (
            rival.label,
            rival.domain,
            rival.place,
            place.scope,
        )
        code = "label_in_other_scope"
    return Failure(
        code,
        message + "; launchd would run two Gateways.",
        "service",
        "have this task put it aside with others: %s (in the role gateway, gateway_others: %s), or do it by hand: %s"
        % (enough, enough, _by_hand(rival, place)),
        label=rival.label,
        path=rival.path or (rival.loaded.path if rival.loaded is not None else None),
        domain=rival.domain,
    )


def _by_hand(rival, place):
    asked = place.other_domains if rival.kind == LABEL and rival.domain != place.domain else (rival.domain,)
    if rival.path is None or rival.domain == place.domain:
        asked = (rival.domain,)
    commands = ["sudo launchctl bootout %s/%s" % (domain, rival.label) for domain in asked]
    if rival.path is None:
        return " ; ".join(commands)
    if rival.service == place.service:
        commands = []
    return "%s%ssudo rm %s" % (" ; ".join(commands), " && " if commands else "", rival.path)
