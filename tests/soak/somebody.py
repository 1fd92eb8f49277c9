# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody at the keyboard of the Mac, and what can be seen of its job from outside."""

import os
import plistlib

from service_sequences import DOMAINS, LABEL

OTHER_LABEL = "com.example.beside"


class Person:
    """Somebody at the keyboard, who is root and knows no collection. What cannot be done is not done."""

    def __init__(self, own):
        self.own = own

    def __call__(self, deed):
        name, words = deed[0], deed[1:]
        try:
            getattr(self, name)(*words)
        except (AssertionError, FileNotFoundError):
            return  # the double refuses what makes no sense now: nobody is logged in, there is no such job

    def launchctl(self, *words):
        self.own.ask(words)

    def control(self, *words):
        self.own.double.ctl(*words)

    def bootstrap(self, where):
        self.launchctl("bootstrap", DOMAINS[where], self.own.plist(where))

    def put(self, where):
        """As a tool would that knows nothing of us: writes its own plist and loads it."""
        data = {"Label": LABEL, "ProgramArguments": ["/bin/sleep", "700"], "KeepAlive": True, "RunAtLoad": True}
        self._write(where, plistlib.dumps(data))
        self.bootstrap(where)

    def _write(self, where, data):
        path = self.own.plist(where)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "wb") as stream:
            stream.write(data)
        os.chown(path, *(self.own.place(where).owner))

    def edit(self, where):
        with open(self.own.plist(where), "rb") as stream:
            data = plistlib.loads(stream.read().replace(b"/bin/sleep", b"/usr/bin/sleep"))
        data["ThrottleInterval"] = 1
        self._write(where, plistlib.dumps(data))

    def garble(self, where):
        os.stat(self.own.plist(where))
        self._write(where, b"<plist version='1.0'><dict><key>Label</key>")

    def remove(self, where):
        os.unlink(self.own.plist(where))

    def symlink(self, where):
        path = self.own.plist(where)
        os.replace(path, path + ".kept")
        os.symlink(path + ".kept", path)

    def chown(self, where):
        os.chown(self.own.plist(where), 501, 20)

    def chmod(self, where):
        os.chmod(self.own.plist(where), 0o666)

    def elsewhere(self):
        """The label, loaded from a place of somebody's own."""
        path = os.path.join(self.own.double.directory, "somewhere", LABEL + ".plist")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = {"Label": LABEL, "ProgramArguments": ["/bin/sleep", "800"], "RunAtLoad": True}
        with open(path, "wb") as stream:
            plistlib.dump(data, stream)
        self.launchctl("bootstrap", "system", path)

    def beside(self):
        """Another job, which is none of ours."""
        if self.own.job(label=OTHER_LABEL) is None:
            self.own.double.load(label=OTHER_LABEL, KeepAlive=True, ThrottleInterval=5)

    def no_log(self):
        os.unlink(os.path.join(self.own.home, "Library/Logs/openclaw/gateway.log"))


class Look:
    """The Mac at one moment: who holds the label, what lies on disk, whose the other job is."""

    def __init__(self, own):
        self.domains = own.jobs()
        self.named = {name: jobs[LABEL] for name, jobs in self.domains.items() if LABEL in jobs}
        #: Without a job that is on its way out: it has been taken away already.
        self.holders = {name: held for name, held in self.named.items() if not held["draining"]}
        self.beside = self.domains["system"].get(OTHER_LABEL)
        self.files = {scope: _bytes(own.plist(scope)) for scope in DOMAINS}
        self.logged_in = "gui/502" in self.domains


def _bytes(path):
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def loadable(data):
    """The definition of a property list that launchd could use, or None."""
    try:
        return plistlib.loads(data) if data is not None else None
    except Exception:  # plistlib lets all sorts of errors through
        return None
