# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_look as Ansible sends it: its options in its text, its code in its options, nothing else of ours at hand."""
import ast
import base64
import importlib.util
import json
import os
import pwd
import subprocess
import sys
import zlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._info import observe
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _look

OURS = "ansible_collections.clawops.openclaw.plugins.module_utils."
MODULE = _look.UTILITIES.parent / "modules/openclaw_look.py"
MARK = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"


def sources():
    return json.loads(zlib.decompress(base64.b64decode(_look.code())))


def imported(name, source):
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom):
            continue
        above = importlib.util.resolve_name("." * node.level + (node.module or ""), OURS + name.rpartition(".")[0])
        # As f"{above}." so that the utilities themselves count, too.
        if f"{above}.".startswith(OURS):
            for one in node.names:
                yield f"{above}.{one.name}"[len(OURS):], above[len(OURS):]


def python(text):
    """Isolated, so that nothing that is installed here can stand in for what was left out."""
    isolated = [sys.executable, "-I", "-"]
    return subprocess.run(isolated, input=text, text=True, check=False, capture_output=True, timeout=60)


def run(options):
    given = json.dumps({"options": options, "code": _look.code(), "_ansible_check_mode": True})
    text = MODULE.read_text(encoding="utf-8")
    assert text.count(MARK) == 1
    done = python(text.replace(MARK, given))
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_everything_that_it_may_import_is_brought_along():
    brought = sources()
    lost = {
        (name, wanted)
        for name, source in brought.items()
        for wanted, of in imported(name, source)
        if wanted not in brought and of not in brought
    }
    assert lost == set()


def test_it_tells_what_info_tells(tmp_path):
    """In a place with nothing in it, and with the account that runs this."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    options = {"user": me, "state_dir": str(tmp_path), "root": str(tmp_path), "port": 1, "probe": False,
               "launchctl": str(tmp_path / "launchctl"), "launch_daemons_dir": str(tmp_path),
               "launch_agents_dir": str(tmp_path)}  # fmt: skip
    told = run(options)
    assert set(told) == {*observe.SECTIONS, "schema_version", "survey_ms", "changed"}
    assert told["changed"] is False
    assert told["account"]["name"] == me
    assert told["config"]["exists"] is False
    defects = {name: part["error"] for name, part in told.items()
               if isinstance(part, dict) and "defect" in str(part["error"])}  # fmt: skip
    assert defects == {}


@pytest.mark.parametrize("options", [{"port": 0}, {"log_mib": 65}, {"request_timeout": 0}])
def test_an_option_out_of_bounds_is_told(options):
    told = run(dict(options, user="nobody"))
    assert told["failed"] is True
    assert told["failure"]["code"] == "option_invalid"
    assert next(iter(options)) in told["msg"]


@pytest.mark.parametrize("odd", ['"', '"""', "\\", '\\\\"', "'", "a\nb\tc", "\u00e4 \U0001f980", "{{ x }}", ""])
def test_options_arrive_as_they_were(tmp_path, odd):
    """They stand between quotes in the module's own text."""
    told = run({"user": "no-such-account" + odd, "state_dir": str(tmp_path), "probe": False})
    assert told["account"]["name"] == "no-such-account" + odd


def test_what_is_not_brought_along_is_not_found():
    """The test above would pass with any code, if Python found the collection by itself."""
    nothing = base64.b64encode(zlib.compress(b"{}")).decode()
    text = MODULE.read_text(encoding="utf-8").replace(MARK, json.dumps({"options": {}, "code": nothing}))
    done = python(text)
    assert done.returncode == 1
    assert "No module named 'ansible_collections'" in done.stderr
