# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""print against samples written down by hand, line by line and through a reader of our own."""

import os
import re

import pytest
import reader
from harness import wait_for

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
LABEL = "ai.openclaw.gateway"
# What differs from run to run.
VOLATILE = (r"(\tpid = )\d+", r"(\tforks = )\d+", r"(\t\tID = )\d+", r"(\truns = )(?:[2-9]|\d\d+)",
            r"(asid = )\d+", r"(\tdomain = \S+ )\[\d+\]", r"(SSH_AUTH_SOCK => )\S+")
HOMEBREW = "/opt/homebrew/opt/node@24/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def masked(text):
    for pattern in VOLATILE:
        text = re.sub(pattern, r"\1*", text)
    return text


def golden(name):
    with open(os.path.join(GOLDEN, name), encoding="utf-8") as stream:
        return stream.read()


def gateway(root, script, **keys):
    """The keys of the sample's plist below *root*, with a program that runs *script*."""
    node = root + "/opt/homebrew/opt/node@24/bin/node"
    home = root + "/Users/claw"
    for directory in (os.path.dirname(node), home + "/.openclaw", home + "/Library/Logs/openclaw"):
        os.makedirs(directory, exist_ok=True)
        os.chmod(directory, 0o777)
    with open(node, "w", encoding="utf-8") as stream:
        stream.write("#!/bin/sh\n%s\n" % script)
    os.chmod(node, 0o755)
    logs = home + "/Library/Logs/openclaw/"
    data = {
        "ProgramArguments": [node, root + "/opt/homebrew/lib/node_modules/openclaw/dist/index.js", "gateway",
                             "--port", "18789"],
        "WorkingDirectory": root + "/Users/claw/.openclaw",
        "StandardInPath": "/dev/null",
        "StandardOutPath": logs + "gateway.log",
        "StandardErrorPath": logs + "gateway.err.log",
        "EnvironmentVariables": {"HOME": "/Users/claw", "PATH": HOMEBREW},
        "Umask": 0o77,
        "ExitTimeOut": 20,
        "ProcessType": "Interactive",
        "SoftResourceLimits": {"NumberOfFiles": 10240},
        "HardResourceLimits": {"NumberOfFiles": 10240},
        "KeepAlive": True,
        "RunAtLoad": True,
    }
    data.update(keys)
    return data


AGENT, DAEMON = "gui/502", "system"
SAMPLES = (
    # golden file, domain, script, plist keys, fault, state to wait for
    ("a_running.txt", AGENT, "exec sleep 600", {}, None, "running"),
    ("b_throttled.txt", AGENT, "exit 1", {}, None, "spawn scheduled"),
    ("c_exited.txt", AGENT, "exit 78", {"KeepAlive": None}, None, "not running"),
    ("d_pended.txt", AGENT, "exec sleep 600", {}, ("pend_spawns", "domain=gui/502"), "not running"),
    ("e_daemon.txt", DAEMON, "exec sleep 600", {"UserName": "_openclaw"}, None, "running"),
)


@pytest.mark.needs_root
@pytest.mark.parametrize(("name", "domain", "script", "keys", "fault", "state"), SAMPLES, ids=[s[0] for s in SAMPLES])
def test_print_equals_the_sample(fresh, name, domain, script, keys, fault, state):
    mac = fresh(time_scale=0.01)
    mac.ctl("login", 502)
    if fault:
        mac.ctl("inject", *fault)
    directory = mac.daemons if domain == DAEMON else mac.agents("claw")
    _label, path = mac.plist(label=LABEL, directory=directory, **gateway(mac.root, script, **keys))
    assert mac.run("bootstrap", domain, path).rc == 0
    target = "%s/%s" % (domain, LABEL)
    wanted = masked(golden(name))

    def steady():
        """The text once the job has settled, in one look: the next moment it may be different."""
        text = masked(mac.run("print", target).out.replace(mac.root, ""))
        values = [line for line in text.splitlines() if line.startswith(("\tstate = ", "\truns = "))]
        wanted_values = [line for line in wanted.splitlines() if line.startswith(("\tstate = ", "\truns = "))]
        settled = values == wanted_values and ("(never exited)" in wanted or "(never exited)" not in text)
        return text if settled else None

    text = wait_for(steady, what="state " + state)
    assert text.split("\n") == wanted.split("\n")
    assert reader.read(text) == reader.read(wanted)


def test_print_of_an_absent_service(fresh):
    mac = fresh()
    mac.ctl("login", 502)
    result = mac.run("print", "gui/502/" + LABEL)
    assert (result.rc, result.out, result.err) == (113, "", golden("f_absent.txt"))


