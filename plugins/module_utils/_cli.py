# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The one place that runs C(openclaw), and for one thing: its own validation of a configuration, on a private copy.

Everything else that command offers is slower and less honest than reading the file and asking the Gateway.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._config.storage import os_failure
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

#: Seconds that C(openclaw config validate) may take. It takes one on a quiet machine.
TIMEOUT = 60.0
#: Where the Node of a package manager is found by scripts that ask the environment for it.
_PATH = ("/opt/homebrew/opt/node@24/bin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin")
_SHOWN = 400
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
    state directory, because which channels and plugins exist is decided there; validation writes nothing there.

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
    place = _private_copy(data, account)
    try:
        environment = _environment(binary, account, state_dir, place)
        output = _run([binary, "config", "validate", "--json"], account, environment, place, timeout)
    finally:
        with acting_as(account):
            shutil.rmtree(place, ignore_errors=True)
    return objections(output, binary)


def _private_copy(data, account):
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
                shutil.rmtree(place, ignore_errors=True)
                raise
    except OSError as error:
        raise os_failure(error, _SHARED, "put a private copy of the configuration into") from None
    return place


def _environment(binary, account, state_dir, place):
    present = os.path.isdir(state_dir)
    return {
        "PATH": os.pathsep.join((os.path.dirname(binary),) + _PATH),
        "HOME": account.home if present else place,
        "TMPDIR": place,
        "LC_ALL": "C",
        "NO_COLOR": "1",
        "OPENCLAW_CONFIG_PATH": os.path.join(place, _NAME),
        "OPENCLAW_STATE_DIR": state_dir if present else os.path.join(place, "state"),
        "OPENCLAW_CONFIG_READONLY": "1",
    }


def _run(command, account, environment, place, timeout):
    identity = {}
    if os.geteuid() == 0 and account.uid != 0:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": [account.gid]}
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
            **identity
        )
    except OSError as error:
        raise _failed(command[0], error.strerror or str(error)) from None
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        # Its children too: Node starts itself again.
        _end(process)
        raise Failure(
            "openclaw_timeout",
            "%s config validate did not end within %d seconds." % (command[0], timeout),
            "host",
            "run it by hand as %s; or set 'validate: never'." % account.name,
            path=command[0],
        ) from None
    return output.decode("utf-8", "replace") or errors.decode("utf-8", "replace")


def _end(process):
    try:
        os.killpg(process.pid, 9)
    except OSError:
        process.kill()
    process.communicate()


def objections(output, binary):
    """Return the objections in the output of C(config validate --json). Its exit code is not asked.

    :raises Failure: C(openclaw_failed) when the output holds no verdict.
    """
    verdict = _verdict(output)
    if not isinstance(verdict, dict) or not isinstance(verdict.get("valid"), bool):
        raise _failed(binary, _printable(output) or "it said nothing")
    if verdict["valid"]:
        return []
    issues = verdict.get("issues")
    found = [
        {"path": _printable(issue.get("path")), "message": _printable(issue.get("message"))}
        for issue in (issues if isinstance(issues, list) else [])
        if isinstance(issue, dict)
    ]
    return found or [{"path": "<root>", "message": "OpenClaw calls it invalid without saying why"}]


def _verdict(output):
    """The JSON object in an output that may have lines of talk around it."""
    decoder = json.JSONDecoder(strict=False)
    for match in re.finditer(r"^\{", output, re.MULTILINE):
        try:
            return decoder.raw_decode(output, match.start())[0]
        except ValueError:
            continue
    return None


def _printable(text):
    return _UNPRINTABLE.sub(" ", text if isinstance(text, str) else "").strip()[:_SHOWN]


def _failed(binary, said):
    return Failure(
        "openclaw_failed",
        "%s could not validate the configuration: %s." % (binary, said.rstrip(".")),
        "host",
        "run '%s config validate --json' by hand; or set 'validate: never'." % binary,
        path=binary,
    )
