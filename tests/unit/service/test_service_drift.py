# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where file and launchd hold something else than what is declared."""
import ast
import collections
from pathlib import Path

import pytest
import yaml
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare, drift, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.print_grammar import Loaded

Account = collections.namedtuple("Account", "name uid gid home")
ME = Account("openclaw", 502, 20, "/Users/openclaw")
PLACE = target.target("daemon", "ai.openclaw.gateway", ME, "/Library/LaunchDaemons", "/agents")
WHOLE = {"program_arguments": ["/n/bin/node", "/o/index.js", "gateway"], "throttle_interval": None,
         "exit_timeout": None, "scope": None}  # fmt: skip
NOTHING = dict(WHOLE, program_arguments=None)
MODULE = Path(__file__).resolve().parents[3] / "plugins/modules/openclaw_service.py"


def definition(**options):
    return drift.declared_definition(dict(WHOLE, **options), PLACE, ME, "/Users/openclaw/.openclaw")


def rows(options, on_disk=None, loaded=None):
    return drift.of_job(options, PLACE, ME, "/Users/openclaw/.openclaw", on_disk, loaded)


def loaded_as(given, **changes):
    """What launchd shows of a definition."""
    shown = Loaded(
        state="running", path=PLACE.plist, program=given["ProgramArguments"][0], username="openclaw",
        arguments=tuple(given["ProgramArguments"]), environment=dict(given["EnvironmentVariables"]),
        throttle_interval=30, exit_timeout=30, soft_files=10240, hard_files=10240,
        umask=63, properties=("keepalive", "runatload"),
    )  # fmt: skip
    return shown._replace(**changes)


def test_as_declared_is_no_difference():
    assert rows(WHOLE, definition(), loaded_as(definition())) == []
    assert rows(WHOLE, dict(definition(), Umask="077")) == []


FILES = [
    ({"ThrottleInterval": 10}, [("file", "ThrottleInterval", 30, 10)]),
    ({"Umask": 18}, [("file", "Umask", 63, 18)]),
    ({"Comment": "by hand"}, [("file", "Comment", None, "by hand")]),
    ({"KeepAlive": {"SuccessfulExit": False}}, [("file", "KeepAlive", True, {"SuccessfulExit": False})]),
]


@pytest.mark.parametrize("changes,expected", FILES)
def test_files(changes, expected):
    assert rows(WHOLE, dict(definition(), **changes)) == expected


def test_an_environment_differs_by_name_and_its_secrets_are_not_shown():
    pairs = dict(definition()["EnvironmentVariables"], OPENCLAW_GATEWAY_TOKEN="topsecret" * 4)
    del pairs["OPENCLAW_NO_RESPAWN"]
    found = rows(WHOLE, dict(definition(), EnvironmentVariables=pairs))
    assert [row[1] for row in found] == [
        "EnvironmentVariables.OPENCLAW_GATEWAY_TOKEN", "EnvironmentVariables.OPENCLAW_NO_RESPAWN"]  # fmt: skip
    assert found[0][3].startswith("sha256:") and found[1][2:] == ("1", None) and "topsecret" not in str(found)


LOADED = [
    ({"throttle_interval": 10}, [("loaded", "ThrottleInterval", 30, 10)]),
    ({"path": "/x.plist"}, [("loaded", "path", PLACE.plist, "/x.plist")]),
    ({"username": "root"}, [("loaded", "UserName", "openclaw", "root")]),
    ({"arguments": ("/n/bin/node", "gateway", "--token", "t0psecret")},
     [("loaded", "ProgramArguments", WHOLE["program_arguments"], None)]),
]  # fmt: skip


@pytest.mark.parametrize("changes,expected", LOADED)
def test_loaded(changes, expected):
    found = rows(WHOLE, None, loaded_as(definition(), **changes))
    assert [row[:3] for row in found] == [row[:3] for row in expected] and "t0psecret" not in str(found)


def test_what_launchd_adds_to_an_environment_is_no_difference_and_what_somebody_else_adds_is():
    pairs = dict(definition()["EnvironmentVariables"], XPC_SERVICE_NAME="x", SUDO_UID="501", NODE_OPTIONS="--inspect")
    found = rows(WHOLE, None, loaded_as(definition(), environment=pairs))
    assert found == [("loaded", "EnvironmentVariables.NODE_OPTIONS", None, "--inspect")]


def test_only_what_is_declared_is_compared():
    strange = {"Label": "x", "ProgramArguments": ["/a"], "ThrottleInterval": 10, "UserName": "root"}
    assert rows(NOTHING, strange, loaded_as(definition(), environment={"OPENCLAW_X": "1"})) == []
    assert rows(dict(NOTHING, throttle_interval=30), strange) == [("file", "ThrottleInterval", 30, 10)]
    assert rows(dict(NOTHING, scope="daemon"), strange) == [("file", "UserName", "openclaw", "root")]
    assert rows(dict(NOTHING, exit_timeout=20), strange) == [("file", "ExitTimeOut", 20, None)]


def test_a_refused_value_is_said():
    with pytest.raises(Failure, match="throttle_interval 60 is refused"):
        rows(dict(NOTHING, throttle_interval=60), {})


def test_stale_keys():
    loaded = loaded_as(definition())
    assert compare.loaded_differences(definition(), loaded, PLACE.plist) == []
    changed = dict(definition(), ThrottleInterval=31, ExitTimeOut=5)
    assert compare.loaded_differences(changed, loaded, PLACE.plist) == ["ExitTimeOut", "ThrottleInterval"]


def test_the_defaults_are_those_of_openclaw_service():
    documentation = next(
        node.value.value for node in ast.parse(MODULE.read_text()).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "DOCUMENTATION"
    )  # fmt: skip
    options = yaml.safe_load(documentation)["options"]
    assert {name: options[name]["default"] for name in drift.DEFAULTS} == drift.DEFAULTS
