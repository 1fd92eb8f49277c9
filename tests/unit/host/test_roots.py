# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which configurations lie on a host, which process has loaded which, and where the token comes from."""
import collections
import os
import pwd
import struct
import subprocess
import sys
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils import _process
from ansible_collections.clawops.openclaw.plugins.module_utils._host import claws, roots, tokens
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import since, survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

Account = collections.namedtuple("Account", "name uid gid home")
TOKEN = "canary-0123456789abcdefghij-0123"


@pytest.fixture
def account(tmp_path):
    (tmp_path / ".openclaw").mkdir(mode=0o700)
    (tmp_path / ".openclaw/openclaw.json").write_text("{gateway: {auth: {token: '%s'}}}" % TOKEN)
    return Account(pwd.getpwuid(os.geteuid()).pw_name, os.geteuid(), os.getegid(), str(tmp_path))


# ------------------------------------------------------------------------------------------------------------- roots
def described(account, running=(), chosen=(), own=None):
    return roots.describe(account, account.home + "/.openclaw", list(running), list(chosen), own)


def process(account, pid, config, command="openclaw-gateway", how="HOME"):
    return claws.Running(pid, account.uid, command, config, how, {})


def test_one_root(account):
    config = account.home + "/.openclaw/openclaw.json"
    found = described(account, [process(account, 7, config)], [config], 7)
    assert (found["count"], found["loaded"], found["other_used"], found["unreadable"]) == (1, config, False, [])
    root = found["roots"][0]
    assert (root["kind"], root["config_exists"], root["mode"], root["uid"]) == ("state", True, "0700", account.uid)
    assert root["digest"].startswith("sha256:") and root["used_by"] == [
        {"pid": 7, "command": "openclaw-gateway", "how": "HOME"}]  # fmt: skip


def test_further_roots_and_who_uses_them(account, tmp_path):
    for name in (".openclaw-work/openclaw.json", ".clawdbot/clawdbot.json", ".moltbot/state/x", "else/where.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / ".openclaw-empty").mkdir()
    other = str(tmp_path / "else/where.json")
    found = described(account, [process(account, 8, other, how="OPENCLAW_CONFIG_PATH")], [other], 9)
    told = {os.path.relpath(root["config"], str(tmp_path)): root for root in found["roots"]}
    assert {name: (root["kind"], root["config_exists"]) for name, root in told.items()} == {
        ".openclaw/openclaw.json": ("state", True), ".openclaw-work/openclaw.json": ("profile", True),
        ".clawdbot/clawdbot.json": ("legacy", True), ".moltbot/openclaw.json": ("legacy", False),
        "else/where.json": ("environment", True)}  # fmt: skip
    assert found["count"] == 4 and found["other_used"] is True and found["loaded"] is None
    assert told["else/where.json"]["used_by"][0]["how"] == "OPENCLAW_CONFIG_PATH"


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("export OPENCLAW_STATE_DIR=$HOME/other\n", "{home}/other/openclaw.json"),
        ('export OPENCLAW_STATE_DIR="${HOME}/other"\n', "{home}/other/openclaw.json"),
        ("export OPENCLAW_STATE_DIR=$HOMEBREW_PREFIX/other\n", None),
        ("alias x=y\nOPENCLAW_CONFIG_PATH='{home}/a b.json'; export OPENCLAW_CONFIG_PATH\n", "{home}/a b.json"),
        ("export OPENCLAW_PROFILE=work\n", "{home}/.openclaw-work/openclaw.json"),
        ("export OPENCLAW_STATE_DIR=$(pwd)\n", None),
        ("# export OPENCLAW_STATE_DIR=/elsewhere\n", None),
        ("export OPENCLAW_GATEWAY_TOKEN=x\n", None),
    ],
)
def test_a_shell_that_is_turned_elsewhere(account, tmp_path, text, leads_to):
    (tmp_path / ".zshrc").write_text(text.replace("{home}", account.home))
    environment, untold = roots.of_shells(account)
    found = survey.chosen_by(environment, account.home)
    assert found == (leads_to and leads_to.replace("{home}", account.home))
    # What only the shell could tell is not taken for nothing.
    assert untold == (["OPENCLAW_STATE_DIR in %s/.zshrc" % account.home] if "$(" in text or "BREW" in text else [])


