# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken away by us, what a person is told to do, and what stays."""
import plistlib
import re
import subprocess
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources, strip
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import Source

T = "CANARY-canary-CANARY-canary"
NAME = "OPENCLAW_GATEWAY_TOKEN"


def source(kind, location="/x", line=1, live=True, **more):
    return Source(kind, location, line, live, "sha256:a", **dict({"owner": sources.KINDS[kind]}, **more))


DECLARED = source("config", "/c", name="gateway.auth.token")


def planned(*found, **more):
    return strip.plan([DECLARED, *found], lambda item: item is DECLARED, **more)


@pytest.mark.parametrize(
    ("found", "action", "names"),
    [
        (source("config_reference", name="gateway.auth.token"), "absent", ["gateway.auth.token"]),
        (source("config_env", name="env.vars." + NAME), "absent", ["env.vars." + NAME]),
        (source("config_remote", name="gateway.remote.token", live=False), "absent", ["gateway.remote.token"]),
        (source("config_legacy", name="gateway.token", live=False), "absent", ["gateway.token"]),
        (source("config_copy", live=False, name="gateway.auth.token"), "purge", ["gateway.auth.token"]),
        (source("dotenv"), "edit", [NAME]),
        (source("gateway_env"), "edit", [NAME]),
        (source("service_env"), "edit", [NAME]),
        (source("plist_environment"), "edit", [NAME]),
        (source("plist_argument", name="--token"), "edit", ["--token"]),
        (source("job_environment"), "restart", [NAME]),
        (source("job_argument", name="--token"), "restart", ["--token"]),
        (source("process_environment"), "restart", [NAME]),
        (source("process_argument", name="--token"), "restart", ["--token"]),
        (source("launchctl", whose="system"), "unsetenv", [NAME]),
    ],
)
def test_what_we_take_away(found, action, names):
    plan = planned(found)
    (step,) = plan.remove
    assert (step.action, step.names, step.kinds, step.sources) == (action, names, [found.kind], [found])
    assert plan.report == [] and plan.keep == [DECLARED]


@pytest.mark.parametrize(
    "found",
    [
        source("secret_file"), source("shell"), source("shell_launchctl"), source("plist_setenv"),
        source("systemd_environment"), source("systemd_argument"), source("shell", owner="system"),
        source("dotenv", owner="person"), source("plist_environment", owner="person", live=False),
        source("config_copy", owner="person", live=False),
        source("other_config"), source("other_dotenv"), source("launchctl", owner="person", whose="gui/501"),
    ],
)  # fmt: skip
def test_what_a_person_is_told(found):
    plan = planned(found)
    assert plan.remove == [] and plan.keep == [DECLARED]
    (note,) = plan.report
    assert (note["kind"], note["location"], note["line"], note["live"]) == (found.kind, "/x", 1, found.live)
    assert note["fingerprint"] == "sha256:a"


@pytest.mark.parametrize(
    "found",
    [
        source("dotenv", credential="password"), source("other_config", live=False),
        source("other_dotenv", live=False), source("other_user_config", live=False),
        source("other_user_dotenv", live=False),
    ],
)  # fmt: skip
def test_what_stays(found):
    assert planned(found) == strip.Plan([], [], [DECLARED, found])


