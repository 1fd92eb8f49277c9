# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed, healthy host that is broken by a fault of the lab and mended again, without being made anew.

A host of the lab is seen from outside through /proc/PID/root. What a fault did to files is undone from a picture of
them, mounts and processes that it added are taken away, and what it did to launchd or to rows of a database is undone
by the words of its row in the table. The Gateway is loaded anew only where it runs with something else.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import time
from pathlib import Path
from typing import NamedTuple

LABEL = "ai.openclaw.gateway"
LOG = "/Users/openclaw/Library/Logs/openclaw/gateway.log"
#: Where faults change files.
TREES = (
    "Users", "Library/LaunchDaemons", "Library/LaunchAgents", "Library/Preferences", "private/etc", "private/var/db",
    "opt", "usr/local",
)  # fmt: skip
#: What the Gateway and the system change by themselves: left as it is.
LIVING = (
    "Users/openclaw/.cache", "Users/openclaw/.npm", "Users/openclaw/Library/Logs", "Users/openclaw/.openclaw/cache",
    "Users/openclaw/.openclaw/media", "Users/openclaw/.openclaw/logs", "Users/openclaw/.ansible",
    "Users/admin/.ansible", "private/var/db/com.apple.xpc.launchd", "opt/homebrew/opt", "opt/homebrew/lib",
)  # fmt: skip
#: Where the collection keeps what it remembers about a host.
OURS = "private/var/db/clawops.openclaw"
CONFIG = "Users/openclaw/.openclaw/openclaw.json"
#: Of these only the rights are mended: the Gateway writes them.
WRITTEN = ("Users/openclaw/.openclaw/state", "Users/openclaw/.openclaw/tmp", "Users/openclaw/.openclaw/agents")
#: Seconds in which the running Gateway notices another configuration, deals with it, and has begun anew.
NOTICE, DEAL, READY = 2.0, 2.5, 180.0
#: How the Gateway says that it has dealt with one: it needs nothing, or it begins anew.
DONE = (b"hot reload applied", b"config reload skipped", b"config reload disabled", b"dynamic reads")
ANEW = (b"requires gateway restart", b"restart mode")


class Entry(NamedTuple):
    """What a path was: mode with its type, owner, group, and content or target of the link."""

    mode: int
    uid: int
    gid: int
    content: bytes | str | None


