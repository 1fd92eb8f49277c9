# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim of :mod:`sources`: looks into every place of this host that can hold a credential of the Gateway.

Files of an account are read with the rights of the account. What cannot be read is reported, never skipped silently.
"""

from __future__ import annotations

import collections
import json
import os

from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._names import may_concern
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import (
    copies,
    domains,
    dotenv,
    plists,
    processes,
    shells,
    sources,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import places as where
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Places, acting_as

__all__ = ("Found", "Places", "chosen_by", "everything", "outside_config")

#: Sources found, and places that could not be read: dicts of location and reason.
Found = collections.namedtuple("Found", "sources unreadable")

_LEGACY_ROOTS = (".clawdbot", ".moltbot")
_PROFILE = ".openclaw-"
#: Variables that turn OpenClaw to another configuration, or make it import a login shell's environment.
_CONFIG_PATH, _STATE_DIR, _HOME, _PROFILE_NAME, _SHELL_ENV = (
    "OPENCLAW_CONFIG_PATH",
    "OPENCLAW_STATE_DIR",
    "OPENCLAW_HOME",
    "OPENCLAW_PROFILE",
    "OPENCLAW_LOAD_SHELL_ENV",
)


def outside_config(places):
    """Return the :class:`Found` of everything on this host that could supply a credential, openclaw.json aside."""
    look = _Look(places)
    look.all()
    return Found(look.found, look.reader.unreadable)


def everything(places):
    """Return the :class:`Found` of the whole host, what openclaw.json itself supplies first."""
    look = _Look(places)
    look.all()
    return Found(look.in_config() + look.found, look.reader.unreadable)


class _Look:
    def __init__(self, places):
        self.places = places
        self.account = places.account
        self.reader = where.Reader()
        self.path = places.path or os.path.join(places.state_dir, "openclaw.json")
        self.found = []
        self.text = None
        self.config = None
        self.names = dict(sources.VARIABLES)
        #: What the service is known to get as its environment, from whatever place.
        self.service = {}
        #: Domains in which the Gateway's job is, or would be.
        self.domains = set()

    def all(self):
        with acting_as(self.account):
            self.read_config()
        asking = self.ask()
        # While launchctl starts, the files.
        self.plists()
        found, self.found = self.found, []
        with acting_as(self.account):
            self.dotenvs()
            self.secret_files()
            self.found += found
            self.copies()
            self.other_roots()
        self.systemd()
        self.answers(asking)
        self.shells()
        self.other_users()

    # ---------------------------------------------------------------------------------------------- the configuration
    def read_config(self):
        self.text = self.reader.text(self.path)
        self.config = None if self.text is None else _plain(self.text)
        self.names = sources.variable_names(self.config)

    def in_config(self):
        try:
            return [] if self.text is None else sources.from_config(self.text, self.path, names=self.names)
        except json5.Json5Error:
            # Its words quote the file.
            self.reader.complain(self.path, "not valid JSON5")
            return []

    def secret_files(self):
        for reference, credential in sources.references(self.config):
            pointed = copies.pointed_at(self.config, reference) if reference["source"] == "file" else None
            if pointed is None:
                continue
            path = _expanded(pointed[0], self.account.home)
            text = self.reader.text(path, dotenv.MAX_BYTES)
            if text is None:
                continue
            value = copies.secret_in(text, *pointed[1:])
            if value is None:
                self.reader.complain(path, "holds nothing at %s" % pointed[1])
                continue
            line = None if pointed[2] == "singleValue" else text.count("\n", 0, max(0, text.find(value))) + 1
            self.found.append(
                sources.Source(
                    "secret_file",
                    path,
                    line,
                    True,
                    fingerprint(value.strip()),
                    owner="person",
                    name=pointed[1],
                    credential=credential,
                )
            )

    # ------------------------------------------------------------------------------------------------------- launchd
    def ask(self):
        if not domains.found(self.places.launchctl):
            return None
        operators = [operator.uid for operator in self.places.operators]
        # Whoever shares the questions asks for whole domains anyway.
        by_name = os.geteuid() == 0 and self.places.start is None
        asked = domains.questions(self.names, self.places.label, self.account.uid, by_name, operators)
        return domains.Asking(self.places.launchctl, asked, self.places.start)

    def answers(self, asking):
        answers = list(asking.answers()) if asking else []
        more = domains.more_questions(answers, self.places.label, self.account.uid)
        answers += domains.Asking(self.places.launchctl, more, self.places.start).answers()
        for answer in answers:
            if answer.reason:
                self.reader.complain(answer.command, answer.reason)
        loaded = [answer for answer in answers if answer.about[0] == "job" and answer.text is not None]
        self.domains = {answer.about[1] for answer in loaded} or self.domains
        for answer in loaded:
            self.loaded(answer)
        for pid in self.places.pids:
            self.process(pid, known=False)
        for answer in answers:
            if answer.text is not None and answer.about[0] != "job":
                self.domain(answer)

    def loaded(self, answer):
        job = domains.job(answer.text)
        self.service.update(job.environment)
        found = processes.from_process(job.arguments, job.environment, answer.command, self.names, "job")
        self.found += [source._replace(whose=answer.about[1]) for source in found]
        if job.pid:
            self.process(job.pid, known=True)

    def process(self, pid, known):
        location = "process %d" % pid
        if any(source.location == location for source in self.found):
            return
        try:
            arguments, environment = _process.look(pid)
        except OSError as error:
            self.reader.complain(location, error.strerror or "its environment cannot be read")
            return
        self.service.update(environment)
        if not known and _process.is_titled(arguments):
            self.reader.complain(location, "its arguments are overwritten by its title")
        self.found += processes.from_process(arguments, environment, location, self.names)

    def domain(self, answer):
        what, domain, name = answer.about
        if what == "getenv":
            environment = {name: answer.text.strip("\n")}
        else:
            environment = domains.environment_of_domain(answer.text)
        own = domain == "system" or domain.endswith("/%d" % self.account.uid)
        for name, credential in self.names.items():
            value = environment.get(name, "").strip()
            if value:
                self.found.append(
                    sources.Source(
                        "launchctl",
                        answer.command,
                        None,
                        own and (not self.domains or domain in self.domains),
                        fingerprint(value),
                        owner="system" if own else "person",
                        name=name,
                        credential=credential,
                        whose=domain,
                    )
                )

    def plists(self):
        """The jobs' plists, and the env file that belongs to ours: live only where a plist hands it to the program."""
        env_file = os.path.join(self.places.state_dir, "service-env", "%s.env" % self.places.label)
        used = self.plists_in(self.places.daemons_dir, "system", env_file)
        used |= self.plists_in(self.places.global_agents_dir, "gui/%d" % self.account.uid, env_file)
        with acting_as(self.account):
            used |= self.plists_in(self.places.agents_dir, "gui/%d" % self.account.uid, env_file)
            text = self.reader.text(env_file)
        if not text:
            return
        self.take(env_file, shells.from_service_env(text, env_file, used, self.names))
        if used:
            for command in shells.commands(text):
                for item in shells.assignments(command, (_CONFIG_PATH, _STATE_DIR, _HOME, _PROFILE_NAME, _SHELL_ENV)):
                    self.service.setdefault(item.name, shells.value_of(item.raw))

    def plists_in(self, directory, domain, env_file):
        """Look at the plists of one directory; return whether our job there uses the env file."""
        used = False
        names = [name for name in self.reader.names(directory) if name.endswith(".plist")]
        for path in (os.path.join(directory, name) for name in names):
            data = self.reader.data(path)
            if data is None or not (may_concern(data, self.places.label) or self.is_named_ours(path)):
                continue
            try:
                job = plists.load(data)
            except ValueError as error:
                if self.is_named_ours(path):
                    self.reader.complain(path, "not a property list: %s" % error)
                continue
            if job is None:
                continue
            ours = job.label == self.places.label
            if ours:
                self.domains.add(domain)
                self.service.update({key: value for key, value in job.environment.items() if isinstance(value, str)})
                used = used or env_file in job.arguments
            if ours or job.gateway:
                self.found += plists.sources_of(job, data, path, self.places.label, self.names)
            self.found += plists.setenv_sources(job, data, path, self.names)
        return used

    def is_named_ours(self, path):
        return os.path.basename(path) == "%s.plist" % self.places.label

    # --------------------------------------------------------------------------------------- files of the account
    def dotenvs(self):
        self.dotenv(os.path.join(self.places.state_dir, ".env"), True, "dotenv")
        default = os.path.join(self.account.home, ".openclaw")
        # OpenClaw reads this one too, but not beside a state directory of another name.
        self.dotenv(
            os.path.join(self.account.home, ".config/openclaw/gateway.env"),
            os.path.abspath(self.places.state_dir) == default,
            "gateway_env",
        )

    def dotenv(self, path, live, kind, whose=None):
        text = self.reader.text(path, dotenv.MAX_BYTES)
        found = dotenv.from_dotenv(text or "", path, live, kind, self.names)
        self.take(path, [source._replace(whose=whose) for source in found])

    def take(self, path, found):
        """Keep what a file supplies: a hostile one could supply a hundred thousand."""
        if len(found) > where.MAX_FOUND:
            self.reader.complain(path, "%d assignments, of which %d are told" % (len(found), where.MAX_FOUND))
        # The last ones are those that count.
        self.found += found[-where.MAX_FOUND :]

    def copies(self):
        """What OpenClaw, this collection and people leave beside openclaw.json: secrets on disk, though not live."""
        directory, name = os.path.split(self.path)
        owners = {item: copies.owner_of_copy(item, name) for item in self.reader.names(directory)}
        for path in self.reader.some(directory, [item for item, owner in owners.items() if owner]):
            text = self.reader.text(path)
            if text is not None:
                self.take(path, copies.from_copy(text, path, owners[os.path.basename(path)]))

    def other_roots(self):
        """Further configurations of the account; live where the service is told to use them."""
        home = self.account.home
        chosen = dict.fromkeys(map(os.path.abspath, self.chosen_by_service()), True)
        roots = [os.path.join(home, name) for name in self.reader.names(home) if name.startswith(_PROFILE)]
        roots += [os.path.join(home, name) for name in (".openclaw",) + _LEGACY_ROOTS]
        for root in roots:
            names = self.reader.names(root)
            for name in (".env",) + copies.CONFIG_NAMES:
                if name in names:
                    chosen.setdefault(os.path.join(root, name), False)
        for path in [path for path, live in chosen.items() if live]:
            chosen[os.path.join(os.path.dirname(path), ".env")] = True
        ours = (os.path.abspath(self.path), os.path.join(os.path.abspath(self.places.state_dir), ".env"))
        for path in sorted(set(chosen).difference(ours)):
            if os.path.basename(path) == ".env":
                self.dotenv(path, chosen[path], "other_dotenv")
                continue
            text = self.reader.text(path)
            if text is not None:
                self.take(path, copies.from_copy(text, path, "person", "other_config", chosen[path]))

    def chosen_by_service(self):
        """Configuration files that the service's environment names."""
        path = chosen_by(self.service, self.account.home)
        return [path] if path else []

    def systemd(self):
        directory = os.path.join(self.account.home, ".config/systemd/user")
        with acting_as(self.account):
            names = self.reader.names(directory)
        if not names:
            return
        # Linux alone. Not with the account's rights: it may not read what Ansible sent.
        from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import units

        with acting_as(self.account):
            paths = [(path, "openclaw") for path in self.reader.some(directory, list(filter(units.UNIT.match, names)))]
            for name in filter(units.DROP_INS.match, names):
                inside = os.path.join(directory, name)
                drop_ins = [item for item in self.reader.names(inside) if item.endswith(".conf")]
                paths += [(path, "person") for path in self.reader.some(inside, drop_ins)]
            for path, owner in paths:
                text = self.reader.text(path, dotenv.MAX_BYTES)
                self.take(path, units.from_unit(text or "", path, owner, self.names))

    # -------------------------------------------------------------------------------------------------- people
    def shells(self):
        """Start files of shells. The Gateway asks its own account's login shell only when it is told to."""
        wanted = value_at(self.config or {}, ("env", "shellEnv", "enabled")) is True
        wanted = wanted or str(self.service.get(_SHELL_ENV, "")).strip().lower() in ("1", "true", "yes", "on")
        with acting_as(self.account):
            self.home_files(self.account, wanted, None)
        for operator in self.places.operators:
            if operator.uid != self.account.uid:
                with acting_as(operator):
                    self.home_files(operator, False, operator.name)
        for path in where.SYSTEM_FILES:
            self.shell(path, wanted, "system", None)

    def home_files(self, account, live, whose):
        for name in where.HOME_FILES:
            self.shell(os.path.join(account.home, name), live, "person", whose)

    def shell(self, path, live, owner, whose):
        text = self.reader.text(path, dotenv.MAX_BYTES)
        if text is None or not any(name in text for name in self.names):
            return
        found = shells.from_shell(text, path, self.names, live, owner)
        self.take(path, [source._replace(whose=whose) for source in found])

    def other_users(self):
        """Gateways of other people on this host, with the rights of each."""
        for owner in where.other_homes(self.reader, self.places):
            with acting_as(owner):
                root = os.path.join(owner.home, ".openclaw")
                path = os.path.join(root, "openclaw.json")
                text = self.reader.text(path)
                if text is not None:
                    self.take(path, copies.from_copy(text, path, "person", "other_user_config", whose=owner.name))
                self.dotenv(os.path.join(root, ".env"), False, "other_user_dotenv", owner.name)


def chosen_by(environment, home):
    """Return the configuration file that an environment turns OpenClaw to, or None where it says nothing of one."""
    if environment.get(_CONFIG_PATH):
        return _expanded(environment[_CONFIG_PATH], home)
    if environment.get(_STATE_DIR):
        return os.path.join(_expanded(environment[_STATE_DIR], home), "openclaw.json")
    base = _expanded(environment[_HOME], home) if environment.get(_HOME) else home
    if environment.get(_PROFILE_NAME, "default") not in ("", "default"):
        return os.path.join(base, _PROFILE + environment[_PROFILE_NAME], "openclaw.json")
    return os.path.join(base, ".openclaw", "openclaw.json") if environment.get(_HOME) else None


def _plain(text):
    for parse in (json.loads, json5.loads):
        try:
            config = parse(text)
        except (ValueError, RecursionError):
            continue
        return config if isinstance(config, dict) else None
    return None


def _expanded(path, home):
    path = path.strip()
    if path == "~" or path.startswith("~/"):
        return home + path[1:]
    return os.path.join(home, path)
