# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at a host in order imports: Ansible compiles each of these files anew, in every run on every host."""
import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
#: Looks once at a host with a job that runs as its property list says, and prints the files that this took.
LOOKING = """
import json, pathlib, runpy, sys
here, root, options = sys.argv[1:]
runpy.run_path(here + "/../conftest.py")
sys.path.insert(0, here)
import scripted_host
from ansible_collections.clawops.openclaw.plugins.module_utils._info import observe
host = scripted_host.Host(pathlib.Path(root))
host.define()
(host.root / "state/openclaw.json").write_text(json.dumps({"gateway": {"port": 1, "auth": {"token": "t" * 48}}}))
look = host.look(**json.loads(options))
for name, section in observe.SECTIONS.items():
    look.found[name] = section(look)
assert look.found["service"]["scopes"][0]["loaded"] and look.found["config"]["parseable"], look.found
print(json.dumps([name.split("module_utils.")[1] for name in sys.modules if "openclaw.plugins.module_utils." in name]))
"""
#: What writes, waits or takes away, and what only some hosts have.
RARE = {
    "_config.converge", "_config.edit", "_config.included", "_config.includes",
    "_gateway.applied", "_gateway.declared_paths", "_gateway.device_work", "_gateway.devices", "_gateway.wait",
    "_gateway.ways", "_probe.walk",
    "_secrets.plist_edit", "_secrets.shell_edit", "_secrets.strip",
    "_service.act", "_service.drift", "_service.files", "_service.job", "_service.observe", "_service.plist",
    "_service.service",
}  # fmt: skip


@pytest.fixture
def loaded(tmp_path):
    def loaded(**options):
        done = subprocess.run([sys.executable, "-c", LOOKING, str(HERE), str(tmp_path), json.dumps(options)],
                              capture_output=True, text=True, check=False, timeout=60)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return set(json.loads(done.stdout))
    return loaded


def test_a_look_loads_nothing_for_what_is_not_there(loaded):
    assert not loaded() & RARE


def test_a_look_loads_the_definition_of_a_job_that_is_declared(loaded):
    assert loaded(scope="daemon") & RARE == {"_service.drift", "_service.plist"}


def test_what_is_rare_exists():
    utilities = HERE.parents[2] / "plugins/module_utils"
    assert {name for name in RARE if not (utilities / (name.replace(".", "/") + ".py")).is_file()} == set()
