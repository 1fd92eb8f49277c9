# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controlling side's command line: python3 -m launchd_double.ctl --record DIR VERB [WORD...]"""

import argparse
import json
import os
import sys

from .launchctl import ask


def main(argv=None):
    """Prints the answer as JSON; exit code 0 when it was done, 1 when not, 2 when nobody answered."""
    parser = argparse.ArgumentParser(prog="launchd_double.ctl", description=__doc__)
    parser.add_argument("--record", required=True, help="the record directory of the double")
    parser.add_argument("verb", help="'help' lists the verbs")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args(argv)
    if options.verb == "help":
        from .control import VERBS

        print("\n".join("%-10s %s" % (verb, row[2]) for verb, row in VERBS.items()))
        return 0
    try:
        answer = ask(os.path.join(options.record, "ctl.sock"), {"verb": options.verb, "words": options.words})
    except (OSError, ValueError) as error:
        print("no launchd double answers in %s: %s" % (options.record, error), file=sys.stderr)
        return 2
    if not answer.pop("ok"):
        print(answer["error"], file=sys.stderr)
        return 1
    if answer:
        print(json.dumps(answer, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
