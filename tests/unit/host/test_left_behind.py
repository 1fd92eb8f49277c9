# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks, sockets, half-written files; modes and owners; copies of the configuration."""
import collections
import json
import os
import socket
import stat
import subprocess
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import lock_owner
from ansible_collections.clawops.openclaw.plugins.module_utils._host import backups, leftovers, private_files
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

ME = collections.namedtuple("Account", "name uid gid home")("me", os.geteuid(), os.getegid(), "/")
CANARY = "canary-0123456789abcdefghij"


@pytest.fixture
def gone():
    """The id of a process that has ended."""
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


def lock(path, pid, padding="", **more):
    """As the Gateway writes it: an object, and blanks that mean something to it alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict({"pid": pid, "createdAt": "2026-11-22T00:50:54.033Z"}, **more)) + "\n" + padding)
    return path


def found(tmp_path, *temporary):
    return leftovers.describe(ME, str(tmp_path), [str(path) for path in temporary], str(tmp_path / "openclaw.json"))


def test_locks_of_the_living_and_of_the_dead(tmp_path, gone):
    mine = lock_owner.started(os.getpid())[1]
    living = lock(tmp_path / "tmp/openclaw-502/gateway.state.lock", os.getpid(), "\t \t ", startTime=mine)
    lock(tmp_path / "tmp/openclaw-502/gateway.27.lock.sqlite", gone)
    dead = [
        lock(tmp_path / "tmp/openclaw-502/gateway.27.lock", gone),
        # The number is somebody else's now.
        lock(tmp_path / "openclaw.json.lock", os.getpid(), starttime=mine - 1),
        lock(tmp_path / "agents/main/sessions/a.jsonl.lock", gone),
        lock(tmp_path / "elsewhere/gateway.55.lock", gone),
    ]
    lock(tmp_path / "elsewhere/gateway.66.lock", gone, configPath="/Users/other/.openclaw/openclaw.json")
    nobody = tmp_path / "credentials/x.lock"
    nobody.parent.mkdir()
    nobody.write_text("")
    seen = found(tmp_path, tmp_path / "elsewhere", tmp_path / "none")
    assert sorted(seen["stale"]) == sorted(map(str, dead))
    told = {one["path"]: one for one in seen["locks"]}
    assert told[str(living)]["alive"] is True and told[str(living)]["pid"] == os.getpid()
    assert told[str(nobody)]["alive"] is None and len(told) == 6
    assert all(one["age_s"] < 60 for one in told.values()) and seen["unreadable"] == []


def test_sockets(tmp_path):
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as left:
        listening.bind(str(tmp_path / "exec.sock"))
        listening.listen(1)
        left.bind(str(tmp_path / "left.sock"))
        left.close()
        (tmp_path / "file.sock").write_text("")
        seen = found(tmp_path)
    assert seen["sockets"] == [{"path": str(tmp_path / "exec.sock"), "listening": True},
                               {"path": str(tmp_path / "left.sock"), "listening": False}]
    assert seen["orphans"] == [str(tmp_path / "left.sock")]


def test_files_that_were_left(tmp_path):
    names = {
        "openclaw.json.clobbered.2026-11-22T00-00-00-000Z": "clobbered",
        "openclaw.json.rejected.2026-11-22T00-00-00-000Z": "rejected",
        "openclaw.json.4711.f81d4fae.tmp": "tmp",
        ".openclaw.json.ansible-abc.tmp": "tmp",
        "openclaw.json": None,
        "openclaw.json.bak": None,
        "openclaw.json.last-good": None,
    }
    for name in names:
        (tmp_path / name).write_text("{}")
        os.utime(tmp_path / name, (time.time() - 100,) * 2)
    seen = {os.path.basename(one["path"]): one for one in found(tmp_path)["leftovers"]}
    assert {name: one["kind"] for name, one in seen.items()} == {name: kind for name, kind in names.items() if kind}
    assert all(99 <= one["age_s"] <= 110 for one in seen.values())


def test_no_state_directory_is_nothing_left(tmp_path):
    seen = found(tmp_path / "none")
    assert (seen["locks"], seen["leftovers"], seen["unreadable"]) == ([], [], [])


# ------------------------------------------------------------------------------------------------------------- modes
@pytest.fixture
def state(tmp_path):
    state = tmp_path / ".openclaw"
    for name in ("openclaw.json", ".env", "state/openclaw.sqlite", "state/openclaw.sqlite-wal", "devices/paired.json",
                 "agents/main/agent/auth-profiles.json", "credentials/whatsapp/a/creds.json", "openclaw.json.bak",
                 "media/picture.png", "service-env/ai.openclaw.gateway.env"):  # fmt: skip
        path = state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    for place, _directories, names in os.walk(str(state)):
        os.chmod(place, 0o700)
        for name in names:
            os.chmod(os.path.join(place, name), 0o600)
    return state


def modes(state, further=()):
    return private_files.describe(ME, str(state), list(further))


def test_all_is_private(state):
    seen = modes(state)
    assert seen["problems"] == [] and seen["unreadable"] == [] and seen["complete"]
    told = {os.path.relpath(one["path"], str(state)): one for one in seen["entries"]}
    for name in (".", "openclaw.json", ".env", "state/openclaw.sqlite-wal", "agents/main/agent/auth-profiles.json",
                 "credentials/whatsapp/a/creds.json", "openclaw.json.bak", "devices/paired.json"):  # fmt: skip
        assert told[name]["secret"] and told[name]["exists"], name
    assert told["devices"]["secret"] is False and "media/picture.png" not in told
    assert told["openclaw.json"]["mode"] == "0600" and told["openclaw.json"]["uid"] == os.geteuid()


@pytest.mark.parametrize(("name", "mode", "problem"), [
    (".", 0o755, "readable_by_others"), (".", 0o711, "readable_by_others"),
    ("openclaw.json", 0o644, "readable_by_others"),
    ("openclaw.json", 0o660, "writable_by_others"), (".env", 0o604, "readable_by_others"), ("devices", 0o755, None),
    ("devices", 0o777, "writable_by_others"), ("devices/paired.json", 0o640, "readable_by_others"),
    ("state/openclaw.sqlite", 0o644, "readable_by_others"), ("openclaw.json.bak", 0o644, "readable_by_others"),
    ("openclaw.json", 0o400, None), ("agents/main/agent/auth-profiles.json", 0o622, "writable_by_others"),
])  # fmt: skip
def test_what_others_may(state, name, mode, problem):
    os.chmod(str(state / name), mode)
    path = os.path.normpath(str(state / name))
    seen = modes(state)
    assert seen["problems"] == ([path] if problem else [])
    assert [one["problem"] for one in seen["entries"] if one["path"] == path] == [problem]


def test_what_lies_elsewhere_and_links(state, tmp_path):
    plist, current = tmp_path / "x.plist", tmp_path / "current"
    plist.write_text("")
    plist.chmod(0o644)
    (tmp_path / "release").mkdir(mode=0o755)
    current.symlink_to("release")
    (state / "secrets.json").symlink_to(plist)
    seen = modes(state, [(str(plist), "service definition", False, os.geteuid() + 1),
                         (str(current), "release", False, None), (str(tmp_path / "none"), "log", False, None)])
    told = {one["path"]: one for one in seen["entries"]}
    assert told[str(plist)]["problem"] == "wrong_owner" and told[str(state / "secrets.json")]["problem"] == "symlink"
    assert (told[str(current)]["kind"], told[str(current)]["mode"]) == ("link", "0755")
    assert str(tmp_path / "none") not in told


def test_a_directory_that_everybody_may_write_to_like_tmp_is_none(tmp_path):
    tmp_path.chmod(0o1777)
    assert private_files.problem_of(os.stat(str(tmp_path)), False, None) is None
    assert stat.S_ISDIR(os.stat(str(tmp_path)).st_mode)


def test_a_device_is_everybodys(state):
    seen = modes(state, [("/dev/null", "log of the service", False, ME.uid + 1)])
    assert seen["problems"] == []
    assert [one["kind"] for one in seen["entries"] if one["path"] == "/dev/null"] == ["other"]


def test_a_fifo_is_not(state, tmp_path):
    os.mkfifo(str(tmp_path / "fifo"))
    os.chmod(str(tmp_path / "fifo"), 0o666)
    seen = modes(state, [(str(tmp_path / "fifo"), "log of the service", False, None)])
    assert seen["problems"] == [str(tmp_path / "fifo")]


def test_what_lies_in_the_state_directory_is_told_once(state):
    (state / "logs").mkdir(exist_ok=True)
    seen = modes(state, [(str(state / "logs"), "logs", False, None)])
    assert len([one for one in seen["entries"] if one["path"] == str(state / "logs")]) == 1


# ------------------------------------------------------------------------------------------------------------ copies
def test_copies_of_the_configuration(tmp_path):
    now = time.time()
    config = {"gateway": {"auth": {"token": CANARY}, "remote": {"token": CANARY + "-old"}}}
    (tmp_path / "openclaw.json").write_text(json.dumps(config))
    for name, text in (("openclaw.json.bak", json.dumps(config)), ("openclaw.json.last-good", "{}"),
                       ("openclaw.json.clobbered.1", '{"token": "%s' % CANARY)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o644 if name.endswith("bak") else 0o600)
    seen = backups.describe(ME, str(tmp_path), fingerprint(CANARY), now)
    assert CANARY not in json.dumps(seen) and seen["count"] == 3
    assert (seen["with_secrets"], seen["with_current_token"]) == (1, 1)
    told = {os.path.basename(one["path"]): one for one in seen["entries"]}
    bak = told["openclaw.json.bak"]
    assert bak["fingerprints"] == sorted([fingerprint(CANARY), fingerprint(CANARY + "-old")])
    assert bak["readable_by_others"] and bak["owner"] == "openclaw" and bak["mode"] == "0644"
    assert told["openclaw.json.last-good"]["fingerprints"] == []
    assert backups.describe(ME, str(tmp_path), None, now)["with_current_token"] is None
