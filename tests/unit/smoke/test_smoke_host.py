# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a host's own check, however its account has left the file, and how its parts get to their places."""
import json
import os
import plistlib
import sys
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import smoke
from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare
from ansible_collections.clawops.openclaw.plugins.module_utils._smoke import install

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/unit/info"))
from scripted_host import LABEL, ME, Host, domain

NO_JOB = domain((4711, LABEL))
NOW = 1_800_000_000
STATUS = {"schema_version": 1, "checked": NOW - 60, "state": "healthy", "since": NOW - 600, "failures": 0,
          "verdicts": {"live": {"verdict": "ok", "code": None, "reason": "well."}}, "outages": []}  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The place of the check, below a directory of the test."""
    real = smoke.place
    monkeypatch.setattr(smoke, "place", lambda label, top=None: real(label, str(tmp_path / "top")))
    return smoke.place(LABEL)


@pytest.fixture
def host(tmp_path, place):
    """A host with the check installed and loaded, and a status."""
    (tmp_path / "host").mkdir()
    host = Host(tmp_path / "host")
    host.define()
    host.definition = install.definition(place, "/usr/bin/python3", 18789, 300, {"UserName": ME.pw_name})
    host.smoke_plist = str(tmp_path / "host/LaunchDaemons" / (place.label + ".plist"))
    Path(host.smoke_plist).write_bytes(plistlib.dumps(host.definition))
    host.answers["system"] = domain((4711, LABEL), (0, place.label))
    os.makedirs(place.writable)
    return host


def told(host, status=None, now=NOW):
    if status is not None:
        data = status if isinstance(status, bytes) else json.dumps(status).encode()
        Path(smoke.place(LABEL).status).write_bytes(data)
    look = host.look()
    return smoke.describe(LABEL, look.place.survey, look.domains[:2], now)


def test_one_in_order(host):
    seen = told(host, STATUS)
    assert (seen["silent"], seen["problem"], seen["installed"], seen["loaded"]) == (False, None, True, True)
    assert (seen["interval"], seen["age_s"], seen["since_s"], seen["state"]) == (300, 60, 600, "healthy")


def test_it_is_no_other_gateway_and_part_of_the_footprint(host):
    assert host.section("service")["others"] == []
    whats = {item["path"]: item["what"] for item in host.section("footprint")["places"]}
    assert whats[host.smoke_plist] == whats[smoke.place(LABEL).directory] == "smoke check"


@pytest.mark.parametrize("change", [
    {"ProgramArguments": ["/usr/bin/python3", "-I", "-B", "/tmp/other.py"]},
    {"ProgramArguments": ["/o/node", "/o/openclaw/index.js", "gateway"]},
    {"Program": "/o/openclaw"},
])  # fmt: skip
def test_one_that_starts_something_else_is_another_service(host, place, change):
    Path(host.smoke_plist).write_bytes(plistlib.dumps(dict(host.definition, **change)))
    assert [item["label"] for item in host.section("service")["others"]] == [place.label]
    assert told(host, STATUS)["silent"] is True


def test_one_that_only_launchd_still_has_is_told(host, place):
    os.unlink(host.smoke_plist)
    assert [item["label"] for item in host.section("service")["others"]] == [place.label]


SILENT = [
    (lambda host: os.unlink(host.smoke_plist), STATUS, NOW, True, "it is not installed"),
    (lambda host: host.answers.update(system=NO_JOB), STATUS, NOW, True, "launchd does not have its job"),
    (None, None, NOW, True, "it has not written a status yet"),
    (None, b"", NOW, True, "its status makes no sense"),
    (None, b"\xff\x00", NOW, True, "its status makes no sense"),
    (None, b"[" * 60000, NOW, True, "its status makes no sense"),
    (None, dict(STATUS, schema_version=2), NOW, True, "its status makes no sense"),
    (None, dict(STATUS, checked=True), NOW, True, "its status makes no sense"),
    (None, dict(STATUS, checked=10**400), NOW, True, "its status makes no sense"),
    (None, STATUS, NOW + 3 * 300 - 60, False, None),
    (None, STATUS, NOW + 3 * 300 - 59, True, "it has not written its status for more than 3 of its intervals"),
    (None, STATUS, NOW - 121, True, "its status is from the future"),
    (lambda host: host.answers.update(system=(1, "", "Operation not permitted")), STATUS, NOW, None, None),
]


@pytest.mark.parametrize("spoil,status,now,silent,problem", SILENT)
def test_silence(host, spoil, status, now, silent, problem):
    if spoil:
        spoil(host)
    seen = told(host, status, now)
    assert (seen["silent"], seen["problem"]) == (silent, problem)


def test_a_link_or_a_pipe_in_its_place_is_not_followed(host, place, tmp_path):
    (tmp_path / "secret").write_text(json.dumps(STATUS))
    os.symlink(str(tmp_path / "secret"), place.status)
    seen = told(host)
    assert (seen["silent"], seen["age_s"]) == (None, None)
    assert seen["problem"].startswith("its status cannot be read (")
    os.unlink(place.status)
    os.mkfifo(place.status)
    assert told(host)["problem"] == "its status cannot be read (it is no plain file)"


def test_nothing_of_a_status_is_taken_on_trust(host):
    odd = {"code": 3, "reason": "x\x1b[2J" * 99, "checks": "many", "since": None, "until": "never"}
    seen = told(host, dict(STATUS, state="fine", since=-1.5, failures=[], verdicts={"live": 7, "other": {}},
                           outages=[odd, 5, *[odd] * 30]))  # fmt: skip
    assert (seen["state"], seen["since_s"], seen["failures"]) == (None, None, None)
    assert seen["verdicts"] == {"live": {"verdict": None, "code": None, "reason": None}}
    assert len(seen["outages"]) == 16
    assert seen["outages"][0]["reason"].isprintable() and len(seen["outages"][0]["reason"]) == 200


def test_only_outages_of_the_last_day_are_told(host):
    def outage(began, ended):
        until = None if ended is None else NOW - ended
        return {"code": "timeout", "reason": "", "checks": 1, "since": NOW - began, "until": until}

    seen = told(host, dict(STATUS, outages=[outage(200000, 90000), outage(90000, 86399), outage(200000, None)]))
    assert [(one["ended_s"], one["lasts"]) for one in seen["outages"]] == [(86399, False), (None, True)]


def test_the_definition_is_what_the_service_model_takes(place):
    daemon = install.definition(place, "/usr/bin/python3", 18789, 300, {"UserName": "openclaw"})
    assert daemon["ProgramArguments"][:4] == ["/usr/bin/python3", "-I", "-B", place.script]
    assert (daemon["StartInterval"], daemon["ProcessType"], daemon["LowPriorityIO"]) == (300, "Background", True)
    assert "KeepAlive" not in daemon and "EnvironmentVariables" not in daemon
    assert smoke.is_ours(daemon, LABEL) and not smoke.is_ours(daemon, "ai.openclaw.other")
    assert not smoke.is_ours(None, LABEL)
    # No word of the command by which OpenClaw would take it for a Gateway.
    assert not {"gateway", "daemon"} & set(daemon["ProgramArguments"])
    again = install.definition(place, "/usr/bin/python3", 18789, 600, {"UserName": "openclaw"})
    assert compare.differing_keys(daemon, again) == ["ProgramArguments", "StartInterval"]


def parts(place):
    mine = (os.geteuid(), os.getegid())
    return [part._replace(owner=mine) for part in install.parts(place, ME_LIKE)]


class ME_LIKE:
    uid, gid = os.geteuid(), os.getegid()


def test_parts_are_made_once_and_put_right(place):
    assert [install.wrong(part)[0] for part in parts(place)] == ["absent"] * 4
    for part in parts(place):
        install.make(part)
    assert [install.wrong(part) for part in parts(place)] == [None] * 4
    assert sorted(os.listdir(place.directory)) == ["check.py", "status"]
    os.chmod(place.writable, 0o777)
    Path(place.script).write_text("import os")
    said = [install.wrong(part) for part in parts(place)]
    assert said[:2] == [None, None] and "0777" in said[2][0] and said[3][0].endswith("another content")
    for part in parts(place):
        install.make(part)
    assert [install.wrong(part) for part in parts(place)] == [None] * 4
    install.remove(place)
    install.remove(place)
    assert not os.path.exists(os.path.dirname(place.directory))


def test_what_is_in_the_way_is_refused_and_not_followed(place, tmp_path):
    os.makedirs(os.path.dirname(place.directory))
    os.symlink(str(tmp_path), place.directory)
    with pytest.raises(Failure, match="is no directory") as refused:
        [install.wrong(part) for part in parts(place)]
    assert refused.value.code == "path_refused"


def test_a_neighbour_stays(place):
    for part in parts(place):
        install.make(part)
    neighbour = os.path.join(os.path.dirname(place.directory), "ai.openclaw.other")
    os.mkdir(neighbour)
    install.remove(place)
    assert os.path.isdir(neighbour)