def test_a_start_file_that_cannot_be_read_leaves_it_open(account, tmp_path):
    (tmp_path / ".zprofile").mkdir()
    os.mkfifo(str(tmp_path / ".zshenv"))
    assert roots.of_shells(account) == ({}, [str(tmp_path / ".zshenv"), str(tmp_path / ".zprofile")])


def test_a_command_of_somebody_else_is_no_root_of_ours(account):
    stranger = claws.Running(5, account.uid + 1, "openclaw", "/Users/admin/.openclaw/openclaw.json", "HOME", {})
    found = described(account, [stranger])
    assert len(found["roots"]) == 1 and found["other_used"] is False
    gateway = stranger._replace(command="openclaw-gateway")
    assert described(account, [gateway])["other_used"] is True


def test_a_process_that_cannot_be_looked_at_leaves_it_open(account):
    found = described(account, [claws.Running(5, account.uid, "openclaw-gateway", None, None, None)])
    assert found["other_used"] is None and found["unreadable"] == ["process 5"]


@pytest.mark.skipif(os.geteuid() != 0, reason="what the account may not read takes root")
def test_a_root_that_only_root_may_read_is_one_all_the_same(tmp_path, account):
    other = pwd.getpwnam("nobody")
    os.chown(str(tmp_path / ".openclaw"), other.pw_uid, other.pw_gid)
    (tmp_path / ".openclaw-work").mkdir(mode=0o700)
    (tmp_path / ".openclaw-work/openclaw.json").write_text("{}")
    found = described(Account("nobody", other.pw_uid, other.pw_gid, account.home))
    work = found["roots"][1]
    assert found["count"] == 2 and (work["config_exists"], work["digest"]) == (True, None)


@pytest.mark.parametrize(("environment", "config", "how"), [
    ({}, "/h/.openclaw/openclaw.json", "HOME"),
    ({"OPENCLAW_STATE_DIR": "/s"}, "/s/openclaw.json", "OPENCLAW_STATE_DIR"),
    ({"OPENCLAW_STATE_DIR": "/s", "OPENCLAW_CONFIG_PATH": "~/c.json"}, "/h/c.json", "OPENCLAW_CONFIG_PATH"),
    ({"OPENCLAW_PROFILE": "work"}, "/h/.openclaw-work/openclaw.json", "OPENCLAW_PROFILE"),
    ({"OPENCLAW_HOME": "/o"}, "/o/.openclaw/openclaw.json", "OPENCLAW_HOME"),
])
def test_what_an_environment_leads_to(environment, config, how):
    assert claws.loads(environment, "/h") == (config, how)


@pytest.mark.parametrize(("arguments", "is_one", "command"), [
    (["openclaw-gateway", "", ""], True, "openclaw-gateway"),
    (["/opt/n/bin/node", "/opt/openclaw/current/lib/node_modules/openclaw/dist/index.js", "gateway", "--token", TOKEN],
     True, "node index.js gateway"),
    (["node", "/usr/local/bin/openclaw", "config", "set", "gateway.auth.token", TOKEN], True, "node openclaw config"),
    (["node", "--max-old-space-size=5", "/x/clawdbot/dist/entry.js"], True, "node"),
    (["node", "/srv/app/server.js"], False, None),
    (["grep", "openclaw"], False, None),
    (["", ""], False, None),
])  # fmt: skip
def test_whose_process_it_is(arguments, is_one, command):
    assert claws.is_openclaw(arguments) is is_one
    assert not is_one or claws.command_of(arguments) == command


