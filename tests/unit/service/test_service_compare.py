# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions compared by meaning, and shown without secrets."""

import pathlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare, print_grammar

GOLDEN = pathlib.Path(__file__).parent / "golden"
PATH = "/Library/LaunchDaemons/ai.openclaw.gateway.plist"
LOADED = print_grammar.parse_service((GOLDEN / "daemon_running.txt").read_text(encoding="utf-8"))
# What the sample shows, as a definition, and what no print shows: ProcessType.
DEFINITION = {
    "Label": "ai.openclaw.gateway",
    "UserName": "_openclaw",
    "ProgramArguments": list(LOADED.arguments),
    "RunAtLoad": True,
    "KeepAlive": True,
    "ThrottleInterval": 10,
    "ExitTimeOut": 20,
    "ProcessType": "Interactive",
    "Umask": 63,
    "WorkingDirectory": "/Users/claw/.openclaw",
    "StandardInPath": "/dev/null",
    "StandardOutPath": "/Users/claw/Library/Logs/openclaw/gateway.log",
    "StandardErrorPath": "/Users/claw/Library/Logs/openclaw/gateway.err.log",
    "EnvironmentVariables": {"HOME": "/Users/claw", "PATH": LOADED.environment["PATH"]},
    "SoftResourceLimits": {"NumberOfFiles": 10240},
    "HardResourceLimits": {"NumberOfFiles": 10240},
}


def test_equal():
    assert compare.loaded_differences(DEFINITION, LOADED, PATH) == []
    assert compare.reload_reasons(DEFINITION, DEFINITION, LOADED, PATH) == []
    assert compare.differing_keys(DEFINITION, dict(DEFINITION, Umask="077")) == []


@pytest.mark.parametrize(
    "key, value",
    [
        ("ProgramArguments", ["/bin/sh"]),
        ("UserName", "root"),
        ("ThrottleInterval", 30),
        ("ExitTimeOut", 30),
        ("Umask", 18),
        ("WorkingDirectory", "/"),
        ("StandardInPath", "/x"),
        ("StandardOutPath", "/x"),
        ("StandardErrorPath", "/x"),
        ("EnvironmentVariables", {"HOME": "/elsewhere"}),
        ("SoftResourceLimits", {"NumberOfFiles": 256}),
        ("HardResourceLimits", {"NumberOfFiles": 256}),
    ],
)
def test_every_visible_key_is_noticed(key, value):
    changed = dict(DEFINITION, **{key: value})
    assert key in compare.loaded_differences(changed, LOADED, PATH)
    assert compare.differing_keys(changed, DEFINITION) == [key]


def test_properties_are_noticed():
    idle = LOADED._replace(properties=("inferred program",))
    assert compare.loaded_differences(DEFINITION, idle, PATH) == ["KeepAlive", "RunAtLoad"]


def test_path_is_noticed():
    assert compare.loaded_differences(DEFINITION, LOADED, "/else.plist") == ["path"]


@pytest.mark.parametrize(
    "surplus, counts",
    [
        ({"SUDO_UID": "501", "OSLogRateLimit": "64", "AppleNewThing": "1"}, False),
        ({"OPENCLAW_GATEWAY_TOKEN": "stale"}, True),
        ({"NODE_OPTIONS": "--inspect"}, True),
    ],
)
def test_surplus_environment(surplus, counts):
    loaded = LOADED._replace(environment=dict(LOADED.environment, **surplus))
    assert compare.loaded_differences(DEFINITION, loaded, PATH) == (["EnvironmentVariables"] if counts else [])


def test_what_launchd_does_not_say_is_no_difference():
    terse = print_grammar.Loaded(state="running")
    assert compare.loaded_differences(DEFINITION, terse, PATH) == []


def test_file_alone_moved():
    # Somebody rewrote the file but never loaded it: the job is as declared, so the file is put right without a restart.
    assert compare.reload_reasons(DEFINITION, dict(DEFINITION, ThrottleInterval=60), LOADED, PATH) == []


@pytest.mark.parametrize(
    "on_disk, reasons",
    [
        (dict(DEFINITION, ProcessType="Background"), ["ProcessType"]),
        (dict(DEFINITION, Nice=5), ["Nice"]),
        (None, ["Label", "ProcessType"]),
    ],
)
def test_what_print_cannot_show_is_judged_by_the_file(on_disk, reasons):
    assert compare.reload_reasons(DEFINITION, on_disk, LOADED, PATH) == reasons


def test_types_matter():
    assert compare.differing_keys({"KeepAlive": True}, {"KeepAlive": 1}) == ["KeepAlive"]
    assert compare.differing_keys({"Umask": 63}, {"Umask": "rubbish"}) == ["Umask"]


def test_shown_without_secrets():
    text = compare.described(
        {
            "EnvironmentVariables": {"OPENCLAW_GATEWAY_TOKEN": "V4luePr0of", "PATH": "/bin"},
            "ProgramArguments": ["/n", "--token", "V4luePr0of", "--password=V4luePr0of", "sk-V4luePr0of", "gateway"],
            "Odd": [{"api_key": "V4luePr0of"}],
            "Label": "x",
        }
    )
    assert "V4luePr0of" not in text
    assert text.count("sha256:") == 5
    assert 'EnvironmentVariables.PATH: "/bin"' in text and '"gateway"' in text and 'Label: "x"' in text
    assert compare.fingerprint("V4luePr0of") in text


def test_nothing_is_described_as_nothing():
    assert compare.described(None) == ""
