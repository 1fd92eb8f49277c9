# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part that is true of a real Mac as well: LAUNCHCTL=/bin/launchctl pytest tests/lab/conformance -m real_mac

Uses labels of its own, boots all of them out again, and takes about two minutes there because nothing is scaled.
"""

import os
import time

import pytest
import reader
from harness import Double, wait_for

pytestmark = pytest.mark.real_mac


@pytest.fixture
def scale(mac):
    return mac.knobs["time_scale"] if isinstance(mac, Double) else 1.0


@pytest.fixture
def load(mac):
    """load(**keys): label of a job bootstrapped into mac.domain, booted out after the test."""
    labels = []

    def run(**keys):
        label, path = mac.plist(**keys)
        labels.append(label)
        result = mac.run("bootstrap", mac.domain, path)
        assert (result.rc, result.out) == (0, ""), result
        return label

    yield run
    for label in labels:
        mac.run("bootout", "%s/%s" % (mac.domain, label))


def fields(mac, label):
    result = mac.run("print", "%s/%s" % (mac.domain, label))
    return dict(reader.read(result.out)[1]) if result.rc == 0 else {}


def gone(mac, label, seconds=60):
    wait_for(lambda: mac.run("print", "%s/%s" % (mac.domain, label)).rc == 113, seconds, "absence")


def test_print_follows_the_grammar(mac, load):
    label = load(KeepAlive=True, ThrottleInterval=7, ExitTimeOut=9)
    wait_for(lambda: fields(mac, label).get("state") == "running")
    header, seen, blocks = reader.read(mac.run("print", "%s/%s" % (mac.domain, label)).out)
    values = dict(seen)
    assert header == "%s/%s" % (mac.domain, label)
    assert values["path"].endswith(label + ".plist")
    assert (values["minimum runtime"], values["exit timeout"], values["runs"]) == ("7", "9", "1")
    assert values["last exit code"] == "(never exited)"
    assert blocks["arguments"] == ["/bin/sleep", "600"]
    assert "XPC_SERVICE_NAME => " + label in blocks["environment"]
    assert "keepalive" in values["properties"].split(" | ")
    names = [name for name, _value in seen]
    order = ["path", "type", "state", "program", "domain", "minimum runtime", "exit timeout", "runs", "pid",
             "last exit code", "spawn type", "properties"]
    assert [name for name in names if name in order] == order


def test_unknown_service(mac):
    label = mac.label()
    result = mac.run("print", "%s/%s" % (mac.domain, label))
    assert (result.rc, result.out) == (113, "")
    assert 'Could not find service "%s" in domain for ' % label in result.err
    assert mac.run("kickstart", "%s/%s" % (mac.domain, label)).rc == 113
    assert mac.run("bootout", "%s/%s" % (mac.domain, label)).rc in (3, 113)


def test_absent_gui_domain(mac):
    assert mac.run("print", "gui/4242424").rc in (1, 112, 125)
    _label, path = mac.plist()
    assert mac.run("bootstrap", "gui/4242424", path).rc in (1, 5, 125)


def test_already_bootstrapped(mac, load):
    label = load(KeepAlive=True)
    result = mac.run("bootstrap", mac.domain, os.path.join(mac.directory, label + ".plist"))
    assert result.rc in (5, 17, 37, 133)
    assert result.err.splitlines()[-1 if result.rc != 5 else 0].startswith(("Bootstrap failed: ", "Try "))


def test_bootout_is_asynchronous_and_reserves_the_label(mac, load, scale):
    label = mac.label()
    log = os.path.join(mac.directory, label + ".up")
    load(label=label, KeepAlive=True, ExitTimeOut=8, StandardOutPath=log,
         ProgramArguments=["/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"])
    wait_for(lambda: os.path.exists(log) and os.path.getsize(log))
    start = time.monotonic()
    assert mac.run("bootout", "%s/%s" % (mac.domain, label)).rc in (0, 36)
    path = os.path.join(mac.directory, label + ".plist")
    if time.monotonic() - start < 6 * scale:
        assert mac.run("bootstrap", mac.domain, path).rc in (5, 37)
    gone(mac, label)
    assert time.monotonic() - start >= 8 * scale - 0.1


def test_disabled_label_cannot_be_bootstrapped(mac):
    label, path = mac.plist()
    target = "%s/%s" % (mac.domain, label)
    try:
        assert mac.run("disable", target).rc == 0
        text = mac.run("print-disabled", mac.domain).out
        assert '"%s" => disabled' % label in text or '"%s" => true' % label in text
        assert mac.run("bootstrap", mac.domain, path).rc in (5, 119)
    finally:
        assert mac.run("enable", target).rc == 0
    assert mac.run("bootstrap", mac.domain, path).rc == 0


def test_zero_does_not_mean_running(mac, load):
    label = load(RunAtLoad=True, ProgramArguments=["/nonexistent/program"])
    wait_for(lambda: "78" in fields(mac, label).get("last exit code", ""))


def test_throttle_counts_from_spawn_to_spawn(mac, load, scale):
    start = time.monotonic()
    label = load(KeepAlive=True, ThrottleInterval=6, ProgramArguments=["/bin/sleep", "%.2f" % (2 * scale)])
    wait_for(lambda: fields(mac, label).get("state") == "spawn scheduled")
    wait_for(lambda: fields(mac, label).get("runs") == "2")
    assert 6 * scale - 0.05 <= time.monotonic() - start < 6 * scale + 20


def test_kickstart(mac, load):
    label = load()
    target = "%s/%s" % (mac.domain, label)
    assert fields(mac, label)["state"] == "not running"
    assert mac.run("kickstart", target).rc == 0
    wait_for(lambda: fields(mac, label).get("pid"))
    pid = fields(mac, label)["pid"]
    assert mac.run("kickstart", target).rc == 0
    assert fields(mac, label)["pid"] == pid
    assert mac.run("kill", "TERM", target).rc == 0
    wait_for(lambda: fields(mac, label).get("last terminating signal") == "Terminated: 15")
    assert mac.run("kill", "TERM", target).rc == 3


@pytest.mark.parametrize(("code", "words"), ((5, "Input/output error"), (36, "Operation now in progress"),
                                             (37, "Operation already in progress"), (119, "Service is disabled")))
def test_error_texts(mac, code, words):
    assert words in mac.run("error", str(code)).out


def test_version(mac):
    assert "Darwin Bootstrapper Version" in mac.run("version").out
