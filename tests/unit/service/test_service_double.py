# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way against a launchd that really spawns, throttles and drains: the double of the lab, by itself."""

import os
import plistlib
import stat
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, plist, service, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl

LABEL = "ai.openclaw.gateway"
SLEEP = ("/bin/sleep", "600")
SHELL = ["/bin/sh", "-c"]


class Declared:
    """Converges one job of the Mac; keyword arguments change the declaration for that one call."""

    def __init__(self, launchd):
        self.launchd = launchd
        self.mac = launchd.mac
        self.launchctl = lambda: Launchctl("/bin/launchctl", launchd.run)
        self.log = self.mac.home / "Library/Logs/openclaw/gateway.log"

    def __call__(self, state, program=SLEEP, scope="daemon", check=False, settle=0.3, declared=True, **changes):
        mac = self.mac
        place = target.target(scope, LABEL, mac.account, str(mac.daemons), str(mac.agents))
        values = {
            "label": LABEL,
            "program_arguments": list(program),
            "working_directory": str(mac.home / ".openclaw"),
            "environment": {},
            "throttle_interval": 30,
            "exit_timeout": 30,
            "log_path": str(self.log),
            "soft_file_limit": 1024,
            "hard_file_limit": 1024,
            "umask": "077",
            "process_type": "Interactive",
        }
        values.update(changes)
        state_dir = str(mac.home / ".openclaw")
        definition = plist.definition(values, "openclaw", mac.account.home, state_dir, place.username_key)
        return service.converge(
            self.launchctl(),
            place,
            mac.account,
            state,
            definition if declared else None,
            act.Patience(10, settle),
            check,
        )

    def job(self, domain="system"):
        return self.launchd.control("status")["domains"].get(domain, {}).get(LABEL)

    def refused(self, code, *arguments, **keywords):
        with pytest.raises(Failure) as caught:
            self(*arguments, **keywords)
        assert caught.value.code == code
        return caught.value


@pytest.fixture
def gateway(launchd):
    return Declared(launchd)


def mode_and_owner(path):
    status = os.lstat(str(path))
    return oct(stat.S_IMODE(status.st_mode)), status.st_uid


FORESEEN = ("changed", "actions", "diff", "restarted", "reload_reasons", "plist")


def foreseen_and_done(gateway, *arguments, **keywords):
    """Run in check mode, then for real; both have to say the same, and the first must not touch a byte."""
    before = gateway.mac.tree()
    foreseen = gateway(*arguments, check=True, **keywords)
    assert gateway.mac.tree() == before
    done = gateway(*arguments, **keywords)
    assert {key: foreseen[key] for key in FORESEEN} == {key: done[key] for key in FORESEEN}
    return done


@pytest.mark.parametrize("scope", ["daemon", "agent"])
def test_life_of_a_job(gateway, scope):
    mac = gateway.mac
    domain, where, owner = {"daemon": ("system", mac.daemons, 0), "agent": ("gui/5020", mac.agents, 5020)}[scope]
    gateway.launchd.control("login", "5020")
    path = where / (LABEL + ".plist")

    # A virgin Mac: no log, no directory for it; the agents' directory is missing as well.
    done = foreseen_and_done(gateway, "started", scope=scope)
    assert done["changed"] and not done["restarted"]
    assert gateway.job(domain)["runs"] == 1 and gateway.job(domain)["pid"] == done["job"]["pid"]
    assert os.stat("/proc/%d" % done["job"]["pid"]).st_uid == 5020
    assert mode_and_owner(path) == ("0o644", owner)
    assert plistlib.loads(path.read_bytes())["ThrottleInterval"] == 30
    assert mode_and_owner(gateway.log) == ("0o600", 5020)
    for directory in (mac.home / "Library/Logs", mac.home / "Library/Logs/openclaw"):
        assert mode_and_owner(directory) == ("0o700", 5020)

    pid = done["job"]["pid"]
    again = foreseen_and_done(gateway, "started", scope=scope)
    assert not again["changed"] and again["diff"] == [] and again["job"]["pid"] == pid
    assert not foreseen_and_done(gateway, "present", scope=scope)["changed"]

    changed = foreseen_and_done(gateway, "started", scope=scope, throttle_interval=40)
    assert changed["restarted"] and changed["reload_reasons"] == ["ThrottleInterval"]
    assert changed["job"]["pid"] != pid and changed["job"]["throttle_interval"] == 40

    pid = changed["job"]["pid"]
    restarted = foreseen_and_done(gateway, "restarted", scope=scope, declared=False)
    assert restarted["restarted"] and restarted["job"]["pid"] != pid and restarted["job"]["runs"] == 2

    stopped = foreseen_and_done(gateway, "stopped", scope=scope, declared=False)
    assert stopped["changed"] and not stopped["job"]["loaded"] and stopped["job"]["disabled"]
    assert gateway.job(domain) is None and path.exists()
    assert not foreseen_and_done(gateway, "stopped", scope=scope, declared=False)["changed"]

    started = foreseen_and_done(gateway, "started", scope=scope, declared=False)
    assert started["changed"] and started["job"]["pid"] and not started["job"]["disabled"]

    gone = foreseen_and_done(gateway, "absent", scope=scope, declared=False)
    assert gone["changed"] and not path.exists() and gateway.job(domain) is None
    assert gateway.log.exists()
    assert not foreseen_and_done(gateway, "absent", scope=scope, declared=False)["changed"]


