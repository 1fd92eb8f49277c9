# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property lists that define a Gateway: found in every directory, told without a secret, told whose they are."""
import os
import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._service import definitions

LABEL = "ai.openclaw.gateway"
SECRET = "f00dfacef00dfacef00dface"
OURS = {
    "Label": LABEL, "ProgramArguments": ["/o/node", "/o/openclaw/dist/index.js", "gateway", "--port", "18789"],
    "KeepAlive": True, "RunAtLoad": True, "ThrottleInterval": 30, "ExitTimeOut": 30, "ProcessType": "Interactive",
    "Umask": 63, "UserName": "openclaw", "SoftResourceLimits": {"NumberOfFiles": 10240}, "StandardOutPath": "/l",
    "EnvironmentVariables": {"OPENCLAW_SUPERVISOR_MODE": "external", "PATH": "/bin"},
}  # fmt: skip
#: As `openclaw gateway install` writes it.
OPENCLAWS = {
    "Label": LABEL, "Comment": "OpenClaw Gateway", "KeepAlive": True, "Umask": 63, "ThrottleInterval": 10,
    "ProgramArguments": ["/bin/sh", "/U/.openclaw/service-env/x-env-wrapper.sh", "/U/.openclaw/service-env/x.env",
                         "/opt/homebrew/bin/node", "/lib/node_modules/openclaw/dist/index.js", "gateway"],
}  # fmt: skip


@pytest.fixture
def put(tmp_path):
    def put(name, data, fmt=plistlib.FMT_XML):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else plistlib.dumps(data, fmt=fmt))
        return str(path)

    put.survey = lambda: definitions.survey([(str(tmp_path / "d"), "daemon"), (str(tmp_path / "a"), "agent")], LABEL)
    return put


def only(put):
    (seen,) = put.survey().seen
    return seen


def test_what_is_told_of_ours(put):
    path = put("d/%s.plist" % LABEL, OURS)
    os.chmod(path, 0o644)
    told = definitions.described(only(put))
    assert told == dict(
        told, path=path, mode="0644", uid=os.geteuid(), symlink=False, valid=True, problem=None, throttle_interval=30,
        exit_timeout=30, keep_alive=True, run_at_load=True, process_type="Interactive", umask="0077",
        files_limit=10240, username="openclaw", environment=["OPENCLAW_SUPERVISOR_MODE", "PATH"], secrets=[],
        stdout="/l", stderr=None, owner="ours", program_arguments=OURS["ProgramArguments"],
    )  # fmt: skip
    assert told["digest"].startswith("sha256:")


def test_secrets_are_named_and_not_told(put):
    definition = dict(OURS, EnvironmentVariables={"OPENCLAW_GATEWAY_TOKEN": SECRET, "TOKEN_FILE": "/x"},
                      ProgramArguments=["/o/openclaw", "gateway", "--token", SECRET])  # fmt: skip
    put("d/x.plist", definition)
    told = definitions.described(only(put))
    assert told["secrets"] == ["--token", "OPENCLAW_GATEWAY_TOKEN"] and SECRET not in str(told)
    assert told["program_arguments"][2] == "--token" and told["program_arguments"][3].startswith("sha256:")


OWNERS = [
    (OURS, "x.plist", "ours"),
    (OPENCLAWS, "x.plist", "openclaw"),
    (dict(OURS, EnvironmentVariables={"OPENCLAW_SERVICE_MARKER": "openclaw"}), "x.plist", "openclaw"),
    (dict(OURS, EnvironmentVariables={}), "homebrew.mxcl.openclaw.plist", "homebrew"),
    (dict(OURS, EnvironmentVariables={}, Label="homebrew.mxcl.openclaw"), "x.plist", "homebrew"),
    (dict(OURS, EnvironmentVariables={}), "x.plist", "other"),
    (dict(OURS, EnvironmentVariables="x", Comment=7, ProgramArguments=3), "x.plist", "other"),
]


@pytest.mark.parametrize("definition,name,owner", OWNERS)
def test_owners(definition, name, owner):
    assert definitions.owner(definition, "/Library/LaunchDaemons/" + name) == owner


def test_all_directories_and_only_what_concerns_a_gateway(put, tmp_path):
    put("d/%s.plist" % LABEL, OURS)
    put("d/com.vendor.plist", {"Label": "com.vendor", "ProgramArguments": ["/v"]})
    put("a/copy.plist", OPENCLAWS, plistlib.FMT_BINARY)
    put("a/bot.plist", {"Label": "my.bot", "ProgramArguments": ["/usr/local/bin/clawdbot", "gateway"]})
    put("a/note.plist", {"Label": "note", "ProgramArguments": ["/v"], "Comment": "not openclaw"})
    put("a/%s.plist.disabled" % LABEL, OURS)
    found = put.survey()
    assert [(os.path.basename(seen.path), seen.scope) for seen in found.seen] == [
        ("%s.plist" % LABEL, "daemon"), ("bot.plist", "agent"), ("copy.plist", "agent")]  # fmt: skip
    assert [len(found.of(LABEL, scope)) for scope in (None, "daemon", "agent")] == [2, 1, 1]
    assert definitions.starts_gateway(OURS)
    assert not definitions.starts_gateway({"ProgramArguments": ["openclaw", "tui"]})


