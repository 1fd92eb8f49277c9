# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a power cut a daemon's Gateway comes back by itself, an agent's with the next login. Neither needs a deploy."""

from __future__ import annotations

import json
import re
import time

import pytest

#: Seconds that a Gateway may take to come back on a busy machine.
PATIENCE = 300


@pytest.fixture(scope="module")
def fleet(lab, tmp_path_factory):
    for host in ("mini01", "mini02"):
        lab("reset", host)
    lab("login", "mini02", "openclaw")
    scopes = tmp_path_factory.mktemp("inventory") / "scopes.json"
    scopes.write_text(json.dumps({"minis": {"hosts": {"mini01": {}, "mini02": {"gateway_scope": "agent"}}}}))
    extra = "--inventory=%s" % scopes
    run = lab.playbook("deploy", extra, gateway_ready_timeout=600)
    assert run.rc == 0, run.out
    return extra


def row(lab, host):
    out = lab.playbook("status", target=host).out
    return re.search(r'"(%s .*)"' % host, out).group(1)


def healthy(lab, host):
    """Wait until a Gateway is healthy again, and return its row."""
    end = time.monotonic() + PATIENCE
    seen = row(lab, host)
    while "all 7 ok" not in seen:
        assert time.monotonic() < end, seen
        seen = row(lab, host)
    return seen


def test_a_daemon_needs_nobody(lab, fleet):
    lab("reboot", "mini01")
    assert healthy(lab, "mini01").split()[5] == "1", "runs"


def test_an_agent_waits_for_its_user(lab, fleet):
    lab("reboot", "mini02")
    time.sleep(5)
    assert "connection_refused" in row(lab, "mini02")
    lab("login", "mini02", "openclaw")
    assert healthy(lab, "mini02").split()[5] == "1", "runs"


def test_nothing_is_left_to_do(lab, fleet):
    run = lab.playbook("deploy", fleet, gateway_ready_timeout=600)
    assert run.rc == 0, run.out
    assert [counts["changed"] for counts in run.recap.values()] == [0, 0]
