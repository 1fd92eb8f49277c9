# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""python3 -m launchd_double --record DIR --socket PATH --root / --profile 26 [--boot]"""

import argparse
import contextlib
import os
import resource
import sys

from .machine import Machine
from .profiles import PROFILES

_PR_SET_CHILD_SUBREAPER = 36
_FILES = 65536


def _own_descriptors():
    """0 to 2 exist, and nothing we were started with leaks into jobs."""
    while True:
        fd = os.open("/dev/null", os.O_RDWR)
        if fd > 2:
            os.close(fd)
            break
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2:
            # The descriptor of the listing itself is gone by now.
            with contextlib.suppress(OSError):
                os.set_inheritable(int(name), False)


def _room_for_clients():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, _FILES) if hard != resource.RLIM_INFINITY else _FILES,
                                                        hard))


def _adopt_orphans():
    if os.getpid() != 1:
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _options(argv):
    parser = argparse.ArgumentParser(prog="launchd_double", description=__doc__)
    parser.add_argument("--record", required=True, help="directory for the logs and ctl.sock")
    parser.add_argument("--socket", required=True, help="where launchctl finds us")
    parser.add_argument("--root", default="/", help="prefix of the simulated Mac's file system")
    parser.add_argument("--profile", type=int, default=26, choices=sorted(PROFILES), help="macOS release")
    parser.add_argument("--boot", action="store_true", help="load the LaunchDaemons, then the automatic login")
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", help="set a knob")
    parser.add_argument("--ready-fd", type=int, help="write 'ready' here and close it once the sockets listen")
    parser.add_argument("--until-eof", action="store_true", help="shut down when standard input ends")
    return parser.parse_args(argv)


def _ready(fd):
    if fd is not None:
        os.write(fd, b"ready\n")
        os.close(fd)


def _watch_stdin(machine):
    def readable():
        if not os.read(0, 4096):
            machine.loop.forget(0)
            machine.shutdown()

    machine.loop.watch(0, readable)


def main(argv=None):
    options = _options(argv)
    _own_descriptors()
    _room_for_clients()
    _adopt_orphans()
    knobs = [word.partition("=")[::2] for word in options.set]
    where = [os.path.abspath(path) for path in (options.record, options.socket, options.root)]
    machine = Machine(*where, options.profile, knobs)
    os.chdir("/")
    if options.until_eof:
        _watch_stdin(machine)
    _ready(options.ready_fd)
    if options.boot:
        machine.boot()
    machine.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
