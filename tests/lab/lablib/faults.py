# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: each a small documented script in tests/lab/faults that breaks a host the way the field breaks it.

To add one, add a file. Its head says everything this module needs:

    # What: one line for people.
    # Takes: key=default key= …        (the script sees them as shell variables)
    # Uses: NAME …                     (optional: shell functions of faults/lib/NAME.sh)
    # Launchd: FAULT key={key} …       (optional: what the launchd double shall do, after the script)

The rest runs inside the host, as root, under C(sh -e).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError
from .paths import HERE

DIRECTORY = HERE / "faults"
_HEAD = re.compile(r"^# (What|Takes|Uses|Launchd):[ \t]*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    name: str
    what: str
    takes: dict
    #: Words for the launchd double, with {key} for the parameters; empty when it has no part in this.
    launchd: tuple
    script: str

    def parameters(self, words: list[str]) -> dict:
        """Return the parameters from C(k=v) words over the defaults; raises on what the fault does not take."""
        given = dict(self.takes)
        for word in words:
            key, equals, value = word.partition("=")
            if not equals or key not in self.takes:
                known = " ".join(f"{k}={v}" for k, v in self.takes.items()) or "nothing"
                raise LabError(f"fault {self.name} does not take {word!r}", f"it takes: {known}")
            given[key] = value
        return given

    def launchd_words(self, parameters: dict) -> list[str]:
        return [word.format(**parameters) for word in self.launchd]


def _read(path: Path) -> Fault:
    text = path.read_text(encoding="utf-8")
    head = dict(_HEAD.findall(text))
    takes = dict(word.partition("=")[::2] for word in head.get("Takes", "").split())
    parts = [(DIRECTORY / "lib" / f"{name}.sh").read_text(encoding="utf-8") for name in head.get("Uses", "").split()]
    return Fault(path.stem, head["What"], takes, tuple(head.get("Launchd", "").split()), "".join([*parts, text]))


def scripts() -> dict:
    """Return the faults of tests/lab/faults by name."""
    return {path.stem: _read(path) for path in sorted(DIRECTORY.glob("*.sh"))}


def of_launchd() -> dict:
    """Return the launchd double's own faults: name to (parameters, what)."""
    from launchd_double import faults as double

    return {
        name: (" ".join(f"{k}={v}" if isinstance(v, (str, int, float)) else f"{k}=…" for k, v in takes.items()), what)
        for name, (takes, what) in double.FAULTS.items()
    }


def listing() -> str:
    """Return what C(lab faults) prints."""
    lines = ["faults of the host:"]
    for fault in scripts().values():
        lines.append(f"  {fault.name:24} {fault.what}")
        if fault.takes:
            lines.append(f"  {'':24}   " + " ".join(f"{k}={v}" for k, v in fault.takes.items()))
    lines.append("faults of launchd (mend them with: lab clear HOST [FAULT]):")
    for name, (takes, what) in of_launchd().items():
        lines += [f"  {name:24} {what}", f"  {'':24}   {takes}"]
    return "\n".join(lines)
