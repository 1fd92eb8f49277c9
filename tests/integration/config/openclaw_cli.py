# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenClaw's own command line, in a home directory of a test."""
import subprocess


class Cli:
    """C(openclaw ...) of one installed release with C(home) as its home."""

    def __init__(self, node, openclaw, home):
        self.node, self.home = node, home
        self.entry = openclaw / "lib/node_modules/openclaw/openclaw.mjs"
        assert self.entry.exists(), "%s is missing: tests/lab/lab up fills the cache" % self.entry
        (home / "tmp").mkdir(parents=True, exist_ok=True)

    def start(self, *words):
        env = {"HOME": str(self.home), "PATH": "%s:/usr/bin:/bin" % (self.node / "bin"), "DO_NOT_TRACK": "1",
               "TMPDIR": str(self.home / "tmp"), "NO_COLOR": "1"}
        return subprocess.Popen([str(self.node / "bin/node"), str(self.entry), *words], env=env, cwd=self.home,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, *words, seconds=180):
        """Return (exit code, output)."""
        process = self.start(*words)
        try:
            output = process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return process.returncode, output