# plist keys -> fields and blocks the reader must find
FIELDS = (
    ({}, {"minimum runtime": "10", "exit timeout": "5", "spawn type": "daemon (3)"}, {}),
    ({"ThrottleInterval": 30}, {"minimum runtime": "30"}, {}),
    ({"ThrottleInterval": 1}, {"minimum runtime": "1"}, {}),
    ({"ThrottleInterval": 0}, {"minimum runtime": "10"}, {}),
    ({"ThrottleInterval": -3}, {"minimum runtime": "10"}, {}),
    ({"ExitTimeOut": 30}, {"exit timeout": "30"}, {}),
    ({"ExitTimeOut": 0}, {"exit timeout": "0"}, {}),
    ({"Umask": 63}, {"umask": "77"}, {}),
    ({"Umask": "077"}, {"umask": "77"}, {}),
    ({"Umask": 18}, {"umask": "22"}, {}),
    ({"Nice": 5}, {"nice": "5"}, {}),
    ({"StartInterval": 300}, {"run interval": "300 seconds"}, {}),
    ({"ProcessType": "Interactive"}, {"spawn type": "interactive (4)"}, {}),
    ({"ProcessType": "Background"}, {"spawn type": "background (5)"}, {}),
    ({"KeepAlive": {"SuccessfulExit": False, "Crashed": True}}, {},
     {"semaphores": ["successful exit => 0", "after crash => 1"]}),
    ({"SoftResourceLimits": {"NumberOfFiles": 512}}, {}, {"resource limits": ["maxfiles (soft) => 512"]}),
    ({"EnvironmentVariables": {"A": "1"}}, {}, {"environment": ["OSLogRateLimit => 64", "A => 1"]}),
    ({"Program": "/bin/sleep"}, {"program": "/bin/sleep"}, {"arguments": ["/bin/sleep"]}),
)


@pytest.mark.parametrize(("keys", "fields", "blocks"), FIELDS, ids=[str(row[0]) for row in FIELDS])
def test_what_a_key_becomes(double, keys, fields, blocks):
    label = double.load(**keys)
    header, seen, seen_blocks = reader.read(double.run("print", "system/" + label).out)
    assert header == "system/" + label
    for name, value in fields.items():
        assert dict(seen)[name] == value
    for name, lines in blocks.items():
        assert seen_blocks[name][: len(lines)] == lines


PROPERTIES = (
    ({"KeepAlive": True}, "keepalive | inferred program"),
    ({"RunAtLoad": True}, "runatload | inferred program"),
    ({"Program": "/bin/sleep", "ProgramArguments": ["sleep", "5"], "KeepAlive": True, "RunAtLoad": True},
     "keepalive | runatload"),
    ({"AbandonProcessGroup": True}, "abandon process group | inferred program"),
    ({"LowPriorityIO": True}, "low priority i/o | inferred program"),
)


@pytest.mark.parametrize(("keys", "words"), PROPERTIES)
def test_properties(double, keys, words):
    label = double.load(**keys)
    assert double.field("system/" + label, "properties") == words + " | system service | tle system"


@pytest.mark.parametrize("profile", (12, 13, 14, 15, 26, 27))
def test_os_log_rate_limit_and_crash_counter_by_release(doubles, profile):
    mac = doubles(profile)
    label = mac.load(KeepAlive=True)
    _header, fields, blocks = reader.read(mac.run("print", "system/" + label).out)
    assert ("OSLogRateLimit => 64" in blocks["environment"]) is (profile >= 14)
    assert ("successive crashes" in dict(fields)) is (profile == 12)


def test_noise_stays_out_of_the_known_fields(fresh):
    mac = fresh()
    label = mac.load(KeepAlive=True)
    mac.ctl("inject", "print_noise")
    _header, fields, blocks = reader.read(mac.run("print", "system/" + label).out)
    assert dict(fields)["state"] == "running"
    assert "unheard of block" in blocks
    assert int(dict(fields)["pid"]) > 0


def test_domain(double):
    label = double.load(KeepAlive=True)
    header, fields, blocks = reader.read(double.run("print", "system").out)
    assert header == "system" and dict(fields)["type"] == "system"
    line = next(line for line in blocks["services"] if line.endswith("\t" + label))
    assert line.split()[0] == double.field("system/" + label, "pid")


def test_list_is_tab_separated(double):
    label = double.load(ProgramArguments=["/bin/sh", "-c", "exit 3"], RunAtLoad=True)
    wait_for(lambda: double.events("exit", label), what="exit")
    rows = [line.split("\t") for line in double.run("list").out.splitlines()]
    assert rows[0] == ["PID", "Status", "Label"]
    assert ["-", "3", label] in rows


def test_list_of_one_shows_the_wait_status(double):
    label = double.load(ProgramArguments=["/bin/sh", "-c", "exit 1"], RunAtLoad=True)
    wait_for(lambda: double.events("exit", label), what="exit")
    text = double.run("list", label).out
    assert '\t"LastExitStatus" = 256;\n' in text
    assert '"PID"' not in text
    assert '\t"LimitLoadToSessionType" = "System";\n' in text
    assert '\t"ProgramArguments" = (\n\t\t"/bin/sh";\n\t\t"-c";\n\t\t"exit 1";\n\t);\n};\n' in text
