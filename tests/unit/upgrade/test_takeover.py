# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only OpenClaw's doctor takes over: kept, taken over with the Gateway stopped, and brought back."""

from __future__ import annotations

import os
import stat
import sys
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import takeover, task
from state_kit import NEW, credentials, sessions, tree

#: An openclaw whose doctor does what the real 2026.9.6 does to what 2026.7.1 kept in files, and then what it is told.
DOCTOR = """#!/bin/sh
case "$1" in
config) echo '{"valid": true}'; exit ;;
esac
cd "$OPENCLAW_STATE_DIR" || exit 1
[ "$OPENCLAW_SUPERVISOR_MODE" = external ] && [ "$*" = "doctor --fix --non-interactive" ] || exit 2
echo '{"what": "it thinks of"}' > "${OPENCLAW_CONFIG_PATH:-openclaw.json}"
%s -c "import sqlite3; b = sqlite3.connect('state/openclaw.sqlite'); b.execute('PRAGMA user_version=18')"
%s
mkdir -p agents/main/archive
for file in agents/main/sessions/* agents/main/agent/auth-profiles.json; do
    [ -e "$file" ] && mv "$file" agents/main/archive/
done
exit %d
"""


def doctored(host, then="", code=0):
    """Conversations and credentials of OLD, and a doctor of NEW; returns what there is below agents."""
    sessions(host)
    credentials(host)
    (host.state / "agents/main/sessions/one.jsonl").write_text("said\n" * 1000)
    (host.root / "releases" / NEW / "openclaw").write_text(DOCTOR % (sys.executable, then, code))
    return contents(host)


def contents(host):
    return {str(path.relative_to(host.state)): path.read_bytes() for path in (host.state / "agents").rglob("*")
            if path.is_file()}  # fmt: skip


def taken_over_by_one_that_is_killed(host):
    child = os.fork()
    if not child:
        task.take_over(host.work(), 60)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("code", [0, 1])
def test_what_only_the_doctor_takes_over_is_taken_over_and_comes_back(host, code):
    before = doctored(host, code=code)
    config = (host.state / "openclaw.json").read_bytes()
    begun = host.begin(legacy="accepted")
    assert begun["takeover"]
    assert begun["legacy"] == ["agents/main/agent/auth-profiles.json", "agents/main/sessions/sessions.json"]
    held = tree(host.home)
    assert task.take_over(host.work(check_mode=True), 60)["changed"] and tree(host.home) == held
    assert task.take_over(host.work(), 60)["legacy"] == begun["legacy"]
    assert (host.state / "openclaw.json").read_bytes() == config
    assert not (host.state / "agents/main/sessions/sessions.json").exists()
    # The real one takes over no transcript that has a second name.
    assert (host.state / "agents/main/archive/one.jsonl").stat().st_nlink == 1
    again = task.take_over(host.work(), 60)
    assert (again["changed"], again["takeover"], again["legacy"]) == (False, False, [])
    assert host.begin(legacy="accepted")["takeover"] is False

    back = task.undo(host.work())["put_back"]
    assert set(before) <= set(back) and "state/openclaw.sqlite" in back
    assert {path: data for path, data in contents(host).items() if path in before} == before


def test_what_the_old_release_wrote_until_its_end_is_kept(host):
    doctored(host)
    host.begin(legacy="accepted")
    later = {"agents/main/sessions/sessions.json": '{"agent:main:later": {}}', "agents/main/sessions/two.jsonl": "new",
             "agents/main/agent/auth-profiles.json": '{"profiles": {"b": {}}}'}  # fmt: skip
    for path, text in later.items():
        (host.state / path).write_text(text)
    task.take_over(host.work(), 60)
    task.undo(host.work())
    assert {path: (host.state / path).read_text() for path in later} == later


