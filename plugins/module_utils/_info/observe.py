# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""One read-only look at a host, a section per concern. A section that fails says so and blinds no other."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import subprocess
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import jobs
from ansible_collections.clawops.openclaw.plugins.module_utils._info import answers, gateway, host, secrets
from ansible_collections.clawops.openclaw.plugins.module_utils._service import definitions
from ansible_collections.clawops.openclaw.plugins.module_utils._service.asked import Questions
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from ansible_collections.clawops.openclaw.plugins.module_utils._service.target import default_agents_directory

#: Grows when a key changes its meaning or goes away, not when one is added.
SCHEMA_VERSION = 2


class Account(NamedTuple):
    """An account of the host."""

    name: str
    uid: int
    gid: int
    home: str


class NeedsAccount(Exception):
    """A section cannot be told because the account does not exist."""


class Look:
    """A look in progress: what to look at, and what earlier sections found (later ones may use it).

    :param questions: :class:`asked.Questions` to launchd and the like, each asked once for all sections.
    """

    def __init__(self, wanted, questions=None):
        self.wanted = wanted
        self.found = {}
        self.questions = Questions() if questions is None else questions
        self.entry = named(wanted.user)
        #: The accounts that exist of those declared as operators.
        self.operators = [entry for entry in map(named, wanted.operators) if entry is not None]

    @property
    def account(self):
        if self.entry is None:
            raise NeedsAccount
        return self.entry

    @property
    def is_root(self):
        return os.geteuid() == 0

    @property
    def state_dir(self):
        return self.wanted.state_dir or os.path.join(self.account.home, ".openclaw")

    @property
    def agents_dir(self):
        return self.wanted.launch_agents_dir or default_agents_directory(self.account.home)

    @property
    def launchctl(self):
        """The one C(launchctl.Launchctl) of this look: what one section asked, another hears at once.

        :raises Failure: C(not_macos).
        """
        return Launchctl.found(self.wanted.launchctl, self.questions.hear)

    @functools.cached_property
    def domains(self):
        """What launchd says of the domains system, gui and user: three C(jobs.Domain).

        :raises Failure: C(not_macos).
        """
        return jobs.domains(self.launchctl, self.account)

    @functools.cached_property
    def place(self):
        """Where jobs of the Gateway can be, with the property lists there: C(jobs.Place)."""
        directories = (self.wanted.launch_daemons_dir, self.agents_dir)
        survey = definitions.survey(jobs.directories(self.account, *directories), self.wanted.label)
        return jobs.Place(self.wanted.label, self.account, *directories, survey)

    def domain_of(self, target):
        """The C(jobs.Domain) of a C(target.Target)."""
        return next(inside for inside in self.domains if inside.name == target.domain)

    def scopes(self):
        return self.found.get("service", {}).get("scopes") or []

    def job(self):
        """The scope in which the label is loaded, preferably with a process; C({}) where there is none."""
        loaded = [scope for scope in self.scopes() if scope.get("loaded")]
        return next((scope for scope in loaded if scope["pid"]), loaded[0] if loaded else {})

    def begin(self):
        """Start what is sure to be asked and takes a program, so that it is answered while the files are read."""
        with contextlib.suppress(OSError):
            for argv in host.foreseeable(self):
                self.questions.ask(argv)


def named(user):
    """Return the :class:`Account` of a name, or C(None) where there is none."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir)


#: In this order, because later ones use what earlier ones found.
SECTIONS = {
    "platform": host.platform,
    "account": host.account,
    "privilege": host.privilege,
    "config": gateway.config,
    "locks": gateway.locks,
    "files": secrets.files,
    "devices": gateway.devices,
    "channels": gateway.channels,
    "plugins": gateway.plugins,
    "logs": gateway.logs,
    "storage": host.storage,
    "release": host.release,
    "memory": host.memory,
    # From here on launchd's answers are heard.
    "service": host.service,
    "gui": host.gui,
    "smoke": host.smoke,
    "token_sources": secrets.token_sources,
    "backups": secrets.backups,
    "port": host.port,
    "roots": gateway.roots,
    "providers": secrets.providers,
    "gateway": answers.gateway,
    "installs": host.installs,
    "headless": host.headless,
    "footprint": host.footprint,
}


def observe(wanted, sections=None, clock=time.monotonic):
    """Look once.

    :param wanted: C(wanted.Wanted).
    :param sections: mapping of name to function of the :class:`Look`, by default :data:`SECTIONS`.
    :returns: C(schema_version), C(survey_ms) (all of it) and one mapping per section: its own keys, C(ms) (how long it
        took), C(error) (C(None), or why it could not be told; then its own keys may be missing).
    """
    look = Look(wanted)
    whole = clock()
    try:
        if sections is None:
            look.begin()
        for name, section in (SECTIONS if sections is None else sections).items():
            began = clock()
            facts, error = _told(section, look)
            look.found[name] = dict(facts, ms=round((clock() - began) * 1000, 1), error=error)
    finally:
        look.questions.end()
    return dict(look.found, schema_version=SCHEMA_VERSION, survey_ms=round((clock() - whole) * 1000, 1))


def _told(section, look):
    try:
        return section(look), None
    except NeedsAccount:
        return {}, "user %r does not exist on this host." % look.wanted.user
    except Failure as failure:
        return {}, failure.message
    except (OSError, subprocess.SubprocessError) as error:
        return {}, str(error)
    except Exception as error:  # one surprise must not hide the other sections
        # Its words could quote what was being read, a secret even.
        return {}, "unexpected %s; this is a defect of the collection." % type(error).__name__
