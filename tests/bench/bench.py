# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to know how a fleet is, against the other ways to know it, within one run on simulated Macs.

    python tests/bench/bench.py     BENCH_SIZES=5,20,50 BENCH_REAL=3 BENCH_ROUNDS=5 BENCH_FORKS=20

Writes build/bench.json and docs/benchmarks.md. Ends with 1 if a budget is exceeded. Seconds are shown, but only ratios
and counts are judged: they hold on any machine.
"""
import json
import os
import random
import re
import signal
import statistics
import sys
import time

from cases import CASES, LADDER, MODULES, judged
from fleet import FORKS, ROOT, Failed, Fleet, lab_of, pyinfra_of
from page import machine, page

SIZES = sorted(int(word) for word in os.environ.get("BENCH_SIZES", "5,20,50").split(","))
REAL = int(os.environ.get("BENCH_REAL", "3"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
LAB = os.environ.get("BENCH_LAB", "bench")
CLI = "/opt/openclaw/bin/openclaw"
_BEGAN = time.monotonic()


def say(text):
    print(f"bench {time.monotonic() - _BEGAN:6.0f}s  {text}", flush=True)


def rounds_of(case):
    return max(1, round(ROUNDS * case.share))


def seconds_of(inventory, cases):
    """Return case -> {median, least, most, all}: every round asks in every way that it is the turn of, in any order."""
    told = {case.name: [] for case in cases}
    chance = random.Random(len(inventory.names))
    for number in range(ROUNDS):
        turn = [case for case in cases if number < rounds_of(case)]
        chance.shuffle(turn)
        for case in turn:
            told[case.name].append(inventory.ask(case))
        say(f"{len(inventory.names)} hosts, round {number + 1}: "
            + ", ".join(f"{case.name} {told[case.name][-1]:.1f}" for case in cases if case in turn))  # fmt: skip
    return {
        name: {"median": statistics.median(times), "least": min(times), "most": max(times), "all": times}
        for name, times in told.items()
    }


def ladder(fleet):
    """What OpenClaw's own commands take on a host, one after the other."""
    commands = {
        " ".join(words): fleet.in_host(fleet.real[0], "openclaw", 2, "timeout", "120", CLI, *words) for words in LADDER
    }
    return {"commands": commands, "total_s": sum(told["least_s"] for told in commands.values())}


def measure(fleet, up_s):
    found = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "forks": FORKS, "rounds": ROUNDS,
             "load": [os.getloadavg()[0]], "missing": [], "seconds": {}, "module_runs": {}}  # fmt: skip
    status = json.loads(fleet.lab("status", "--json")[1])
    everyone = fleet.of(SIZES[-1])
    say(f"deploying {len(fleet.names)} hosts")
    deploy_s = fleet.deploy()
    found["lab"] = {"hosts": len(fleet.names), "real": len(fleet.real), "stand_ins": len(fleet.names) - len(fleet.real),
                    "openclaw": status["openclaw"], "python": status["python"], "up_s": up_s,
                    "deploy_s": deploy_s}  # fmt: skip
    spawned = fleet.spawns()
    fleet.pyinfra, said = pyinfra_of()
    cases = [case for case in CASES if case.tool != "pyinfra" or fleet.pyinfra]
    if fleet.pyinfra:
        found["pyinfra"] = said
    else:
        found["missing"].append(said)
    say("counting module runs")
    found["module_runs"]["deploy"], output = fleet.of(SIZES[0]).module_runs("playbooks/deploy.yml")
    if re.search(r"changed=[1-9]", output):
        raise Failed("the second deploy changed something; there is nothing to count")
    audit = next(case for case in CASES if case.name == "audit")
    into = f"audit_report_dir={ROOT / 'build/bench/audit'}"
    found["module_runs"]["audit"], _output = everyone.module_runs(audit.what, *audit.options, "-e", into)
    for size in SIZES:
        found["seconds"][str(size)] = seconds_of(fleet.of(size), cases)
    say("on one host")
    one = fleet.real[0]
    found["modules"] = {name: fleet.module_on(one, name, options, ROUNDS) for name, options in MODULES.items()}
    found["ladder"] = ladder(fleet)
    found["restarts"] = fleet.spawns() - spawned
    found["load"].append(os.getloadavg()[0])
    return found


def main():
    # Also when it is ended from outside, the lab goes.
    signal.signal(signal.SIGTERM, lambda *_words: sys.exit("bench: told to stop"))
    try:
        fleet, up_s = Fleet.up(LAB, SIZES[-1], REAL)
        say(f"{len(fleet.names)} hosts are up")
        found = measure(fleet, up_s)
    except Failed as failed:
        sys.exit(f"bench: {failed}")
    finally:
        lab_of(LAB)("down")
    rows = judged(found)
    (ROOT / "build/bench.json").write_text(json.dumps({**found, "numbers": rows}, indent=2) + "\n")
    text = page(found, rows, CASES)
    (ROOT / "docs/benchmarks.md").write_text(text)
    print(text)
    return 1 if any(row["ok"] is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
