# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The print grammar against samples of real shape, written by hand and not by the launchd double."""

import pathlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._service import print_grammar

GOLDEN = pathlib.Path(__file__).parent / "golden"


def sample(name):
    return (GOLDEN / (name + ".txt")).read_text(encoding="utf-8")


def test_running_agent():
    job = print_grammar.parse_service(sample("agent_running"))
    assert job == print_grammar.Loaded(
        state="running",
        path="/Users/claw/Library/LaunchAgents/ai.openclaw.gateway.plist",
        program="/opt/homebrew/opt/node@24/bin/node",
        arguments=(
            "/opt/homebrew/opt/node@24/bin/node",
            "/opt/homebrew/lib/node_modules/openclaw/dist/index.js",
            "gateway",
            "--port",
            "18789",
        ),
        environment={
            "OSLogRateLimit": "64",
            "HOME": "/Users/claw",
            "PATH": "/opt/homebrew/opt/node@24/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "XPC_SERVICE_NAME": "ai.openclaw.gateway",
        },
        working_directory="/Users/claw/.openclaw",
        stdin_path="/dev/null",
        stdout_path="/Users/claw/Library/Logs/openclaw/gateway.log",
        stderr_path="/Users/claw/Library/Logs/openclaw/gateway.err.log",
        umask=0o77,
        throttle_interval=10,
        exit_timeout=20,
        soft_files=10240,
        hard_files=10240,
        properties=("keepalive", "runatload", "inferred program"),
        pid=2417,
        runs=1,
        job_state="running",
        domain="gui/501 [100021]",
    )


ROWS = [
    (
        "agent_running",
        {"state": "running", "throttled": False, "pid": 2417, "runs": 1, "last_exit": None, "pended": None},
    ),
    ("agent_throttled", {"state": "spawn scheduled", "throttled": True, "pid": None, "runs": 14, "last_exit": "1"}),
    (
        "agent_exponentially_throttled",
        {"throttled": True, "throttle_interval": 10, "runs": 48, "last_exit": "Segmentation fault: 11"},
    ),
    (
        "agent_exited",
        {
            "state": "not running",
            "throttled": False,
            "pid": None,
            "runs": 1,
            "last_exit": "78: EX_CONFIG",
            "job_state": "spawn failed",
        },
    ),
    ("agent_pended", {"state": "not running", "pid": None, "runs": 0, "last_exit": None, "pended": "speculative"}),
    ("daemon_running", {"username": "_openclaw", "domain": "system", "pid": 2417, "umask": 0o77}),
]


@pytest.mark.parametrize("name, expected", ROWS)
def test_samples(name, expected):
    job = print_grammar.parse_service(sample(name))
    assert {key: getattr(job, key) for key in expected} == expected


@pytest.mark.parametrize("state, draining", [("SIGTERMed", True), ("SIGKILLed", True), ("running", False)])
def test_draining(state, draining):
    text = sample("agent_running").replace("\tstate = running", "\tstate = " + state)
    assert print_grammar.parse_service(text).draining is draining


def test_nested_blocks_do_not_shine_through():
    # The coalitions say "state = active"; a job without a state line of its own is not "active".
    text = "\n".join(line for line in sample("agent_running").split("\n") if line != "\tstate = running")
    assert print_grammar.parse_service(text) is None
    nested = "x = {\n\tendpoints = {\n\t\tpid = 9\n\t\tstate = active\n\t}\n\tstate = not running\n}\n"
    assert print_grammar.parse_service(nested) == print_grammar.Loaded(state="not running")


def test_first_of_a_name_wins():
    assert print_grammar.parse_service("x = {\n\tstate = running\n\tstate = exited\n\tpid = 1\n\tpid = 2\n}\n").pid == 1


def test_arguments_keep_their_text():
    arguments = ["/bin/sh", "a = {", "}", "b => c", "  d"]
    block = "".join("\t\t%s\n" % word for word in arguments)
    text = "x = {\n\tstate = running\n\targuments = {\n" + block + "\t}\n\tpid = 3\n}\n"
    job = print_grammar.parse_service(text)
    assert job.arguments == tuple(arguments)
    assert job.pid == 3


def test_environment_values_may_hold_arrows_and_nothing():
    text = "x = {\n\tstate = running\n\tenvironment = {\n\t\tA => b => c\n\t\tE => \n\t}\n}\n"
    assert print_grammar.parse_service(text).environment == {"A": "b => c", "E": ""}


@pytest.mark.parametrize("text", ["", "\n", "nonsense", "x = {\n}\n", sample("not_loaded.stderr")])
def test_what_is_no_job(text):
    assert print_grammar.parse_service(text) is None


@pytest.mark.parametrize("name", ["print_disabled_12", "print_disabled_13"])
def test_overrides(name):
    # The block of login items must not be taken for overrides.
    overrides = print_grammar.parse_disabled(sample(name))
    assert overrides == {"com.apple.Siri.agent": True, "ai.openclaw.gateway": False}