def test_through_the_program(gateway):
    gateway.launchctl = lambda: Launchctl.found(str(gateway.launchd.launchctl))
    assert gateway("started")["job"]["pid"] == gateway.job()["pid"]
    assert gateway("absent")["changed"]
    assert gateway.job() is None


def test_absent_leaves_no_disabled_label(gateway):
    gateway("started")
    gateway("stopped")
    gone = foreseen_and_done(gateway, "absent", declared=False)
    assert not gone["job"]["disabled"]
    assert gateway("started")["job"]["pid"]


def test_slow_to_end(gateway):
    # TERM is ignored: the kill comes after the (scaled) exit timeout of 0.6 s, and only then is the label free.
    pid = gateway("started", [*SHELL, "trap '' TERM; sleep 600 & wait; sleep 600"])["job"]["pid"]
    begun = time.monotonic()
    done = gateway("started")
    assert done["restarted"] and time.monotonic() - begun >= 0.6
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("rc", ["5", "37"])
def test_bootstrap_refused_for_a_while(gateway, rc):
    gateway("started")
    gateway.launchd.control("inject", "bootstrap_rc", "rc=" + rc, "times=3")
    done = gateway("started", throttle_interval=40)
    assert done["job"]["pid"] and sum(action.startswith("bootstrap") for action in done["actions"]) == 4


def test_disabled_behind_our_back(gateway):
    gateway("started")
    gateway.launchd.control("inject", "disable_behind_back", "label=" + LABEL)
    done = foreseen_and_done(gateway, "started")
    assert done["changed"] and not done["restarted"] and not done["job"]["disabled"]


def test_program_that_dies(gateway):
    failure = gateway.refused("job_dies", "started", [*SHELL, "exit 78"])
    assert "78" in failure.message and str(gateway.log) in failure.hint
    # Not its business how well a loaded job does.
    assert not gateway("present", [*SHELL, "exit 78"])["changed"]


def test_crash_loop_that_has_been_mended(gateway):
    flag = gateway.mac.home / "mended"
    program = [*SHELL, "test -e %s || exit 1; exec sleep 600" % flag]
    gateway.refused("job_dies", "started", program)
    flag.touch()
    done = gateway("started", program)
    assert not done["changed"] and done["job"]["pid"] and done["actions"] == []


def test_label_in_the_other_scope(gateway):
    gateway.launchd.control("login", "5020")
    gateway("started", scope="agent")
    before = gateway.mac.tree()
    failure = gateway.refused("label_in_other_scope", "started")
    assert str(gateway.mac.agents / (LABEL + ".plist")) in failure.message
    (gateway.mac.agents / (LABEL + ".plist")).rename(gateway.mac.home / "kept")
    assert "bootout gui/5020/" + LABEL in gateway.refused("label_in_other_scope", "started").hint
    (gateway.mac.home / "kept").rename(gateway.mac.agents / (LABEL + ".plist"))
    assert gateway("started", scope="agent", check=True)["changed"] is False
    assert set(gateway.mac.tree()) == set(before)


