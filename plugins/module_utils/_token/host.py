# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: what :mod:`change` does to a host, and how it asks the Gateway what came of it."""

from __future__ import annotations

import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._config import storage, swap
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import (
    codes,
    observe,
    rpc,
    target,
    websocket,
    wire,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.probe import Request, probe
from ansible_collections.clawops.openclaw.plugins.module_utils._token import keychain
from ansible_collections.clawops.openclaw.plugins.module_utils._token.deliver import Place

_HOST = "127.0.0.1"
#: Seconds for one question. A Gateway delays its answer to a wrong token by up to five.
_REQUEST_TIMEOUT = 10.0
#: Scope that secrets.reload asks for.
_RELOAD_SCOPES = ("operator.admin",)
#: Seconds in which a process that does not listen may be about to. A Gateway needs ten on a slow machine.
_START = 30.0
#: Seconds between two looks at a Gateway that may be starting, or changing.
_PAUSE = 1.0
#: Seconds between two questions that a Gateway answers at once: whether it goes on taking the former token.
_GLANCE = 0.1
#: What a Gateway answers to a token that it does not take.
_MISMATCH = "AUTH_TOKEN_MISMATCH"

_NO_TOKEN = target.Credential({}, "token_missing", "no token is known.")


class Gateway:
    """The Gateway of this host, asked over loopback.

    :param config_path: the configuration it should run with. :param timeout: seconds for a wait.
    :param has_process: function that says whether its job has a process.
    :ivar port: TCP port, or None where the configuration names none.
    """

    def __init__(self, config_path, timeout, has_process):
        self.port, self.config_path, self.timeout = None, config_path, timeout
        self._has_process = has_process

    def look(self, token):
        """Return the result of one look with a token, or without one where it is None."""
        return self._probe(token, None, (), self.config_path)[0]

    def require_clear(self, token):
        """Wait until the Gateway says yes or no to a token, and return the look; one that does not listen is clear.

        Nothing is changed about a Gateway that gives no answer: nobody could tell whether it is well afterwards.

        :raises Failure: C(gateway_unclear).
        """
        look = self._settled(token)
        if _is_clear(look, token):
            return look
        failure = self._probe(token, "authenticated", (), self.config_path)[1]
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

    def _settled(self, token):
        """Look, and again while a process that does not listen yet may be starting, or restarting in itself."""
        deadline = time.monotonic() + min(self.timeout, _START)
        look = self.look(token)
        while look["verdicts"]["tcp"]["verdict"] == "fail" and time.monotonic() < deadline and self._has_process():
            time.sleep(_PAUSE)
            look = self.look(token)
        return look

    def require_accepted(self, token, former=None):
        """Wait until the Gateway takes a token.

        :param former: token before the change. As long as that one is taken, the Gateway has not seen the change yet.
        :raises Failure: why not.
        """
        deadline, tried = time.monotonic() + self.timeout, False
        while True:
            late = time.monotonic() > deadline
            if not late and former not in (None, token) and self._takes(former):
                time.sleep(_GLANCE)
                continue
            failure = self._probe(token, "authenticated", (), self._unread(token, former))[1]
            if failure is None:
                return
            if late or tried or former in (None, token) or failure.code != _MISMATCH:
                raise failure
            # Refused both in turn may be a change between the two questions; so the first is asked once more.
            tried = True
            time.sleep(_PAUSE)

    def require_running(self, token, former=None):
        """Wait until the Gateway runs with the saved configuration.

        Up to 2026.7 it does not say which configuration runs; that it takes the token has to do.

        :param token: one that it takes. :param former: token that it has just come to refuse, if any.
        :raises Failure: why not.
        """
        config_path = self._unread(token, former)
        look = self._probe(token, "authenticated", (), config_path)[0]
        if look["verdicts"]["config_applied"]["code"] == "hash_missing":
            return
        failure = self._probe(token, "authenticated", ("config_applied",), config_path)[1]
        if failure is not None:
            raise failure

    def _takes(self, token):
        return self.look(token)["verdicts"]["auth"]["verdict"] == "ok"

    def _unread(self, token, former):
        """The configuration that the Gateway may not have read yet; None where what it says of tokens shows it has."""
        return self.config_path if former in (None, token) else None

    def require_gone(self, token):
        """Wait for a Gateway that was restarted without a token, and return C(proven) if it refuses the former one.

        :returns: C(not_running) where none comes. :raises Failure: as :meth:`require_refused`.
        """
        if self._probe(None, "ready", ())[1]:
            return "not_running"
        if token is not None:
            self.require_refused(token)
        return "proven"

    def require_refused(self, token):
        """Wait for a Gateway that just restarts, and have it refuse a token.

        :raises Failure: C(old_token_accepted), C(old_token_unproven).
        """
        deadline = time.monotonic() + self.timeout
        auth = self.look(token)["verdicts"]["auth"]
        while _is_passing(auth) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
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

    def _probe(self, token, wait_for, expect, config_path=None):
        credential = target.Credential({"token": token}) if token else _NO_TOKEN
        path = observe.blind_path(_HOST, "port_unknown", "gateway.port is no port.")
        if self.port is not None:
            path = observe.tcp_path(_HOST, self.port)
        return probe(
            Request(
                path=path,
                port=None,
                credential=credential,
                config_path=config_path,
                wait_for=wait_for,
                expect=expect,
                timeout=self.timeout,
                request_timeout=_REQUEST_TIMEOUT,
            )
        )


def _is_passing(auth):
    """Whether the question was not answered, and may be soon. No answer but that is worth presenting a token again."""
    return auth["verdict"] == "skipped" or (auth["verdict"] == "unknown" and codes.meaning(auth["code"]).passing)


def _is_clear(look, token):
    said = {name: look["verdicts"][name]["verdict"] for name in ("tcp", "ready", "auth")}
    # Without a token there is nothing to say yes or no to.
    return said["tcp"] == "fail" or said["auth"] in ("ok", "fail") or (token is None and said["ready"] == "ok")


class Host:
    """Files and processes of one Gateway. Each file is written with the rights of its owner, plists with root's.

    :param account: whose Gateway it is. :param gateway: :class:`Gateway`. :param job: :class:`job.Job`.
    :param caller: :class:`caller.Caller`.
    """

    def __init__(self, account, gateway, job, caller):
        self._account, self._job = account, job
        own, program = Place(account, storage.FILE_MODE), Place(account, 0o700)
        #: Kind of a write -> function of (path, before, after, place).
        self._writers = {
            "private": lambda path, before, after, _place: _write_own(path, before, after, own),
            "program": lambda path, before, after, _place: _write_own(path, before, after, program),
            "edited": lambda path, before, after, _place: _write_file(path, before, after, own),
            "delivered": _write_file,
            "plist": lambda path, before, after, _place: job.write_plist(path, before, after),
            "keychain": lambda _path, before, after, item: keychain.write(item, before, after),
        }
        #: Kind of a write -> permission bits that the file must have, None where there is no file.
        self._modes = {"private": own.mode, "program": program.mode, "keychain": None}
        self.restart = job.restart
        self.unset = job.unset
        self.reload = gateway.reload
        self.require_accepted = gateway.require_accepted
        self.require_running = gateway.require_running
        self.require_refused = gateway.require_refused
        self.require_gone = gateway.require_gone
        self.require_caller = caller.require
        self.shield = caller.shield

    def has_restarted(self):
        """Whether the job was restarted in this run."""
        return self._job.restarts > 0

    def write(self, write):
        """Give a place its new bytes, unless somebody else changed it meanwhile. :raises Failure: as :mod:`swap`."""
        self._writers[write.kind](write.path, write.before, write.after, write.place)

    def put_back(self, write):
        """Give a place its old bytes again, unless somebody else has changed it."""
        self._writers[write.kind](write.path, write.after, write.before, write.place)

    def verify(self, write):
        """:raises Failure: C(token_not_on_disk) when a place does not hold what was written."""
        mode = self._modes[write.kind]
        if mode is None:
            # Writing it ends with reading it.
            return
        snapshot = storage.read(write.path, self._account)
        if snapshot.data != write.after or (snapshot.data is not None and snapshot.mode != mode):
            raise Failure(
                "token_not_on_disk",
                "%s does not hold what was just written to it." % write.path,
                "host",
                "look for another program that writes it, then run again.",
                path=write.path,
            )

    def purge(self, path):
        """Remove a copy."""
        _remove(path, self._account)


def _write_own(path, before, after, place):
    """Write a file in a directory that is the Gateway's alone."""
    storage.ensure_directory(os.path.dirname(path), place.account)
    _write_file(path, before, after, place)


def _write_file(path, before, after, place):
    account = place.account
    snapshot = storage.read(path, account)
    if snapshot.data != before:
        raise swap.changed(snapshot)
    if after is None:
        _remove(path, account)
        return
    swap.replace(snapshot, after, account)
    if place.mode != storage.FILE_MODE:
        try:
            with acting_as(account):
                os.chmod(path, place.mode)
        except OSError as error:
            raise storage.os_failure(error, path, "set the mode of") from None


def _remove(path, account):
    try:
        with acting_as(account):
            os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise storage.os_failure(error, path, "remove") from None
