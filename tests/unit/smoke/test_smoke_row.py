# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one line that the smoke playbook says of a host."""
import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._smoke import smoke_row

OK = {"verdict": "ok", "code": None, "reason": "well.", "ms": 1.0}
HEALTHY = {"state": "healthy", "next": None, "verdicts": {"tcp": OK, "live": OK},
           "server": {"version": "2026.9.6", "uptime_ms": 65000}}  # fmt: skip
DOWN = {"state": "down", "next": "look at the job\nwith 'launchctl print'.", "verdicts": {
    "tcp": {"verdict": "fail", "code": "connection_refused", "reason": "nothing listens on 127.0.0.1:18789.", "ms": 1},
    "live": {"verdict": "skipped", "code": "not_reached", "reason": "not tried.", "ms": None},
    "exposure": {"verdict": "unknown", "code": "port_silent", "reason": "192.0.2.7 is silent.", "ms": 1},
}}  # fmt: skip


def test_healthy():
    assert smoke_row(HEALTHY, "mini01") == {
        "host": "mini01", "healthy": True, "line": "mini01 healthy (OpenClaw 2026.9.6, up 1m05s)"}  # fmt: skip


def test_each_verdict_that_is_not_healthy_is_named_with_reason_and_next_step():
    row = smoke_row(DOWN, "mini07")
    assert row["healthy"] is False
    assert row["line"] == (
        "mini07 down: tcp fail (connection_refused, nothing listens on 127.0.0.1:18789); live not tried;"
        " exposure unknown (port_silent, 192.0.2.7 is silent). Next: look at the job with 'launchctl print'."
        " Or: ansible-playbook clawops.openclaw.remediate -e target=mini07 --check --diff"
    )


@pytest.mark.parametrize("result,expected", [
    ({"unreachable": True, "msg": "Failed to connect: ssh: connect: Connection refused."}, "Connection refused"),
    ({"failed": True, "msg": "user 'claw' does not exist. Next: create it."}, "user 'claw' does not exist"),
    ({"failed_when_result": False, "msg": "no\nPython."}, "no Python."),
    ({}, "lost on the way"),
])  # fmt: skip
def test_who_cannot_be_asked_is_not_healthy(result, expected):
    row = smoke_row(result, "mini09")
    assert row["healthy"] is False
    assert row["line"].startswith("mini09 could not be asked: ") and expected in row["line"]
    assert "\n" not in row["line"]


def test_unknown_is_not_healthy():
    unknown = dict(HEALTHY, state="unknown", next="x.", verdicts=dict(HEALTHY["verdicts"], auth=dict(
        OK, verdict="unknown", code="token_missing", reason="there is no token.")))  # fmt: skip
    assert smoke_row(unknown, "mini01")["healthy"] is False
