# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts that are measured, and how they are asked. Everything that runs a process is here."""
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from multiprocessing.pool import ThreadPool
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PLACE = ROOT / "build/bench"
FORKS = int(os.environ.get("BENCH_FORKS", "20"))
#: With pipelining, each module that runs on a host is one SSH command that starts the host's Python.
MODULE_RUN = re.compile(r"^<(\S+)> SSH: EXEC .*/usr/bin/python3", re.MULTILINE)
#: Seconds after which a connection that nobody used may be about to be given up (ControlPersist is 60).
STALE = 30
KEPT = "/tmp/bench-modules"
#: Run on a copy of a host: a token of its own, which the Gateway takes up while it runs, of an age that nobody knows;
#: and a log that begins with this start, because the one before ended as by a power cut.
NEW_TOKEN = """
import json, os, pathlib, secrets, time, urllib.request
state = pathlib.Path("/Users/openclaw/.openclaw")
config = state / "openclaw.json"
text = config.read_text()
config.write_text(text.replace(json.loads(text)["gateway"]["auth"]["token"], secrets.token_hex(24)))
(state / "gateway-token.since.json").unlink()
log = pathlib.Path("/Users/openclaw/Library/Logs/openclaw/gateway.log")
words = log.read_text()
begun = words.rfind("[gateway] loading configuration")
log.write_text(words[words.rfind(chr(10), 0, begun) + 1:])
while True:
    try:
        urllib.request.urlopen("http://127.0.0.1:18789/readyz").read()
        break
    except OSError:
        time.sleep(0.2)
"""
#: Seconds after a change of openclaw.json in which an audit cannot tell yet whether the Gateway has taken it up (SETTLE
#: of _gateway/verdict.py), and a bit.
SETTLED = 6


class Failed(Exception):
    """Something that has to work for a measurement did not."""


def run(command, allowed=(0,), **environment):
    """Run a command; return (seconds, output). Raises Failed unless it ends with one of the codes."""
    env = dict(
        os.environ, PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}", ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"),
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build/collections"), ANSIBLE_FORKS=str(FORKS), LC_ALL="C.UTF-8",
        **environment,
    )  # fmt: skip
    began = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # fmt: skip
    seconds = time.monotonic() - began
    if done.returncode not in allowed:
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return seconds, done.stdout


def lab_of(name):
    """Return a function of words that runs tests/lab/lab for the lab of that name: (seconds, output)."""
    return lambda *words: run([ROOT / "tests/lab/lab", "--name", name, *words])


class Fleet:
    """The hosts of one lab; :meth:`of` gives the first so many."""

    def __init__(self, lab, inventory):
        self.lab = lab
        text = "\n".join(line for line in inventory.read_text().splitlines() if not line.startswith("#"))
        self._group = json.loads(text)["minis"]
        self.names = sorted(self._group["hosts"])
        self.real = [name for name in self.names if self._group["hosts"][name]["lab_gateway"] == "real"]
        self.pyinfra = None
        PLACE.mkdir(parents=True, exist_ok=True)

    @classmethod
    def up(cls, name, hosts, real):
        """Bring up a lab; return (its fleet, seconds that it took)."""
        lab = lab_of(name)
        lab("down")
        seconds, output = lab("up", "--hosts", str(hosts), "--real", str(real))
        fleet = cls(lab, Path(output.strip().splitlines()[-1]))
        # What a role for the host itself would set. A virgin Mac goes to sleep, and that would be a finding.
        fleet.on_each(fleet.names, "pmset", "-a", "sleep", "0", "autorestart", "1")
        return fleet, seconds

    def on_each(self, names, *command):
        """Run a command as root inside some hosts, several at a time."""
        with ThreadPool(4) as pool:
            pool.map(lambda name: self.lab("exec", name, "--", *command), names)

    def deploy(self):
        """Deploy the real Gateways and one stand-in, and make the other stand-ins copies of that; return seconds."""
        began = time.monotonic()
        first = len(self.real) + 1
        self.of(first).playbook("playbooks/deploy.yml", "-e", "gateway_ready_timeout=600")
        copies = self.names[first:]
        if copies:
            self.lab("clone", self.names[first - 1], *copies)
        self.on_each(copies, "/usr/bin/python3", "-c", NEW_TOKEN)
        if copies:
            time.sleep(SETTLED)
        return time.monotonic() - began

    def of(self, size):
        return Inventory(self, self.names[:size])

    def addresses(self):
        return {name: self._group["hosts"][name]["ansible_host"] for name in self.names}

    def in_host(self, host, user, rounds, *command):
        """Run a command inside a host, see in_host.py; return what that tells."""
        script = (Path(__file__).parent / "in_host.py").read_text(encoding="utf-8")
        measured = ["/usr/bin/python3", "-c", script, str(rounds), *command]
        _seconds, out = self.lab("exec", host, "--user", user, "--", *measured)
        return json.loads(out[out.index("{"):])

    def module_on(self, host, module, options, rounds):
        """What one run of a module costs on the host itself: exactly the program that Ansible sends there."""
        self.lab("exec", host, "--", "rm", "-rf", KEPT)
        inventory = self.of(len(self.names)).path
        run(["ansible", host, "-i", inventory, "-m", module, "-a", options, "-e", "ansible_pipelining=false", "-e",
             "ansible_remote_tmp=" + KEPT], ANSIBLE_KEEP_REMOTE_FILES="1")  # fmt: skip
        _seconds, out = self.lab("exec", host, "--", "find", KEPT, "-name", "AnsiballZ_*.py")
        told = self.in_host(host, "root", rounds, "/usr/bin/python3", out.split()[-1])
        self.lab("exec", host, "--", "rm", "-rf", KEPT)
        if told["codes"] != [0]:
            raise Failed(f"{module} on {host} ended with {told['codes']}")
        return told

    def spawns(self):
        """How many times launchd has started a Gateway, on all hosts together."""
        count = 0
        for name in self.names:
            _seconds, out = self.lab("log", name)
            count += sum('"event": "spawn"' in line and "ai.openclaw.gateway" in line for line in out.splitlines())
        return count