def test_what_the_kernel_of_a_mac_says():
    data = bytearray(136)
    struct.pack_into("=I", data, 20, 502)
    data[48:52], data[64:76] = b"node", b"openclaw-gat"
    assert _process.parse_bsdinfo(bytes(data)) == (502, "openclaw-gat")
    data[64:76] = bytes(12)
    assert _process.parse_bsdinfo(bytes(data)) == (502, "node")
    data = bytearray(2352)
    data[152:170] = b"/Users/x/.openclaw"
    assert _process.parse_vnodepathinfo(bytes(data)) == "/Users/x/.openclaw"
    assert _process.parse_vnodepathinfo(bytes(2352)) is None


@pytest.mark.skipif(not os.path.exists("/proc/self/comm"), reason="looks at processes of this machine")
def test_a_process_of_this_machine(tmp_path):
    program = tmp_path / "openclaw-gateway"
    program.symlink_to(sys.executable)
    environment = dict(os.environ, OPENCLAW_STATE_DIR=str(tmp_path), OPENCLAW_GATEWAY_TOKEN=TOKEN)
    with subprocess.Popen([str(program), "-c", "input()"], stdin=subprocess.PIPE, env=environment) as child:
        try:
            until = time.monotonic() + 10
            while not (seen := [one for one in claws.running({}) if one.pid == child.pid]) and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            child.kill()
    assert (seen[0].config, seen[0].how) == (str(tmp_path / "openclaw.json"), "OPENCLAW_STATE_DIR")
    assert seen[0].is_gateway and seen[0].uid == os.geteuid() and TOKEN not in seen[0].command


# ------------------------------------------------------------------------------------------------------------ tokens
def token_sources(account, config=None, environment=None, now=None):
    none = account.home + "/none"
    places = survey.Places(account, account.home + "/.openclaw", "x", none, none, none, users_dir=none,
                           global_agents_dir=none)
    found = tokens.describe(places, config, environment, now)
    assert TOKEN not in str(found)
    return found


def test_one_token_and_since_when(account, tmp_path):
    found = token_sources(account)
    assert (found["count"], found["fingerprint"], found["conflicts"]) == (1, fingerprint(TOKEN), False)
    assert (found["placeholder"], found["weak"], found["since"], found["age_days"]) == ([], [], None, None)
    record = tmp_path / ".openclaw/gateway-token.since.json"
    record.write_bytes(since.record(TOKEN, 1795219200))
    found = token_sources(account, now=1795219200 + 86400 * 2.5)
    assert (found["since"], found["age_days"]) == ("2026-11-21T00:00:00Z", 2.5)
    record.write_bytes(since.record("another", 1795219200))
    assert token_sources(account)["age_days"] is None


def test_conflicts_placeholders_weak_ones_and_the_remote_one(account, tmp_path):
    config = {"gateway": {"auth": {"token": "short"}, "remote": {"token": TOKEN}}}
    (tmp_path / ".openclaw/openclaw.json").write_text(str(config).replace("'", '"'))
    (tmp_path / ".openclaw/.env").write_text("OPENCLAW_GATEWAY_TOKEN=undefined\nOPENCLAW_GATEWAY_PASSWORD=tiny\n")
    found = token_sources(account, config)
    assert found["conflicts"] is True and found["count"] == 2 and found["remote_fingerprint"] == fingerprint(TOKEN)
    assert found["placeholder"] == ["dotenv"] and found["weak"] == ["config", "dotenv"]


@pytest.mark.skipif(os.geteuid() != 0, reason="what may not be read takes another account")
def test_a_configuration_that_may_not_be_read_is_no_absent_token(tmp_path, account):
    other = pwd.getpwnam("nobody")
    nobody = Account("nobody", other.pw_uid, other.pw_gid, account.home)
    for path in [tmp_path, *tmp_path.parents][:3]:
        path.chmod(0o755)
    found = token_sources(nobody)
    assert found["count"] is None and found["unreadable"]
