# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of every module's documentation runs as it stands, in an order in which a host can take them all."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]

#: Variables that the examples leave to their reader.
READER = {
    "vault_gateway_token": "a-token-for-the-examples-of-the-docs",
    "dashboard_device": "{{ paired_device.stdout }}",
}

#: What an example presupposes on the host, by its name.
PRESUPPOSED = {
    "Let a dashboard in that asks for reading, and for no more": {
        "name": "A dashboard has connected",
        "ansible.builtin.command": {
            "argv": ["/opt/homebrew/bin/node", "--input-type=module", "-"],
            "stdin": (ROOT / "tests/integration/deploy/paired_device.mjs").read_text(encoding="utf-8"),
        },
        "environment": {"TOKEN": "{{ vault_gateway_token }}", "PORT": "18789"},
        "changed_when": False,
        "register": "paired_device",
    },
}

#: What an example names and a lab has elsewhere.
ELSEWHERE = {
    "https://mirror.example.com/node/v{version}/node-v{version}-darwin-{arch}.tar.gz": "{{ lab_node_url }}",
    "https://npm.example.com/": "{{ lab_npm_registry }}",
    "{{ node_sha256 }}": "{{ omit }}",
    "24.21.0": "{{ gateway_node_version }}",
    "admin@bastion.example.com": "admin@{{ ansible_host }}",
    "https://gateway.example.com": "http://127.0.0.1:18789",
    "/srv/openclaw-audit": "{{ playbook_dir }}/audit",
    "/srv/openclaw-runs": "{{ playbook_dir }}/runs",
}

#: The examples by name, in a sequence that makes sense on one host.
SEQUENCE = (
    "Make the Mac fit for a Gateway",
    "See how the Mac is, and change nothing",
    "Use what Homebrew and npm put there",
    "The Gateway listens on loopback only and asks for a token",
    "A token from the vault",
    "Run the Gateway as a LaunchDaemon",
    "Take over what openclaw gateway install, brew services or an earlier name of OpenClaw left running",
    "Wait until the Gateway accepts the token, and prove that it runs what is saved and is not exposed",
    "Prove that the Gateway accepts the token from the vault, whatever the host holds",
    "See whether every way leads where it should",
    "See whether the staged release can take over, and copy what it will migrate",
    "Have OpenClaw's doctor take over what the release does not by itself, with the Gateway stopped",
    "The new release is well",
    "Have the host look after its Gateway every five minutes",
    "See how the Gateway is",
    "Hear what OpenClaw itself has to say",
    "Nothing is wrong, and everything could be told",
    "Only whether secrets lie on the disk as plain text, and what the logs of the last hour say",
    "Let a dashboard in that asks for reading, and for no more",
    "See which devices are paired and which ask to be",
    "Remove devices that nobody has used for ninety days",
    "Renew the tokens of devices once a month",
    "No node has a token that it has not used for two weeks",
    "This device is not paired, and does not ask to be",
    "Turn a request down",
    "Work alone",
    "Remove locks and sockets of what is gone",
    "Keep the Gateway's files private",
    "And a copy that somebody made",
    "Keep what was seen",
    "Let others work again",
    "Have a rollback point",
    "See that it is whole",
    "Go back to it",
    "Keep none",
    "One list, replaced as a whole",
    "One more origin, whatever others are there",
    "These model providers and no others",
    "A file that somebody cut off is what OpenClaw last ran with",
    "What has drifted from the known-good configuration",
    "A token that only the host knows",
    "Nothing but openclaw.json supplies a token",
    "A new token every ninety days",
    "Away with a token that leaked",
    "The token in the keychain, a copy for the monitoring, and what the CI still holds",
    "See what there is",
    "Say who holds the port",
    "Compare the job with what it shall be, and look at what the people of the host would start",
    "Judge a Gateway",
    "Say what is wrong",
    "Look and judge; this runs the module",
    "Report",
    "Say where it is",
    "No longer",
    "Let others look after the logs and the backup",
    "Restart the installed Gateway",
    "Stop the Gateway for good, but keep its definition",
    "Wait until the Gateway has gone",
    "A host that is given up",
    "Remove the job of an account that runs its Gateway as a LaunchAgent",
    "Remove all releases",
)

#: Those that a check run can show as well, without half a minute of downloads.
CHECKED = (
    "Pin Node and OpenClaw",
    "The same from a Node mirror, with the archive pinned by its digest",
    "Put a release beside the one that runs",
    "Switch to it",
    "Pack what this host has, for hosts without a network",
    "Install from the archive",
    "Remove what was replaced long ago",
)


def documented():
    """Return every example task by name."""
    tasks = {}
    for path in sorted((ROOT / "plugins/modules").glob("*.py")):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.Assign) and statement.targets[0].id == "EXAMPLES":
                tasks.update({task["name"]: here(task) for task in yaml.safe_load(statement.value.value)})
    return tasks


def here(task):
    """Return a task with what a lab has elsewhere, in the options of its module."""
    return {
        key: {option: moved(value) for option, value in options.items()} if key.startswith("clawops.") else options
        for key, options in task.items()
    }


def moved(value):
    """Return what a lab has in place of a value, or of those in it."""
    if isinstance(value, list):
        return [moved(item) for item in value]
    if isinstance(value, dict):
        return {key: moved(item) for key, item in value.items()}
    return ELSEWHERE.get(str(value), value)


def play(tmp_path, tasks):
    """Write a playbook of some tasks, and return what names it."""
    lab_mirrors = {"node_url": "{{ lab_node_url }}", "npm_registry": "{{ lab_npm_registry }}"}
    content = {
        "hosts": "mini01",
        "gather_facts": False,
        "vars": READER,
        "module_defaults": {"clawops.openclaw.openclaw_release": lab_mirrors},
        "tasks": tasks,
    }
    (tmp_path / "examples.yml").write_text(json.dumps([content]))
    return str(tmp_path / "examples")


def test_none_is_left_out():
    assert sorted(documented()) == sorted(SEQUENCE + CHECKED)


@pytest.mark.parametrize("names, words", [(CHECKED, ["--check"]), (SEQUENCE, [])], ids=["checked", "run"])
def test_they_run(lab, mini, tmp_path, names, words):
    tasks = documented()
    wanted = [task for name in names for task in (PRESUPPOSED.get(name), tasks[name]) if task]
    run = lab.playbook(play(tmp_path, wanted), *words)
    assert run.rc == 0, run.out
    assert run.recap[mini]["ok"] == len(wanted)
    assert READER["vault_gateway_token"] not in run.out
