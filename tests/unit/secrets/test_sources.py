# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What openclaw.json itself supplies, what it refers to, and how sources are counted."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources, strip, winner
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import Source

T = "CANARY-canary-CANARY-canary"
PRINT = fingerprint(T)


def env(name, provider="default", form="secretref"):
    return {"source": "env", "provider": provider, "id": name, "form": form}


def variable(name):
    return env(name, form="variable")


@pytest.mark.parametrize(
    ("text", "kind", "line", "live", "shown", "name", "credential"),
    [
        ("{gateway:{auth:{token:'%s'}}}" % T, "config", 1, True, PRINT, "gateway.auth.token", "token"),
        ("{\n gateway: {\n  // old: x\n  auth: { token:\n '%s' } } }" % T, "config", 5, True, PRINT,
         "gateway.auth.token", "token"),
        ("{gateway:{auth:{token:12}}}", "config", 1, True, None, "gateway.auth.token", "token"),
        ("{gateway:{auth:{password:'%s'}}}" % T, "config", 1, True, PRINT, "gateway.auth.password", "password"),
        ("{gateway:{remote:{token:'%s'}}}" % T, "config_remote", 1, False, PRINT, "gateway.remote.token", "token"),
        ("{gateway:{remote:{password:'%s'}}}" % T, "config_remote", 1, False, PRINT, "gateway.remote.password",
         "password"),
        ("{gateway:{token:'%s'}}" % T, "config_legacy", 1, False, PRINT, "gateway.token", "token"),
        ("{env:{OPENCLAW_GATEWAY_TOKEN:'%s'}}" % T, "config_env", 1, True, PRINT, "env.OPENCLAW_GATEWAY_TOKEN",
         "token"),
        ("{env:{vars:{\nOPENCLAW_GATEWAY_PASSWORD:'%s'}}}" % T, "config_env", 2, True, PRINT,
         "env.vars.OPENCLAW_GATEWAY_PASSWORD", "password"),
    ],
)  # fmt: skip
def test_a_value_in_the_configuration(text, kind, line, live, shown, name, credential):
    (found,) = sources.from_config(text, "/c")
    assert found == Source(kind, "/c", line, live, shown, "ours", name, credential)


@pytest.mark.parametrize(
    "text",
    ["{gateway:{auth:{token:''}, remote: {token: null}}}", "{gateway:'x'}", "{}", "{env:{OPENCLAW_GATEWAY_TOKEN:' '}}",
     "{env:{OPENCLAW_GATEWAY_TOKEN:'${X}'}}", "{env:[1]}"],
)  # fmt: skip
def test_no_value_in_the_configuration(text):
    assert sources.from_config(text, "/c") == []


@pytest.mark.parametrize(
    ("value", "reference"),
    [
        ("${X}", variable("X")),
        (" ${X} ", variable("X")),
        ("$X", env("X")),
        ("${lower}", variable("lower")),
        ("before-${X}-behind", variable("X")),
        ("secretref-env:X", env("X")),
        ("__env__:X", env("X")),
        ({"source": "env", "id": "X"}, env("X")),
        ({"source": "file", "provider": "p", "id": "/a"}, dict(env("/a", "p"), source="file")),
        ({"source": "exec", "provider": "v", "id": "a/b"}, dict(env("a/b", "v"), source="exec")),
        ({"source": "store", "id": "X"}, dict(env("X", "s"), source="store")),
        ("$x", None), ("$", None), ("a$X", None), ("$${X}", None), (T, None), ("", None), (1, None), (None, None),
        ({"source": "env"}, None), ({"source": 1, "id": "x"}, None), ([], None),
    ],
)  # fmt: skip
def test_what_a_value_refers_to(value, reference):
    assert sources.reference_of(value, {"store": "s", "env": 1}) == reference


def test_a_reference_in_the_configuration_has_no_fingerprint():
    (found,) = sources.from_config("{gateway:{auth:{token:'$MINE'}},secrets:{defaults:{env:'e'}}}", "/c")
    assert (found.kind, found.fingerprint, found.reference) == ("config_reference", None, env("MINE", "e"))


