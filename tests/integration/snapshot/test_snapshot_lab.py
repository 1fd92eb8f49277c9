# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever befalls a host that a snapshot is about is undone by one playbook, and the real Gateway proves it."""

from __future__ import annotations

import json
import time

import pytest

#: Seconds in which a fault takes hold.
PATIENCE = 60

#: What a snapshot is about, as one line a path: mode, owner, target or digest. The Gateway writes none of it by itself.
LOOK = r"""
cd /
for path in Users/openclaw/.openclaw Users/openclaw/.openclaw/openclaw.json Users/openclaw/.openclaw/.env \
  Users/openclaw/.openclaw/secrets.json Users/openclaw/.openclaw/gateway-token.since.json \
  Users/openclaw/.openclaw/credentials Users/openclaw/.openclaw/state \
  Users/openclaw/.config/openclaw/gateway.env Library/LaunchDaemons/* Library/LaunchAgents/* \
  Users/openclaw/Library/LaunchAgents/* opt/openclaw/current opt/openclaw/bin/openclaw; do
  [ -e "$path" ] || [ -L "$path" ] || continue
  stat -c '%n %F %a %u:%g' "$path"
  [ -L "$path" ] && readlink "$path"
  [ -f "$path" ] && sha256sum < "$path"
done
launchctl print-disabled system | sort
launchctl print system/ai.openclaw.gateway 2>&1 | awk '$1 == "path" || $1 == "Could"'
"""
SNAPSHOTS = "/var/db/clawops.openclaw/openclaw/ai.openclaw.gateway"
#: Faults of the lab, and what else breaks: OpenClaw itself.
BREAKS = [
    ["inject config_broken"], ["inject config_missing"], ["inject config_bind"], ["inject state_dir_open"],
    ["inject token_removed"], ["inject token_in_dotenv"], ["inject token_in_gateway_env"], ["inject plist_removed"],
    ["inject plist_throttle"], ["inject plist_owner"], ["inject disabled_label"], ["inject job_booted_out"],
    ["inject release_older"],
    ["inject config_broken", "inject plist_removed", "exec -- chmod 000 /opt/openclaw/bin/openclaw"],
]  # fmt: skip


def do(mini, words):
    verb, *rest = words.split()
    mini.lab(verb, mini.name, *rest)


def rollback(mini, *words, **variables):
    run = mini.lab.playbook("rollback", *words, target=mini.name, gateway_throttle_interval=10, **variables)
    assert run.rc == 0, run.out
    return run


@pytest.fixture(scope="module")
def before(mini):
    """The host as it is, the playbook that takes a snapshot, and the one of that state."""
    playbook = mini.scratch / "take.yml"
    playbook.write_text(json.dumps([{
        "hosts": mini.name, "gather_facts": False, "become": True,
        "tasks": [{"clawops.openclaw.openclaw_snapshot": {"user": "openclaw", "reason": "a test"}, "register": "taken"},
                  {"ansible.builtin.debug": {"msg": "NAME {{ taken.snapshot.name }} {{ taken.changed }}"}}],
    }]))  # fmt: skip
    playbook = str(playbook.with_suffix(""))
    name, changed = taken(mini, playbook)
    return mini.sh(LOOK), playbook, {"name": name, "changed": changed}


def taken(mini, playbook):
    run = mini.lab.playbook(playbook)
    assert run.rc == 0, run.out
    name, changed = run.out.split("NAME ")[1].split('"')[0].split()
    return name, changed == "True"


def test_a_snapshot_is_taken_once(mini, before):
    _look, playbook, kept = before
    assert kept["changed"] is True
    assert taken(mini, playbook) == (kept["name"], False)
    assert mini.sh("stat -c '%a %u' " + SNAPSHOTS).split() == ["700", "0"]


@pytest.mark.sampled("breaks", 5)
@pytest.mark.parametrize("breaks", BREAKS, ids=[" and ".join(one) for one in BREAKS])
def test_undone_and_proven(mini, before, breaks):
    look, _playbook, kept = before
    for words in breaks:
        do(mini, words)
    # launchd keeps a job until its process has ended.
    end = time.monotonic() + PATIENCE
    while mini.sh(LOOK) == look:
        assert time.monotonic() < end, "the host is not broken"
        time.sleep(1)
    foretold = rollback(mini, "--check", "--diff", rollback_to=kept["name"])
    run = rollback(mini, "--diff", rollback_to=kept["name"])
    assert mini.sh(LOOK) == look
    assert "healthy" in run.out
    assert [line for line in foretold.out.splitlines() if line[:1] in "+-"] == [
        line for line in run.out.splitlines() if line[:1] in "+-"]  # fmt: skip
    token = json.loads(mini.sh("cat /Users/openclaw/.openclaw/openclaw.json"))["gateway"]["auth"]["token"]
    assert token not in run.out + foretold.out


def test_nothing_is_done_where_nothing_has_moved(mini, before):
    pid = mini.pid()
    run = rollback(mini, rollback_to=before[2]["name"])
    assert run.recap[mini.name]["changed"] == 0, run.out
    assert mini.pid() == pid


def test_a_host_at_which_another_run_works_is_left_alone(mini, before):
    lock = {"run": "20261122T120102-4711", "holder": "bob@elsewhere", "controller": "elsewhere/0242", "process": "",
            "since": time.time() - 60, "until": time.time() + 600, "rollback_point": None}  # fmt: skip
    file = SNAPSHOTS + "/run.json"
    mini.lab("inject", mini.name, "state_dir_open")
    broken = mini.sh(LOOK)
    mini.sh("echo '%s' > %s" % (json.dumps(lock), file))
    for words in ((), ("--check",)):
        run = mini.lab.playbook("rollback", *words, target=mini.name, rollback_to=before[2]["name"])
        assert run.rc == 2 and "bob@elsewhere is at work on this host" in run.out, run.out
        assert run.recap[mini.name]["changed"] == 0
    assert mini.sh(LOOK) == broken
    assert json.loads(mini.sh("cat " + file)) == lock, "somebody else's lock is not released"
    mini.sh("rm " + file)
    rollback(mini, rollback_to=before[2]["name"])
    assert mini.sh(LOOK) == before[0]
    assert "run.json" not in mini.sh("ls " + SNAPSHOTS)


def test_a_snapshot_of_a_stopped_gateway_comes_back_and_runs(mini, before):
    look, playbook, _kept = before
    # The first of them all is among those that are kept no longer.
    running, _changed = taken(mini, playbook)
    mini.sh("launchctl bootout system/ai.openclaw.gateway; launchctl disable system/ai.openclaw.gateway")
    stopped, _changed = taken(mini, playbook)
    assert stopped != running
    run = rollback(mini, rollback_to=running)
    assert mini.sh(LOOK) == look and "healthy" in run.out
    foretold = rollback(mini, "--check", rollback_to=stopped)
    run = rollback(mini, rollback_to=stopped)
    assert "healthy" in run.out and mini.pid()
    assert foretold.recap[mini.name]["changed"] == run.recap[mini.name]["changed"] == 2
    # The newest: what that rollback has replaced.
    rollback(mini)
    assert mini.sh(LOOK) == look
