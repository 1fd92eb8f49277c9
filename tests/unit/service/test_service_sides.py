# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declared, on disk, loaded, running: each side of a job compared with the next."""

import os

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._process import Process
from ansible_collections.clawops.openclaw.plugins.module_utils._service import print_grammar, sides
from scripted import install, started

PLIST = "/Library/LaunchDaemons/x.plist"
DECLARED = {
    "Label": "x",
    "ProgramArguments": ["/n", "/o/index.js", "gateway"],
    "ThrottleInterval": 30,
    "EnvironmentVariables": {"PATH": "/bin", "OPENCLAW_NO_RESPAWN": "1"},
}
LOADED = print_grammar.Loaded(
    state="running",
    path=PLIST,
    program="/n",
    arguments=("/n", "/o/index.js", "gateway"),
    environment={"PATH": "/bin", "OPENCLAW_NO_RESPAWN": "1", "XPC_SERVICE_NAME": "x", "OSLogRateLimit": "64"},
    working_directory="/",
    throttle_interval=30,
    pid=7,
)
ENVIRONMENT = {"PATH": "/bin", "OPENCLAW_NO_RESPAWN": "1", "HOME": "/h"}
PROCESS = Process(["/n", "/o/index.js", "gateway"], ENVIRONMENT, 502, "/")


def pairs(**others):
    of = dict({"declared": DECLARED, "on_disk": DECLARED, "loaded": LOADED, "process": PROCESS}, **others)
    return sides.compared(of["declared"], of["on_disk"], of["loaded"], PLIST, of["process"], 502)


def test_all_alike():
    assert pairs() == {"declared_disk": [], "disk_loaded": [], "loaded_process": []}


@pytest.mark.parametrize("changes, keys", [
    ({"on_disk": dict(DECLARED, ThrottleInterval=10, Comment="OpenClaw Gateway")},
     (["Comment", "ThrottleInterval"], ["ThrottleInterval"], [])),
    ({"loaded": LOADED._replace(path="/elsewhere.plist", throttle_interval=10)},
     ([], ["ThrottleInterval", "path"], [])),
    ({"loaded": LOADED._replace(arguments=("/n", "/old/index.js", "gateway"))},
     ([], ["ProgramArguments"], ["ProgramArguments"])),
    ({"process": PROCESS._replace(uid=0)}, ([], [], ["UserName"])),
    ({"process": PROCESS._replace(directory="/tmp")}, ([], [], ["WorkingDirectory"])),
    ({"process": PROCESS._replace(arguments=["/n", "/old/index.js", "gateway"])}, ([], [], ["ProgramArguments"])),
    ({"process": PROCESS._replace(environment={"PATH": "/sbin", "OPENCLAW_NO_RESPAWN": "1"})},
     ([], [], ["EnvironmentVariables"])),
    ({"process": PROCESS._replace(environment=dict(PROCESS.environment, OPENCLAW_GATEWAY_TOKEN="a"))},
     ([], [], ["EnvironmentVariables"])),
    # What a title has overwritten, what nobody may see, and a shell that has become what it was to start.
    ({"process": PROCESS._replace(arguments=["openclaw-gateway", "", ""])}, ([], [], [])),
    ({"process": Process(None, None, 502, None)}, ([], [], [])),
    ({"loaded": LOADED._replace(arguments=("/bin/sh", "/w.sh", "/w.env", "/n", "/o/index.js", "gateway")),
      "on_disk": None}, (None, None, [])),
    ({"process": PROCESS._replace(arguments=["/real/n", "/o/index.js", "gateway"])}, ([], [], [])),
    ({"declared": None}, (None, [], [])),
    ({"on_disk": None}, (None, None, [])),
    ({"loaded": None}, ([], None, None)),
    ({"process": None}, ([], [], None)),
])  # fmt: skip
def test_each_pair(changes, keys):
    assert tuple(pairs(**changes).values()) == keys


def test_it_is_told_as_found_and_changes_nothing(play, monkeypatch):
    install(play)
    # A daemon whose definition names nobody is root's.
    monkeypatch.setattr(_process, "seen", lambda pid: PROCESS._replace(arguments=["/bin/sh"]))
    result = play("started", play.declared(), started(play, {}))
    assert result["comparison"] == {"declared_disk": [], "disk_loaded": [], "loaded_process": ["UserName"]}
    assert not result["changed"] and result["actions"] == []


def test_this_process_is_seen():
    found = _process.seen(os.getpid())
    assert found.uid == os.geteuid() and found.directory == os.getcwd() and "PATH" in found.environment
    assert _process.seen(2**22 + 1) is None
