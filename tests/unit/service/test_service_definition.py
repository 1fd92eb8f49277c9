# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From declaration to property list: what is refused, and what comes out."""

import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import parsing, plist

DECLARED = {
    "label": "ai.openclaw.gateway",
    "program_arguments": ["/opt/openclaw/current/node/bin/node", "/opt/x/index.js", "gateway", "--port", "18789"],
    "working_directory": "/Users/openclaw/.openclaw",
    "environment": {},
    "throttle_interval": 30,
    "exit_timeout": 30,
    "log_path": "/Users/openclaw/Library/Logs/openclaw/gateway.log",
    "soft_file_limit": 10240,
    "hard_file_limit": 10240,
    "umask": "077",
    "process_type": "Interactive",
}


def define(state_dir="/Users/openclaw/.openclaw", username_key=None, **changes):
    return plist.definition(
        dict(DECLARED, **changes), "openclaw", "/Users/openclaw", state_dir, username_key or {"UserName": "openclaw"}
    )


def refused(code, call, *arguments, **keywords):
    with pytest.raises(Failure) as caught:
        call(*arguments, **keywords)
    assert caught.value.code == code
    assert caught.value.layer == "input"
    assert caught.value.hint
    return caught.value


def test_whole_definition():
    assert define() == {
        "Label": "ai.openclaw.gateway",
        "UserName": "openclaw",
        "ProgramArguments": DECLARED["program_arguments"],
        "RunAtLoad": True,
        "KeepAlive": True,
        "ThrottleInterval": 30,
        "ExitTimeOut": 30,
        "ProcessType": "Interactive",
        "Umask": 63,
        "WorkingDirectory": "/Users/openclaw/.openclaw",
        "StandardInPath": "/dev/null",
        "StandardOutPath": "/Users/openclaw/Library/Logs/openclaw/gateway.log",
        "StandardErrorPath": "/Users/openclaw/Library/Logs/openclaw/gateway.log",
        "EnvironmentVariables": {
            "HOME": "/Users/openclaw",
            "USER": "openclaw",
            "LOGNAME": "openclaw",
            "PATH": "/opt/openclaw/current/node/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "OPENCLAW_SUPERVISOR_MODE": "external",
            "OPENCLAW_SERVICE_REPAIR_POLICY": "external",
            "OPENCLAW_NO_RESPAWN": "1",
        },
        "SoftResourceLimits": {"NumberOfFiles": 10240},
        "HardResourceLimits": {"NumberOfFiles": 10240},
    }


def test_written_and_read_back():
    assert plistlib.loads(parsing.render(define())) == define()
    assert parsing.render(define()).startswith(b"<?xml")


def test_agent_names_no_user():
    definition = plist.definition(DECLARED, "openclaw", "/Users/openclaw", "/Users/openclaw/.openclaw", {})
    assert "UserName" not in definition


@pytest.mark.parametrize("state_dir, named", [("/Users/openclaw/.openclaw/", False), ("/srv/claw", True)])
def test_state_dir_is_named_only_when_unusual(state_dir, named):
    environment = define(state_dir=state_dir)["EnvironmentVariables"]
    assert environment.get("OPENCLAW_STATE_DIR") == (state_dir if named else None)


def test_path_holds_no_directory_twice():
    assert plist.default_environment("u", "/u", "/bin/sh", "/u/.openclaw")["PATH"] == "/bin:/usr/bin:/usr/sbin:/sbin"


def test_declared_environment_wins():
    environment = define(environment={"PATH": "/x", "LIMIT": 5})["EnvironmentVariables"]
    assert (environment["PATH"], environment["LIMIT"]) == ("/x", "5")


@pytest.mark.parametrize("value, seconds", [(5, 5), (30, 30), ("45", 45), (59, 59), (61, 61), (3600, 3600)])
def test_throttle_accepted(value, seconds):
    assert define(throttle_interval=value)["ThrottleInterval"] == seconds


