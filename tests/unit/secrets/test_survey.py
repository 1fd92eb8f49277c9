# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole host, looked over: every place is found, with its owner and whether it is live."""
import contextlib
import json
import os
import plistlib
import subprocess
import sys

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import domains, sources, survey, units
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from host_kit import CONFIG, LABEL, LINE, ME, NAME, OTHER, PRINT, Account, T, job, printed, printed_job


def test_an_empty_host_has_no_source(host):
    assert host.found() == survey.Found([], [])


def test_a_host_without_any_of_the_places_has_no_source(host):
    gone = str(host.root / "gone/deep")
    assert host.found(state_dir=gone, daemons_dir=gone, agents_dir=gone, users_dir=gone) == survey.Found([], [])


ENV_FILE = "home/.openclaw/service-env/%s.env" % LABEL
#: file -> (content, kind, live, owner)
FILES = {
    "home/.openclaw/openclaw.json": (CONFIG, "config", True, "ours"),
    "home/.openclaw/.env": (LINE, "dotenv", True, "openclaw"),
    "home/.config/openclaw/gateway.env": (LINE, "gateway_env", True, "openclaw"),
    ENV_FILE: ("export " + LINE, "service_env", False, "openclaw"),
    "daemons/a.plist": (job(EnvironmentVariables={NAME: T}), "plist_environment", True, "ours"),
    "agents/b.plist": (job(ProgramArguments=["--token", T]), "plist_argument", True, "ours"),
    "global/c.plist": (
        plistlib.dumps({"Label": "x", "ProgramArguments": ["openclaw", "gateway", "--token", T]}),
        "plist_argument", False, "person",
    ),
    "agents/d.plist": (
        plistlib.dumps({"Label": "x", "ProgramArguments": ["launchctl", "setenv", NAME, T]}),
        "plist_setenv", False, "person",
    ),
    "home/.zshenv": ("export " + LINE, "shell", False, "person"),
    "home/.bash_profile": ("launchctl setenv %s %s" % (NAME, T), "shell_launchctl", False, "person"),
    "etc/zshenv": ("export " + LINE, "shell", False, "system"),
    "home/.openclaw/openclaw.json.bak": (CONFIG, "config_copy", False, "openclaw"),
    "home/.openclaw/openclaw.json.bak.4": (CONFIG, "config_copy", False, "openclaw"),
    "home/.openclaw/openclaw.json.last-good": (CONFIG, "config_copy", False, "openclaw"),
    "home/.openclaw/openclaw.json.clobbered.2026-01-01T00-00-00Z": (CONFIG, "config_copy", False, "openclaw"),
    "home/.openclaw/openclaw.json.rejected.1": (CONFIG, "config_copy", False, "openclaw"),
    "home/.openclaw/openclaw.json.ansible-20260101T000000Z-0123abcd.bak": (CONFIG, "config_copy", False, "ours"),
    "home/.openclaw/.openclaw.json.ansible-abc.tmp": (CONFIG, "config_copy", False, "ours"),
    "home/.openclaw/openclaw.json.mine": (CONFIG, "config_copy", False, "person"),
    "home/.openclaw/openclaw.json~": (CONFIG, "config_copy", False, "person"),
    "home/.openclaw/openclaw.json.bak.2": ("{gateway: {auth: {token: '%s'" % T, "config_copy", False, "openclaw"),
    "home/.openclaw-work/openclaw.json": (CONFIG, "other_config", False, "person"),
    "home/.openclaw-work/.env": (LINE, "other_dotenv", False, "openclaw"),
    "home/.clawdbot/clawdbot.json": (CONFIG, "other_config", False, "person"),
    "home/.moltbot/moltbot.json": (CONFIG, "other_config", False, "person"),
    "home/.config/systemd/user/openclaw-gateway.service": (
        "[Service]\nEnvironment=" + LINE, "systemd_environment", False, "openclaw",
    ),
    "home/.config/systemd/user/openclaw-gateway.service.d/override.conf": (
        "[Service]\nExecStart=node gateway --token " + T, "systemd_argument", False, "person",
    ),
}  # fmt: skip


