# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts on which tokens are in the wrong places: one run ends with one source, proven, as the check run foretold."""

import pytest
from starting import STALE, STATE, VARIABLE, hold, holds_nothing_stale, put

#: (places, whether the Gateway was started from them) -> how the Gateway takes the repair.
STATES = {
    ((), False): "nothing",
    (("plist", "dotenv"), False): "nothing",
    (("gateway.env", "env block"), False): None,
    (("argument", "remote"), False): "nothing",
    (("setenv",), True): "restart",
}


@pytest.mark.sampled("places", 2)
@pytest.mark.parametrize(("places", "loaded"), STATES)
def test_one_run_ends_with_one_proven_source(mini, places, loaded):
    known = mini.token()["fingerprint"]
    put(mini, places, loaded)
    before = mini.pid()
    result = hold(mini)
    assert result["fingerprint"] == known and result["changed"] is bool(places)
    assert STATES[places, loaded] in (None, result["applied"])
    assert (mini.pid() != before) is (result["applied"] == "restart")
    assert holds_nothing_stale(mini)


def test_the_runtime_token_trap_is_found_and_repaired(mini):
    """Everything is green, and every other client is locked out."""
    known = mini.token()["fingerprint"]
    put(mini, ["none"], loaded=True)
    assert mini.token("--check")["previous"] is None
    result = hold(mini)
    assert (result["applied"], result["restarts"], result["generated"]) == ("restart", 1, True)
    assert result["fingerprint"] != known


def test_a_token_that_only_the_running_gateway_has_is_kept(mini):
    """It was started with --token, which beats openclaw.json, and its clients use that one."""
    put(mini, ["argument"], loaded=True)
    result = hold(mini)
    assert result["applied"] == "restart" and not result["generated"]
    assert STALE not in mini.sh("cat " + mini.plist)


def test_what_else_is_in_such_a_file_stays(mini):
    put(mini, ["dotenv"])
    assert mini.token()["changed"]
    assert mini.sh("cat %s/.env" % STATE) == "A=1\n"


def test_a_persons_shell_file_is_reported_with_its_line_and_left_alone(mini):
    mini.sh("printf 'x=1\\nexport %s=%s\\n' >/Users/openclaw/.zshenv" % (VARIABLE, STALE), "openclaw")
    result = mini.token()
    assert not result["changed"]
    (report,) = [note for note in result["reports"] if note["kind"] == "shell"]
    assert (report["location"], report["line"]) == ("/Users/openclaw/.zshenv", 2)
    assert "/Users/openclaw/.zshenv" in report["command"]
    assert mini.sh("cat /Users/openclaw/.zshenv") == "x=1\nexport %s=%s\n" % (VARIABLE, STALE)


def test_who_wins_is_told(mini):
    put(mini, ["dotenv"])
    rows = {row["consumer"]: row for row in mini.token("--check", others="report")["winners"]}
    assert (rows["server"]["winner"], rows["server"]["shadowed"]) == ("config", ["dotenv"])
    assert rows["node_host"]["winner"] == "dotenv"
    assert mini.token()["version"] == "2026.9.6"


SOURCES = ("file", "env", "exec", "config")
PROGRAM = STATE + "/bin/gateway-token"


def test_every_source_is_declared_in_turn_and_the_one_before_is_left_empty(mini):
    known = mini.token()["fingerprint"]
    for source in SOURCES:
        moved = hold(mini, source=source)
        assert moved["changed"] and moved["fingerprint"] == known, moved
        rotated = mini.token(source=source, state="rotated")
        assert (rotated.get("proof"), rotated["previous"]) == ("proven", known), rotated
        assert rotated["restarts"] == (1 if source == "env" else 0)
        known = rotated["fingerprint"]
        assert not mini.token(source=source)["changed"]
        held = mini.sh(
            "cat %s/secrets/gateway.json %s/.env %s 2>/dev/null; security find-generic-password "
            "-s ai.openclaw.gateway -w /Library/Keychains/System.keychain 2>/dev/null; true" % (STATE, STATE, PROGRAM)
        )
        assert bool(held.replace("A=1", "").strip()) is (source != "config"), held


@pytest.mark.parametrize("source", ["file", "env"])
def test_a_wrong_mode_is_corrected(mini, source):
    path = {"file": STATE + "/secrets/gateway.json", "env": STATE + "/.env"}[source]
    mini.token(source=source)
    mini.sh("chmod 644 " + path)
    hold(mini, source=source)
    assert mini.sh("stat -c %a " + path).strip() == "600"
    mini.token()


def test_a_host_that_is_given_up(mini):
    known = mini.token(source="file")["fingerprint"]
    put(mini, ["dotenv", "plist"])
    foretold = mini.token("--check", source="file", state="absent")
    gone = mini.token(source="file", state="absent")
    assert "failure" not in gone, gone
    assert (gone["changed"], gone["fingerprint"], gone["previous"]) == (True, None, known)
    assert gone["source_count"] == 0, gone["sources"]
    assert (gone["proof"], gone["restarts"], foretold["restarts"]) == ("proven", 1, 1)
    assert foretold["diff"] == gone["diff"]
    assert not mini.token(source="file", state="absent")["changed"]
    assert mini.sh("ls %s/secrets/gateway.json %s/gateway-token.since.json 2>/dev/null; true" % (STATE, STATE)) == ""
    assert mini.token()["generated"]
