# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a broken Gateway takes to be proven healthy: by the runbook, and by hand by the commands of OpenClaw.

    python tests/bench/recovery.py

By hand means: the ladder of commands to find out, the repair, and the ladder again to see that it helped, one after the
other without a pause, by a person who never has to think. Writes docs/recovery.md. An audit says what came of each way.
"""
import datetime
import os
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/soak"), str(ROOT / "tests/integration/rotate")]

from cases import LADDER
from faults_fleet import FAULTS, Fleet
from page import machine
from rotate_kit import lab_of

HOST = "mini01"
TABLE = yaml.safe_load(Path(__file__).with_name("recovery.yml").read_text())["faults"]
OF = {fault.name: fault for fault in FAULTS}
LOOK = ["sudo -u openclaw -H timeout 120 /opt/openclaw/bin/openclaw " + " ".join(words) for words in LADDER]
#: What tells of the past, and nothing can mend.
HISTORY = ("OCG-LOG", "OCG-SERVICE-013")

HEAD = """<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Written by `make bench-recovery`; do not edit. -->
# From fault to proven health

How long one broken Gateway takes, on one simulated Mac, by [the runbook](role-remediate.md) and by hand.

- **Runbook** is all of `playbooks/remediate.yml`: lock, audit, plan, rollback point, repair, one restart at most, and
  the proof by a second audit and a probe (`remediate_doctor=false`: OpenClaw's own judges would add the same to both).
- **By hand** is the ladder of commands ({ladder}) to find out, a repair by somebody who knows it at once
  (`tests/bench/recovery.yml`), and the ladder again. Nobody reads, thinks or types.
- **Left** is what an audit still finds afterwards.

The ratio is what holds elsewhere. {machine}

"""


def timed(work):
    """Return what came of some work, and the seconds it took."""
    began = time.monotonic()
    return work(), time.monotonic() - began


def by_hand(host, row):
    """Climb the ladder, repair, climb it again. What a command says or ends with stops nobody."""
    for line in [*LOOK, *row["by_hand"], *LOOK]:
        host.sh("{ %s; } >/dev/null 2>&1 || :" % line)


def left(fleet):
    told = fleet.audit([HOST])[HOST]
    return sorted(name[len("OCG-"):] for name in told["fail"] if not name.startswith(HISTORY))


def measure(fleet, row, scratch):
    """Break the host twice, mend it in both ways; returns a row of the page."""
    host, found = fleet.hosts[HOST], {"class": row["class"], "fault": row["fault"]}
    ways = {
        "runbook": lambda: fleet.playbook("remediate", [HOST], remediate_doctor=False,
                                          remediate_evidence_dir=str(scratch)),
        "hand": lambda: by_hand(host, row),
    }  # fmt: skip
    for name, way in ways.items():
        try:
            host.break_(OF[row["fault"]])
            came, found[name] = timed(way)
            if name == "runbook" and came.rc:
                raise SystemExit("recovery: the runbook does not mend %r:\n%s" % (row["fault"], came.out))
            found[name + "_left"] = left(fleet)
        finally:
            host.mend(OF[row["fault"]])
    said = "recovery  %(fault)s: %(runbook).1f s %(runbook_left)s, by hand %(hand).1f s %(hand_left)s"
    print(said % found, flush=True)
    return found


def page(rows, on):
    """Return the page. Pure."""
    ladder = ", ".join("`openclaw %s`" % " ".join(words) for words in LADDER)
    said = HEAD.format(ladder=ladder, machine=on)
    said += "| class | fault | runbook | left | by hand | left | runbook by hand |\n" + "| --- " * 7 + "|\n"
    for row in rows:
        said += "| %s | %s | %.0f s | %s | %.0f s | %s | %.2f |\n" % (
            row["class"], row["fault"], row["runbook"], ", ".join(row["runbook_left"]) or "nothing",
            row["hand"], ", ".join(row["hand_left"]) or "nothing", row["runbook"] / row["hand"])  # fmt: skip
    return said


def main():
    lab = lab_of("bench-recovery")
    with tempfile.TemporaryDirectory() as place:
        try:
            fleet = Fleet(lab, Path(place), [HOST])
            fleet.declare_tokens()
            rows = [measure(fleet, row, Path(place) / "evidence") for row in TABLE]
        finally:
            lab("down")
    told = machine()
    on = "Machine: %s cores (%s), %s GiB, %s; load %.1f at the end. Measured %s." % (
        told["cores"], told["cpu"], told["memory_gib"], told["system"], os.getloadavg()[0],
        datetime.date.today().isoformat())  # fmt: skip
    (ROOT / "docs/recovery.md").write_text(page(rows, on))


if __name__ == "__main__":
    main()
