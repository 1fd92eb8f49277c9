# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which token a Gateway takes from its files, in the order of its version."""

import json
import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._token import layout, present

VARIABLE = "OPENCLAW_GATEWAY_TOKEN"
NEWEST, OLDER = "2026.9.6", "2026.7.1"
SITES = layout.Sites("/s/.env", "/s/secrets.json", "/s/bin/x", layout.Item("svc", "me", "/k", None))


def with_token(value, **more):
    return dict({"gateway": {"auth": {"token": value}}}, **more)


def ours(source):
    return layout.wanted(source, "unused", SITES).settings["gateway"]["auth"]["token"]


def plist(*arguments, **environment):
    return plistlib.dumps({"Label": "x", "ProgramArguments": ["node", *arguments], "EnvironmentVariables": environment})


def env(token):
    return ("%s=%s\n" % (VARIABLE, token)).encode()


ENVIRONMENT = {"plists": [plist(**{VARIABLE: "from-plist"})]}
#: What there is, version, the token that is taken.
CASES = {
    "nothing": ({}, NEWEST, None),
    "a literal": ({"config": with_token("literal")}, NEWEST, "literal"),
    "an argument beats it": (
        {"config": with_token("literal"), "plists": [plist("--token", "argued")]}, NEWEST, "argued"),
    "a literal beats the variable": (dict(ENVIRONMENT, config=with_token("literal")), NEWEST, "literal"),
    "the variable": (ENVIRONMENT, NEWEST, "from-plist"),
    "the env file of the service": ({"service_env": env("handed")}, NEWEST, "handed"),
    "dotenv": ({"dotenv": env("dotted"), "gateway_env": env("second")}, NEWEST, "dotted"),
    "gateway.env": ({"gateway_env": env("second")}, NEWEST, "second"),
    "the env block": ({"config": {"env": {"vars": {VARIABLE: "blocked"}}}}, NEWEST, "blocked"),
    "a variable in the text": ({"config": with_token("${%s}" % VARIABLE), "dotenv": env("dotted")}, NEWEST, "dotted"),
    "a reference to the variable": ({"config": with_token(ours("env")), "dotenv": env("dotted")}, NEWEST, "dotted"),
    "our file": (
        {"config": with_token(ours("file")), "secret_file": json.dumps({"gateway": {"token": "filed"}}).encode()},
        NEWEST, "filed"),
    "our file beats the variable": (
        dict(ENVIRONMENT, config=with_token(ours("file")), secret_file=b'{"gateway": {"token": "filed"}}'),
        NEWEST, "filed"),
    "up to 2026.7 it does not": (
        dict(ENVIRONMENT, config=with_token(ours("file")), secret_file=b'{"gateway": {"token": "filed"}}'),
        OLDER, "from-plist"),
    "the keychain": ({"config": with_token(ours("exec")), "item": b"kept"}, NEWEST, "kept"),
    "an unknown version is the newest": (dict(ENVIRONMENT, config=with_token("literal")), None, "literal"),
    "rubbish in a property list": ({"plists": [b"rubbish"], "dotenv": env("dotted")}, NEWEST, "dotted"),
}  # fmt: skip
FOREIGN = {
    "another variable": "${OTHER}",
    "another file": {"source": "file", "provider": "mine", "id": "/x"},
    "another program": {"source": "exec", "provider": "vault", "id": "x"},
}


def seen(version, **what):
    nothing = dict.fromkeys(present.Seen._fields)
    host = {"config": {}, "config_path": "/s/openclaw.json", "plists": [], "version": version}
    return present.Seen(**{**nothing, **host, **what})


@pytest.mark.parametrize("name", CASES)
def test_the_token_that_is_taken(name):
    what, version, token = CASES[name]
    assert next(iter(present.candidates(seen(version, **what))), None) == token


@pytest.mark.parametrize("name", FOREIGN)
def test_a_reference_that_nobody_here_can_follow_is_refused(name):
    with pytest.raises(Failure) as caught:
        present.candidates(seen(NEWEST, config=with_token(FOREIGN[name])))
    assert caught.value.code == "token_is_reference" and "/s/openclaw.json" in caught.value.message


def test_unless_something_stronger_has_the_token():
    assert present.candidates(seen(OLDER, config=with_token(FOREIGN["another file"]), **ENVIRONMENT)) == ["from-plist"]


def test_what_a_running_gateway_may_have_been_started_with():
    what = {"config": with_token("literal"), "plists": [plist("--token", "argued")], "dotenv": env("literal")}
    assert present.candidates(seen(NEWEST, **what)) == ["argued", "literal"]