@pytest.mark.parametrize("path", FILES)
def test_each_place_is_looked_at(host, path):
    content, kind, live, owner = FILES[path]
    location = host.put(path, content)
    (source,) = host.found().sources
    owner = "person" if kind == "other_dotenv" else owner
    assert (source.kind, source.live, source.owner, source.location) == (kind, live, owner, location)
    assert source.fingerprint == PRINT and source.credential == "token"


def test_all_places_together_and_each_once(host):
    for path, (content, *_rest) in FILES.items():
        host.put(path, content)
    told = host.told()
    assert sorted(path for _kind, _live, path in told) == sorted(FILES)
    assert told[0][0] == "config"


@pytest.mark.parametrize(
    "path",
    ["home/.openclaw/openclaw.json5", "home/.openclaw/openclaw.jsonx", "home/.openclaw/other.json",
     "home/.openclaw/.env.bak", "home/.zsh_history", "home/.openclawx/openclaw.json", "daemons/a.plist.off",
     "home/.config/systemd/user/other.service"],
)  # fmt: skip
def test_other_files_are_not(host, path):
    host.put(path, CONFIG + LINE)
    assert host.found() == survey.Found([], [])


def test_nothing_is_imported_with_the_rights_of_an_account(host, monkeypatch):
    """What Ansible has sent lies in a directory that only root may enter."""
    acting = []

    @contextlib.contextmanager
    def acting_as(account):
        acting.append(account)
        yield
        acting.pop()

    class Closed:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if acting and ".plugins.module_utils." in name:
                raise PermissionError(13, "Permission denied")

    for path, (content, *_rest) in FILES.items():
        host.put(path, content)
    monkeypatch.setattr(survey, "acting_as", acting_as)
    monkeypatch.delitem(sys.modules, units.__name__)
    monkeypatch.delattr(sys.modules[units.__package__], "units")
    monkeypatch.setattr(sys, "meta_path", [Closed, *sys.meta_path])
    assert sorted(path for _kind, _live, path in host.told()) == sorted(FILES)


def test_outside_config_leaves_the_configuration_out(host):
    host.put("home/.openclaw/openclaw.json", CONFIG)
    host.put("home/.openclaw/.env", LINE)
    assert [source.kind for source in survey.outside_config(host.places).sources] == ["dotenv"]


# -- what the configuration refers to
def test_a_variable_of_ones_own_is_looked_for_everywhere(host):
    host.put("home/.openclaw/openclaw.json", '{gateway: {auth: {token: "${MINE}"}}}')
    host.put("home/.openclaw/.env", "MINE=%s\n" % T)
    host.put("daemons/a.plist", job(EnvironmentVariables={"MINE": T}))
    host.put("home/.zshrc", "export MINE=%s\n" % T)
    found = host.found().sources
    assert [(source.kind, source.name) for source in found] == [
        ("config_reference", "gateway.auth.token"), ("dotenv", "MINE"), ("plist_environment", "MINE"),
        ("shell", "MINE"),
    ]  # fmt: skip
    assert len(sources.server_sources(found)) == 2


def reference(mode, pointer, path):
    provider = {"source": "file", "path": path, "mode": mode}
    token = {"source": "file", "provider": "p", "id": pointer}
    return json.dumps({"gateway": {"auth": {"token": token}}, "secrets": {"providers": {"p": provider}}})


@pytest.mark.parametrize(
    ("mode", "pointer", "content", "line"),
    [
        ("json", "/a", json.dumps({"a": T}), 1),
        ("json", "/a~1b/~0/1", '{"a/b": {\n"~": ["x", "%s"]}}' % T, 2),
        ("singleValue", "value", T + "\n", None),
        ("singleValue", "value", T, None),
    ],
)
def test_the_file_of_a_secret_reference(host, mode, pointer, content, line):
    path = host.put("home/secrets/token", content)
    host.put("home/.openclaw/openclaw.json", reference(mode, pointer, "~/secrets/token"))
    pointing, source = host.found().sources
    assert pointing.kind == "config_reference"
    assert (source.kind, source.location, source.line, source.live, source.fingerprint) == (
        "secret_file", path, line, True, PRINT,
    )  # fmt: skip
    assert sources.server_sources([pointing, source]) == [source]


