# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The one place that runs C(openclaw): to validate a configuration, and to hear its judges. Always on a private copy.

Everything else that command offers is slower and less honest than reading the file and asking the Gateway.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import selectors
import shutil
import subprocess
import tempfile
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.storage import os_failure
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Seconds that C(openclaw config validate) may take. It takes one on a quiet machine.
TIMEOUT = 60.0
#: Bytes of an output that are taken. The longest real one has 30 KiB.
MAX_OUTPUT = 4 * 1024 * 1024
#: Seconds that what a program has left behind may still hold its output open.
_LINGER = 1.0
#: OpenClaw would start itself a second time, to be without a warning of Node's and to know the certificates of the
#: host; in 2026.7 in a session of its own, which would go on when the first one is ended.
ONE_PROCESS = {"OPENCLAW_NO_RESPAWN": "1", "NODE_NO_WARNINGS": "1"}
#: Seconds until processes that were killed are gone, and until a private copy is.
_GONE = 5.0
#: Where the Node of a package manager is found by scripts that ask the environment for it.
SEARCHED = ("/opt/homebrew/opt/node@24/bin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin")
_SHOWN = 400
#: Beginnings of an object that are tried in an output.
_OBJECTS = 1000
#: Where every account may make directories of its own.
_SHARED = "/tmp"
_NAME = "openclaw.json"
_UNPRINTABLE = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x1f\x7f]+")


def runnable(binary):
    """Whether there is something to run at that path."""
    return os.path.isfile(binary) and os.access(binary, os.X_OK)


def validate(binary, data, account, state_dir, timeout=TIMEOUT):
    """Ask OpenClaw what it thinks of a configuration.

    A copy goes into a directory that only the account can enter, and is gone afterwards. OpenClaw sees the account's
    state directory, because which channels and plugins exist is decided there. Up to 2026.7 validation opens the
    database there, which touches its files.

    :param binary: path of C(openclaw). :param data: the configuration, C($include) resolved, in bytes.
    :param timeout: seconds.
    :returns: list of dicts C(path), C(message): what it objects to; empty when it accepts the file.
    :raises Failure: C(openclaw_missing), C(openclaw_timeout), C(openclaw_failed).
    """
    if not runnable(binary):
        raise Failure(
            "openclaw_missing",
            "%s is not there or cannot be run, so OpenClaw cannot validate the configuration." % binary,
            "host",
            "install the release first (openclaw_release), set 'openclaw' to its path, or set 'validate: auto'.",
            path=binary,
        )
    place = private_copy(data, account)
    try:
        environment = _environment(binary, account, state_dir, place)
        output = _run([binary, "config", "validate", "--json"], account, environment, place, timeout)
    finally:
        with acting_as(account):
            discard(place)
    return objections(output, binary)


