# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: what :mod:`change` does to a host, and how it asks the Gateway what came of it."""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config import storage, swap
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe, rpc, target, websocket, wire
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.probe import Request, probe

_HOST = "127.0.0.1"
#: Seconds for one question. A Gateway delays its answer to a wrong token by up to five.
_REQUEST_TIMEOUT = 10.0
#: Scope that secrets.reload asks for.
_RELOAD_SCOPES = ("operator.admin",)


_NO_TOKEN = target.Credential({}, "token_missing", "no token is known.")


class Gateway:
    """The Gateway of this host, asked over loopback.

    :param config_path: the configuration it should run with. :param timeout: seconds for a wait.
    :ivar port: TCP port, or None where the configuration names none.
    """

    def __init__(self, config_path, timeout):
        self.port, self.config_path, self.timeout = None, config_path, timeout

    def look(self, token):
        """Return the result of one look with a token, or without one where it is None."""
        return self._probe(token, None, ())[0]

    def require_clear(self, token):
        """Wait until the Gateway says yes or no to a token, and return the look; one that does not listen is clear.

        Nothing is changed about a Gateway that gives no answer: nobody could tell whether it is well afterwards.

        :raises Failure: C(gateway_unclear).
        """
        look = self.look(token)
        if _is_clear(look, token):
            return look
        failure = self._probe(token, "authenticated", ())[1]
        look = self.look(token)
        if _is_clear(look, token):
            return look
        raise Failure(
            "gateway_unclear",
            "nothing was changed, because the Gateway listens and does not say whether it takes the present token: %s"
            % (failure.message if failure else look["reason"]),
            failure.layer if failure else "service",
            failure.hint if failure else "look at it with clawops.openclaw.status.",
        )

    def require_accepted(self, token):
        """Wait until the Gateway takes a token and runs with the saved configuration.

        :raises Failure: why not.
        """
        failure = self._probe(token, "authenticated", ("config_applied",))[1]
        if failure:
            raise failure

    def require_refused(self, token):
        """:raises Failure: C(old_token_accepted), C(old_token_unproven)."""
        auth = self.look(token)["verdicts"]["auth"]
        if auth["verdict"] == "fail":
            return
        accepted = auth["verdict"] == "ok"
        raise Failure(
            "old_token_accepted" if accepted else "old_token_unproven",
            "the Gateway still takes the old token."
            if accepted
            else "whether the Gateway refuses the old token could not be told: %s" % auth["reason"],
            "auth",
            "look for another source of it (findings), and restart the Gateway (openclaw_service, state: restarted).",
        )

    def reload(self, token):
        """Have the Gateway read its secrets anew.

        :param token: one that it takes now. :raises Failure: C(reload_refused).
        """
        try:
            opened = observe.dial(observe.tcp_path(_HOST, self.port), wire.Deadline(_REQUEST_TIMEOUT))
            line = websocket.WebSocket.open(opened, "/", _HOST, {})
            try:
                session = rpc.Session(line)
                session.connect({"token": token}, _RELOAD_SCOPES)
                session.call("secrets.reload", {})
            finally:
                line.close()
        except wire.WireError as error:
            raise Failure(
                "reload_refused",
                "the Gateway did not read its secrets anew: %s" % error,
                "auth",
                "restart it (openclaw_service, state: restarted).",
            ) from None

    def _probe(self, token, wait_for, expect):
        credential = target.Credential({"token": token}) if token else _NO_TOKEN
        path = observe.blind_path(_HOST, "port_unknown", "gateway.port is no port.")
        if self.port is not None:
            path = observe.tcp_path(_HOST, self.port)
        return probe(
            Request(
                path=path,
                port=None,
                credential=credential,
                config_path=self.config_path,
                wait_for=wait_for,
                expect=expect,
                timeout=self.timeout,
                request_timeout=_REQUEST_TIMEOUT,
            )
        )


def _is_clear(look, token):
    said = {name: look["verdicts"][name]["verdict"] for name in ("tcp", "ready", "auth")}
    # Without a token there is nothing to say yes or no to.
    return said["tcp"] == "fail" or said["auth"] in ("ok", "fail") or (token is None and said["ready"] == "ok")


class Host:
    """Files and processes of one Gateway. Files are written with the rights of the account, plists with root's.

    :param account: whose Gateway it is. :param gateway: :class:`Gateway`. :param job: :class:`job.Job`.
    """

    def __init__(self, account, gateway, job):
        self._account = account
        self._writers = {"private": self._write_private, "plist": job.write_plist}
        self.restart = job.restart
        self.unset = job.unset
        self.reload = gateway.reload
        self.require_accepted = gateway.require_accepted
        self.require_refused = gateway.require_refused

    def write(self, write):
        """Give a file its new bytes, unless somebody else changed it meanwhile. :raises Failure: as :mod:`swap`."""
        self._writers[write.kind](write.path, write.before, write.after)

    def put_back(self, write):
        """Give a file its old bytes again, unless somebody else has changed it."""
        self._writers[write.kind](write.path, write.after, write.before)

    def verify(self, write):
        """:raises Failure: C(token_not_on_disk) when a file does not hold what was written."""
        snapshot = storage.read(write.path, self._account)
        if snapshot.data != write.after or (snapshot.data is not None and snapshot.mode != storage.FILE_MODE):
            raise Failure(
                "token_not_on_disk",
                "%s does not hold what was just written to it." % write.path,
                "host",
                "look for another program that writes it, then run again.",
                path=write.path,
            )

    def purge(self, path):
        """Remove a copy."""
        try:
            with acting_as(self._account):
                os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise storage.os_failure(error, path, "remove") from None

    def _write_private(self, path, before, after):
        storage.ensure_directory(os.path.dirname(path), self._account)
        snapshot = storage.read(path, self._account)
        if snapshot.data != before:
            raise swap.changed(snapshot)
        if after is not None:
            swap.replace(snapshot, after, self._account)
        elif before is not None:
            self.purge(path)
