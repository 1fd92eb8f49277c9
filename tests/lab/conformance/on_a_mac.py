# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the Mac that it runs on against what the double says of Macs: make conformance, on a Mac.

Needs a checkout and Apple's Python, nothing else; no root (with root, it asks of the system domain). Loads jobs of its
own label only, and takes them away, also when it is interrupted. LAUNCHCTL=PATH asks another launchctl.
"""

import os
import signal
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import test_launchd_real_mac as tests
from mac import RealMac

LOGS = os.path.join(HERE, "..", "..", "..", "build", "logs")


def _transcript(release, user):
    """Where what was said is kept; somebody else's when sudo made it."""
    os.makedirs(LOGS, exist_ok=True)
    path = os.path.normpath(os.path.join(LOGS, "conformance-%s-%s.jsonl" % (release, user)))
    with open(path, "w", encoding="utf-8"):
        pass
    if "SUDO_UID" in os.environ:
        os.chown(path, int(os.environ["SUDO_UID"]), int(os.environ["SUDO_GID"]))
    return path


def _interrupted(_number, _frame):
    raise KeyboardInterrupt


def main():
    launchctl = os.environ.get("LAUNCHCTL", "/bin/launchctl")
    if not os.access(launchctl, os.X_OK):
        print("there is no %s: this is no Mac" % launchctl, file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    release = RealMac.release()
    profile = tests.profile_of(release)
    transcript = _transcript(release, "root" if os.getuid() == 0 else "user")
    mac = RealMac(launchctl, transcript)
    print("macOS %s, domain %s; the double's macOS %d" % (release, mac.domain, profile.macos))
    tests.chosen.append((mac, profile))
    try:
        suite = unittest.defaultTestLoader.loadTestsFromModule(tests)
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    except KeyboardInterrupt:
        print("interrupted")
        return 130
    finally:
        # Once more would leave behind what is being taken away.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        mac.close()
    for sentence in tests.differences:
        print("DIFFERS  %s" % sentence)
    print("%d differences from the double; what was said: %s" % (len(tests.differences), transcript))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
