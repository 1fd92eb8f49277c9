# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module in this process and, when it is about to touch DIRECTORY for the N-th time, dies of SIGKILL.

    python dying.py N DIRECTORY MODULE_FILE ARGUMENTS_AS_JSON

N is 1 for the first touch; with 0 it lives, and says how often it touched: `touched N` is the last line on stderr.
"""
import os
import runpy
import signal
import sys

fatal, directory, module = int(sys.argv[1]), sys.argv[2], sys.argv[3]
sys.argv = [module, sys.argv[4]]
touched = 0


def touching(_event, arguments):
    # Every audited call whose argument is a path in the directory: open, rename, chmod, chown, remove, mkdir, listdir.
    global touched
    paths = [os.fsdecode(argument) for argument in arguments if isinstance(argument, (str, bytes))]
    if any(path.startswith(directory) for path in paths):
        touched += 1
        if touched == fatal:
            os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(touching)
try:
    runpy.run_path(module, run_name="__main__")
finally:
    sys.stderr.write(f"\ntouched {touched}\n")
