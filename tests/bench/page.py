# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/benchmarks.md out of what was measured. Pure, but for asking what machine this is."""
import os
import platform
import re
import subprocess
from pathlib import Path

HEAD = """<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Written by `make bench`; do not edit. -->
# Benchmarks

`make bench` measured this in one run on one machine, hosts and controller together. Only the ratios mean anything
elsewhere; on a real fleet each host has its own processor, so what runs on the hosts weighs less than here. Ratios are
of the least of several interleaved rounds: whatever else a machine does only adds to a time.

"""


def machine():
    """Return what may be said of this machine."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = int(re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1))
    core = subprocess.run(["ansible", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return {
        "cores": os.cpu_count(), "cpu": cpu.group(1).strip() if cpu else platform.machine(),
        "memory_gib": round(memory / 2**20), "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(), "ansible_core": re.search(r"core ([\w.]+)", core).group(1),
    }  # fmt: skip


def _row(*cells):
    return "| " + " | ".join(cells) + " |\n"


def _number(value):
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}" if value >= 0.1 else f"1/{1 / value:.0f}"


def _cost(name, told):
    return _row(name, f"{told['wall_s']:.2f}", f"{told['cpu_s']:.2f}", f"{told['peak_mib']:.0f}")


def page(found, rows, cases):
    """Return the page. rows: see cases.judged()."""
    on, lab = found["machine"], found["lab"]
    said = [HEAD]
    said.append(
        f"Machine: {on['cores']} cores ({on['cpu']}), {on['memory_gib']} GiB, {on['system']}; "
        f"load {found['load'][0]:.1f} when it began and {found['load'][1]:.1f} at the end. "
        f"Controller: Python {on['python']}, ansible-core {on['ansible_core']}, {found['forks']} forks. "
        f"Hosts: Python {lab['python']}, OpenClaw {lab['openclaw']}; {lab['real']} real Gateways, "
        f"{lab['stand_ins']} light stand-ins ([tests/lab](../tests/lab/README.md)). Measured {found['date']}.\n\n"
    )
    said.append("## Numbers\n\n" + _row("what", "hosts", "measured", "at most", "") + _row(*["---"] * 5))
    words = {True: "ok", False: "**over**", None: ""}
    for row in rows:
        said.append(_row(row["name"], str(row["hosts"] or ""), _number(row["value"]),
                         "" if row["limit"] is None else _number(row["limit"]), words[row["ok"]]))  # fmt: skip
    for missing in found["missing"]:
        said.append(f"\nNot measured: {missing}\n")
    sizes = sorted(found["seconds"], key=int)
    said.append("\n## Seconds\n\nMedian of interleaved rounds (least to most).\n\n")
    said.append(_row("what", *(f"{size} hosts" for size in sizes)) + _row(*["---"] * (len(sizes) + 1)))
    for case in cases:
        cells = []
        for size in sizes:
            told = found["seconds"][size].get(case.name)
            cells.append(f"{told['median']:.2f} ({told['least']:.2f} to {told['most']:.2f})" if told else "")
        said.append(_row(f"**{case.name}**: {case.about}", *cells))
    said.append("\n## On one host\n\n" + _row("what", "seconds", "seconds of processor", "MiB at most"))
    said.append(_row(*["---"] * 4))
    for name, told in found["modules"].items():
        said.append(_cost(f"`{name}`", told))
    for name, told in found["ladder"]["commands"].items():
        said.append(_cost(f"`openclaw {name}`", told))
    said.append(
        f"\nThe lab: {lab['hosts']} hosts up in {lab['up_s']:.1f} s; in order after {lab['deploy_s']:.0f} s, in which "
        f"the real Gateways and one stand-in were deployed and the other stand-ins copied from that.\n"
    )
    return "".join(said)
