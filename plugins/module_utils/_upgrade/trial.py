# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A release is started once, by itself: with a configuration and a state of its own that are gone afterwards.

It proves that this release starts on this host as this account, native parts included, and has Node compile what it
will need: the first start of a release takes longer than any later one. Nothing of the account's is read: no channel is
opened, no agent runs.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import time

from ansible_collections.clawops.openclaw.plugins.module_utils import _cli
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

_PAUSE = 0.25
#: Seconds that it gets to end when it is asked to.
_GRACE = 20.0
_TAIL = 4000


def start(program, account, timeout):
    """Start a Gateway that nobody knows of, wait until it is ready, and end it.

    :param program: Node and the entry point of the release. :param account: who it runs as. :param timeout: seconds.
    :returns: seconds until it was ready.
    :raises Failure: C(trial_failed), with the last lines that it said.
    """
    port, token = _free_port(), secrets.token_urlsafe(32)
    config = {
        "gateway": {"mode": "local", "port": port, "bind": "loopback", "auth": {"mode": "token", "token": token}},
        "agents": {"defaults": {"heartbeat": {"every": "0m"}}},
        "update": {"checkOnStart": False},
    }
    place = _cli.private_copy(json.dumps(config).encode(), account)
    try:
        return _start(list(program) + ["gateway", "--port", str(port)], account, place, port, timeout)
    finally:
        with acting_as(account):
            _cli.discard(place)


def _start(command, account, place, port, timeout):
    began = time.monotonic()
    with acting_as(account):
        log = os.open(os.path.join(place, "log"), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(log, "rb") as said:
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            command, cwd=place, env=_environment(command[0], place), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, umask=0o077, **_cli.identity_of(account)
        )  # fmt: skip
        try:
            while not _is_ready(port):
                if process.poll() is not None:
                    raise _failed(command, "it ended with exit code %s" % process.returncode, _last(said))
                if time.monotonic() > began + timeout:
                    raise _failed(command, "it was not ready after %d s" % timeout, _last(said))
                time.sleep(_PAUSE)
            return round(time.monotonic() - began, 1)
        finally:
            _end(process)


def _environment(node, place):
    # No TMPDIR: what Node compiles belongs where the Gateway's own Node will look for it.
    return dict(
        _cli.ONE_PROCESS,
        PATH=os.pathsep.join((os.path.dirname(node),) + _cli.SEARCHED),
        HOME=place,
        LC_ALL="C",
        NO_COLOR="1",
        DO_NOT_TRACK="1",
        OPENCLAW_STATE_DIR=place,
        OPENCLAW_SUPERVISOR_MODE="external",
        OPENCLAW_SERVICE_REPAIR_POLICY="external",
        OPENCLAW_NO_AUTO_UPDATE="1",
        OPENCLAW_SKIP_CHANNELS="1",
        OPENCLAW_SKIP_CRON="1",
        OPENCLAW_DISABLE_BONJOUR="1",
    )


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _is_ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return json.loads(connection.getresponse().read().decode("utf-8")).get("ready") is True
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last(log):
    size = os.fstat(log.fileno()).st_size
    data = os.pread(log.fileno(), _TAIL, max(0, size - _TAIL)).decode("utf-8", "replace")
    lines = [_cli.printable(line) for line in data.splitlines()]
    return [line for line in lines if re.search(r"[A-Za-z]", line)][-5:]


def _end(process):
    for number, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, _GRACE)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    process.wait()


def _failed(command, reason, lines):
    return Failure(
        "trial_failed",
        "%s does not start, with a configuration and a state of its own: %s. It said: %s" % (
            command[1], reason, " | ".join(lines) or "nothing"),
        "host",
        "remove that release (%s) and stage it again; if it stays so, stay at the present one."
        % command[1].partition("/lib/node_modules/")[0],
        said=lines,
    )  # fmt: skip
