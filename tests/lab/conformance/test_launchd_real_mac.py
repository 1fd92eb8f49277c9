# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of a real Mac as of the double. On a Mac: make conformance.

Needs no more than the standard library. Uses labels of its own, takes all of them away again, and takes about two
minutes on a Mac, because nothing is scaled there.

Two kinds of claims: what the collection relies on is asserted, and a Mac that is otherwise fails. What the double says
of this very macOS is compared, and a difference is told (see README.md): the double is to be corrected then.
"""

import os
import re
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import reader
from launchd_double import profiles
from mac import TOGGLED, wait_for

HINT = "Try re-running the command as root for richer errors."
#: What this Mac says otherwise than the double, as sentences.
differences = []
#: The Mac that is asked: chosen by on_a_mac.py, else the double.
chosen = []


def profile_of(release):
    """The profile of a release, or of the newest one that is known and not newer."""
    major = int(release.partition(".")[0])
    return profiles.PROFILES[max([known for known in profiles.PROFILES if known <= major] or [min(profiles.PROFILES)])]


def setUpModule():
    if not chosen:
        import harness

        # Slow enough for a busy machine to look at what happens in between.
        double = harness.Double(26, time_scale=0.5)
        unittest.addModuleCleanup(double.close)
        chosen.append((double, profiles.PROFILES[26]))
        unittest.addModuleCleanup(chosen.clear)


class OnAMac(unittest.TestCase):
    """Every test has a Mac, and leaves it without a job."""

    def setUp(self):
        self.mac, self.profile = chosen[0]
        self.scale = self.mac.scale
        self.root = os.getuid() == 0
        self._loaded = []

    def tearDown(self):
        for label in self._loaded:
            self.mac.run("bootout", self.target(label))
            self.mac.run("kill", "KILL", self.target(label))

    def target(self, label):
        return "%s/%s" % (self.mac.domain, label)

    def load(self, **keys):
        """The label of a job that has been bootstrapped."""
        label, path = self.mac.plist(**keys)
        self._loaded.append(label)
        result = self.mac.run("bootstrap", self.mac.domain, path)
        self.assertEqual((result.rc, result.out), (0, ""), result)
        return label

    def load_stubborn(self, **keys):
        """The same, of one that does not mind to be asked to end."""
        label = self.mac.label()
        log = os.path.join(self.mac.directory, label + ".up")
        script = "trap '' TERM; echo up; while :; do sleep 0.05; done"
        self.load(label=label, StandardOutPath=log, ProgramArguments=["/bin/sh", "-c", script], KeepAlive=True, **keys)
        wait_for(lambda: os.path.exists(log) and os.path.getsize(log))
        return label

    def path(self, label):
        return os.path.join(self.mac.directory, label + ".plist")

    def fields(self, label):
        result = self.mac.run("print", self.target(label))
        return dict(reader.read(result.out)[1]) if result.rc == 0 else {}

    def gone(self, label, seconds=60):
        wait_for(lambda: self.mac.run("print", self.target(label)).rc == 113, seconds, "absence")

    def as_known(self, what, seen, known):
        """Compare with what the double says of this macOS; on the double itself it has to be so."""
        if seen == known:
            return
        sentence = "%s: %r here, %r by the double's macOS %d" % (what, seen, known, self.profile.macos)
        if type(self.mac).__name__ == "Double":
            self.fail(sentence)
        differences.append(sentence)

    def refused_with(self, what, result, code):
        """A bootstrap that was refused for the reason *code*, as this macOS shows it to this caller."""
        shown = profiles.shown_code(self.profile, code, self.root)
        self.as_known(what, result.rc, shown)


class Bootstrap(OnAMac):
    def test_already_bootstrapped(self):
        label = self.load(KeepAlive=True)
        result = self.mac.run("bootstrap", self.mac.domain, self.path(label))
        self.assertIn(result.rc, (5, 17, 37, 133))
        self.assertRegex(result.err, r"(?m)^Bootstrap failed: %d: " % result.rc)
        self.refused_with("bootstrap of what is loaded", result, 37)
        self.as_known("hint for those who are not root", HINT in result.err, result.rc == 5 and not self.root)

    def test_disabled_label_cannot_be_bootstrapped(self):
        label, path = self.mac.plist(label=TOGGLED)
        self._loaded.append(label)
        try:
            self.assertEqual(self.mac.run("disable", self.target(label)).rc, 0)
            text = self.mac.run("print-disabled", self.mac.domain).out
            said = re.search(r'"%s" => (\w+)' % re.escape(label), text)
            self.assertIn(said.group(1), ("disabled", "true"))
            self.as_known("word of print-disabled", said.group(1), self.profile.disabled_words[1])
            result = self.mac.run("bootstrap", self.mac.domain, path)
            self.assertIn(result.rc, (5, 119))
            self.refused_with("bootstrap of a disabled label", result, 119)
        finally:
            self.assertEqual(self.mac.run("enable", self.target(label)).rc, 0)
        self.assertEqual(self.mac.run("bootstrap", self.mac.domain, path).rc, 0)

    def test_what_launchd_cannot_use(self):
        """Nothing of it may be loaded; with which code it is refused is not known of every release."""
        nowhere = os.path.join(self.mac.directory, "nowhere.plist")
        rows = (
            ("a missing plist", nowhere, 2),
            ("what is no plist", self.mac.plist(raw=b"hello")[1], 109),
            ("a plist without program", self.mac.plist(ProgramArguments=None)[1], 111),
            ("a plist that others can write", self.mac.plist(mode=0o666)[1], 122),
        )
        for what, path, code in rows:
            result = self.mac.run("bootstrap", self.mac.domain, path)
            self.assertNotEqual(result.rc, 0, what)
            self.refused_with("bootstrap of " + what, result, code)

    def test_zero_does_not_mean_running(self):
        label = self.load(RunAtLoad=True, ProgramArguments=["/nonexistent/program"])
        wait_for(lambda: "78" in self.fields(label).get("last exit code", ""))

    def test_absent_gui_domain(self):
        result = self.mac.run("print", "gui/4242424")
        self.assertIn(result.rc, (1, 112, 125))
        dummy, path = self.mac.plist()
        result = self.mac.run("bootstrap", "gui/4242424", path)
        self.assertIn(result.rc, (1, 5, 125))
        self.as_known("bootstrap into a gui domain that is not there", result.rc, 125)


class Print(OnAMac):
    def test_print_follows_the_grammar(self):
        label = self.load(KeepAlive=True, ThrottleInterval=7, ExitTimeOut=9)
        wait_for(lambda: self.fields(label).get("state") == "running")
        header, seen, blocks = reader.read(self.mac.run("print", self.target(label)).out)
        values = dict(seen)
        self.assertEqual(header, self.target(label))
        self.assertTrue(values["path"].endswith(label + ".plist"))
        self.assertEqual((values["minimum runtime"], values["exit timeout"], values["runs"]), ("7", "9", "1"))
        self.assertEqual(values["last exit code"], "(never exited)")
        self.assertEqual(blocks["arguments"], ["/bin/sleep", "600"])
        self.assertIn("XPC_SERVICE_NAME => " + label, blocks["environment"])
        self.assertIn("keepalive", values["properties"].split(" | "))
        names = [name for name, _value in seen]
        order = ["path", "type", "state", "program", "domain", "minimum runtime", "exit timeout", "runs", "pid",
                 "last exit code", "spawn type", "properties"]
        self.assertEqual([name for name in names if name in order], order)
        self.as_known("OSLogRateLimit in the environment", "OSLogRateLimit => 64" in blocks["environment"],
                      self.profile.os_log_rate_limit)
        self.as_known("successive crashes of a job that never crashed", "successive crashes" in names,
                      self.profile.crashes_always)

    def test_exit_timeout_by_default(self):
        label = self.load()
        self.as_known("exit timeout of a job that declares none", self.fields(label)["exit timeout"], "5")
        self.as_known("minimum runtime of a job that declares none", self.fields(label)["minimum runtime"], "10")

    def test_unknown_service(self):
        label = self.mac.label()
        result = self.mac.run("print", self.target(label))
        self.assertEqual((result.rc, result.out), (113, ""))
        self.assertIn('Could not find service "%s" in domain for ' % label, result.err)
        self.as_known("'Bad request.'", result.err.startswith("Bad request.\n"), self.profile.bad_request_line)
        self.assertEqual(self.mac.run("kickstart", self.target(label)).rc, 113)
        result = self.mac.run("bootout", self.target(label))
        self.assertIn(result.rc, (3, 113))
        self.as_known("bootout of what is not loaded", result.rc, 3)


class Life(OnAMac):
    def test_bootout_is_asynchronous_and_reserves_the_label(self):
        label = self.load_stubborn(ExitTimeOut=8)
        start = time.monotonic()
        result = self.mac.run("bootout", self.target(label))
        self.assertIn(result.rc, (0, 36))
        self.as_known("bootout of a running job", result.rc, 36 if self.profile.bootout_in_progress else 0)
        if time.monotonic() - start < 6 * self.scale:
            result = self.mac.run("bootstrap", self.mac.domain, self.path(label))
            self.assertIn(result.rc, (5, 37))
            self.refused_with("bootstrap of what is on its way out", result, 37)
            result = self.mac.run("kickstart", self.target(label))
            self.as_known("kickstart of what is on its way out", (result.rc, result.err), (37, ""))
        self.gone(label)
        self.assertGreaterEqual(time.monotonic() - start, 8 * self.scale - 0.1)

    def test_bootout_wait(self):
        label = self.load(RunAtLoad=True)
        result = self.mac.run("bootout", "--wait", self.target(label))
        self.assertIn(result.rc, (0, 64))
        self.as_known("bootout --wait", result.rc, 0 if self.profile.bootout_wait else 64)
        if result.rc == 0:
            self.gone(label, 5)

    def test_throttle_counts_from_spawn_to_spawn(self):
        start = time.monotonic()
        program = ["/bin/sleep", "%.2f" % (2 * self.scale)]
        label = self.load(KeepAlive=True, ThrottleInterval=6, ProgramArguments=program)
        wait_for(lambda: self.fields(label).get("state") == "spawn scheduled")
        wait_for(lambda: self.fields(label).get("runs") == "2")
        self.assertGreaterEqual(time.monotonic() - start, 6 * self.scale - 0.05)
        self.assertLess(time.monotonic() - start, 6 * self.scale + 20)

    def test_kickstart(self):
        label = self.load()
        target = self.target(label)
        self.assertEqual(self.fields(label)["state"], "not running")
        self.assertEqual(self.mac.run("kickstart", target).rc, 0)
        wait_for(lambda: self.fields(label).get("pid"))
        pid = self.fields(label)["pid"]
        self.assertEqual(self.mac.run("kickstart", target).rc, 0)
        self.assertEqual(self.fields(label)["pid"], pid)
        self.assertEqual(self.mac.run("kill", "TERM", target).rc, 0)
        wait_for(lambda: self.fields(label).get("last terminating signal") == "Terminated: 15")
        result = self.mac.run("kill", "TERM", target)
        self.assertEqual(result.rc, 3)
        self.as_known("kill of what does not run", result.err, "No process to signal.\n")

    def test_kickstart_k_asks_before_it_kills(self):
        label = self.mac.label()
        log = os.path.join(self.mac.directory, label + ".up")
        script = "trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.05; done"
        self.load(label=label, StandardOutPath=log, ProgramArguments=["/bin/sh", "-c", script], KeepAlive=True,
                  ThrottleInterval=1)
        wait_for(lambda: os.path.exists(log) and os.path.getsize(log))
        pid = self.fields(label)["pid"]
        self.assertEqual(self.mac.run("kickstart", "-k", self.target(label)).rc, 0)
        wait_for(lambda: self.fields(label).get("pid") not in (None, pid), what="a new process")
        with open(log, encoding="utf-8") as stream:
            self.as_known("kickstart -k asks a process to end", "asked" in stream.read(), True)

    def test_kickstart_does_not_read_the_plist_again(self):
        label = self.load(KeepAlive=True, ThrottleInterval=1)
        pid = wait_for(lambda: self.fields(label).get("pid"))
        self.mac.plist(label=label, KeepAlive=True, ThrottleInterval=1, ProgramArguments=["/bin/sleep", "999"])
        self.assertEqual(self.mac.run("kickstart", "-k", self.target(label)).rc, 0)
        wait_for(lambda: self.fields(label).get("pid") not in (None, pid), what="a new process")
        self.assertNotIn("999", self.mac.run("print", self.target(label)).out)


class Words(OnAMac):
    def test_error_texts(self):
        for code, words in ((5, "Input/output error"), (36, "Operation now in progress"),
                            (37, "Operation already in progress"), (119, "Service is disabled")):
            self.assertIn(words, self.mac.run("error", str(code)).out)

    def test_version(self):
        self.assertIn("Darwin Bootstrapper Version", self.mac.run("version").out)

    def test_unknown_subcommand(self):
        result = self.mac.run("frobnicate")
        self.assertNotEqual(result.rc, 0)
        self.as_known("an unknown subcommand", result.rc, 64)


if __name__ == "__main__":
    sys.exit("start on_a_mac.py")
