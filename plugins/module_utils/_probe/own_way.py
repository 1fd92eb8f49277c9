# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The way on which a Gateway's own commands and children connect, and what all ways of one host have in common."""

from __future__ import annotations

import os
from typing import NamedTuple, Optional

from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._config import identity, json5
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.module_utils._host import listeners
from ansible_collections.clawops.openclaw.plugins.module_utils._probe import own_client
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader

LOOPBACK = "127.0.0.1"


class Here(NamedTuple):
    """What the ways of one host have in common. C(version) is what its Gateway said it is, or None."""

    account: object
    config_path: str
    port: Optional[int]
    credential: Credential
    seconds: float
    version: Optional[str]
    #: Stages put off, and why, as in :class:`probe.Request`.
    deferred: tuple
    because: Optional[str]
    #: Processes of the Gateway, the surest first; C(None) for those that listen on the port.
    pids: Optional[list] = None


class Way(NamedTuple):
    """A path, what is presented on it, and the file that the Gateway there should run with, where one can tell."""

    path: observe.Path
    credential: Credential
    config_path: Optional[str] = None


def blind(code, reason):
    """Return the :class:`observe.Path` that leads nowhere, and why."""
    return observe.blind_path(LOOPBACK, code, reason)


def direct(here):
    """Return the :class:`observe.Path` over loopback."""
    if here.port is None:
        return blind("port_unknown", "nothing says which port.")
    return observe.tcp_path(LOOPBACK, here.port)


def own(here, headers=None, ca_path=None):
    """Return the :class:`Way` on which the Gateway's own commands and children connect.

    :param here: :class:`Here`. :param headers: of every request. :param ca_path: authority of a TLS certificate.
    """
    environment, reason = _environment(here)
    if environment is None:
        return Way(direct(here), Credential({}, "self_unseen", reason))
    # Its own idea of home, where that differs from the account's.
    home, reader = environment.get("HOME") or here.account.home, Reader()
    path = survey.chosen_by(environment, home) or os.path.join(home, ".openclaw/openclaw.json")
    beside = os.path.dirname(path)
    with identity.acting_as(here.account):
        gateway_env = os.path.join(home, ".config/openclaw/gateway.env") if beside == home + "/.openclaw" else None
        seen = own_client.Seen(
            environment, config_of(path, here.account) or {}, path, reader.text(os.path.join(beside, ".env")),
            reader.text(gateway_env) if gateway_env else None, reader.text, here.version)
        credential = own_client.credential(seen)
    url, port = own_client.url_of(seen), own_client.port(seen)
    if url:
        # Imported here, because few Gateways are told of one.
        from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import ways

        try:
            way = ways.url_path(url, None, headers or {}, ca_path)
        except Failure:
            # It may hold a secret, so it is not shown.
            way = blind("port_unknown", "the URL that the environment or %s names is none." % path)
    elif port:
        way = observe.tcp_path(LOOPBACK, port)
    else:
        way = blind("port_unknown", "neither %s nor the environment says a port." % path)
    return Way(way, credential, path)


def _environment(here):
    """Return (environment of the Gateway's process or None, why not)."""
    reason, pids = "nobody listens on port %s." % here.port, here.pids
    if pids is None:
        pids = [listener["pid"] for listener in (listeners.read(here.port)[1] or [])] if here.port else []
    for pid in pids:
        if pid is None:
            reason = "who listens on port %s belongs to another account." % here.port
            continue
        try:
            return _process.look(pid)[1], None
        except OSError as error:
            reason = "process %d: %s." % (pid, error.strerror)
    return None, reason


def config_of(path, account):
    """Return a configuration as plain data, as far as it can be read; the main probe says what is wrong with it."""
    with identity.acting_as(account):
        text = Reader().text(path)
    try:
        config = json5.reload(text) if text else None
    except ValueError:
        return None
    return config if isinstance(config, dict) else None
