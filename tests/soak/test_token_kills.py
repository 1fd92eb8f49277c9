# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation that is killed at any moment leaves a host that the next run finds with one token, and proves."""
import contextlib
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration/rotate"))

from rotate_kit import fleet_of, lab_of  # noqa: E402
from starting import STATE, hold  # noqa: E402

#: Ends the module that is at work, once it has been for a while. Its process has the name of no other in this host.
KILL = (
    "for i in $(seq 200); do pid=$(pgrep -o -f '[A]nsiballZ_openclaw_token') && break; sleep 0.02; done; "
    "sleep %.2f; for pid in $(pgrep -f '[A]nsiballZ_openclaw_token'); do kill -9 $pid; done; true"
)
#: Seconds that a rotation takes, and more.
LONGEST = 4.0


def test_killed_at_any_moment(rounds, chance, tmp_path):
    lab = lab_of("token-kills")
    try:
        (mini,) = fleet_of(lab, tmp_path, 1)
        for number in range(2 * rounds):
            source = ("config", "file")[number % 2]
            killed_after = chance.uniform(0, LONGEST)
            killer = threading.Thread(target=mini.sh, args=(KILL % killed_after,))
            killer.start()
            # One that is killed says nothing.
            with contextlib.suppress(AssertionError):
                mini.token(state="rotated", source=source)
            killer.join()
            result = hold(mini, source=source)
            print("killed after %.2f s: then %s" % (killed_after, result["applied"]))
            left = mini.sh("find %s -maxdepth 1 -name '.*.ansible-*' -o -name '*.lock'" % STATE)
            assert left == "", "killed after %.2f s: %s" % (killed_after, left)
    finally:
        lab("down")
