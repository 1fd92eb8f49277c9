# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted tokens, searched for in everything that a rotation leaves or shows: they are where they were declared."""

import json
import threading

import pytest
from starting import STATE, VARIABLE

#: What the planted tokens of one source begin with. Each has its own: a Gateway that got its token as a variable has
#: handed it on to processes that live as long as itself, and it is not restarted when its token moves elsewhere.
MARK = "canary-%s-"
#: Looks at every process of the host, with its arguments and environment, as root sees them.
WATCH = (
    "while ! [ -e /private/tmp/.watched ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | "
    "tr '\\0' '\\n' | grep -a '[c]anary-%s-'; sleep 0.05; done | sort -u; rm /private/tmp/.watched"
)
#: Whatever is on the disk of the host, and could hold it.
SEARCH = "grep -rlaF -e canary-%s- /Users /Library /private /etc /tmp /var 2>/dev/null | sort -u; true"


@pytest.fixture
def watched(mini, source):
    """Watches the processes of the host; returns what was seen when called."""
    seen = []
    watcher = threading.Thread(target=lambda: seen.append(mini.sh(WATCH % source)))
    watcher.start()

    def told():
        mini.sh("touch /private/tmp/.watched")
        watcher.join()
        return seen[0]

    yield told
    if watcher.is_alive():
        told()


def run(mini, tmp_path, token, **variables):
    """Rotate to a token that an inventory brings, as a vault would; returns all that Ansible says."""
    (tmp_path / "vault.json").write_text(json.dumps({"minis": {"hosts": {mini.name: {"gateway_token": token}}}}))
    words = ("--inventory=%s" % (tmp_path / "vault.json"), "-vvvv", "--diff")
    return mini.lab.playbook("rotate_token", *words, target=mini.name, **variables)


@pytest.mark.parametrize("source", ["config", "file", "env", "exec"])
def test_a_rotation_shows_and_leaves_its_tokens_nowhere_else(mini, tmp_path, watched, source):
    old, following, last = (MARK % source + name + "-0123456789abcdef" for name in ("old", "next", "last"))
    said = [run(mini, tmp_path, old, gateway_token_source=source, rotate_old_copies="purge")]
    said.append(run(mini, tmp_path, following, gateway_token_source=source, rotate_old_copies="purge"))
    # One that fails when everything else is done.
    nowhere = [{"path": "/Users/openclaw/nowhere/token"}]
    said.append(run(mini, tmp_path, last, gateway_token_source=source, rotate_deliver_to=nowhere))
    assert [one.rc for one in said] == [0, 0, 2], said[-1].out
    assert MARK % source not in "".join(one.out for one in said)
    in_processes = watched()
    holder = {
        "config": STATE + "/openclaw.json", "file": STATE + "/secrets/gateway.json", "env": STATE + "/.env",
        "exec": None,
    }[source]  # fmt: skip
    found = [path for path in mini.sh(SEARCH % source).split() if not path.endswith(".last-good")]
    assert found == ([holder] if holder else [])
    # OpenClaw hands the variables of .env on to the processes that it starts.
    handed_on = {"%s=%s" % (VARIABLE, token) for token in (old, following, last)} if source == "env" else set()
    assert set(in_processes.split()) <= handed_on, in_processes
    assert MARK % source not in mini.lab("log", mini.name)
    mini.token()
