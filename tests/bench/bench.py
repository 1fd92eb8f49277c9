# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deploy that changes nothing and a status cost, on simulated Macs, as ratios within this one run.

    python tests/bench/bench.py     BENCH_HOSTS=5 BENCH_ROUNDS=5; the result also goes to build/bench.json

Ends with 1 if a budget is exceeded. Seconds are shown, but only ratios and counts are judged: they hold on any machine.
"""
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LAB = [str(ROOT / "tests/lab/lab"), "--name", "bench"]
HOSTS = int(os.environ.get("BENCH_HOSTS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
#: What is measured -> at most.
BUDGETS = {"module runs of a no-change deploy, most on one host": 12}
#: With pipelining, each module that runs on a host is one SSH command that starts the host's Python.
MODULE_RUN = re.compile(r"^<(\S+)> SSH: EXEC .*/usr/bin/python3", re.MULTILINE)


def run(*command, verbose=False):
    """Runs a command; returns (seconds, output). A failure ends the bench."""
    env = dict(
        os.environ,
        PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}", ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"),
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build/collections"), ANSIBLE_FORKS=str(HOSTS), LC_ALL="C.UTF-8",
    )  # fmt: skip
    began = time.monotonic()
    done = subprocess.run(
        [*command, *(["-vvv"] if verbose else [])], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=None if command[0] == LAB[0] else subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return time.monotonic() - began, done.stdout


def playbook(name, inventory, **options):
    return run("ansible-playbook", "-i", inventory, str(ROOT / name), **options)


def median(name, inventory):
    """Median seconds of ROUNDS runs, after one that warms connections and caches."""
    playbook(name, inventory)
    return statistics.median(playbook(name, inventory)[0] for _round in range(ROUNDS))


def measure(inventory):
    print(f"deploying {HOSTS} hosts", flush=True)
    first, _output = playbook("playbooks/deploy.yml", inventory)
    print("deploying again, counting module runs", flush=True)
    _seconds, output = playbook("playbooks/deploy.yml", inventory, verbose=True)
    if re.search(r"changed=[1-9]", output):
        sys.exit("the second deploy changed something; there is nothing to count")
    per_host = Counter(MODULE_RUN.findall(output))
    if len(per_host) != HOSTS:
        sys.exit(f"module runs were seen on {len(per_host)} of {HOSTS} hosts")
    print(f"timing, median of {ROUNDS}", flush=True)
    seconds = {
        "deploy, first": first,
        "deploy, no change": median("playbooks/deploy.yml", inventory),
        "status": median("playbooks/status.yml", inventory),
        "ping": median("tests/bench/ping.yml", inventory),
    }
    ratios = {
        "module runs of a no-change deploy, most on one host": max(per_host.values()),
        "status against one ping task": seconds["status"] / seconds["ping"],
        "no-change deploy against one ping task": seconds["deploy, no change"] / seconds["ping"],
    }
    return {"hosts": HOSTS, "rounds": ROUNDS, "seconds": seconds, "ratios": ratios}


def main():
    _seconds, output = run(*LAB, "up", "--hosts", str(HOSTS))
    try:
        found = measure(output.strip())
    finally:
        run(*LAB, "down")
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build/bench.json").write_text(json.dumps(found, indent=2) + "\n")
    for what, seconds in found["seconds"].items():
        print(f"  {what:<55}{seconds:8.2f} s")
    over = 0
    for what, ratio in found["ratios"].items():
        budget = BUDGETS.get(what)
        verdict = "" if budget is None else f"   at most {budget}: {'ok' if ratio <= budget else 'OVER'}"
        over += verdict.endswith("OVER")
        print(f"  {what:<55}{ratio:8.2f}{verdict}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
