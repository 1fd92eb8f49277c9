# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade that has begun: what stands in its way, what is copied, and what comes back of it."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import sqlite3
import stat
import sys
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import area, record, schemas, task

OLD, NEW = "2026.7.1", "2026.9.6"
SCHEMAS = {"openclaw": {"schemaVersions": {"state": 18, "agent": 23}}}
#: An openclaw that judges a configuration as it is told in a file beside it.
COMMAND = """#!/bin/sh
cat "%s"
"""


class Account:
    def __init__(self, home):
        entry = pwd.getpwuid(os.geteuid())
        self.name, self.uid, self.gid, self.home = entry.pw_name, entry.pw_uid, entry.pw_gid, str(home)


def database(path, schema, row):
    """A database in the mode that OpenClaw uses, with something in it, closed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE IF NOT EXISTS told (what TEXT)")
        made.execute("INSERT INTO told VALUES (?)", (row,))
        made.execute("PRAGMA user_version=%d" % schema)
        made.commit()


def rows(path):
    with contextlib.closing(sqlite3.connect(path)) as found:
        return [row[0] for row in found.execute("SELECT what FROM told")]


@pytest.fixture
def host(tmp_path):
    """Releases OLD (current) and NEW, and the state of OLD."""
    root, state = tmp_path / "opt/openclaw", tmp_path / "home/.openclaw"
    for version, about in ((OLD, {}), (NEW, SCHEMAS)):
        package = root / "releases" / version / "lib/node_modules/openclaw"
        package.mkdir(parents=True)
        (package / "package.json").write_text(json.dumps(dict(about, name="openclaw", version=version)))
        command = root / "releases" / version / "openclaw"
        (root / "releases" / version / "says").write_text('{"valid": true}\n')
        command.write_text(COMMAND % (root / "releases" / version / "says"))
        command.chmod(0o755)
        (root / "releases" / version / "node").symlink_to("../../node/24.21.0")
    (root / "current").symlink_to("releases/" + OLD)
    database(state / "state/openclaw.sqlite", 1, "old")
    (state / "devices").mkdir()
    (state / "devices/paired.json").write_text('{"one": {}}')
    (state / ".env").write_text("OPENCLAW_GATEWAY_TOKEN=a-token\n")
    (state / "openclaw.json.bak").write_text('{"gateway": {"auth": {"token": "a-token"}}}')
    (state / "openclaw.json").write_text('{"gateway": {"mode": "local"}}')
    (state / "media").mkdir()
    (state / "media/film").write_text("long")

    class Host:
        home, running = tmp_path / "home", False

        def work(self, version=NEW, check_mode=False):
            place = area.Area(Account(tmp_path / "home"), str(state))
            return task.Task(place, str(root), version, str(tmp_path / "db"), check_mode, lambda: self.running)

        def switch(self, version):
            os.unlink(root / "current")
            os.symlink("releases/" + version, root / "current")

        def begin(self, legacy="refused", **options):
            return task.begin(self.work(**options), "a-snapshot", 0, legacy)

        def migrate(self):
            """Do what the real 2026.9.6 does to the state of 2026.7.1 when it starts."""
            with contextlib.closing(sqlite3.connect(state / "state/openclaw.sqlite")) as live:
                live.execute("INSERT INTO told VALUES ('new')")
                live.execute("PRAGMA user_version=18")
                live.commit()
            database(state / "agents/main/agent/openclaw-agent.sqlite", 23, "new")
            os.rename(state / "devices/paired.json", state / "devices/paired.json.migrated")

    made = Host()
    made.root, made.state = root, state
    return made


def tree(top):
    return {
        os.path.join(parent, name): stat.S_IMODE(os.lstat(os.path.join(parent, name)).st_mode)
        for parent, directories, files in os.walk(top) for name in directories + files
        if not name.endswith(("-wal", "-shm"))
    }  # fmt: skip


@pytest.mark.parametrize(
    ("about", "version", "expected"),
    [
        (SCHEMAS, NEW, {"state": 18, "agent": 23}),
        ({}, "2026.7.1", {"state": 1, "agent": 1}),
        ({}, "2026.1.30", {"state": 1, "agent": 1}),
        ({}, "2026.8.1", None),
        ({"openclaw": {"schemaVersions": {"state": "x"}}}, "2026.8.1", None),
        ({"openclaw": []}, "2025.12.1-beta.1", {"state": 1, "agent": 1}),
    ],
)
def test_what_a_release_reads(about, version, expected):
    assert schemas.known(about, version) == expected


def test_a_check_changes_nothing_and_foretells(host):
    before = tree(host.home)
    assert host.begin(check_mode=True)["changed"]
    assert tree(host.home) == before
    assert record.read(host.work().directory) is None


def test_what_will_be_migrated_is_copied_and_remembered(host):
    done = host.begin()
    assert done["changed"]
    assert done["upgrade"] == {"version": OLD, "node_version": "24.21.0", "to": NEW, "snapshot": "a-snapshot",
                               "state": "open"}
    copies = host.state / ".upgrade"
    assert rows(copies / "databases/state/openclaw.sqlite") == ["old"]
    assert (copies / "files/devices/paired.json").read_text() == '{"one": {}}'
    assert not (copies / "files/media").exists()
    assert not [path for path in (copies / "files").rglob("*") if path.name.startswith(("openclaw.json", ".env"))]
    assert stat.S_IMODE(copies.stat().st_mode) == 0o700
    assert stat.S_IMODE((copies / "databases/state/openclaw.sqlite").stat().st_mode) == 0o600
    # A run that was killed is taken up where it was: the copies are those of before.
    host.migrate()
    host.switch(NEW)
    again = host.begin()
    assert not again["changed"] and again["upgrade"] == done["upgrade"]
    assert rows(copies / "databases/state/openclaw.sqlite") == ["old"]


def test_a_database_that_is_being_written_is_copied_of_one_moment(host):
    with contextlib.closing(sqlite3.connect(host.state / "state/openclaw.sqlite")) as writer:
        writer.execute("INSERT INTO told VALUES ('committed')")
        writer.commit()
        writer.execute("INSERT INTO told VALUES ('not yet')")
        host.begin()
        writer.rollback()
    assert rows(host.state / ".upgrade/databases/state/openclaw.sqlite") == ["old", "committed"]


def test_undone_the_old_release_reads_its_state_and_nothing_is_lost(host):
    host.begin()
    host.migrate()
    predicted = task.undo(host.work(check_mode=True))
    done = task.undo(host.work())
    assert done["put_back"] == predicted["put_back"] == ["state/openclaw.sqlite", "devices/paired.json"]
    assert done["taken_away"] == predicted["taken_away"] == ["agents/main/agent/openclaw-agent.sqlite"]
    assert done["upgrade"]["state"] == "undone"
    assert rows(host.state / "state/openclaw.sqlite") == ["old"]
    assert (host.state / "devices/paired.json").read_text() == '{"one": {}}'
    assert not (host.state / "agents/main/agent/openclaw-agent.sqlite").exists()
    newer = host.state / ".upgrade/newer"
    assert rows(newer / "state/openclaw.sqlite") == ["old", "new"]
    assert rows(newer / "agents/main/agent/openclaw-agent.sqlite") == ["new"]
    again = task.undo(host.work())
    assert (again["changed"], again["put_back"]) == (False, [])


def test_a_database_that_the_old_release_reads_keeps_what_came_into_it(host):
    host.begin()
    with contextlib.closing(sqlite3.connect(host.state / "state/openclaw.sqlite")) as live:
        live.execute("INSERT INTO told VALUES ('later')")
        live.commit()
    os.unlink(host.state / "devices/paired.json")
    done = task.undo(host.work())
    assert (done["put_back"], done["taken_away"]) == ([], [])
    assert rows(host.state / "state/openclaw.sqlite") == ["old", "later"]


def test_a_database_that_was_moved_away_comes_back_after_a_cut(host):
    host.begin()
    host.migrate()
    newer = host.state / ".upgrade/newer/state"
    newer.mkdir(parents=True)
    os.rename(host.state / "state/openclaw.sqlite", newer / "openclaw.sqlite")
    assert "state/openclaw.sqlite" in task.undo(host.work())["put_back"]
    assert rows(host.state / "state/openclaw.sqlite") == ["old"]


def test_databases_are_not_taken_from_under_a_gateway(host):
    host.begin()
    host.migrate()
    host.running = True
    with pytest.raises(Failure) as caught:
        task.undo(host.work())
    assert caught.value.code == "gateway_running"
    assert rows(host.state / "state/openclaw.sqlite") == ["old", "new"]


def test_proven_closes_it(host):
    host.begin()
    assert task.prove(host.work())["changed"]
    again = task.prove(host.work())
    assert (again["changed"], again["upgrade"]["state"]) == (False, "proven")
    host.switch(NEW)
    assert host.begin()["upgrade"] is None


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


def test_nothing_was_begun(host):
    host.switch(NEW)
    assert host.begin() == dict(host.begin(), changed=False, upgrade=None)
    assert not task.prove(host.work())["changed"]
    with pytest.raises(Failure) as caught:
        task.undo(host.work())
    assert caught.value.code == "nothing_to_undo"


def downgrade(host):
    database(host.state / "state/openclaw.sqlite", 18, "newer")
    host.switch(NEW)
    return OLD


def sessions(host):
    (host.state / "agents/main/sessions").mkdir(parents=True)
    (host.state / "agents/main/sessions/sessions.json").write_text('{"agent:main:main": {}}')
    return NEW


def credentials(host):
    (host.state / "agents/main/agent").mkdir(parents=True)
    (host.state / "agents/main/agent/auth-profiles.json").write_text('{"version": 1, "profiles": {"a": {}}}')
    return NEW


def a_key(host):
    (host.root / "releases" / NEW / "says").write_text(
        '{"valid": false, "issues": [{"path": "gateway.foo", "message": "Unrecognized key"}]}')
    return NEW


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("spoil", "code", "names"),
    [
        (downgrade, "state_too_new", ["state/openclaw.sqlite", "schema 18", OLD]),
        (sessions, "legacy_sessions", ["agents/main/sessions/sessions.json", "2026.9.6/openclaw doctor --fix"]),
        (credentials, "legacy_credentials", ["agents/main/agent/auth-profiles.json", "does not start", "doctor --fix"]),
        (a_key, "config_refused", ["openclaw.json: gateway.foo", "Unrecognized key"]),
    ],
)
def test_what_stands_in_the_way_is_named_and_nothing_is_changed(host, spoil, code, names, check_mode):
    version = spoil(host)
    before = tree(host.home)
    with pytest.raises(Failure) as caught:
        host.begin(version=version, check_mode=check_mode)
    assert caught.value.code == "upgrade_refused"
    assert [one["code"] for one in caught.value.details["obstacles"]] == [code]
    for name in names:
        assert name in caught.value.sentence()
    assert tree(host.home) == before


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
    child = os.fork()
    if not child:
        task.take_over(host.work(), 60)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    deadline = time.monotonic() + 20
    while len(list((host.state / "agents/main/archive").glob("*"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    (host.state / "agents/main/sessions").mkdir(exist_ok=True)
    os.rename(host.state / "agents/main/archive/one.jsonl", host.state / "agents/main/sessions/one.jsonl")
    (host.state / "agents/main/sessions/sessions.json").write_text('{"half": 1}')
    assert host.begin(legacy="accepted")["takeover"]
    doctor = host.root / "releases" / NEW / "openclaw"
    doctor.write_text(doctor.read_text().replace("kill -9 $PPID", ""))
    assert task.take_over(host.work(), 60)["changed"]
    assert (host.state / "openclaw.json").read_bytes() == config
    task.undo(host.work())
    assert {path: data for path, data in contents(host).items() if path in before} == before


def test_a_doctor_that_does_not_take_over_is_told_with_what_it_said(host):
    doctored(host, then="echo 'no such table: told'; exit 0")
    config = (host.state / "openclaw.json").read_bytes()
    host.begin(legacy="accepted")
    with pytest.raises(Failure) as caught:
        task.take_over(host.work(), 60)
    assert caught.value.code == "takeover_failed"
    assert "no such table: told" in caught.value.sentence() and "sessions.json" in caught.value.sentence()
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


@pytest.mark.parametrize("spoil, code", [
    (sessions, "legacy_sessions"),
    (credentials, "legacy_credentials"),
    (lambda host: database(host.state / "state/openclaw.sqlite", 19, "newer"), "state_too_new"),
], ids=["conversations", "credentials", "newer"])  # fmt: skip
def test_the_first_release_of_ours_is_refused_beside_what_it_cannot_read(host, spoil, code):
    os.unlink(host.root / "current")
    assert host.begin(legacy="accepted") == dict(host.begin(), changed=False, upgrade=None)
    spoil(host)
    before = tree(host.home)
    with pytest.raises(Failure, match="cannot take over from what is there") as caught:
        host.begin(legacy="accepted")
    assert [one["code"] for one in caught.value.details["obstacles"]] == [code]
    assert tree(host.home) == before


def test_the_first_release_of_ours_goes_on_where_another_has_taken_over_already(host):
    os.unlink(host.root / "current")
    sessions(host)
    database(host.state / "state/openclaw.sqlite", 18, "newer")
    assert not host.begin()["changed"]


def test_an_empty_store_of_sessions_stands_in_nobodys_way(host):
    sessions(host)
    (host.state / "agents/main/sessions/sessions.json").write_text("{}")
    assert host.begin()["changed"]


def test_without_a_staged_release_nothing_begins(host):
    os.unlink(host.root / "releases" / NEW / "openclaw")
    assert host.begin(check_mode=True)["changed"]
    with pytest.raises(Failure) as caught:
        host.begin()
    assert caught.value.code == "release_not_staged"


def test_what_cannot_be_copied_leaves_no_half_copy(host):
    (host.state / "state/openclaw.sqlite").write_bytes(b"no database at all, but longer than a header" * 100)
    with pytest.raises(Failure) as caught:
        host.begin()
    assert caught.value.code == "state_unreadable"
    assert not (host.state / ".upgrade").exists()
    assert record.read(host.work().directory) is None
