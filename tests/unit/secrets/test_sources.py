# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every place a token can come from: found with file, line and fingerprint, and nothing else taken for one."""

import collections
import os
import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources, survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

Account = collections.namedtuple("Account", "name uid gid home")
T = "CANARY-canary-CANARY-canary"
PRINT = fingerprint(T)
LABEL = "ai.openclaw.gateway"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{gateway:{auth:{token:'%s'}}}" % T, [("config", 1, True, PRINT)]),
        ("{\n gateway: {\n  // old: x\n  auth: { token:\n '%s' } } }" % T, [("config", 5, True, PRINT)]),
        ("{gateway:{auth:{token:'${X}'}}}", [("config_reference", 1, True, None)]),
        ("{gateway:{auth:{token:{source:'env',provider:'default',id:'X'}}}}", [("config_reference", 1, True, None)]),
        ("{gateway:{auth:{token:12}}}", [("config", 1, True, None)]),
        ("{gateway:{remote:{token:'%s'}}}" % T, [("config_remote", 1, False, PRINT)]),
        ("{gateway:{token:'%s'}}" % T, [("config_legacy", 1, False, PRINT)]),
        ("{gateway:{auth:{token:''}, remote: {token: null}}}", []),
        ("{gateway:'x'}", []),
        ("{}", []),
    ],
)
def test_config(text, expected):
    assert [tuple(source)[:1] + tuple(source)[2:] for source in sources.from_config(text, "/c")] == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("OPENCLAW_GATEWAY_TOKEN=%s" % T, 1),
        ("# c\nexport OPENCLAW_GATEWAY_TOKEN='%s'\n" % T, 2),
        ('A=1\n  OPENCLAW_GATEWAY_TOKEN = "%s"  \n' % T, 2),
        ("OPENCLAW_GATEWAY_TOKEN=%s # why\n" % T, 1),
        ("OPENCLAW_GATEWAY_TOKEN=%s\r\n" % T, 1),
    ],
)
def test_dotenv(text, line):
    assert sources.from_dotenv(text, "/e", True) == [sources.Source("dotenv", "/e", line, True, PRINT)]


@pytest.mark.parametrize(
    "text",
    [
        "# OPENCLAW_GATEWAY_TOKEN=x",
        "XOPENCLAW_GATEWAY_TOKEN=x",
        "OPENCLAW_GATEWAY_TOKEN_FILE=x",
        "OPENCLAW_GATEWAY_TOKEN=",
        "",
    ],
)
def test_other_lines_are_no_source(text):
    assert sources.from_dotenv(text, "/e", True) == []
    assert sources.from_shell(text, "/s") == []


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("export OPENCLAW_GATEWAY_TOKEN=%s" % T, "shell", 1),
        ("OPENCLAW_GATEWAY_TOKEN='%s'; export OPENCLAW_GATEWAY_TOKEN" % T, "shell", 1),
        ('\n\ttypeset -gx OPENCLAW_GATEWAY_TOKEN="%s"' % T, "shell", 2),
        ("a\nlaunchctl setenv OPENCLAW_GATEWAY_TOKEN %s" % T, "shell_launchctl", 2),
        ('/bin/launchctl setenv OPENCLAW_GATEWAY_TOKEN "%s"' % T, "shell_launchctl", 1),
    ],
)
def test_shell(text, kind, line):
    assert sources.from_shell(text, "/s") == [sources.Source(kind, "/s", line, False, PRINT)]


def test_a_shell_variable_has_no_fingerprint():
    assert sources.from_shell("export OPENCLAW_GATEWAY_TOKEN=$X", "/s")[0].fingerprint is None


def job(**more):
    return plistlib.dumps(dict({"Label": LABEL}, **more))


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (job(EnvironmentVariables={"OPENCLAW_GATEWAY_TOKEN": T}), ["plist_environment"]),
        (job(ProgramArguments=["node", "gateway", "--token", T]), ["plist_argument"]),
        (job(ProgramArguments=["node", "--token=" + T]), ["plist_argument"]),
        (job(ProgramArguments=["node", "--token"], EnvironmentVariables={"PATH": "/bin"}), []),
        (job(), []),
        (plistlib.dumps({"Label": "other", "EnvironmentVariables": {"OPENCLAW_GATEWAY_TOKEN": T}}), []),
        (plistlib.dumps([1]), []),
        (
            plistlib.dumps({"Label": LABEL, "ProgramArguments": ["--token", T]}, fmt=plistlib.FMT_BINARY),
            ["plist_argument"],
        ),
    ],
)
def test_plist(data, kinds):
    found, _arguments = sources.from_plist(data, "/p", LABEL)
    assert [source.kind for source in found] == kinds
    assert all(source.live and source.fingerprint == PRINT for source in found)


