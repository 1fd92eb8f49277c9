# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stays up with everything imported and runs a module again and again, each time in a process of its own (a fork).

    python module_server.py MODULE_FILE

One request a line on standard input: the module's whole argument document. One answer a line: [exit code, output].
That is the module as on a target, argument parsing included, without paying for the interpreter's start.
"""
import json
import os
import sys
import traceback

import ansible.module_utils.basic  # noqa: F401 (loaded once, before the forks)  # pylint: disable=unused-import

module = sys.argv[1]
with open(module, encoding="utf-8") as source:
    code = compile(source.read(), module, "exec")
# Imports what the module imports, without running it.
exec(code, {"__name__": "imported", "__file__": module})


def run(request):
    sys.argv = [module, request]
    try:
        exec(code, {"__name__": "__main__", "__file__": module})
        return 0
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        return 1


for line in sys.stdin:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writing, 1)
        code_of_run = run(line)
        sys.stdout.flush()
        os._exit(code_of_run)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as stream:
        output = stream.read()
    status = os.waitpid(child, 0)[1]
    print(json.dumps([os.WEXITSTATUS(status), output]), flush=True)
