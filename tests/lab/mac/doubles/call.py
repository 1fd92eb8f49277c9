# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every double does the same way: a record of the call, and a loud no to what it does not know."""

import os
import sys
import time
from _json import encode_basestring_ascii as _quoted  # all of json would take longer to import than a double works

#: The exit code of a double that was asked for something it does not simulate (EX_USAGE).
UNKNOWN = 64
#: A file of the machine, bound into the host: appending to it changes nothing in the host's tree.
RECORD = "/dev/lab-calls"


#: Where a fault writes what a double shall answer: a file a double.
KNOBS = "/private/var/db/lab"


def knob(name):
    """Return what a fault wrote for this double, or an empty string."""
    try:
        with open(os.path.join(KNOBS, name), encoding="utf-8") as stream:
            return stream.read().strip()
    except OSError:
        return ""


class Refused(Exception):
    """Ends a double: text for stderr and an exit code."""

    def __init__(self, text, code=1):
        super().__init__(text)
        self.code = code


def unknown(name, words):
    """Return the refusal of arguments that the double does not simulate."""
    return Refused("%s: the lab's double does not know: %s" % (name, " ".join([name] + list(words))), UNKNOWN)


def _record(name, words, code, started):
    said = _quoted(name), ", ".join(map(_quoted, words))
    line = '{"t0": %.3f, "t1": %.3f, "program": %s, "argv": [%s], "euid": %d, "pid": %d, "rc": %d}\n' % (
        started, time.time(), *said, os.geteuid(), os.getpid(), code)  # fmt: skip
    try:
        with open(RECORD, "a", encoding="utf-8") as record:
            record.write(line)
    except OSError:
        pass  # a test that broke the record still wants the program


def run(name, main, secret_options=()):
    """Run C(main(words) -> text or bytes or None), print what it returns, record the call, exit.

    The word after one of C(secret_options) is not recorded.
    """
    words, started, code = sys.argv[1:], time.time(), 0
    try:
        out = main(words) or ""
        if isinstance(out, bytes):
            sys.stdout.buffer.write(out)
        else:
            sys.stdout.write(out)
        sys.stdout.flush()
    except Refused as refusal:
        if str(refusal):
            print(refusal, file=sys.stderr)
        code = refusal.code
    shown = ["(hidden)" if i and words[i - 1] in secret_options else word for i, word in enumerate(words)]
    _record(name, shown, code, started)
    sys.exit(code)
