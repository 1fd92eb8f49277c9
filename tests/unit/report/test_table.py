# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet table: what a row says, that dead hosts are rows, and that it always fits."""

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _table

GOOD = {name: {"verdict": "ok", "code": "ok"} for name in (*_table.VERDICTS, "exposure")}
INFO = {
    "release": {"version": "2026.9.6"},
    "service": {
        "scopes": [
            {"scope": "daemon", "loaded": True, "pid": 4711, "runs": 1, "throttle_interval": 30},
            {"scope": "agent", "loaded": False, "pid": None, "runs": None, "throttle_interval": None},
        ]
    },
    "token_sources": {"count": 1, "fingerprint": "sha256:0123456789ab"},
}
PROBE = {"verdicts": GOOD, "server": {"version": "2026.9.6", "uptime_ms": 185000}}


def test_a_healthy_host():
    heading, row = _table.fleet_table({"mini01": {"info": INFO, "probe": PROBE}})
    assert heading.split() == [name for name, _width in _table.COLUMNS]
    assert row == "mini01  2026.9.6  4711  3m05s   30        1     1 sha256:0123456789ab  no       all 7 ok"


def test_the_running_job_is_shown_whatever_its_scope():
    scopes = [{"loaded": True, "pid": None, "runs": 9}, {"loaded": True, "pid": 5, "runs": 2}]
    assert _table.fleet_table({"a": {"info": {"service": {"scopes": scopes}}}})[1].split()[2] == "5"


def test_dead_hosts_silent_ones_and_those_without_a_result_are_rows():
    dead = {"problem": "unreachable:\n  no route"}
    rows = {"m1": {"info": INFO, "probe": PROBE}, "m2": dead, "m3": {"info": {}}, "m4": {}}
    lines = _table.fleet_table(rows)
    assert lines[2].split() == ["m2", "-", "-", "-", "-", "-", "?", "?", "unreachable:", "no", "route"]
    assert lines[3].split() == ["m3", "-", "-", "-", "-", "-", "?", "?", "not", "asked"]
    assert lines[4].endswith("not its turn yet")


def test_what_is_wrong_is_named():
    verdicts = dict(GOOD, auth={"verdict": "fail", "code": "AUTH_TOKEN_MISMATCH"}, exposure={"verdict": "fail"})
    row = _table.fleet_table({"a": {"info": INFO, "probe": {"verdicts": verdicts}}})[1]
    assert row.endswith("YES      auth fail AUTH_TOKEN_MISMATCH")


def test_a_problem_hides_nothing_that_is_known():
    row = _table.fleet_table({"a": {"info": INFO, "probe": PROBE, "problem": "the disk is full"}})[1]
    assert "4711" in row and row.endswith("the disk is full")


def test_it_always_fits():
    bad = {name: {"verdict": "unknown", "code": "SOMETHING_VERY_LONG_INDEED"} for name in _table.VERDICTS}
    server = {"version": "2026.12.31-beta.100", "uptime_ms": 10**12}
    rows = {"h" * 80: {"info": INFO, "probe": {"verdicts": bad, "server": server}}, "b": {"problem": "x" * 500}}
    assert max(len(line) for line in _table.fleet_table(rows)) <= _table.WIDTH


PROBLEMS = [
    ([{}, {"changed": False}], ""),
    ([{"failed": False, "msg": "fine"}], ""),
    ([{"failed": True, "msg": "first"}, {"failed": True, "msg": "second"}], "first"),
    ([{"unreachable": True, "msg": "over ssh: port 22: Connection refused.\n"}], "unreachable: Connection refused"),
    ([{"failed": True}], "failed without a word"),
    ([{"failed": False, "failed_when_result": False, "msg": "forgiven"}], "forgiven"),
    ([{"failed": False, "failed_when_result": False, "verdicts": {}}], ""),
]


@pytest.mark.parametrize("results,text", PROBLEMS)
def test_the_first_problem(results, text):
    assert _table.first_problem(results) == text


@pytest.mark.parametrize(
    "ms,text",
    [
        (None, "-"),
        (0, "0s"),
        (59999, "59s"),
        (60000, "1m00s"),
        (3600000, "1h00m"),
        (86400000 * 9 + 3600000 * 3, "9d03h"),
    ],
)
def test_duration(ms, text):
    assert _table.duration(ms) == text
