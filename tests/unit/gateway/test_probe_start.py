# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at a healthy Gateway imports: Ansible compiles each of these files anew, in every run on every host."""
import json
import subprocess
import sys
from pathlib import Path

import pytest
from gateway_peers import TOKEN

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
#: Looks once, as the module does, and prints the files of the collection that this took.
LOOKING = """
import collections, json, os, runpy, sys
runpy.run_path(sys.argv[1])
from ansible_collections.clawops.openclaw.plugins.module_utils._declared import declared
from ansible_collections.clawops.openclaw.plugins.module_utils._probe import task
account = collections.namedtuple("Account", "name uid gid home")("me", os.geteuid(), os.getegid(), "/nowhere")
params = json.loads(sys.argv[3])
task.check_paths(params["paths"])
gateway = task.Gateway(account, sys.argv[2], *declared(sys.argv[2], account, None, None))
result, failure = task.run(params, gateway, True)
assert result["verdicts"]["rpc"]["verdict"] == "ok" and failure is None, result
print(json.dumps([name.split("module_utils.")[1] for name in sys.modules if "openclaw.plugins.module_utils." in name]))
"""
PARAMS = {"host": "127.0.0.1", "port": None, "token": None, "wait_for": None, "expect": [], "paths": [], "label": "l",
          "launchctl": "/no/launchctl", "timeout": 5.0, "request_timeout": 5.0}


@pytest.fixture
def loaded(gateway, tmp_path):
    def loaded(**params):
        config = tmp_path / "openclaw.json"
        config.write_text(json.dumps({"gateway": {"port": gateway.port, "auth": {"token": TOKEN}}}))
        config.chmod(0o600)
        done = subprocess.run([sys.executable, "-c", LOOKING, str(CONFTEST), str(config),
                               json.dumps(dict(PARAMS, **params))], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return set(json.loads(done.stdout))
    return loaded


def test_a_look_loads_what_it_needs(loaded):
    found = loaded()
    rooms = {"_config", "_declared", "_failure", "_gateway", "_hold", "_host", "_probe"}
    assert {name.split(".")[0] for name in found} == rooms
    assert {name for name in found if name.startswith(("_config.", "_host.", "_probe."))} == {
        "_config.identity", "_config.litter", "_config.plain", "_config.storage", "_host.memory", "_probe.task"}
    assert not found & {"_gateway.ways", "_gateway.applied", "_gateway.devices"}


def test_more_is_loaded_by_those_who_ask_for_it(loaded):
    assert "_probe.process" in loaded(wait_for="live")
    assert {"_probe.walk", "_gateway.ways"} <= loaded(paths=[{"kind": "loopback"}])