@pytest.mark.parametrize("data", [b"", b"<plist>", b"bplist00garbage", b"{a=1;}", b"\x00" * 100])
def test_a_broken_plist_is_said_to_be_one(data):
    with pytest.raises(ValueError):
        sources.from_plist(data, "/p", LABEL)


# -- the rim


@pytest.fixture()
def places(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "SYSTEM_FILES", (str(tmp_path / "zshenv"),))
    for name in ("state/service-env", "daemons", "agents", "home"):
        (tmp_path / name).mkdir(parents=True)
    account = Account("me", os.geteuid(), os.getegid(), str(tmp_path / "home"))
    return survey.Places(
        account,
        str(tmp_path / "state"),
        LABEL,
        str(tmp_path / "daemons"),
        str(tmp_path / "agents"),
        str(tmp_path / "launchctl"),
    )


def test_an_empty_host_has_no_source(places):
    assert survey.outside_config(places) == survey.Found([], [])


def test_a_host_without_any_of_the_places_has_no_source(places, tmp_path):
    gone = places._replace(
        state_dir=str(tmp_path / "x"),
        daemons_dir=str(tmp_path / "x"),
        agents_dir=str(tmp_path / "x/y"),
    )
    assert survey.outside_config(gone) == survey.Found([], [])


def test_every_place_is_looked_at(places, tmp_path):
    env_file = tmp_path / "state/service-env" / (LABEL + ".env")
    (tmp_path / "state/.env").write_text("OPENCLAW_GATEWAY_TOKEN=%s\n" % T)
    env_file.write_text("A=1\nOPENCLAW_GATEWAY_TOKEN=%s\n" % T)
    (tmp_path / "daemons/x.plist").write_bytes(job(EnvironmentVariables={"OPENCLAW_GATEWAY_TOKEN": T}))
    (tmp_path / "agents/y.plist").write_bytes(job(ProgramArguments=["/bin/sh", "wrapper", str(env_file), "--token", T]))
    (tmp_path / "home/.zshrc").write_text("export OPENCLAW_GATEWAY_TOKEN=%s\n" % T)
    (tmp_path / "zshenv").write_text("export OPENCLAW_GATEWAY_TOKEN=%s\n" % T)
    launchctl = tmp_path / "launchctl"
    launchctl.write_text('#!/bin/sh\n[ "$1 $2" = "getenv OPENCLAW_GATEWAY_TOKEN" ] && echo "%s"\n' % T)
    launchctl.chmod(0o755)
    found = survey.outside_config(places)
    assert [(source.kind, source.live) for source in found.sources] == [
        ("dotenv", True),
        ("plist_environment", True),
        ("plist_argument", True),
        ("service_env", True),
        ("launchctl", True),
        ("shell", False),
        ("shell", False),
    ]
    assert {source.fingerprint for source in found.sources} == {PRINT}
    assert found.unreadable == []
    assert T not in repr(found)


def test_a_service_env_file_that_no_job_uses_is_not_live(places, tmp_path):
    (tmp_path / "state/service-env" / (LABEL + ".env")).write_text("OPENCLAW_GATEWAY_TOKEN=%s\n" % T)
    (tmp_path / "agents/y.plist").write_bytes(job(ProgramArguments=["node"]))
    assert [(source.kind, source.live) for source in survey.outside_config(places).sources] == [("service_env", False)]


def test_what_cannot_be_read_is_reported(places, tmp_path):
    (tmp_path / "state/.env").mkdir()
    (tmp_path / "daemons" / (LABEL + ".plist")).write_bytes(b"rubbish")
    (tmp_path / "daemons/other.plist").write_bytes(b"rubbish")
    os.mkfifo(str(tmp_path / "home/.zshrc"))
    launchctl = tmp_path / "launchctl"
    launchctl.write_text("not a program")
    launchctl.chmod(0o755)
    found = survey.outside_config(places)
    assert found.sources == []
    assert [os.path.basename(entry["location"].split(" ")[0]) for entry in found.unreadable] == [
        ".env",
        LABEL + ".plist",
        "launchctl",
        ".zshrc",
    ]


def test_a_launchctl_that_hangs_is_given_up(places, tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "_LAUNCHCTL_TIMEOUT", 0.2)
    launchctl = tmp_path / "launchctl"
    launchctl.write_text("#!/bin/sh\nexec sleep 30\n")
    launchctl.chmod(0o755)
    assert [entry["reason"] for entry in survey.outside_config(places).unreadable] == ["TimeoutExpired"]


def test_server_sources_are_the_live_ones():
    found = [sources.Source("config", "/c", 1, True, "x"), sources.Source("shell", "/s", 1, False, "x")]
    assert sources.server_sources(found) == found[:1]