def test_what_is_to_be_done_to_one_place_is_one_step_and_steps_have_an_order():
    plan = planned(
        source("config_copy", "/c.bak"), source("job_environment", "print", whose="system"),
        source("launchctl", "getenv a", whose="system"), source("launchctl", "getenv b", whose="system", name="B"),
        source("launchctl", "print", whose="gui/5"), source("config_legacy", "/c", name="gateway.token"),
        source("plist_argument", "/p", name="--token"), source("plist_environment", "/p"), source("dotenv", "/e"),
        source("dotenv", "/e", 2),
    )  # fmt: skip
    assert [(step.action, step.location, step.names) for step in plan.remove] == [
        ("edit", "/p", ["--token", NAME]), ("edit", "/e", [NAME]), ("absent", "/c", ["gateway.token"]),
        ("unsetenv", "system", ["B", NAME]), ("unsetenv", "gui/5", [NAME]), ("restart", "print", [NAME]),
        ("purge", "/c.bak", [NAME]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("domain", "command"),
    [
        ("system", ["launchctl", "unsetenv", NAME]),
        ("user/502", ["sudo", "-u", "#502", "launchctl", "unsetenv", NAME]),
        ("gui/502", ["launchctl", "asuser", "502", "sudo", "-u", "#502", "launchctl", "unsetenv", NAME]),
    ],
)
def test_how_a_variable_leaves_a_domain(domain, command):
    assert planned(source("launchctl", whose=domain)).remove[0].command == command


def test_policy_may_be_declared_for_each_kind():
    found = [source("config_copy", owner="person"), source("shell"), source("config_remote")]
    plan = planned(*found, overrides={"config_copy": "keep", "shell": "edit", "config_remote": "report"})
    assert [step.kinds for step in plan.remove] == [["shell"]]
    assert [note["kind"] for note in plan.report] == ["config_remote"] and plan.keep == [DECLARED, found[0]]


def test_every_action_that_edits_has_an_editor():
    assert set(strip.ACTIONS) == set(sources.KINDS)
    kinds = [kind for kind, action in strip.ACTIONS.items() if action == strip.EDIT]
    for kind in kinds:
        data = plistlib.dumps({}) if kind.startswith("plist") else b""
        assert strip.strip(kind, data, {NAME}) == data


# -- the commands that people are told
@pytest.mark.parametrize(
    ("kind", "text", "line", "after"),
    [
        ("shell", "a\nexport %s=x\nb\n" % NAME, 2, "a\nb\n"),
        ("shell_launchctl", "launchctl setenv %s x\nb" % NAME, 1, "b"),
        ("dotenv", "a\nhas changed\n%s=x\n" % NAME, 2, "a\nhas changed\n%s=x\n" % NAME),
    ],
)
def test_the_command_takes_that_line_and_no_other(tmp_path, kind, text, line, after):
    path = tmp_path / "it's a file"
    path.write_text(text)
    command = strip.note(source(kind, str(path), line))["command"]
    # The sed of this machine takes no empty word behind -i.
    subprocess.run(["sh", "-c", command.replace("sed -i ''", "sed -i")], check=True)
    assert path.read_text() == after


def test_other_commands():
    told = {kind: strip.note(source(kind, "/a b", whose="gui/501"))["command"] for kind in sources.KINDS}
    assert told["launchctl"] == "sudo launchctl asuser 501 sudo -u '#501' launchctl unsetenv " + NAME
    assert told["plist_environment"] == "plutil -remove EnvironmentVariables.%s '/a b'" % NAME
    assert told["config_copy"] == told["secret_file"] == "rm '/a b'"
    assert told["plist_argument"] is None and told["plist_setenv"] is None


# -- strip
@pytest.mark.parametrize(
    ("kind", "data", "after"),
    [
        ("dotenv", b"A=1\n%(n)s=x\n\xff\xfe\x00", b"A=1\n\xff\xfe\x00"),
        ("gateway_env", b"%(n)s=x", b""),
        ("service_env", b"export A='1'\nexport %(n)s='x'\n\xff", b"export A='1'\n\xff"),
        ("shell", b"alias a=b\nexport %(n)s=x # mine\nb\n", b"alias a=b\nb\n"),
        ("shell", b"export A=1 %(n)s=x\n", b"export A=1 \n"),
    ],
)
def test_every_other_byte_stays(kind, data, after):
    assert strip.strip(kind, data.replace(b"%(n)s", NAME.encode()), {NAME}) == after


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("shell", "alias oc='%s=x openclaw'\n" % NAME),
        ("shell", "cat <<E\nDon't\nE\nexport %s=x\necho 'y'\n" % NAME),
        ("dotenv", "%s\n%s=x\n=y\n" % (NAME, NAME)),
        ("plist_environment", "no plist"),
    ],
)
def test_what_cannot_be_cut_out_is_said(kind, text):
    with pytest.raises(Failure) as caught:
        strip.strip(kind, text.encode(), {NAME}, "/here")
    failure = caught.value
    assert failure.code == "token_source_stuck" and "/here" in failure.message and "by hand" in failure.hint


WORDS = {
    strip.ABSENT: "removed", strip.EDIT: "edited", strip.REPORT: "reported", strip.KEEP: "kept", strip.PURGE: "kept",
    strip.RESTART: "ends with a restart", strip.UNSETENV: "taken out",
}  # fmt: skip


def test_every_kind_and_what_becomes_of_it_is_documented():
    page = (Path(__file__).resolve().parents[3] / "docs/token-sources.md").read_text(encoding="utf-8")
    told = {}
    for line in page[page.index("## Every place") :].splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        for kind in re.findall(r"`(\w+)`", cells[1]) if line.startswith("| `") else ():
            told[kind] = cells[3]
    assert set(told) == set(strip.ACTIONS) == set(sources.KINDS)
    assert [kind for kind in told if not told[kind].startswith(WORDS[strip.ACTIONS[kind]])] == []
