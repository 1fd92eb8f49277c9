# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Become the stand-in under the name of the program that was asked for: a process list shows what a real one shows.

The interpreter's own argument list is made exactly as long as the one to be shown, so that it can be written over.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
#: Where the stand-in finds its words: the read end of a pipe.
WORDS_FD = 3
MAIN = os.path.join(HERE, "main.py")


def shown(words):
    """Return an argument list as the kernel keeps it."""
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def padded(interpreter, length):
    """Return an argument list for the stand-in that takes C(length) bytes (or the shortest there is)."""
    directory, name = os.path.split(interpreter)
    bare = [interpreter, "-IS", MAIN]
    return ["%s/%s%s" % (directory, "/" * (length - len(shown(bare))), name)] + bare[1:]


def main(words):
    read, write = os.pipe()
    os.write(write, shown(words))
    os.close(write)
    os.dup2(read, WORDS_FD)
    os.set_inheritable(WORDS_FD, True)
    # A copy of the interpreter, by the name that lsof is to show.
    os.execv(os.path.join(HERE, "bin/node"), padded(sys.executable, len(shown(words))))


if __name__ == "__main__":
    main(sys.argv[1:])