def test_a_run_that_was_killed_in_the_doctor_is_done_again(host):
    before = doctored(host, then="kill -9 $PPID")
    config = (host.state / "openclaw.json").read_bytes()
    host.begin(legacy="accepted")
    taken_over_by_one_that_is_killed(host)
    deadline = time.monotonic() + 20
    while len(list((host.state / "agents/main/archive").glob("*"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (host.state / ".upgrade/doctor/openclaw.json").exists()
    (host.state / "agents/main/sessions").mkdir(exist_ok=True)
    os.rename(host.state / "agents/main/archive/one.jsonl", host.state / "agents/main/sessions/one.jsonl")
    (host.state / "agents/main/sessions/sessions.json").write_text('{"half": 1}')
    assert host.begin(legacy="accepted")["takeover"]
    doctor = host.root / "releases" / NEW / "openclaw"
    doctor.write_text(doctor.read_text().replace("kill -9 $PPID", ""))
    assert task.take_over(host.work(), 60)["changed"]
    assert not (host.state / ".upgrade/doctor").exists()
    assert (host.state / "openclaw.json").read_bytes() == config
    task.undo(host.work())
    assert {path: data for path, data in contents(host).items() if path in before} == before


@pytest.mark.parametrize("deed", [
    lambda work: task.take_over(work, 60), task.undo, lambda work: task.begin(work, None, 0, "accepted"),
    lambda work: task.take_over(work._replace(check_mode=True), 60),
], ids=["taken over", "undone", "begun", "check"])  # fmt: skip
def test_a_doctor_that_was_left_behind_is_waited_for(host, monkeypatch, deed):
    go, done = host.home / "go", host.home / "done"
    doctored(host, then=f"kill -9 $PPID; while [ ! -e '{go}' ]; do sleep 0.05; done; touch '{done}'")
    host.begin(legacy="accepted")
    taken_over_by_one_that_is_killed(host)
    monkeypatch.setattr(takeover, "_PATIENCE_S", 0.2)
    with pytest.raises(Failure, match="still at work on") as caught:
        deed(host.work())
    assert caught.value.code == "takeover_busy"
    monkeypatch.setattr(takeover, "_PATIENCE_S", 60)
    go.touch()
    deed(host.work())
    assert done.exists(), "it was waited for until its end"


def test_a_doctor_that_does_not_take_over_is_told_with_what_it_said(host):
    doctored(host, then="echo 'no such table: told'; exit 0")
    config = (host.state / "openclaw.json").read_bytes()
    host.begin(legacy="accepted")
    with pytest.raises(Failure) as caught:
        task.take_over(host.work(), 60)
    assert caught.value.code == "takeover_failed"
    assert "no such table" not in caught.value.sentence() and "sessions.json" in caught.value.sentence()
    log = host.state / ".upgrade/doctor.log"
    assert str(log) in caught.value.hint and "no such table: told" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert (host.state / "openclaw.json").read_bytes() == config


def test_a_doctor_that_does_not_end_is_ended(host):
    doctored(host, then="sleep 60")
    host.begin(legacy="accepted")
    with pytest.raises(Failure, match="did not end within 1 s"):
        task.take_over(host.work(), 1)


def test_nothing_is_taken_over_beside_a_gateway_or_without_an_upgrade(host):
    before = doctored(host)
    assert not task.take_over(host.work(), 60)["changed"] and contents(host) == before
    host.begin(legacy="accepted")
    host.running = True
    with pytest.raises(Failure) as caught:
        task.take_over(host.work(), 60)
    assert caught.value.code == "gateway_running"


def test_a_copy_that_is_as_the_file_is_not_made_again(host):
    doctored(host)
    host.begin(legacy="accepted")
    copies = host.state / ".upgrade/files/agents/main/sessions"
    (copies / "one.jsonl").write_text("as long as".ljust(5000))
    stamp = (host.state / "agents/main/sessions/one.jsonl").stat().st_mtime_ns
    os.utime(copies / "one.jsonl", ns=(stamp, stamp))
    (host.state / "agents/main/sessions/sessions.json").write_text('{"agent:main:later": {}}')
    task.take_over(host.work(), 60)
    assert (copies / "one.jsonl").read_text().startswith("as long as")
    assert (copies / "sessions.json").read_text() == '{"agent:main:later": {}}'