def _entry(path, keep):
    facts = path.lstat()
    content = None
    if stat.S_ISLNK(facts.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(facts.st_mode) and keep:
        content = path.read_bytes()
    return Entry(facts.st_mode, facts.st_uid, facts.st_gid, content)


def _says_the_same(then, now):
    """Whether two entries of a JSON file differ in nothing but its layout."""
    try:
        return then._replace(content=json.loads(then.content)) == now._replace(content=json.loads(now.content))
    except ValueError:
        return False


class Picture:
    """The files of a host as they were."""

    def __init__(self, root):
        self.root = Path(root)
        self.entries = dict(self._walk())

    def _walk(self):
        for tree in TREES:
            top = self.root / tree
            if top.is_dir():
                yield from self._below(top, tree)

    def _below(self, path, name):
        yield name, _entry(path, not name.startswith(WRITTEN))
        if path.is_symlink() or not path.is_dir() or name in LIVING:
            return
        for child in sorted(os.listdir(path)):
            yield from self._below(path / child, "%s/%s" % (name, child))

    def now(self):
        """Return the files as they are: {path: entry}."""
        return dict(self._walk())

    def differs(self, now):
        """Return the paths that are another way than they were."""
        return [name for name in now if name not in self.entries] + [
            name for name, entry in self.entries.items() if now.get(name) != entry
        ]

    def mend(self):
        """Put everything back; return the paths that were another way."""
        now = self.now()
        wrong = self.differs(now)
        for name in sorted(now.keys() - self.entries.keys(), reverse=True):
            self._remove(self.root / name)
        for name in sorted(self.entries):
            if now.get(name) != self.entries[name]:
                self._put(name, now.get(name))
        return wrong

    @staticmethod
    def _remove(path):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
        else:
            shutil.rmtree(path, ignore_errors=True)

    def _put(self, name, found):
        path, entry = self.root / name, self.entries[name]
        if found is None or stat.S_IFMT(found.mode) != stat.S_IFMT(entry.mode):
            self._remove(path)
        if stat.S_ISLNK(entry.mode):
            path.unlink(missing_ok=True)
            os.symlink(entry.content, path)
        elif stat.S_ISDIR(entry.mode):
            path.mkdir(exist_ok=True)
        elif entry.content is not None:
            self._write(path, entry.content)
        if path.exists() or path.is_symlink():
            os.chown(path, entry.uid, entry.gid, follow_symlinks=False)
            if not stat.S_ISLNK(entry.mode):
                os.chmod(path, stat.S_IMODE(entry.mode))

    @staticmethod
    def _write(path, content):
        # As a whole: the running Gateway must not read half of its configuration.
        fresh = path.with_name(path.name + ".mended")
        fresh.write_bytes(content)
        known = path.lstat() if path.is_file() else None
        if known:
            os.chown(fresh, known.st_uid, known.st_gid)
            os.chmod(fresh, stat.S_IMODE(known.st_mode))
        fresh.rename(path)


def between(then, now):
    """Return what differs between two states of a host: paths, and words of launchd about the job."""
    return sorted(name for before, after in zip(then, now) for name in before.keys() | after.keys()
                  if before.get(name) != after.get(name))  # fmt: skip


class Host:
    """One host of a lab that C(lab) speaks to, deployed and healthy."""

    def __init__(self, lab, name, domain="system"):
        self.lab, self.name, self.domain = lab, name, domain
        self._find()
        self.forget()
        self.picture = Picture(self.root)
        self.mounts = self._mounts()
        self.gateway = self.pid()

    def _find(self):
        self.pid1 = json.loads(self.lab("status", "--json"))["hosts"][self.name]["pid"]
        self.root = Path("/proc/%d/root" % self.pid1)
        self.log = self.root / LOG.lstrip("/")

    def cut_power(self):
        """Cut the power, and let the host boot again."""
        self.lab("reboot", self.name)
        self._find()
        self.picture.root = self.root
        self.mounts = self._mounts()

    def sh(self, script):
        return self.lab("exec", self.name, "--", "sh", "-c", script)

    def token(self):
        """Return the token with which the host is healthy."""
        return json.loads(self.picture.entries[CONFIG].content)["gateway"]["auth"]["token"]

    def plist(self):
        folder = "/Library" if self.domain == "system" else "/Users/openclaw/Library"
        return "%s/Launch%ss/%s.plist" % (folder, "Daemon" if self.domain == "system" else "Agent", LABEL)

    # -- what is so now ---------------------------------------------------------------------------

    def job(self):
        """Return launchd's own words about the job, or None where it is not loaded."""
        told = json.loads(self.lab("launchd", self.name, "status"))
        return told["domains"].get(self.domain, {}).get(LABEL)

    def pid(self):
        return (self.job() or {}).get("pid")

    def _mounts(self):
        lines = Path("/proc/%d/mountinfo" % self.pid1).read_text().splitlines()
        return [line.split()[4] for line in lines]

    def _processes(self):
        """Processes of accounts, by pid (of the machine), with the pid of each one's parent and its arguments."""
        space, found = os.readlink("/proc/%d/ns/pid" % self.pid1), {}
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            with contextlib.suppress(OSError):
                if os.readlink("/proc/%s/ns/pid" % entry) == space:
                    words = Path("/proc/%s/cmdline" % entry).read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    environ = Path("/proc/%s/environ" % entry).read_bytes()
                    found[int(entry)] = (words, b"XPC_SERVICE_NAME=" in environ)
        return found

    def answers(self):
        """Whether the Gateway says that it is ready."""
        return '"ready":true' in self.sh("curl -fsS -m 5 http://127.0.0.1:18789/readyz 2>/dev/null || :")

    def await_ready(self, limit=READY):
        deadline = time.monotonic() + limit
        while not self.answers():
            assert time.monotonic() < deadline, "%s: not ready within %d s" % (self.name, limit)
            time.sleep(0.2)

    def await_reload(self, before):
        """Wait until the Gateway has dealt with another configuration; C(before) is the length of its log."""
        noticed = self._await_words(before, (b"[reload]",), NOTICE)
        # One that is gone is looked for again, twice, before the Gateway gives up.
        if noticed and self._await_words(before, DONE + ANEW, DEAL) and self._says(before, ANEW):
            self._await_again(before)

    def _says(self, before, words):
        said = self._said_since(before)
        return any(word in said for word in words)

    def _await_words(self, before, words, limit):
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline and not self._says(before, words):
            time.sleep(0.05)
        return self._says(before, words)

    def _await_again(self, before):
        deadline = time.monotonic() + READY
        while time.monotonic() < deadline:
            said = self._said_since(before)
            after = said.rpartition(b"restart mode")[2] if b"restart mode" in said else b""
            # The last of its parts come after that word. One that could not begin stays as it is, and says why.
            if b"[gateway] ready" in after and self.answers():
                return
            if b"startup failed" in after or b"failed to start" in after:
                return
            time.sleep(0.1)

    def _said_since(self, before):
        with self.log.open("rb") as stream:
            stream.seek(before)
            return stream.read()

    def log_size(self):
        return self.log.stat().st_size if self.log.exists() else 0

    def state(self):
        """Return what a run that changes nothing must leave: files but for those of the collection's own records, and
        what launchd says of the job."""
        files = {name: entry for name, entry in self.picture.now().items() if not name.startswith(OURS)}
        job = self.job() or {}
        return files, {key: job.get(key) for key in ("pid", "state", "path")}

    def differs(self):
        """Return the paths that are another way than they were when the host was healthy.

        A fault may have written openclaw.json in another layout, which is no repair's business: what it says counts.
        """
        then, now = self.picture.entries, self.picture.now()
        return [name for name in self.picture.differs(now) if not name.startswith(OURS)
                and not (name == CONFIG and name in now and _says_the_same(then[name], now[name]))]

    # -- breaking and mending ---------------------------------------------------------------------

    def forget(self):
        """Empty the Gateway's logs, as if it had been running for long without anything to say."""
        for path in [self.log, *(self.root / "private/tmp/openclaw").glob("*.log")]:
            if path.exists():
                os.truncate(path, 0)

    def break_(self, fault):
        """Inject a row of the table, and wait until the Gateway has taken notice where it does."""
        before = self.log_size()
        for words in fault.do:
            if words[0] == "await-ready":
                self.await_ready()
            elif words[0] == "sleep":
                time.sleep(float(words[1]))
            else:
                self.lab(words[0], self.name, *words[1:])
        if fault.reload:
            self.await_reload(before)

    def mend(self, fault):
        """Undo it, and prove that the host is as before."""
        before = self.log_size()
        self._unmount()
        self._end_foreign()
        self.lab("clear", self.name)
        wrong = self.picture.mend()
        self.undo(fault)
        if fault.reload and any(name.endswith(".openclaw/openclaw.json") for name in wrong):
            # Not while it begins anew in itself: it would not hear that it shall end.
            self.await_reload(before)
        if fault.restart or self.pid() != self.gateway or not self.pid() or not self.answers():
            self.load_anew()
        # What the Gateway wrote while it came to itself, and what was only there while it was broken.
        self.picture.mend()
        self.forget()

    def undo(self, fault):
        for script in fault.undo:
            self.sh(script)
        for words in fault.then:
            self.lab(words[0], self.name, *words[1:])

    def settle(self):
        """Take the host as a deploy has left it, with the files as they were before; only what has to starts anew."""
        self.lab("clear", self.name)
        before, wrong = self.log_size(), self.picture.mend()
        self.gateway = self.pid()
        if any(name.endswith(".plist") for name in wrong) or not self.answers():
            self.load_anew()
        else:
            self.await_reload(before)
            self.await_ready()
        self.picture.mend()
        self.forget()

    def load_anew(self):
        self.sh("launchctl enable %s/%s" % (self.domain, LABEL))
        loaded = self.job()
        if loaded:
            self.sh("launchctl bootout %s/%s || :" % (self.domain, LABEL))
        deadline = time.monotonic() + READY
        while self.job() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.sh("launchctl bootstrap %s %s" % (self.domain, self.plist()))
        self.await_ready()
        self.gateway = self.pid()

    def _unmount(self):
        for path in reversed(self._mounts()[len(self.mounts) :]):
            self.sh("umount -l %s" % path)

    def _end_foreign(self):
        """End what a fault left running: neither launchd's, nor sshd's, nor a job's or a child of one."""
        for pid, (words, of_job) in self._processes().items():
            if pid != self.pid1 and not of_job and not words.startswith(("sshd", "/usr/sbin/sshd", "/sbin/launchd")):
                with contextlib.suppress(OSError):
                    os.kill(pid, 9)
            elif of_job and Path("/proc/%d/status" % pid).read_text().find("State:\tT") >= 0:
                with contextlib.suppress(OSError):
                    os.kill(pid, 18)
