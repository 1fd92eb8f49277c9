# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotating tokens: the new one gets in, the old one does not, and whatever goes wrong, the old one works again."""

import json

import pytest
from rotate_kit import LOSE_CONNECTION, MODULE, ONCE_WRITTEN

STATE = "/Users/openclaw/.openclaw"
NEW = "given-canary-0123456789abcdef0123"


def test_a_given_token_is_rotated_to_once(mini):
    before = mini.token()["fingerprint"]
    result = mini.token(state="rotated", value=NEW)
    assert (result["proof"], result["previous"], result["applied"]) == ("proven", before, "hot"), result
    assert result["restarts"] == 0
    assert not mini.token(state="rotated", value=NEW)["changed"]
    assert NEW not in json.dumps(result)


def test_only_when_it_is_due(mini):
    known = mini.token(state="rotated")["fingerprint"]
    young = mini.token(state="rotated", when="max_age", max_age="1d")
    assert (young["changed"], young["due"]) == (False, "young_enough")
    other = mini.token(state="rotated", when="fingerprint", fingerprint="sha256:000000000000")
    assert (other["changed"], other["due"]) == (False, "fingerprint_differs")
    gone = mini.token(state="rotated", when="fingerprint", fingerprint=known)
    assert (gone["changed"], gone["due"], gone["proof"]) == (True, "fingerprint_matches", "proven")
    assert not mini.token(state="rotated", when="fingerprint", fingerprint=known)["changed"]


def test_old_copies_are_purged_when_asked_for(mini):
    mini.sh("cp -p %s/openclaw.json %s/openclaw.json.bak" % (STATE, STATE), "openclaw")
    result = mini.token(state="rotated", old_copies="purge")
    assert result["proof"] == "proven"
    assert mini.sh("ls %s" % STATE).split().count("openclaw.json.bak") == 0


#: name -> (what breaks the host, what mends it, code of the failure, words that name it)
INJECTED = {
    "disk full": (("inject", "state_dir_full"), "umount " + STATE, "file_system_full", "openclaw.json"),
    "read-only": (("inject", "state_dir_readonly"), "umount " + STATE, "file_system_read_only", "openclaw.json"),
    "lock held": (
        ("sh", 'echo "{\\"pid\\": 1}" >%s/openclaw.json.lock' % STATE), "rm %s/openclaw.json.lock" % STATE,
        "config_locked", "openclaw.json.lock",
    ),
    "frozen": (("inject", "freeze_gateway"), None, "gateway_unclear", "nothing was changed"),
}  # fmt: skip


@pytest.mark.parametrize("name", INJECTED)
def test_a_failure_leaves_the_old_token_working(mini, name):
    (how, what), mend, code, words = INJECTED[name]
    before = mini.token()["fingerprint"]
    pid = mini.pid()
    if how == "inject":
        mini.lab("inject", mini.name, what)
    else:
        mini.sh(what, "openclaw")
    try:
        result = mini.token(state="rotated", timeout=8)
        assert result["failure"]["code"] == code, result
        assert words in result["msg"]
        assert result["failure"].get("restored") is not False
    finally:
        mini.sh(mend or "kill -CONT " + pid)
    after = mini.token()
    assert (after["changed"], after["proof"], after["fingerprint"]) == (False, "proven", before), after


def test_a_gateway_that_dies_in_the_middle_comes_back_with_the_new_token(mini):
    """launchd brings it back after its throttle interval, and the wait is longer than that."""
    mini.sh(ONCE_WRITTEN % ("kill -9 %s" % mini.pid()))
    result = mini.token(state="rotated")
    assert result["proof"] == "proven", result
    assert not mini.token()["changed"]


def test_a_lost_connection_brings_the_old_token_back(mini, fleet):
    """Nobody would hear of the new one, nor hand it on; and nobody follows."""
    before, behind = mini.token()["fingerprint"], fleet[1].token()["fingerprint"]
    mini.sh(LOSE_CONNECTION)
    run = mini.lab.playbook("rotate_token")
    assert run.rc != 0 and "UNREACHABLE" in run.out and mini.name in run.out, run.out
    mini.sh("while %s >/dev/null; do sleep 0.2; done" % MODULE)
    after = mini.token()
    assert (after["changed"], after["proof"], after["fingerprint"]) == (False, "proven", before), after
    assert fleet[1].token()["fingerprint"] == behind


def test_a_fleet_is_rotated_one_after_the_other_and_stops_at_the_first_that_is_not_proven(fleet):
    lab = fleet[0].lab
    before = [host.token()["fingerprint"] for host in fleet]
    run = lab.playbook("rotate_token")
    assert run.rc == 0, run.out
    assert run.out.count("without a working token") == len(fleet)
    after = [host.token()["fingerprint"] for host in fleet]
    assert not set(before) & set(after)
    lab("inject", fleet[0].name, "state_dir_readonly")
    try:
        run = lab.playbook("rotate_token")
    finally:
        fleet[0].sh("umount " + STATE)
    assert run.rc != 0 and fleet[1].name not in run.recap
    assert [host.token()["fingerprint"] for host in fleet] == after
