# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_doctor as an operator runs it: by ssh, as root, for a deployed Gateway of an account of its own."""
import importlib.util
import json

import pytest
from doctor_kit import ROOT

STOP = "launchctl bootout system/ai.openclaw.gateway; sleep 8; rm -rf /private/tmp/openclaw*"
#: Every file of the account and of /tmp: its bytes, and who may do what. What Ansible and launchd write is none of it.
LOOK = (
    "find /Users/openclaw /private/tmp /private/var/tmp -xdev ! -path '*/ansible_*' ! -path '*/.ansible*' "
    "! -path '/Users/openclaw/Library/Logs/*' ! -path /private/tmp -printf '%p %m %u %s %T@\\n' | sort; "
    "find /Users/openclaw /private/tmp -xdev -type f ! -path '*/ansible_*' ! -path '*/.ansible*' "
    "! -path '/Users/openclaw/Library/Logs/*' -exec sha256sum {} + | sort"
)


@pytest.fixture(scope="module")
def lab():
    spec = importlib.util.spec_from_file_location("deploy_kit", ROOT / "tests/integration/deploy/conftest.py")
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    made = kit.Lab("doctor-tests")
    made.inventory = made("up", "--hosts", "1").split()[-1]
    run = made.playbook("deploy")
    assert run.rc == 0, run.out
    yield made
    made("down")


def test_a_host_on_which_no_openclaw_runs_keeps_every_byte(lab, tmp_path):
    """Not even the directories that OpenClaw makes in /tmp wherever it runs are there afterwards."""
    look = {"ansible.builtin.shell": LOOK, "become": True, "changed_when": False}
    ask = {"user": "openclaw", "judges": ["config_validate", "doctor"]}
    (tmp_path / "doctor.yml").write_text(json.dumps([{
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.shell": STOP, "become": True},
            dict(look, register="before"),
            {"clawops.openclaw.openclaw_doctor": ask, "become": True, "register": "checkup"},
            dict(look, register="after"),
            {"ansible.builtin.assert": {
                "that": ["before.stdout == after.stdout", "checkup.state == 'warnings'",
                         "checkup.service == '/Library/LaunchDaemons/ai.openclaw.gateway.plist'",
                         "checkup.logs[0].counters.starts == {'process': 1, 'ready': 1}"],
                "fail_msg": "{{ before.stdout_lines | symmetric_difference(after.stdout_lines) }} {{ checkup }}"}},
        ],
    }]))  # fmt: skip
    run = lab.playbook(str(tmp_path / "doctor"))
    assert run.rc == 0, run.out
