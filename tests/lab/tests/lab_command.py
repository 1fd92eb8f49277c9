# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's command, as its own tests type it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent / "lab"


class LabCommand:
    """tests/lab/lab for one lab, as a person types it."""

    def __init__(self, name: str, env: dict | None = None):
        self.name = name
        self.env = {**os.environ, "OPENCLAW_LAB_NAME": name, **(env or {})}

    def popen(self, *words: str, **options) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, str(LAB), *words], env=self.env, text=True, **options)

    def run(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess:
        """Run a word; the caller judges the exit code."""
        return subprocess.run(
            [sys.executable, str(LAB), *words], env=self.env, input=stdin or "", capture_output=True, text=True,
            check=False, timeout=900,
        )  # fmt: skip

    def ok(self, *words: str, stdin: str | None = None) -> str:
        """Run a word that must succeed; return its stdout."""
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, f"lab {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def sh(self, host: str, script: str, user: str = "root") -> str:
        return self.ok("exec", host, "--user", user, "--", "/bin/sh", "-ec", script)

    def status(self) -> dict:
        return json.loads(self.ok("status", "--json"))