def test_agent_without_login(gateway):
    before = gateway.mac.tree()
    gateway.refused("gui_domain_absent", "started", scope="agent")
    assert gateway.mac.tree() == before


def test_log_that_belongs_to_somebody_else(gateway):
    gateway("started")
    os.chown(str(gateway.log), 0, 0)
    os.chown(str(gateway.log.parent), 0, 0)
    done = foreseen_and_done(gateway, "started")
    assert done["changed"] and not done["restarted"]
    assert mode_and_owner(gateway.log)[1] == mode_and_owner(gateway.log.parent)[1] == 5020


@pytest.mark.parametrize("launchd", [("pend_ssh_bootstraps=true", "session=ssh")], indirect=True)
def test_job_that_launchd_leaves_pended(gateway):
    gateway.launchd.control("login", "5020")
    done = gateway("started", scope="agent")
    assert done["job"]["pid"] and done["actions"][-1] == "kickstart gui/5020/" + LABEL


# What the field does to us, and how often the same call has to be made for it; the job always ends as declared.
FAULTS = [
    ["bootstrap_false_negative"],
    ["bootstrap_false_negative", "rc=37"],
    ["bootout_rc", "rc=36"],
    ["bootout_hang_until_kill"],
    ["teardown_lag", "seconds=2"],
    ["pend_spawns", "domain=system"],
    ["print_noise"],
    ["slow_launchctl", "ms=200", "times=5"],
]


@pytest.mark.parametrize("launchd", [("profile=%d" % number,) for number in (12, 13, 26)], indirect=True)
@pytest.mark.parametrize("fault", FAULTS, ids=" ".join)
def test_changed_definition_under_faults(gateway, fault):
    first = gateway("started")["job"]["pid"]
    gateway.launchd.control("inject", *fault)
    done = gateway("started", exit_timeout=20)
    assert done["restarted"] and done["job"]["exit_timeout"] == 20
    job = gateway.job()
    assert job["pid"] == done["job"]["pid"] != first and job["runs"] == 1
    assert not gateway("started", exit_timeout=20)["changed"]


@pytest.mark.parametrize("fault", [["print_rc", "rc=5"], ["print_rc", "rc=1"]], ids=" ".join)
def test_print_that_fails(gateway, fault):
    pid = gateway("started")["job"]["pid"]
    before = gateway.mac.tree()
    gateway.launchd.control("inject", *fault)
    with pytest.raises(Failure) as caught:
        gateway("started", exit_timeout=20)
    assert caught.value.code in ("launchd_unclear", "denied")
    assert gateway.mac.tree() == before and gateway.job()["pid"] == pid


@pytest.mark.parametrize("fault", [["kickstart_rc", "rc=37"], ["kickstart_rc", "rc=5"]], ids=" ".join)
def test_restart_that_is_refused_at_first(gateway, fault):
    # 37 and 5 say nothing: the process tells that it has not been replaced.
    pid = gateway("started")["job"]["pid"]
    gateway.launchd.control("inject", *fault)
    done = gateway("restarted", declared=False)
    assert done["actions"] == ["kickstart -k system/" + LABEL] * 2
    assert gateway.job()["pid"] == done["job"]["pid"] != pid and gateway.job()["runs"] == 2


def test_killed_process_comes_back_without_us(gateway):
    pid = gateway("started")["job"]["pid"]
    os.kill(pid, 9)
    while gateway.job()["pid"] == pid:  # until the double has noticed
        time.sleep(0.01)
    done = gateway("started")
    assert not done["changed"] and done["actions"] == [] and done["job"]["pid"] != pid


def test_reboot(gateway):
    gateway("started")
    gateway.launchd.control("reboot")
    assert gateway.job()["pid"] and not gateway("started")["changed"]
    gateway("stopped", declared=False)
    gateway.launchd.control("reboot")
    assert gateway.job() is None and not gateway("stopped", declared=False)["changed"]