@pytest.mark.parametrize("content", ["{}", "[]", "no json " + T, '{"a": {"b": 1}}', '{"a": ["x"]}', "[" * 100000])
def test_a_secret_file_without_the_secret_is_said_to_be_one(host, content):
    path = host.put("home/secrets.json", content)
    host.put("home/.openclaw/openclaw.json", reference("json", "/a/b", path))
    found = host.found()
    assert [source.kind for source in found.sources] == ["config_reference"]
    assert [entry["location"] for entry in found.unreadable] == [path]


def test_references_that_lead_nowhere_are_no_surprise(host):
    for text in (
        reference("json", "/a", "/x").replace('"providers"', '"others"'),
        reference("json", "/a", "/nowhere/at/all"),
        '{gateway: {auth: {token: {source: "exec", provider: "v", id: "k"}}}}',
        '{gateway: {auth: {token: {source: "file", provider: "p", id: "/a"}}}, secrets: {providers: {p: [1]}}}',
    ):
        host.put("home/.openclaw/openclaw.json", text)
        assert [(source.kind, source.live) for source in host.found().sources] == [("config_reference", True)]


# -- what the service is told
def test_a_service_env_file_that_our_job_uses_is_live(host):
    path = host.put(ENV_FILE, "export " + LINE)
    host.put("agents/y.plist", job(ProgramArguments=["/bin/sh", "wrapper", path, "node"]))
    assert host.told() == [("service_env", True, ENV_FILE)]


@pytest.mark.parametrize(
    ("environment", "live"),
    [
        ({}, []),
        ({"OPENCLAW_CONFIG_PATH": "~/.openclaw-work/openclaw.json"}, [".env", "openclaw.json"]),
        ({"OPENCLAW_STATE_DIR": "~/.openclaw-work"}, [".env", "openclaw.json"]),
        ({"OPENCLAW_PROFILE": "work"}, [".env", "openclaw.json"]),
        ({"OPENCLAW_PROFILE": "default"}, []),
    ],
)
def test_a_service_that_is_sent_to_another_configuration(host, environment, live):
    host.put("home/.openclaw-work/openclaw.json", CONFIG)
    host.put("home/.openclaw-work/.env", LINE)
    host.put("agents/y.plist", job(EnvironmentVariables=environment))
    assert [os.path.basename(source.location) for source in host.found().sources if source.live] == live


def test_a_service_env_file_may_send_it_there_too(host):
    host.put("elsewhere/openclaw.json", CONFIG)
    path = host.put(ENV_FILE, "export OPENCLAW_CONFIG_PATH='%s/elsewhere/openclaw.json'\n" % host.root)
    host.put("agents/y.plist", job(ProgramArguments=["/bin/sh", "wrapper", path, "node"]))
    assert host.told() == [("other_config", True, "elsewhere/openclaw.json")]


@pytest.mark.parametrize("told_by", ["config", "plist"])
def test_start_files_are_live_when_openclaw_imports_a_login_shell(host, told_by):
    host.put("home/.zshenv", "export " + LINE)
    host.put("etc/zshenv", "export " + LINE)
    if told_by == "config":
        host.put("home/.openclaw/openclaw.json", "{env: {shellEnv: {enabled: true}}}")
    else:
        host.put("daemons/a.plist", job(EnvironmentVariables={"OPENCLAW_LOAD_SHELL_ENV": "1"}))
    assert [source.live for source in host.found().sources] == [True, True]


# -- launchd
SYSTEM = "getenv " + NAME if ME == 0 else "print system"


def test_the_environment_of_each_domain(host):
    system = T + "\n" if ME == 0 else printed([(NAME, T)])
    host.launchctl({
        SYSTEM: system, "getenv OPENCLAW_GATEWAY_PASSWORD": "",
        "print user/%d" % ME: printed([(NAME, "a b")]), "print gui/%d" % ME: printed([(NAME, T), ("PATH", "/bin")]),
    })  # fmt: skip
    found = host.found()
    assert [(source.kind, source.whose, source.live, source.fingerprint) for source in found.sources] == [
        ("launchctl", "system", True, PRINT),
        ("launchctl", "user/%d" % ME, True, fingerprint("a b")),
        ("launchctl", "gui/%d" % ME, True, PRINT),
    ]
    assert found.unreadable == []


