# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs openclaw_service as Ansible would, on the host that this runs on, once for each line of standard input.

A line is JSON, C({"uid": ..., "options": {...}}); the answer is what the module printed, as a JSON text on a line.
Python and Ansible are loaded once, and each run is a process of its own with the rights of that uid.
"""
import importlib
import json
import os
import sys
from pathlib import Path

from ansible.module_utils import basic

ROOT = Path(__file__).resolve().parents[3]
MODULE = ROOT / "plugins/modules/openclaw_service.py"
#: Loaded while this is root, because an account may not be allowed to read the clone.
LOADED = ("_module", "_service.act", "_service.secretive", "_service.service", "_service.target", "_units.service",
          "_units.systemctl", "_units.manager")  # fmt: skip


def run(code, uid, options):
    """Run the module to its end; return what it printed, which is nothing when somebody killed it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(writing, 1)
        if uid:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
        basic._ANSIBLE_PROFILE = "legacy"
        status = 1
        try:
            exec(code, {"__name__": "__main__"})
        except SystemExit as end:
            status = end.code or 0
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "build/collections"))
    for name in LOADED:
        importlib.import_module("ansible_collections.clawops.openclaw.plugins.module_utils." + name)
    program = compile(MODULE.read_text(encoding="utf-8"), str(MODULE), "exec")
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(run(program, asked["uid"], asked["options"])), flush=True)