@pytest.mark.parametrize(
    ("config", "more"),
    [
        (None, {}), ([], {}), ({}, {}), ({"gateway": {"auth": {"token": "x"}}}, {}),
        ({"gateway": {"auth": {"token": "${MINE}", "password": "$OTHER"}}}, {"MINE": "token", "OTHER": "password"}),
        ({"gateway": {"auth": {"token": "${OPENCLAW_GATEWAY_TOKEN}"}}}, {}),
        ({"gateway": {"remote": {"token": "${FOREIGN}"}}}, {}),
        ({"gateway": {"auth": {"token": {"source": "file", "provider": "p", "id": "/a"}}}}, {}),
    ],
)  # fmt: skip
def test_variables_that_carry_a_credential_here(config, more):
    assert sources.variable_names(config) == dict(sources.VARIABLES, **more)


LITERAL = Source("config", "/c", 1, True, "a", name="gateway.auth.token")
TO_ENV = Source("config_reference", "/c", 1, True, None, name="gateway.auth.token", reference=env("X"))
TO_FILE = TO_ENV._replace(reference={"source": "file", "provider": "p", "id": "/x"})
TO_EXEC = TO_ENV._replace(reference={"source": "exec", "provider": "p", "id": "x"})
DOTENV = Source("dotenv", "/e", 1, True, "b", name="X")
BLOCK = Source("config_env", "/c", 1, True, "b", name="env.vars.X")
FILE = Source("secret_file", "/f", 1, True, "b", name="/x")
PLIST = Source("plist_argument", "/p", 1, True, "b", name="--token")
JOB = Source("job_argument", "print", None, True, "b", name="--token")
RUNNING = Source("process_argument", "process 1", None, True, "b", name="--token")
PASSWORD = Source("dotenv", "/e", 2, True, "c", name="P", credential="password")
SHELL = Source("shell", "/s", 1, False, "b", name="X")


@pytest.mark.parametrize(
    ("found", "counted"),
    [
        ([], []),
        ([LITERAL, SHELL, PASSWORD], [LITERAL]),
        ([LITERAL, DOTENV], [LITERAL, DOTENV]),
        ([TO_ENV, DOTENV], [DOTENV]),
        ([TO_ENV, BLOCK], [BLOCK]),
        ([TO_ENV], [TO_ENV]),
        ([TO_ENV, DOTENV._replace(name="Y")], [TO_ENV, DOTENV._replace(name="Y")]),
        ([TO_FILE, FILE], [FILE]),
        ([TO_FILE, DOTENV], [TO_FILE, DOTENV]),
        ([TO_EXEC], [TO_EXEC]),
        ([PLIST, JOB, RUNNING], [PLIST]),
        ([PLIST, JOB._replace(fingerprint="old")], [PLIST, JOB._replace(fingerprint="old")]),
        ([JOB, RUNNING._replace(kind="process_argument")], [JOB]),
    ],
)
def test_server_sources_are_counted_once(found, counted):
    assert sources.server_sources(found) == counted


def test_the_password_is_counted_by_itself():
    assert sources.server_sources([LITERAL, PASSWORD], "password") == [PASSWORD]


def test_every_kind_is_in_the_tables():
    assert set(sources.KINDS) == set(strip.ACTIONS)
    assert set(sources.KINDS.values()) <= {"ours", "openclaw", "person", "system"}
    kinds = {kind for kind, _live, _credential in sources.CONFIG_KEYS.values()}
    assert kinds | {kind + "_reference" for kind in kinds} <= set(sources.KINDS)


@pytest.mark.parametrize(
    ("value", "slot"),
    [
        ("'%s'" % T, "config"), ("'${X}'", "config_variable"), ("'$X'", "secretref_env"),
        ("{source: 'env', id: 'X'}", "secretref_env"), ("{source: 'exec', provider: 'p', id: 'x'}", "secretref_exec"),
    ],
)  # fmt: skip
def test_the_table_of_winners_knows_what_is_found(value, slot):
    found = sources.from_config("{gateway: {auth: {token: %s}}}" % value, "/c")
    assert winner.slots_of(found, "server") == [slot]
