# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run inside a host: what a command costs there. Prints JSON: seconds, and the peak of its resident memory.

    python3 in_host.py ROUNDS COMMAND...
"""
import json
import os
import sys
import time


def once(command):
    """Run it with its output dropped.

    :returns: (seconds, peak resident memory in MiB of it or of the largest process that it started, exit code,
        seconds of processor of all of them together).
    """
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd)
        os.execvp(command[0], command)
    _pid, status, usage = os.wait4(child, 0)
    # ru_maxrss is in KiB on Linux, in bytes on a Mac.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return time.monotonic() - began, usage.ru_maxrss / unit, os.WEXITSTATUS(status), usage.ru_utime + usage.ru_stime


def main(words):
    rounds = [once(words[1:]) for _round in range(int(words[0]))]
    seconds = sorted(row[0] for row in rounds)
    json.dump({"wall_s": seconds[len(seconds) // 2], "least_s": seconds[0], "peak_mib": max(row[1] for row in rounds),
               "codes": sorted({row[2] for row in rounds}), "cpu_s": min(row[3] for row in rounds)}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
