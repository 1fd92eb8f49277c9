# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host's own sections make of launchd's answers, files and listeners."""
import os

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._info import host as sections
from ansible_collections.clawops.openclaw.plugins.module_utils._info import observe
from scripted_host import GUI, LABEL, ME, USER, Host, Questions, domain, job


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def test_a_healthy_service(host):
    host.define()
    found = host.section("service")
    assert [scope["loaded"] for scope in found["scopes"]] == [True, False]
    expected = {"owner": "ours", "supervised_by": ["system/" + LABEL], "loaded_count": 1, "definition_count": 1,
                "others": [], "drift": None, "drift_error": None, "loaded_is_stale": False, "stale_keys": [],
                "throttled": False, "parked": False}  # fmt: skip
    assert {key: found[key] for key in expected} == expected
    assert host.section("gui") == {"domain": GUI, "present": False}


def test_a_file_that_launchd_has_not_read(host):
    host.define(ThrottleInterval=10)
    found = host.section("service")
    assert found["loaded_is_stale"] is True and found["stale_keys"] == ["ThrottleInterval"]
    assert host.section("service", throttle_interval=30)["drift"] == [
        {"where": "file", "scope": "daemon", "key": "ThrottleInterval", "want": 30, "have": 10}]  # fmt: skip


def test_without_a_declaration_or_without_a_job_there_is_no_drift(host):
    host.define()
    assert host.section("service")["drift"] is None
    assert host.section("service", throttle_interval=30)["drift"] == []
    assert host.section("service", scope="agent")["drift"] is None
    refused = host.section("service", throttle_interval=60)
    assert refused["drift"] is None and "60 is refused" in refused["drift_error"]


def test_nothing_at_all(host):
    host.answers.update({"system": domain()})
    found = host.section("service")
    expected = {"owner": None, "supervised_by": [], "loaded_count": 0, "definition_count": 0, "loaded_is_stale": None,
                "throttled": False, "parked": False}  # fmt: skip
    assert {key: found[key] for key in expected} == expected


def test_two_definitions_and_two_supervisors(host):
    host.define()
    host.define(str(host.root / "LaunchAgents/copy.plist"))
    host.answers.update({GUI: domain((9, LABEL)), GUI + "/" + LABEL: job("/x", pid=9, place=GUI)})
    found = host.section("service")
    assert (found["loaded_count"], found["definition_count"]) == (2, 2)
    assert found["supervised_by"] == ["system/" + LABEL, GUI + "/" + LABEL]
    assert host.section("gui")["present"] is True


HELD_BACK = [
    ("running", 4711, True, (False, False)),
    ("spawn scheduled", None, True, (True, False)),
    ("not running", None, True, (False, True)),
    ("not running", None, False, (False, False)),
    ("not running", None, {"SuccessfulExit": False}, (False, False)),
    ("SIGTERMed", None, True, (False, False)),
]


@pytest.mark.parametrize("state,pid,keep_alive,expected", HELD_BACK)
def test_what_launchd_holds_back(host, state, pid, keep_alive, expected):
    host.define(KeepAlive=keep_alive)
    host.answers["system/" + LABEL] = job(host.plist, state, pid)
    found = host.section("service")
    assert (found["throttled"], found["parked"]) == expected


def test_a_job_whose_file_is_gone_may_or_may_not_be_parked(host):
    host.answers["system/" + LABEL] = job(host.plist, "not running", None)
    assert host.section("service")["parked"] is None


def test_a_silent_launchd_leaves_everything_open(host):
    host.define()
    host.answers = dict.fromkeys(("system", GUI, USER, "system/" + LABEL, GUI + "/" + LABEL), (None, "", ""))
    found = host.section("service")
    for key in ("supervised_by", "loaded_count", "loaded_is_stale", "throttled", "parked"):
        assert found[key] is None, key
    assert found["definition_count"] == 1 and found["owner"] == "ours" and host.section("gui")["present"] is None


# ---------------------------------------------------------------------------------------------------------- the port
def listener(pid, port=18789, address="127.0.0.1", ppid=1, command="node", elsewhere=False):
    return {"pid": pid, "ppid": ppid, "command": command, "user": "x", "address": address, "elsewhere": elsewhere,
            "port": port}  # fmt: skip


OURS = {"service": {"scopes": [{"loaded": True, "pid": 7}, {"loaded": False, "pid": None}]}}
UNTOLD = {"service": {"scopes": [{"loaded": None, "pid": None}]}}


