# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program that the copy of the interpreter runs: see start.py."""

import os
import sys

WORDS_FD = 3


def _rename(raw):
    """Show C(raw) as this process' argument list, where it has the room of the one it was started with."""
    with open("/proc/self/stat", "rb") as stream:
        fields = stream.read().rpartition(b")")[2].split()
    begin, end = int(fields[45]), int(fields[46])
    if end - begin >= len(raw):
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(begin)
            memory.write(raw.ljust(end - begin, b"\0"))


def main():
    raw = os.read(WORDS_FD, 65536)
    os.close(WORDS_FD)
    _rename(raw)
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from gateway_stand_in import service

    sys.exit(service.main([os.fsdecode(word) for word in raw.split(b"\0")[:-1]]))


if __name__ == "__main__":
    main()
