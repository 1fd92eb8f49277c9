# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim: a generic password in a keychain of macOS. What C(security) says it did is read back, not believed."""

from __future__ import annotations

import os
import subprocess

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

PROGRAM = "/usr/bin/security"
#: The keychain of the host: open without a login, written by root alone.
SYSTEM = "/Library/Keychains/System.keychain"
_TIMEOUT = 15.0
#: Exit codes are the low byte of an OSStatus.
_NOT_FOUND = 44
_REASONS = {
    36: ("keychain_locked", "it is locked, as a login keychain is without a GUI login"),
    50: ("keychain_missing", "there is no such keychain"),
    51: ("keychain_refused", "it refused the authentication"),
    195: ("keychain_refused", "this account may not write to it"),
}


def label(item):
    """Return how an item (:class:`layout.Item`) is called in messages."""
    return "keychain item %s of %s in %s" % (item.service, item.account, item.keychain)


def read(item):
    """Return the bytes of an item as its reader gets them, or None where there is none.

    :raises Failure: C(keychain_locked), C(keychain_missing), C(keychain_refused), C(keychain_failed).
    """
    words = ["find-generic-password", "-s", item.service, "-a", item.account, "-w", item.keychain]
    code, output, errors = _security(words, b"", item.reader)
    if code == _NOT_FOUND:
        return None
    if code != 0:
        raise _failure("read", item, code, errors)
    return output[:-1] if output.endswith(b"\n") else output


def write(item, before, after):
    """Give an item other bytes, unless somebody else changed it; None is no item.

    :raises Failure: C(keychain_changed_meanwhile), C(keychain_failed) where it reads otherwise afterwards, or as
        :func:`read`.
    """
    if read(item) != before:
        raise Failure(
            "keychain_changed_meanwhile",
            "the %s was changed by somebody else while this task worked on it; nothing was written." % label(item),
            "config",
            "run the task again; if it repeats, find the writer.",
        )
    if after is None:
        words, given = ["delete-generic-password", "-s", item.service, "-a", item.account, item.keychain], b""
    else:
        # Arguments can be seen in the process list, its input cannot.
        words, given = ["-i"], _command(item, after)
    code, _output, errors = _security(words, given, _writer(item))
    if read(item) != after:
        raise _failure("write", item, code, errors)


def _command(item, data):
    words = ["add-generic-password", "-U", "-s", item.service, "-a", item.account, "-T", PROGRAM, "-w"]
    quoted = ['"%s"' % word.replace("\\", "\\\\").replace('"', '\\"') for word in words + [data.decode("ascii")]]
    return (" ".join(quoted + ['"%s"' % item.keychain]) + "\n").encode("utf-8")


def _writer(item):
    """The host's own keychains are root's, the others their reader's."""
    return None if item.keychain.startswith("/Library/") else item.reader


def _security(words, given, account):
    identity = {}
    home = "/var/root"
    if account is not None:
        home = account.home
        if os.geteuid() == 0 and account.uid != 0:
            identity = {"user": account.uid, "group": account.gid, "extra_groups": [account.gid]}
    try:
        # run_command would show the input at -vvvv, and cannot act for another account.
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            [PROGRAM] + words,
            input=given,
            capture_output=True,
            env={"PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C"},
            cwd="/",
            timeout=_TIMEOUT,
            check=False,
            **identity
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Failure(
            "keychain_failed",
            "%s could not be run: %s." % (PROGRAM, getattr(error, "strerror", None) or type(error).__name__),
            "host",
            "run it by hand on the host: %s help" % PROGRAM,
            path=PROGRAM,
        ) from None
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def _failure(doing, item, code, errors):
    name, why = _REASONS.get(code, ("keychain_failed", errors.strip().rpartition(": ")[2] or "exit %s" % code))
    return Failure(
        name,
        "cannot %s the %s: %s." % (doing, label(item), why),
        "host",
        "a Gateway without a GUI login needs the keychain %s; look with: security show-keychain-info %s"
        % (SYSTEM, item.keychain),
        path=item.keychain,
    )