BROKEN = [
    (b"not a plist", "not", False), (b"", "", False), (plistlib.dumps([1]), "its top is no dictionary", False),
    (plistlib.dumps({"Label": LABEL}), "it has no program", False),
    (plistlib.dumps({"Program": "/x"}), "it has no Label", False),
]  # fmt: skip


@pytest.mark.parametrize("data,problem,valid", BROKEN)
def test_broken_ones_count_when_they_are_called_after_the_label(put, data, problem, valid):
    put("d/%s.plist" % LABEL, data)
    seen = only(put)
    told = definitions.described(seen)
    assert seen.defines(LABEL) and told["valid"] is valid and told["problem"]
    assert problem in (told["problem"], "not", "")


def test_odd_values_break_nothing(put):
    odd = dict(OURS, Umask="ladida", KeepAlive={"SuccessfulExit": False}, ThrottleInterval="10", UserName=5,
               SoftResourceLimits=[], RunAtLoad="yes", EnvironmentVariables={"A": 1}, StandardOutPath=1)  # fmt: skip
    put("d/%s.plist" % LABEL, odd)
    told = definitions.described(only(put))
    assert told["keep_alive"] == "conditional"
    names = ("umask", "throttle_interval", "username", "files_limit", "run_at_load", "stdout")
    assert [told[name] for name in names] == [None] * len(names)


def test_links_are_told(put, tmp_path):
    real = put("elsewhere.plist", OURS)
    (tmp_path / "d").mkdir()
    os.symlink(real, str(tmp_path / "d" / ("%s.plist" % LABEL)))
    assert definitions.described(only(put))["symlink"] is True
    os.unlink(real)
    told = definitions.described(only(put))
    assert (told["symlink"], told["valid"], told["problem"]) == (True, None, "leads nowhere")


@pytest.mark.skipif(os.geteuid() != 0, reason="takes another account's eyes, which takes root")
def test_what_may_not_be_looked_at_is_not_empty(put, tmp_path, as_nobody):
    put("d/x.plist", OURS)
    path = put("a/%s.plist" % LABEL, OURS)
    os.chmod(str(tmp_path / "d"), 0o700)
    os.chmod(path, 0o600)
    with as_nobody():
        found = put.survey()
    assert list(found.closed) == [str(tmp_path / "d")]
    told = definitions.described(found.seen[0])
    assert (told["valid"], told["owner"], told["digest"]) == (None, None, None) and "denied" in told["problem"]


@pytest.mark.parametrize(
    ("definition", "by", "evidence"),
    [
        (OURS, "this collection", "byte for byte"),
        (dict(OPENCLAWS, Comment="OpenClaw Gateway"), "openclaw (gateway restart or install", "service-env"),
        (dict(OPENCLAWS, ProgramArguments=[*OPENCLAWS["ProgramArguments"], "--max-old-space-size=4096"]),
         "openclaw gateway install", "--max-old-space-size"),
        # OpenClaw has written ours anew, and kept our environment.
        (dict(OURS, Comment="OpenClaw Gateway", ThrottleInterval=10), "openclaw (", "OpenClaw Gateway"),
        ({"Label": LABEL, "ProgramArguments": ["/x/run-it"]}, "a person or another program", "no mark"),
    ],
)  # fmt: skip
def test_who_wrote_it_last(put, definition, by, evidence):
    path = put("d/%s.plist" % LABEL, definition)
    os.utime(path, (0, 1763815600))
    told = definitions.described(only(put))["written"]
    assert told["by"].startswith(by) and any(evidence in said for said in told["evidence"]), told
    assert told["at"] == "2025-11-22T12:46:40Z"


def test_ours_after_an_editor_is_not_ours_alone(put):
    path = put("d/%s.plist" % LABEL, OURS)
    with open(path, "rb") as stream:
        data = stream.read()
    put("d/%s.plist" % LABEL, data.replace(b"\t", b"  "))
    told = definitions.described(only(put))
    assert told["owner"] == "ours" and told["written"]["by"].startswith("a person or another program, after")
    put("d/%s.plist" % LABEL, b"rubbish")
    assert definitions.described(only(put))["written"]["by"] is None
