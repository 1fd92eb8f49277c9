# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of an older release, clients that hold a connection to each Gateway, and how long they were without one."""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/integration/rotate"), str(ROOT / "tests/bench")]

from archives import packed
from rotate_kit import lab_of

OLD, NEW = "2026.7.1", "2026.9.6"
TOKEN = "a-token-for-upgrades-that-is-long-enough"
CONFIG = "/Users/openclaw/.openclaw/openclaw.json"
SERVICE = "system/ai.openclaw.gateway"
SNAPSHOTS = "/var/db/clawops.openclaw/openclaw/ai.openclaw.gateway"
#: Seconds that a Gateway may take on a busy machine.
PATIENCE = 600


def declared(version, **more):
    """Return the variables that declare a release, from an archive: a host of a lab has no way out."""
    path, digest = packed(version)
    quiet = {"agents": {"defaults": {"heartbeat": {"every": "0m"}}}}
    return dict({"gateway_install": "archive", "gateway_version": version, "gateway_archive": path,
                 "gateway_archive_sha256": digest, "gateway_ready_timeout": PATIENCE, "gateway_trial_timeout": PATIENCE,
                 # Shorter than any start takes: launchd must not hold back one of the restarts that are measured.
                 "gateway_throttle_interval": 5, "gateway_settings": quiet}, **more)  # fmt: skip


class Client:
    """A client inside a host that holds a connection, and what it told."""

    def __init__(self, lab, host):
        argv = [str(ROOT / "tests/lab/lab"), "--name", lab.name, "exec", host, "--", "env", "TOKEN=" + TOKEN,
                "PORT=18789", "/opt/homebrew/bin/node", "--input-type=module", "-"]  # fmt: skip
        handle, name = tempfile.mkstemp(prefix="client-")
        self._log = Path(name)
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=handle, stderr=subprocess.STDOUT)
        os.close(handle)
        self._process.stdin.write(Path(__file__).with_name("watch.mjs").read_bytes())
        self._process.stdin.close()

    def changes(self):
        return [json.loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]

    def wait_for(self, connections, timeout=PATIENCE):
        """Wait until it has been connected so many times, and return its changes."""
        deadline = time.monotonic() + timeout
        while [change["connected"] for change in self.changes()].count(True) < connections:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise AssertionError("a client waits in vain: %s" % self.changes())
            time.sleep(0.2)
        return self.changes()

    def outages(self):
        """Return (seconds without a connection, release afterwards) of each time it lost one."""
        told, found = self.changes(), []
        for lost, back in zip(told, told[1:]):
            if not lost["connected"]:
                found.append(((back["at"] - lost["at"]) / 1000, back["version"]))
        return found

    def end(self):
        self._process.terminate()
        self._process.wait()
        self._log.unlink()


class Fleet:
    """Hosts of a lab with a Gateway of the older release, all with the same token. One is deployed, the others are
    copies of it."""

    def __init__(self, name, hosts, scratch):
        self.lab = lab_of(name)
        self.lab.inventory = self.lab("up", "--hosts", str(hosts)).split()[-1]
        self.names = ["mini%02d" % (number + 1) for number in range(hosts)]
        # Not as an extra variable: those Ansible itself prints.
        self.vault = Path(scratch) / "vault.json"
        self.vault.write_text(json.dumps({"minis": {"vars": {"gateway_token": TOKEN}}}))
        done = self.deploy(OLD, target=self.names[0])
        assert done.rc == 0, done.out
        if hosts > 1:
            self.lab("clone", self.names[0], *self.names[1:])

    def deploy(self, version, *words, **variables):
        return self.play("deploy", version, *words, **variables)

    def play(self, playbook, version, *words, **variables):
        return self.lab.playbook(playbook, "--inventory=%s" % self.vault, *words, **declared(version, **variables))

    def clients(self):
        """Return a client of each host, once it is connected."""
        made = {name: Client(self.lab, name) for name in self.names}
        for client in made.values():
            client.wait_for(1)
        return made

    def sh(self, host, script):
        return self.lab("exec", host, "--", "sh", "-c", script)

    def restart(self, host):
        """The bare restart of a job: what launchd has, anew."""
        self.sh(host, "launchctl kickstart -k " + SERVICE)

    def starts(self, host):
        """Return how many times launchctl was asked to start a process there."""
        return len(self.lab.launchctl_calls(host, "bootstrap", "kickstart"))

    def snapshots(self, host):
        """Return the names of the snapshots of a host, the oldest first."""
        listed = self.sh(host, "ls " + SNAPSHOTS).split()
        return [name[:-len(".json")] for name in sorted(listed) if name[0].isdigit()]

    def end(self):
        self.lab("down")
