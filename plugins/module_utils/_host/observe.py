# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""One read-only look at a host, a section per concern. A section that fails says so and blinds no other."""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe as gateway
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import target as gateway_target
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.http import get_json
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import Deadline, Wire, WireError
from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    footprint,
    gateway_config,
    jobs,
    listeners,
    machine,
    storage,
    tokens,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import survey
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from ansible_collections.clawops.openclaw.plugins.module_utils._service.target import default_agents_directory

#: Grows when a key changes its meaning or goes away, not when one is added.
SCHEMA_VERSION = 1
#: Seconds a listener gets to answer.
ANSWER = 1.0


class Wanted(NamedTuple):
    """What to look at; names as in the module's options. C(port) may be C(None), the configuration then decides."""

    user: str
    state_dir: str | None
    label: str
    port: int | None
    root: str
    launchctl: str
    launch_daemons_dir: str
    launch_agents_dir: str | None


class Account(NamedTuple):
    """An account of the host."""

    name: str
    uid: int
    gid: int
    home: str


class NeedsAccount(Exception):
    """A section cannot be told because the account does not exist."""


class Look:
    """A look in progress: what to look at, and what earlier sections found (later ones may use it)."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.found = {}
        try:
            entry = pwd.getpwnam(wanted.user)
        except KeyError:
            self._account = None
        else:
            self._account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir)

    @property
    def account(self):
        if self._account is None:
            raise NeedsAccount
        return self._account

    @property
    def state_dir(self):
        return self.wanted.state_dir or os.path.join(self.account.home, ".openclaw")

    @property
    def agents_dir(self):
        return self.wanted.launch_agents_dir or default_agents_directory(self.account.home)

    def scopes(self):
        return self.found.get("service", {}).get("scopes") or []


def _account(look):
    if look._account is None:
        return {"name": look.wanted.user, "exists": False, "uid": None, "gid": None, "home": None}
    return dict(look.account._asdict(), exists=True)


def _config(look):
    return gateway_config.describe(os.path.join(look.state_dir, "openclaw.json"))


def _token_sources(look):
    wanted = look.wanted
    places = survey.Places(
        look.account, look.state_dir, wanted.label, wanted.launch_daemons_dir, look.agents_dir, wanted.launchctl
    )
    return tokens.describe(places)


def _service(look):
    launchctl = Launchctl.found(look.wanted.launchctl)
    scopes = jobs.describe(launchctl, look.wanted.label, look.account, look.wanted.launch_daemons_dir, look.agents_dir)
    return {"label": look.wanted.label, "scopes": scopes}


def _gui(look):
    present = next((scope["domain_present"] for scope in look.scopes() if scope["scope"] == "agent"), None)
    return {"domain": "gui/%d" % look.account.uid, "present": present}


def _port(look):
    declared = look.found.get("config", {}).get("port")
    port = look.wanted.port or (declared if isinstance(declared, int) else gateway_target.DEFAULT_PORT)
    reader, found = listeners.read(port)
    answers, version = _answer(port)
    return {"port": port, "reader": reader, "listeners": found, "answers": answers, "version": version}


def _answer(port):
    """Return whether loopback takes connections on a port, and the version of OpenClaw that answers, where one says
    it."""
    path = gateway.tcp_path("127.0.0.1", port)
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


def _storage(look):
    return {"state": storage.describe(look.state_dir, look.account), "root": storage.describe(look.wanted.root)}


def _release(look):
    return footprint.releases(look.wanted.root)


def _footprint(look):
    plists = [path for scope in look.scopes() for path in scope["plists"]]
    logs = os.path.join(look.account.home, "Library", "Logs", "openclaw")
    return {"places": footprint.places(look.wanted.root, look.state_dir, logs, look.account.home, plists)}


#: In this order, because later ones use what earlier ones found.
SECTIONS = {
    "platform": lambda look: machine.describe(),
    "account": _account,
    "config": _config,
    "token_sources": _token_sources,
    "service": _service,
    "gui": _gui,
    "port": _port,
    "storage": _storage,
    "release": _release,
    "footprint": _footprint,
}


def observe(wanted, sections=None, clock=time.monotonic):
    """Look once.

    :param wanted: :class:`Wanted`.
    :param sections: mapping of name to function of the :class:`Look`, by default :data:`SECTIONS`.
    :returns: C(schema_version) and one mapping per section: its own keys, C(ms) (how long it took), C(error)
        (C(None), or why
        it could not be told; then its own keys may be missing).
    """
    look = Look(wanted)
    for name, section in (SECTIONS if sections is None else sections).items():
        began = clock()
        facts, error = _told(section, look)
        look.found[name] = dict(facts, ms=round((clock() - began) * 1000, 1), error=error)
    return dict(look.found, schema_version=SCHEMA_VERSION)


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