@pytest.fixture
def listening(host, monkeypatch):
    monkeypatch.setattr(sections, "_answer", lambda port: (True, None))

    def listening(everyone, found=None, reader="proc"):
        monkeypatch.setattr(sections.listeners, "read_all", lambda: (reader, everyone))
        return host.section("port", OURS if found is None else found, port=18789)

    return listening


def test_the_jobs_own_listeners_and_those_of_its_children(listening):
    found = listening([listener(7), listener(8, ppid=7, address="[::1]"), listener(30, port=22, command="sshd")])
    assert len(found["listeners"]) == 2
    assert (found["foreign"], found["elsewhere"], found["everywhere"], found["others"]) == ([], [], False, [])


def test_foreign_listeners(listening):
    mine, theirs = listener(7), listener(99, address="100.64.0.1", command="python3", elsewhere=True)
    found = listening([mine, theirs, listener(98, address="*", command="nc")])
    assert [item["pid"] for item in found["foreign"]] == [99, 98]
    assert found["elsewhere"] == ["100.64.0.1"] and found["everywhere"] is True
    assert [item["pid"] for item in listening([theirs], {"service": {"scopes": [{"loaded": True, "pid": None}]}})[
        "foreign"]] == [99]  # fmt: skip


def test_who_cannot_be_told_is_not_nobody(listening, monkeypatch):
    assert listening([listener(None)])["foreign"] is None
    assert listening([listener(7)], UNTOLD)["foreign"] is None
    assert listening([listener(7)], {})["foreign"] is None
    assert [item["pid"] for item in listening([listener(None), listener(99)])["foreign"]] == [None, 99]
    assert listening(None, reader=None) == dict(listening(None, reader=None), listeners=None, foreign=None, others=None)
    # lsof shows an ordinary account its own processes alone; /proc/net/tcp shows all sockets to everybody.
    monkeypatch.setattr(observe.os, "geteuid", lambda: 501)
    assert listening([], reader="lsof")["foreign"] is None and listening([], reader="proc")["foreign"] == []


def test_further_gateways(listening, monkeypatch):
    told = {40: ["node", "/lib/node_modules/openclaw/dist/index.js", "gateway"], 41: ["node", "/srv/app.js"]}

    def look(pid):
        if pid not in told:
            raise OSError(1, "not yours")
        return told[pid], {}

    monkeypatch.setattr(sections._process, "look", look)
    found = listening([
        listener(7), listener(7, port=18791), listener(8, port=18792, ppid=7), listener(40, port=19001),
        listener(41, port=3000), listener(42, port=3001), listener(43, port=19002, command="openclaw-gateway"),
        listener(None, port=5),
    ])  # fmt: skip
    assert [(item["pid"], item["port"]) for item in found["others"]] == [(40, 19001), (43, 19002)]
    assert listening([listener(7), listener(None, port=5)])["others"] is None


# ----------------------------------------------------------------------------------------------------- the whole look
def test_privilege(host, monkeypatch):
    assert host.section("privilege") == {"uid": os.geteuid(), "is_root": os.geteuid() == 0, "may_read_account": True}
    monkeypatch.setattr(observe.os, "geteuid", lambda: 54321)
    assert host.section("privilege") == {"uid": 54321, "is_root": False, "may_read_account": False}
    assert host.section("privilege", user="nobody-here")["may_read_account"] is None


def test_installs_follow_what_is_loaded_else_what_is_defined(host):
    host.define(EnvironmentVariables={"PATH": "/defined"})
    look = host.look()
    look.found["service"] = sections.service(look)
    assert sections.installs(look)["path"]["service"] == "/o:/bin"
    host.answers["system"] = domain()
    look = host.look()
    look.found["service"] = sections.service(look)
    assert sections.installs(look)["path"]["service"] == "/defined"
    assert host.section("installs", {"service": {"error": "not a Mac"}})["path"]["service"] == "/defined"


def test_operators_that_do_not_exist_are_left_out(host):
    assert [person.name for person in host.look(operators=[ME.pw_name, "nobody-here"]).operators] == [ME.pw_name]


def snapshot(root):
    """Every file below a directory with what a write would change."""
    found = {}
    for directory, names, files in os.walk(str(root)):
        for name in names + files:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            found[path] = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return found


def test_a_look_writes_nothing(host, monkeypatch):
    host.define()
    (host.root / "state/openclaw.json").write_text("{gateway: {mode: 'local', port: 1}}")
    monkeypatch.chdir(host.root)
    monkeypatch.setattr(observe, "Questions", lambda: Questions(host.answers))
    before = snapshot(host.root)
    found = observe.observe(host.wanted())
    assert found["service"]["error"] is None and found["installs"]["error"] is None
    assert snapshot(host.root) == before