@pytest.mark.parametrize(("directory", "live"), [("daemons", "system"), ("agents", "gui/%d" % ME)])
def test_only_the_domain_of_the_job_is_live(host, directory, live):
    host.put(directory + "/a.plist", job())
    host.launchctl({SYSTEM: T if ME == 0 else printed([(NAME, T)]), "print gui/%d" % ME: printed([(NAME, T)]),
                    "getenv OPENCLAW_GATEWAY_PASSWORD": ""})  # fmt: skip
    assert [source.whose for source in host.found().sources if source.live] == [live]


def test_operators_domains_and_start_files_are_looked_at(host):
    home = host.root / "users/op"
    host.put("users/op/.zshrc", "export " + LINE)
    if ME == 0:
        os.chown(str(home), OTHER, OTHER)
    operator = Account("op", OTHER, OTHER, str(home))
    host.put("daemons/a.plist", job())
    host.launchctl({"print gui/%d" % OTHER: printed([(NAME, T)])}, otherwise="exit 0")
    found = host.found(operators=(operator,)).sources
    assert [(source.kind, source.whose, source.owner, source.live) for source in found] == [
        ("launchctl", "gui/%d" % OTHER, "person", False), ("shell", "op", "person", False),
    ]  # fmt: skip


def test_the_loaded_job_and_its_process(host):
    environment = {"PATH": os.environ["PATH"], NAME: T}
    with subprocess.Popen(["sleep", "60"], env=environment) as process:
        try:
            host.launchctl({"print system/" + LABEL: printed_job(process.pid, ["node", "--token", T], [(NAME, T)])},
                           otherwise="exit 113" if ME else "exit 0")  # fmt: skip
            found = host.found()
        finally:
            process.kill()
    told = [(source.kind, source.live, source.name, source.fingerprint) for source in found.sources]
    assert told[:2] == [("job_environment", True, NAME, PRINT), ("job_argument", True, "--token", PRINT)]
    running = [entry["location"] for entry in found.unreadable if entry["location"].startswith("process")]
    # Where a system has neither way to look, that must be said.
    assert told[2:] == [("process_environment", True, NAME, PRINT)] or running


def test_a_job_of_the_gui_domain_is_asked_for_where_it_is_listed(host):
    listing = printed().replace("=> no", "\n\t\t  99  -  \t%s" % LABEL)
    host.launchctl({"print gui/%d" % ME: listing, "print gui/%d/%s" % (ME, LABEL): printed_job("", ["--token", T])},
                   otherwise="exit 113" if ME else "exit 0")  # fmt: skip
    found = host.found()
    assert [(source.kind, source.whose) for source in found.sources] == [("job_argument", "gui/%d" % ME)]


def test_a_process_that_is_gone_is_said_to_be_unreadable(host):
    found = host.found(pids=(2**22 + 5,))
    assert [entry["location"] for entry in found.unreadable] == ["process %d" % (2**22 + 5)]


@pytest.mark.parametrize(
    ("script", "reason"),
    [("exit 1", "exit code 1"), ("exit 5", "exit code 5"), ("exec sleep 30", "no answer within 0 seconds")],
)
def test_a_launchctl_that_does_not_answer_is_said_to(host, monkeypatch, script, reason):
    monkeypatch.setattr(domains, "TIMEOUT", 0.4)
    host.launchctl({}, otherwise=script)
    found = host.found()
    assert found.sources == [] and {entry["reason"] for entry in found.unreadable} == {reason}
    assert "print gui/%d" % ME in " ".join(entry["location"] for entry in found.unreadable)


def test_a_launchctl_that_is_no_program_is_said_to_be_one(host):
    host.put("launchctl", "not a program")
    (host.root / "launchctl").chmod(0o755)
    assert {entry["reason"] for entry in host.found().unreadable} == {"Exec format error"}


def test_launchctl_gets_nothing_of_the_callers_environment(host, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_CALLER", T)
    host.launchctl({}, otherwise="env >> '%s/seen'; exit 113" % host.root)
    host.found()
    assert T not in (host.root / "seen").read_text()
