# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation that is killed at any moment leaves a host that the next run finds with one token, and proves.

Its tokens are planted ones, and searched for: at no moment are they anywhere but where they were declared.
"""
import contextlib
import re
import secrets
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration/rotate"))

from rotate_kit import MODULE, fleet_of, lab_of
from starting import STATE, hold

#: Ends the module that is at work, once it has been for a while.
KILL = (
    "for i in $(seq 500); do pid=$(%s) && break; sleep 0.02; done; sleep %%.2f; kill -9 $pid && echo killed; true"
    % MODULE
)
#: Whatever is on the disk of the host, and could hold a token that begins so.
MARK = "crash-canary-"
SEARCH = "grep -rlaF -e %s /Users /Library /private /etc /tmp /var 2>/dev/null | sort -u; true" % MARK
#: Source -> where its token is. OpenClaw keeps a copy of each configuration it has taken.
HOLDERS = {
    "config": {STATE + "/openclaw.json", STATE + "/openclaw.json.last-good"},
    "file": {STATE + "/secrets/gateway.json"},
}
EVERYWHERE = set().union(*HOLDERS.values())
#: A file that was being written when the writer died: of the same owner and mode, beside the one it was to replace.
UNFINISHED = re.compile(r"(?:%s)/\.[^/]+\.ansible-[^/]+" % "|".join((STATE, STATE + "/secrets")))
#: Seconds that a rotation takes, and more.
LONGEST = 3.0


def test_killed_at_any_moment(rounds, chance, tmp_path):
    lab, kills = lab_of("token-kills"), []
    try:
        (mini,) = fleet_of(lab, tmp_path, 1)
        for number in range(2 * rounds):
            source = list(HOLDERS)[number % 2]
            killed_after = chance.uniform(0, LONGEST)
            killer = threading.Thread(target=lambda words: kills.append(mini.sh(words)), args=(KILL % killed_after,))
            killer.start()
            # One that is killed says nothing.
            with contextlib.suppress(AssertionError):
                mini.token(state="rotated", source=source, value=MARK + secrets.token_hex(12))
            killer.join()
            strays = [path for path in set(mini.sh(SEARCH).split()) - EVERYWHERE if not UNFINISHED.fullmatch(path)]
            assert strays == [], "killed after %.2f s: %s" % (killed_after, strays)
            result = hold(mini, source=source)
            how = "killed after" if kills[-1] else "over before"
            print("%s %.2f s: then %s" % (how, killed_after, result["applied"]))
            assert set(mini.sh(SEARCH).split()) <= HOLDERS[source] | {STATE + "/openclaw.json.last-good"}
            left = mini.sh("find %s -maxdepth 1 -name '.*.ansible-*' -o -name '*.lock'" % STATE)
            assert left == "", "killed after %.2f s: %s" % (killed_after, left)
        assert any(kills)
    finally:
        lab("down")
