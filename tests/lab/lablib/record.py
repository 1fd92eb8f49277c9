# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened on a host: launchctl calls, launchd's deeds, calls of the other doubles, in one order."""

from __future__ import annotations

import json
from pathlib import Path

#: File in the record directory, and what its lines are called in the merged log.
SOURCES = (("calls.jsonl", "launchctl"), ("events.jsonl", "launchd"), ("doubles.jsonl", "program"))


def merged(directory: Path) -> list[dict]:
    """Return every line of the record, oldest first, with its C(source) and its time C(t) in seconds."""
    found = []
    for file, source in SOURCES:
        try:
            text = (directory / file).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the line that is being written
            found.append({"t": entry.get("t", entry.get("t0", 0)), "source": source, **entry})
    return sorted(found, key=lambda entry: entry["t"])
