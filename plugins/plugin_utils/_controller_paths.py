# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_util is PRIVATE to the collection. It can have breaking changes at any time.

"""The ways to a Gateway that begin on the controller: each is walked once, and told against what is expected of it."""

from __future__ import annotations

import os
import socket
import time
from typing import NamedTuple, Optional

from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths, observe, paths, ways
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.exposure import knock
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.probe import Request, probe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.plugin_utils._ssh_channel import Hop, Tunnel, hop

#: Where the Gateway listens, as its own host sees it.
_LOOPBACK = "127.0.0.1"
#: Seconds after which a direct knock that nobody answers is called filtered. The host is known to be up by then.
_PATIENCE = 3.0


class There(NamedTuple):
    """The host as the controller reaches it, and what to prove with."""

    host: str
    ssh_port: int
    user: Optional[str]
    key_file: Optional[str]
    known_hosts: Optional[str]
    #: Port of the Gateway, or None.
    port: Optional[int]
    token: Optional[str]
    seconds: float

    def credential(self):
        """Return what is presented. The controller knows no token but the task's."""
        if self.token:
            return Credential({"token": self.token})
        return Credential({}, "token_missing", "the task sets no 'token', and the controller knows no other.")


def walk(declared, there):
    """Return name -> what :func:`paths.told` says of each declared path.

    :param declared: name -> options (:func:`declared_paths.named`).
    :raises Failure: what is declared cannot be.
    """
    return {name: _WALKS[one["kind"]](one, there) for name, one in declared.items()}


def _bastion(one, there):
    hops = [hop(text, there.user) for text in one["hops"]]
    hops.append(Hop(there.host, there.ssh_port, there.user or hop(there.host).user))
    place = "%s:%s of %s" % (_LOOPBACK, there.port, there.host)
    key, known = (os.path.expanduser(path) if path else None
                  for path in (one["key_file"] or there.key_file, one["known_hosts"] or there.known_hosts))
    with Tunnel(hops, key, known) as tunnel:
        path = observe.Path(lambda seconds: tunnel.dial(_LOOPBACK, there.port, seconds),
                            "%s:%s" % (_LOOPBACK, there.port), declared_paths.headers(one), place)
        if there.port is None:
            path = observe.blind_path(place, "port_unknown", "nothing says which port.")
        return _told(one, there, path, lambda: _direct(one["address"] or there.host, there.port))


def _tailnet(one, there):
    path = ways.url_path(one["url"], one["host_header"], declared_paths.headers(one), one["ca_path"])
    return _told(one, there, path, None)


_WALKS = {"bastion": _bastion, "tailnet": _tailnet}


def _told(one, there, path, direct):
    result = probe(Request(
        path=path, port=None, credential=there.credential(), config_path=None, wait_for=None, expect=(),
        timeout=there.seconds, request_timeout=there.seconds, knock=direct if there.port else None))[0]
    told = paths.told(one["kind"], one["expect"], one["refusal"], result["verdicts"], there.port)
    return dict(told, to=path.place, server=result["server"])


def _direct(host, port):
    """Knock on the port without SSH: the facts of the stage C(exposure)."""
    begin = time.monotonic()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        facts = {"error": {"code": "addresses_unknown", "reason": "%s: %s." % (host, error.strerror)}}
    else:
        outcomes = knock(sorted({entry[4][0] for entry in found}), port, _PATIENCE)
        facts = {"knocks": {key: "filtered" if said == "silent" else said for key, said in outcomes.items()}}
    return dict(facts, ms=round((time.monotonic() - begin) * 1000, 1))
