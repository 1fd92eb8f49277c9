# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person uses OpenClaw's own commands on a host that is ours: what they change is seen, named, and put back with one
restart. The real OpenClaw, told that it runs on a Mac, in the order of these tests."""

from __future__ import annotations

import json

import pytest
from people_kit import AGENT, DIST, HOST, LABEL

#: What an account has in its shell that knows whose the Gateway is.
EXTERNAL = {"OPENCLAW_SUPERVISOR_MODE": "external", "OPENCLAW_SERVICE_REPAIR_POLICY": "external"}
DAEMON = "/Library/LaunchDaemons/%s.plist" % LABEL


def bytes_of(mini):
    return mini.sh("cat " + AGENT)


@pytest.mark.parametrize("words, environment, says", [
    (["openclaw", "gateway", "install", "--force"], EXTERNAL, "managed by an external supervisor"),
    # These three find in the environment of the job whose it is, whatever the shell says.
    (["openclaw", "doctor", "--fix", "--non-interactive"], {}, "managed by an external supervisor"),
    (["openclaw", "update", "--yes"], {}, "managed by an external supervisor"),
    # Not the refusal that a Mac gives: here no process is known to be a Gateway's.
    (["openclaw", "gateway", "restart"], {}, "Cannot verify a live serving Gateway"),
], ids=["install", "doctor", "update", "restart"])  # fmt: skip
def test_what_openclaw_leaves_alone(mini, words, environment, says):
    before, job, loadings = bytes_of(mini), mini.job(), mini.loadings()
    code, out = mini.person(*words, **environment)
    assert code != 0 and says in out, out
    assert (bytes_of(mini), mini.job()["pid"], mini.loadings()) == (before, job["pid"], loadings)


def put_back(mini, scope="agent", **variables):
    """Deploy, which has to make exactly one start of the Gateway; returns the run."""
    loadings = mini.loadings()
    run = mini.deploy(gateway_scope=scope, **variables)
    assert run.rc == 0, run.out
    assert mini.loadings() == loadings + 1
    domain = "system" if scope == "daemon" else "gui/502"
    assert mini.job(domain)["runs"] == 1 and mini.job(domain)["pid"]
    return run


def test_what_a_restart_writes_is_named_and_put_back(mini, tmp_path):
    """The call that openclaw gateway restart makes once it is sure whose Gateway it is."""
    ours = bytes_of(mini)
    code, out = mini.person("node", "/Users/Shared/restart.mjs", DIST, LABEL)
    assert code == 0 and json.loads(out.splitlines()[-1]) == {"rewritten": True}, out
    found = mini.audit(tmp_path)
    assert {"OCG-SERVICE-004", "OCG-SERVICE-005", "OCG-SERVICE-009"} <= set(found)
    assert "OCG-SERVICE-006" not in found, "launchd holds what was written"
    assert "ThrottleInterval is" in found["OCG-SERVICE-004"]
    for check in ("OCG-SERVICE-004", "OCG-SERVICE-005", "OCG-SERVICE-009"):
        assert "openclaw (gateway restart or install, doctor, or update)" in found[check], found[check]
    assert "Comment is 'OpenClaw Gateway'" in found["OCG-SERVICE-009"]
    put_back(mini)
    assert bytes_of(mini) == ours


def test_what_an_installation_writes_is_named_and_taken_over_to_the_daemon(mini, tmp_path):
    code, out = mini.person("openclaw", "gateway", "install", "--force", "--json")
    assert code == 0 and '"installed"' in out, out
    assert "max-old-space-size" in bytes_of(mini)
    found = mini.audit(tmp_path)
    assert "openclaw gateway install, at 20" in found["OCG-SERVICE-009"]
    assert "service-env" in found["OCG-SERVICE-009"]

    # The same host, declared as a daemon: refused by name, then taken over.
    run = mini.deploy(gateway_scope="daemon")
    assert run.rc != 0 and AGENT in run.out and "gateway_others: replace_label" in run.out
    theirs = bytes_of(mini)
    put_back(mini, "daemon", gateway_others="replace_label")
    assert mini.job() is None and mini.sh("ls " + DAEMON)
    (kept,) = mini.sh("ls -d '/Library/Application Support/clawops.openclaw/%s.service/'replaced-*/*.plist" % LABEL
                      ).splitlines()  # fmt: skip
    assert mini.sh("cat '%s'" % kept) == theirs and mini.sh("stat -c %%a:%%u '%s'" % kept).strip() == "600:0"
    assert '"%s" => disabled' % LABEL in mini.sh("launchctl print-disabled user/502")

    # From now on OpenClaw keeps its hands off by itself, and nothing comes back at the next login.
    code, out = mini.person("openclaw", "gateway", "install", "--force", "--json")
    assert code != 0 and mini.job() is None, out
    mini.lab("logout", HOST, "openclaw")
    mini.lab("login", HOST, "openclaw")
    assert mini.job() is None and mini.job("system")["pid"]
