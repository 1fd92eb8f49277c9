# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Mac with a launchctl: what a real one and the double have in common, and the real one.

Runs with nothing but Apple's Python 3.9.
"""

import itertools
import json
import os
import platform
import plistlib
import re
import shutil
import subprocess
import tempfile
import time

#: Every label that is ever loaded begins with this; nothing else is ever touched.
PREFIX = "clawops.conformance."
#: One that is disabled and enabled: launchd keeps an entry for such a label for ever, so it is always the same.
TOGGLED = PREFIX + "toggled"
#: Verbs that change nothing, whatever they name.
LOOKING = ("print", "print-disabled", "error", "version", "managername", "list", "help", "frobnicate")
#: Those that tell of everything there is in a domain.
LISTING = ("print", "print-disabled", "list")
_OURS = re.compile(re.escape(PREFIX) + r"(\d+)\.\d+")
_serial = itertools.count(1)


class Result:
    def __init__(self, rc, out, err):
        self.rc, self.out, self.err = rc, out, err

    def __repr__(self):
        return "rc=%s out=%r err=%r" % (self.rc, self.out, self.err)


def wait_for(condition, seconds=60.0, what="condition"):
    """The first true value of condition(); fails the test after *seconds*."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "%s did not come true within %s s" % (what, seconds)
        time.sleep(0.01)


class Mac:
    """What both kinds share: run launchctl, write plists with labels nobody else uses."""

    launchctl = None
    directory = None
    #: Where jobs are loaded, and the factor on launchd's seconds.
    domain, scale = "system", 1.0

    def run(self, *argv, cwd=None):
        done = subprocess.run([self.launchctl, *argv], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              cwd=cwd, timeout=120, check=False)
        return Result(done.returncode, done.stdout, done.stderr)

    def label(self):
        return "%s%d.%d" % (PREFIX, os.getpid(), next(_serial))

    def plist(self, label=None, directory=None, mode=0o644, owner=None, raw=None, **keys):
        """Write a plist; returns (label, path). Program defaults to a long sleep."""
        label = label or self.label()
        data = {"Label": label}
        if "Program" not in keys and "ProgramArguments" not in keys:
            data["ProgramArguments"] = ["/bin/sleep", "600"]
        data.update(keys)
        path = os.path.join(directory or self.directory, label + ".plist")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(plistlib.dumps({k: v for k, v in data.items() if v is not None}) if raw is None else raw)
        os.chmod(path, mode)
        if owner is not None:
            os.chown(path, owner, -1)
        return label, path

    def close(self):
        """Leave nothing behind."""


class Refused(AssertionError):
    """A test was about to do something to a Mac that is not its own."""


class RealMac(Mac):
    """The machine's own launchd. Loads only labels of label() and TOGGLED, and takes all of them away again.

    :param launchctl: its path. :param transcript: file that gets every call as a line of JSON, or None.
    """

    def __init__(self, launchctl, transcript=None):
        self.launchctl = launchctl
        # For a rehearsal against the double, whose seconds may be shorter.
        self.scale = float(os.environ.get("CONFORMANCE_TIME_SCALE", "1"))
        self.directory = tempfile.mkdtemp(prefix=PREFIX)
        self._transcript = transcript
        if transcript is not None:
            open(transcript, "w", encoding="utf-8").close()
        self.domain = self._domain()
        self.sweep()

    @staticmethod
    def release():
        """The macOS, as 26.3; where there is none, 0."""
        return os.environ.get("CONFORMANCE_MACOS") or platform.mac_ver()[0] or "0"

    def _domain(self):
        uid = os.getuid()
        if uid == 0:
            return "system"
        gui = "gui/%d" % uid
        return gui if self.run("print", gui).rc == 0 else "user/%d" % uid

    def run(self, *argv, cwd=None):
        if argv[0] not in LOOKING and not self._is_own(argv[1:]):
            raise Refused("not a job of these tests: launchctl %s" % " ".join(argv))
        result = super().run(*argv, cwd=cwd)
        if self._transcript is not None:
            # Neither where the plists lie nor what else a person runs is anybody's business.
            told = result.out if argv[0] not in LISTING or self._is_own(argv[1:]) else self._own_lines(result.out)
            words = json.dumps({"argv": argv, "rc": result.rc, "stdout": told, "stderr": result.err})
            with open(self._transcript, "a", encoding="utf-8") as stream:
                stream.write(words.replace(self.directory, "/DIRECTORY") + "\n")
        return result

    @staticmethod
    def _own_lines(text):
        return "".join(line + "\n" for line in text.splitlines() if PREFIX in line)

    def _is_own(self, words):
        """Whether a call can only reach what these tests made: a label of theirs, or a file in their directory."""
        last = words[-1] if words else ""
        if last.startswith(self.directory + os.sep):
            return True
        label = last.rpartition("/")[2]
        return label == TOGGLED or _OURS.fullmatch(label) is not None

    def plist(self, *args, **keys):
        if self.domain.startswith("user/"):
            keys.setdefault("LimitLoadToSessionType", "Background")
        return super().plist(*args, **keys)

    # -- leaving nothing behind --------------------------------------------------------------------

    def _left(self):
        """Labels of these tests that launchd has: ours, and those of runs whose process is gone."""
        text = self.run("print", self.domain).out
        found = {match.group(0): int(match.group(1)) for match in _OURS.finditer(text)}
        return [label for label, pid in found.items() if pid == os.getpid() or not _alive(pid)]

    def sweep(self):
        """Boot out what this run, or one that could not say goodbye, has left. Returns what does not go."""
        deadline = time.monotonic() + 30
        while True:
            left = self._left()
            if not left or time.monotonic() > deadline:
                return left
            for label in left:
                self.run("bootout", "%s/%s" % (self.domain, label))
                # What was made to ignore the request to end need not be waited for.
                self.run("kill", "KILL", "%s/%s" % (self.domain, label))
            time.sleep(0.5)

    def close(self):
        left = self.sweep()
        shutil.rmtree(self.directory, ignore_errors=True)
        if left:
            print("launchd still has: %s" % " ".join(left))


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
