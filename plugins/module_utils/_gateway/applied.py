# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Waiting until the Gateway of this host runs with the configuration that is saved."""

from __future__ import annotations

from .._failure import Failure
from . import observe, target
from .probe import Request, probe

_HOST = "127.0.0.1"
_REQUEST_TIMEOUT = 10.0


def wait_applied(config, place, effect, seconds):
    """Wait until the running Gateway says that it applied the saved file, and that it is this one.

    :param config: decoded configuration, C($include) resolved: says the port and the secret to present.
    :param place: path of its file. :param seconds: how long.
    :param effect: what the last change of the file does to a running Gateway; nobody waits for what needs a restart.
    :returns: tuple (dict of C(ok), C(code), C(reason), C(waited_s), C(server), :class:`Failure` or None).
    """
    if effect == "restart":
        failure = Failure(
            "restart_needed",
            "the Gateway does not take up %s by itself: reloading is off, or its secret was removed." % place,
            "service",
            "restart it (openclaw_service, state: restarted), then wait with openclaw_probe.",
        )
        return {"ok": False, "code": failure.code, "reason": failure.message, "waited_s": 0.0, "server": None}, failure
    port = target.port_of(config)
    path = observe.tcp_path(_HOST, port) if port else observe.blind_path(_HOST, "port_unknown", "the port is no port.")
    result, failure = probe(
        Request(
            path=path,
            port=port,
            credential=target.credential_of(config, place),
            config_path=place,
            wait_for="authenticated",
            expect=("config_applied",),
            timeout=seconds,
            request_timeout=_REQUEST_TIMEOUT,
        )
    )
    said = {
        "ok": failure is None,
        "code": failure.code if failure else None,
        "reason": failure.message if failure else result["verdicts"]["config_applied"]["reason"],
        "waited_s": result["waited_s"],
        "server": result["server"],
    }
    return said, failure