@pytest.mark.parametrize(
    "value, reason",
    [
        (0, "ignores 0"),
        (1, "stale"),
        (60, "stale"),
        ("60", "stale"),
        (4, "5 to 3600"),
        (3601, "5 to 3600"),
        (-30, "5 to 3600"),
        (10**12, "outside"),
        (True, "no whole number"),
        (None, "no whole number"),
        ("abc", "no whole number"),
        ("", "no whole number"),
        (30.0, "no whole number"),
        ("30.5", "no whole number"),
        ([30], "no whole number"),
    ],
)
def test_throttle_refused(value, reason):
    failure = refused("throttle_interval_refused", define, throttle_interval=value)
    assert reason in failure.message
    assert "throttle_interval" in failure.message
    assert failure.details["key"] == "throttle_interval"


@pytest.mark.parametrize(
    "name, value",
    [
        ("OPENCLAW_GATEWAY_TOKEN", "V4luePr0of"),
        ("OPENCLAW_GATEWAY_PASSWORD", "V4luePr0of"),
        ("anthropic_api_key", "V4luePr0of"),
        ("OPENAI_APIKEY", "V4luePr0of"),
        ("CLIENT_SECRET", "V4luePr0of"),
        ("DB_PASSWD", "V4luePr0of"),
        ("KEY_PASSPHRASE", "V4luePr0of"),
        ("SSH_PRIVATE_KEY", "V4luePr0of"),
        ("AWS_ACCESS_KEY", "V4luePr0of"),
        ("HARMLESS", "sk-V4luePr0of"),
        ("HTTPS_PROXY", "http://me:V4luePr0of@proxy:3128"),
        ("PEM", "-----BEGIN V4luePr0of"),
    ],
)
def test_secrets_refused_by_name_and_value(name, value):
    failure = refused("secret_in_environment", define, environment={name: value})
    assert name in failure.message
    assert "V4luePr0of" not in failure.sentence() + repr(failure.as_dict())


@pytest.mark.parametrize(
    "name, value",
    [
        ("OPENCLAW_GATEWAY_TOKEN_FILE", "/Users/openclaw/.openclaw/token"),
        ("MAX_TOKENS", "4096"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("HTTPS_PROXY", "http://proxy:3128"),
        ("NODE_EXTRA_CA_CERTS", "/etc/ssl/x.pem"),
        ("KEYBOARD", "us"),
    ],
)
def test_not_secrets(name, value):
    assert define(environment={name: value})["EnvironmentVariables"][name] == value


@pytest.mark.parametrize(
    "arguments", [["/n", "--token", "V4luePr0of"], ["/n", "--password=V4luePr0of"], ["/n", "sk-V4luePr0of"]]
)
def test_secrets_refused_on_the_command_line(arguments):
    failure = refused("secret_in_arguments", define, program_arguments=arguments)
    assert "V4luePr0of" not in failure.sentence() + repr(failure.as_dict())
    assert any("V4luePr0of" in text for text in plist.secrets_in_arguments(arguments))


@pytest.mark.parametrize(
    "change",
    [
        {"label": "a/b"},
        {"label": ""},
        {"label": "../x"},
        {"program_arguments": []},
        {"program_arguments": ["node", "x"]},
        {"program_arguments": ["~/bin/node"]},
        {"program_arguments": ["/bin/sh", "a\nb"]},
        {"working_directory": "relative"},
        {"log_path": "~/log"},
        {"log_path": "/x\ny"},
        {"exit_timeout": 0},
        {"exit_timeout": 601},
        {"soft_file_limit": 255},
        {"soft_file_limit": 20000},
        {"hard_file_limit": "many"},
        {"umask": 63},
        {"umask": "99"},
        {"umask": "07777"},
        {"environment": {"A": None}},
        {"environment": {"A": True}},
        {"environment": {"A": {"b": "c"}}},
        {"environment": {"A B": "c"}},
        {"environment": {"A": "b\nc"}},
    ],
)
def test_bad_values_refused(change):
    failure = refused("value_refused", define, **change)
    assert next(iter(change)) in failure.message