def private_copy(data, account):
    """Write the data into a new directory that only the account can enter; returns the directory."""
    try:
        with acting_as(account):
            # Not what TMPDIR says: on macOS that is a directory of whoever logged in, which the account cannot enter.
            place = tempfile.mkdtemp(prefix="openclaw-validate-", dir=_SHARED)
            try:
                handle = os.open(os.path.join(place, _NAME), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as stream:
                    stream.write(data)
            except BaseException:
                discard(place)
                raise
    except OSError as error:
        raise os_failure(error, _SHARED, "put a private copy of the configuration into") from None
    return place


def discard(place):
    """Remove a private copy, whatever the modes in it, and whatever a process that dies meanwhile still writes there.

    :raises Failure: C(copy_left): it is still there.
    """
    deadline = time.monotonic() + _GONE
    while True:
        shutil.rmtree(place, onerror=_insist)
        if not os.path.lexists(place):
            return
        if time.monotonic() > deadline:
            raise Failure(
                "copy_left",
                "%s, a private copy that may hold secrets, could not be removed." % place,
                "host",
                "see who writes there (lsof +D %s), and remove it." % place,
                path=place,
            )
        time.sleep(0.1)


def _insist(remove, path, _error):
    with contextlib.suppress(OSError):
        os.chmod(os.path.dirname(path), 0o700)
        remove(path)


def _environment(binary, account, state_dir, place):
    present = os.path.isdir(state_dir)
    return {
        "PATH": os.pathsep.join((os.path.dirname(binary),) + SEARCHED),
        "HOME": account.home if present else place,
        "TMPDIR": place,
        "LC_ALL": "C",
        "NO_COLOR": "1",
        "OPENCLAW_CONFIG_PATH": os.path.join(place, _NAME),
        "OPENCLAW_STATE_DIR": state_dir if present else os.path.join(place, "state"),
        "OPENCLAW_CONFIG_READONLY": "1",
        **ONE_PROCESS,
    }


class Answer(NamedTuple):
    """What a command said.

    :ivar ended: C(exit), C(timeout), C(flood) (it said more than is taken) or C(missing) (it could not be started).
    :ivar code: its exit code; C(None) unless it ended by itself. Never to be trusted alone.
    """

    ended: str
    code: int | None
    out: str
    err: str


def ask(command, account, environment, place, timeout, limit=MAX_OUTPUT, keep_open=()):
    """Run a command as an account, in a session of its own that ends with it.

    :param command: list of words. :param environment: its whole environment. :param place: its working directory.
    :param timeout: seconds. :param limit: bytes of each of its two outputs.
    :param keep_open: file descriptors that it shall have, too.
    :returns: :class:`Answer`.
    """
    try:
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            command,
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=0o077,
            pass_fds=keep_open,
            **identity_of(account)
        )
    except OSError as error:
        return Answer("missing", None, "", error.strerror or str(error))
    out, err = bytearray(), bytearray()
    with process.stdout, process.stderr:
        try:
            ended = _listen(process, {process.stdout: out, process.stderr: err}, timeout, limit)
        except BaseException:
            _end(process)
            raise
    code = process.returncode if ended == "exit" else None
    return Answer(ended, code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def identity_of(account):
    """Return the arguments by which C(Popen) starts a process as an account."""
    if os.geteuid() == 0 and account.uid != 0:
        return {"user": account.uid, "group": account.gid, "extra_groups": [account.gid]}
    return {}


def _listen(process, outputs, timeout, limit):
    """Take what a process says until it ends, by itself or not; returns how."""
    deadline, gone = time.monotonic() + timeout, None
    with selectors.DefaultSelector() as selector:
        for stream in outputs:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            now = time.monotonic()
            gone = now if gone is None and process.poll() is not None else gone
            if now > deadline or (gone is not None and now > gone + _LINGER):
                _end(process)
                return "timeout" if gone is None else "exit"
            for key, _events in selector.select(0.1):
                chunk = os.read(key.fd, 65536)
                outputs[key.fileobj] += chunk
                if not chunk:
                    selector.unregister(key.fileobj)
            if max(map(len, outputs.values())) > limit:
                _end(process)
                return "flood"
    try:
        # Nobody holds its outputs any more, but it may still run.
        process.wait(max(0.0, deadline - time.monotonic()))
        return "exit"
    except subprocess.TimeoutExpired:
        _end(process)
        return "timeout"


def _run(command, account, environment, place, timeout):
    answer = ask(command, account, environment, place, timeout)
    if answer.ended == "missing":
        raise _failed(command[0], answer.err)
    if answer.ended == "timeout":
        raise Failure(
            "openclaw_timeout",
            "%s config validate did not end within %d seconds." % (command[0], timeout),
            "host",
            "run it by hand as %s; or set 'validate: never'." % account.name,
            path=command[0],
        )
    return answer.out or answer.err


def _end(process):
    """End a process and its children, and wait until they are gone: who is told to die may still write a file."""
    try:
        os.killpg(process.pid, 9)
    except OSError:
        process.kill()
    process.wait()
    deadline = time.monotonic() + _GONE
    with contextlib.suppress(OSError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.01)


def objections(output, binary):
    """Return the objections in the output of C(config validate --json). Its exit code is not asked.

    :raises Failure: C(openclaw_failed) when the output holds no verdict.
    """
    verdict = next((found for found in objects(output) if isinstance(found.get("valid"), bool)), None)
    if verdict is None:
        raise _failed(binary, printable(output) or "it said nothing")
    if verdict["valid"]:
        return []
    issues = verdict.get("issues")
    found = [
        {"path": printable(issue.get("path")), "message": printable(issue.get("message"))}
        for issue in (issues if isinstance(issues, list) else [])
        if isinstance(issue, dict)
    ]
    return found or [{"path": "<root>", "message": "OpenClaw calls it invalid without saying why"}]


def objects(output):
    """Yield the JSON objects in an output that may have lines of talk around them."""
    decoder, position = json.JSONDecoder(strict=False), 0
    for match in itertools.islice(re.finditer(r"^\{", output, re.MULTILINE), _OBJECTS):
        if match.start() < position:
            continue
        try:
            found, position = decoder.raw_decode(output, match.start())
        except (ValueError, RecursionError):
            continue
        yield found


def printable(text):
    """Return a text as one line without control characters, and not too long; nothing for what is no text."""
    return _UNPRINTABLE.sub(" ", text if isinstance(text, str) else "").strip()[:_SHOWN]


def _failed(binary, said):
    return Failure(
        "openclaw_failed",
        "%s could not validate the configuration: %s." % (binary, said.rstrip(".")),
        "host",
        "run '%s config validate --json' by hand; or set 'validate: never'." % binary,
        path=binary,
    )