class Inventory:
    """Some of the hosts, as Ansible and as pyinfra read them."""

    def __init__(self, fleet, names):
        self.fleet, self.names = fleet, names
        self._used = 0.0
        group = {"hosts": {name: fleet._group["hosts"][name] for name in names}, "vars": fleet._group["vars"]}
        self.path = PLACE / f"hosts-{len(names)}.json"
        self.path.write_text(json.dumps({"minis": group}, indent=1))
        self._control = Path(group["vars"]["ansible_control_path_dir"])
        self._for_pyinfra = PLACE / f"pyinfra_hosts_{len(names)}.py"
        known = re.search(r"UserKnownHostsFile=(\S+)", group["vars"]["ansible_ssh_common_args"]).group(1)
        data = {"ssh_user": "admin", "ssh_key": group["vars"]["ansible_ssh_private_key_file"],
                "ssh_known_hosts_file": known, "ssh_strict_host_key_checking": "yes"}  # fmt: skip
        rows = [(host["ansible_host"], data) for host in group["hosts"].values()]
        self._for_pyinfra.write_text(f"hosts = {rows!r}\n")

    def playbook(self, name, *options, **environment):
        return run(["ansible-playbook", "-i", self.path, ROOT / name, *options], **environment)

    def ask(self, case):
        """Ask all hosts as a case says; return the seconds that it took."""
        if case.cold:
            self._cool()
        elif case.tool == "ansible" and time.monotonic() - self._used > STALE:
            self.playbook("tests/bench/ping.yml")
        if case.tool == "pyinfra":
            ask = [self.fleet.pyinfra, "-y", "--parallel", str(FORKS)]
            seconds, _out = run([*ask, self._for_pyinfra, ROOT / case.what])
        else:
            report = ("-e", f"audit_report_dir={PLACE / 'audit'}") if "audit" in case.what else ()
            seconds, _out = self.playbook(case.what, *case.options, *report)
            self._used = time.monotonic()
        return seconds

    def _cool(self):
        """Close every SSH connection that is kept open."""
        for socket in self._control.iterdir() if self._control.is_dir() else ():
            run(["ssh", "-F", "none", "-O", "exit", "-o", f"ControlPath={socket}", "nobody"], allowed=(0, 255))
        self._used = 0.0

    def module_runs(self, playbook, *options):
        """Run a playbook; return how many modules ran on the host that had most."""
        _seconds, output = self.playbook(playbook, *options, "-vvv")
        counts = Counter(MODULE_RUN.findall(output))
        if len(counts) != len(self.names):
            raise Failed(f"module runs were seen on {len(counts)} of {len(self.names)} hosts")
        return max(counts.values()), output


def pyinfra_of(place=ROOT / "build/pyinfra"):
    """Return (the pyinfra to measure, its version), installed if need be; (None, why) where that fails."""
    program = place / "bin/pyinfra"
    try:
        if not program.exists():
            run([sys.executable, "-m", "venv", place])
            run([place / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "pyinfra"])
        _seconds, said = run([program, "--version"])
        return program, said.split()[-1].lstrip("v")
    except Failed as failed:
        return None, "pyinfra cannot be installed here: " + str(failed).strip().splitlines()[-1]
