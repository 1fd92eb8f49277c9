# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of the double: calls.jsonl, events.jsonl, unified.log. Secrets go in as fingerprints only."""

import contextlib
import hashlib
import json
import os
import time

# Longest piece of output kept per call, in characters.
_KEEP = 65536


def fingerprint(value):
    """"sha256:" and the first 12 hex digits."""
    try:
        raw = value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = value.encode("utf-8", "surrogatepass")
    return "sha256:" + hashlib.sha256(raw).hexdigest()[:12]


def masked_argv(argv):
    """*argv* of a launchctl call with the values of setenv as fingerprints.

    Where keys and values do not pair up, only the first key is believed to be one.
    """
    if argv[:1] != ["setenv"]:
        return list(argv)
    if len(argv) % 2 == 0:
        return argv[:2] + [fingerprint(word) for word in argv[2:]]
    return ["setenv"] + [word if place % 2 == 0 else fingerprint(word) for place, word in enumerate(argv[1:])]


class Record:
    """Append-only logs in one directory. A full disk there never stops the double."""

    def __init__(self, directory):
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._fds = {
            name: os.open(os.path.join(directory, name), flags, 0o600)
            for name in ("calls.jsonl", "events.jsonl", "unified.log")
        }
        self._secrets = {}
        self.clock_offset = 0.0

    def wall(self):
        """Seconds since the epoch as the simulated Mac sees them."""
        return time.time() + self.clock_offset

    def hide(self, value):
        """Never write *value* again; its fingerprint appears instead. Very short values are left alone."""
        if len(value) >= 4:
            self._secrets[value] = fingerprint(value)

    def clean(self, text):
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, self._secrets[secret])
        return text

    def _clean_all(self, value):
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, (list, tuple)):
            return [self._clean_all(item) for item in value]
        return value

    def _write(self, name, line):
        with contextlib.suppress(OSError):
            os.write(self._fds[name], (line + "\n").encode("utf-8", "backslashreplace"))

    def event(self, event, **fields):
        entry = {"t": round(self.wall(), 3), "event": event}
        entry.update((key, self._clean_all(value)) for key, value in fields.items())
        self._write("events.jsonl", json.dumps(entry))

    def call(self, call, reply, t0):
        """One launchctl call; *reply* is None when the caller went away before it was answered."""
        argv = masked_argv(call.argv)
        stdout = reply.stdout if reply else ""
        if argv[:1] == ["getenv"] and stdout:
            stdout = fingerprint(stdout.rstrip("\n")) + "\n"
        entry = {
            "t0": round(t0, 3),
            "t1": round(self.wall(), 3),
            "argv": self._clean_all(argv),
            "euid": call.euid,
            "pid": call.pid,
            "session": call.session,
            "rc": reply.rc if reply else None,
            "stdout": self.clean(stdout[:_KEEP]),
            "stderr": self.clean((reply.stderr if reply else "")[:_KEEP]),
        }
        if not reply:
            entry["abandoned"] = True
        self._write("calls.jsonl", json.dumps(entry))

    def log(self, subject, message, level="Df", process="launchd[1]"):
        """A line in the shape of 'log show --style compact'."""
        wall = self.wall()
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(wall))
        text = self.clean("[%s:] %s" % (subject, message)).replace("\n", " ")
        self._write("unified.log", "%s.%03d %s %s %s" % (stamp, int(wall % 1 * 1000), level, process, text))
