# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_service under a real systemd: definition, states, what people and power cuts do to it, and the way back."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

#: Words that a unit file, a shell or systemd would each understand in a way of their own.
AWKWARD = [
    "a b", "100%", "%h", "$HOME", "${HOME}", "$$", 'say "hi"', "it's", "back\\slash\\", ";", "", "#x", "--a=b;c", "é",
]  # fmt: skip


def wait_for(what, seconds=20):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.1)


def test_from_nothing_and_through_a_power_cut(service, host):
    # A label with a manager that does not run yet: nobody lingers, nobody is logged in.
    host.run("loginctl", "disable-linger", "openclaw")
    host.run("systemctl", "stop", "user@5020.service")
    done = service.foretold(words=AWKWARD, environment={"SPACED": "b  c", "ODD": '"q\\ 100% %h $HOME '})
    assert done["actions"] == [
        "loginctl enable-linger openclaw",
        "systemctl --user daemon-reload",
        "systemctl --user start " + service.unit,
    ]
    assert not done["restarted"] and done["job"]["runs"] == 1 and not done["job"]["disabled"]
    # What the process says of itself, and nothing has come between.
    told = service.process()
    assert told["words"] == AWKWARD
    assert told["environment"]["ODD"] == '"q\\ 100% %h $HOME ' and told["environment"]["SPACED"] == "b  c"
    assert told["environment"]["OPENCLAW_SUPERVISOR_MODE"] == "external"
    assert (told["directory"], told["umask"], told["files"]) == (host.home, 0o077, [10240, 10240])
    log = host.root / host.home[1:] / ".local/state/openclaw/gateway.log"
    assert log.read_text() == "started\n" and log.stat().st_mode & 0o777 == 0o600
    # And what systemd itself thinks of the file.
    assert service.show("UnitFileState") == "enabled"
    analyzed = host.run(
        "XDG_RUNTIME_DIR=/run/user/5020", "systemd-analyze", "--user", "verify", done["plist"], user="openclaw"
    )
    assert (analyzed.returncode, analyzed.stderr) == (0, "")

    host.cut()
    host.boot()
    wait_for(lambda: service.show("ActiveState") == "active")
    again = service(words=AWKWARD, environment={"SPACED": "b  c", "ODD": '"q\\ 100% %h $HOME '})
    assert not again["changed"] and again["job"]["pid"]


def test_what_the_process_learns_restarts_it_once_and_the_rest_does_not(service):
    first = service.foretold(words=["one"])["job"]["pid"]
    # Only systemd has to know this.
    slower = service.foretold(words=["one"], exit_timeout=45, throttle_interval=120)
    assert slower["actions"] == ["systemctl --user daemon-reload"] and not slower["restarted"]
    assert slower["reload_reasons"] == ["StartLimitIntervalSec", "TimeoutStopSec"] and slower["job"]["pid"] == first
    assert (slower["job"]["exit_timeout"], slower["job"]["throttle_interval"]) == (45, 120)
    assert service.show("TimeoutStopUSec") == "45s" and service.show("StartLimitIntervalUSec") == "20min"
    other = service.foretold(words=["two"], exit_timeout=45, throttle_interval=120)
    assert other["actions"][-1] == "systemctl --user restart " + service.unit and other["restarted"]
    assert {"ExecStart", "process"} <= set(other["reload_reasons"]) and other["job"]["pid"] != first
    assert service.show("NRestarts") == "0" and service.process()["words"] == ["two"]


def test_restarted_is_a_new_process_each_time(service):
    pids = [service("restarted")["job"]["pid"] for dummy in range(3)]
    assert len(set(pids)) == 3
    # systemd counts orders, too: without care it would refuse the eleventh and leave nothing running.
    assert all("failure" not in service("restarted", settle=0) for dummy in range(10))
    assert service.show("ActiveState") == "active"


def test_a_hand_edit_is_put_back_and_costs_a_restart_only_where_a_process_runs_it(service, host):
    pid = service()["job"]["pid"]
    unit = service.path(service.unit)
    ours = unit.read_text()
    unit.write_text(ours.replace("Restart=always", "Restart=no").replace("UMask=0077", "UMask=0000"))
    done = service.foretold()
    assert not done["restarted"] and done["job"]["pid"] == pid and unit.read_text() == ours

    unit.write_text(ours.replace("UMask=0077", "UMask=0000"))
    host.systemctl("daemon-reload")
    host.systemctl("restart", service.unit)
    assert service.process()["umask"] == 0
    done = service.foretold()
    assert done["reload_reasons"] == ["UMask", "process"] and done["restarted"]
    assert service.process()["umask"] == 0o077


def test_drop_ins_of_the_account_are_drift(service, host):
    service()
    service.path(service.unit + ".d").mkdir()
    drop_in = service.path(service.unit + ".d", "override.conf")
    drop_in.write_text('[Service]\nEnvironment="OPENCLAW_GATEWAY_TOKEN=not-to-be-seen-anywhere" A=b\nRestartSec=77\n')
    host.systemctl("daemon-reload")
    host.systemctl("restart", service.unit)
    done = service.foretold()
    assert done["restarted"] and {"DropInPaths", "Environment", "RestartSec"} <= set(done["reload_reasons"])
    told = json.dumps(done)
    assert "override.conf" in told and "not-to-be-seen" not in told and "sha256:" in told
    assert not drop_in.exists()
    assert "OPENCLAW_GATEWAY_TOKEN" not in service.process()["environment"]


def test_drop_ins_of_the_host_are_refused_where_they_say_otherwise(service, host):
    pid = service()["job"]["pid"]
    place = host.root / "etc/systemd/user" / (service.unit + ".d")
    place.mkdir()
    (place / "site.conf").write_text("[Service]\nNice=5\n")
    host.systemctl("daemon-reload")
    assert not service()["changed"]
    (place / "site.conf").write_text("[Service]\nRestart=no\n")
    host.systemctl("daemon-reload")
    failure = service.refused("loaded_definition_differs")
    assert failure["keys"] == ["Restart"] and str(failure["path"]).endswith("site.conf")
    assert service.show("MainPID") == str(pid)
    (place / "site.conf").unlink()


def test_a_gateway_that_refuses_its_configuration_is_not_started_again(service):
    failure = service.refused("job_dies", words=["exit=78"])
    assert failure["last_exit"] == "78: EX_CONFIG" and "configuration" in failure["message"]
    assert (service.show("ActiveState"), service.show("NRestarts")) == ("failed", "0")
    # Once it is mended, the failure of before is in nobody's way.
    assert service.foretold(words=["mended"])["actions"][-2:] == [
        "systemctl --user reset-failed " + service.unit, "systemctl --user start " + service.unit,
    ]  # fmt: skip


def test_what_ran_before_runs_again_when_the_new_one_does_not(service):
    service(words=["good"])
    unit = service.path(service.unit).read_text()
    failure = service.refused("job_dies", words=["exit=3"])
    assert failure["put_back"] is True and failure["last_exit"] == "3"
    assert service.path(service.unit).read_text() == unit
    assert service.process()["words"] == ["good"]
    assert not service(words=["good"])["changed"]
    # Nothing was lost before anything was done, either.
    pid = service.show("MainPID")
    service.refused("program_missing", program_arguments=["/opt/nowhere"])
    service.refused("working_directory_missing", working_directory="/nowhere")
    assert service.show("MainPID") == pid and service.path(service.unit).read_text() == unit


def test_what_systemd_has_given_up_on_is_started_when_somebody_means_it(service, host):
    service()
    for _turn in range(12):
        host.systemctl("restart", service.unit)
    assert (service.show("ActiveState"), service.show("Result")) == ("failed", "start-limit-hit")
    assert service("present")["job"]["pended"] == "start-limit-hit"
    done = service.foretold()
    assert done["actions"] == ["systemctl --user %s %s" % (verb, service.unit) for verb in ("reset-failed", "start")]
    # And one that crashes until then: it loops, is given up, and is mended.
    service.refused("job_dies", "restarted", words=["exit=1"])
    assert service.show("SubState") == "running"  # put back
    service("stopped", words=None)
    service.refused("job_dies", words=["exit=1"])
    assert service.show("SubState") == "auto-restart"
    done = service.foretold(words=["mended"])
    assert done["actions"][-1] == "systemctl --user restart " + service.unit and done["job"]["state"] == "running"


def test_a_crash_is_systemds_to_mend_and_changes_nothing(service, host):
    pid = service(throttle_interval=5)["job"]["pid"]
    host.run("kill", "-9", str(pid))
    wait_for(lambda: service.show("MainPID") not in ("0", str(pid)))
    done = service(throttle_interval=5)
    assert not done["changed"] and done["job"]["runs"] == 2


def test_stopped_stays_stopped_and_absent_leaves_nothing(service, host):
    service(words=["deaf"], exit_timeout=1)
    began = time.monotonic()
    done = service.foretold("stopped", words=None)
    assert done["actions"] == ["systemctl --user stop " + service.unit, "systemctl --user daemon-reload"]
    assert time.monotonic() - began >= 1 and service.show("ActiveState") in ("failed", "inactive")
    assert service.show("UnitFileState") == "disabled" and done["job"]["disabled"]
    assert service.foretold(words=None)["job"]["state"] == "running" and service.show("UnitFileState") == "enabled"
    service.foretold("absent", words=None)
    assert service.show("LoadState") == "not-found"
    left = [path.name for path in service.path().rglob("*") if service.label in path.name]
    assert left == []
    assert (host.root / "var/lib/systemd/linger/openclaw").exists()


def test_a_mask_is_lifted_where_a_definition_is_declared(service, host):
    unit = service.path(service.unit)
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.symlink_to(os.devnull)
    host.systemctl("daemon-reload")
    assert service.refused("unit_masked", words=None)["path"].endswith(service.unit)
    assert service.foretold()["job"]["state"] == "running" and not unit.is_symlink()


@pytest.mark.parametrize("verb", ["daemon-reload", "restart"])
def test_power_cut_in_the_middle(service, host, verb):
    service(words=["old"])
    service.killed(verb, words=["new"])
    assert service.process()["words"] == ["old"]
    done = service.foretold(words=["new"])
    assert done["restarted"] and service.process()["words"] == ["new"]


def test_power_cut_while_a_hand_edit_is_put_back(service, host):
    # The process carries the stamp of our unit, because whoever edits that leaves it there; it must not pass for ours.
    service()
    unit = service.path(service.unit)
    unit.write_text(unit.read_text().replace("UMask=0077", "UMask=0000"))
    host.systemctl("daemon-reload")
    host.systemctl("restart", service.unit)
    service.killed("restart")
    assert service.process()["umask"] == 0
    assert service.foretold()["restarted"] and service.process()["umask"] == 0o077


def test_second_homes(service, host):
    system = host.root / "etc/systemd/system" / service.unit
    system.write_text("[Service]\nExecStart=/bin/sleep 1000\n")
    failure = service.refused("label_in_other_scope")
    assert "systemctl disable --now" in failure["hint"] and str(failure["path"]).startswith("/etc/systemd/system")
    system.unlink()

    own, profile = service.path("openclaw-gateway.service"), service.path("openclaw-gateway-work.service")
    for path in (own, profile):
        path.write_text("[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=default.target\n")
        os.chown(path, 5020, 5020)
    host.systemctl("enable", "--now", profile.name)
    assert "failure" not in service()  # another Gateway's, and one that nobody starts
    host.systemctl("start", own.name)
    failure = service.refused("label_in_other_scope")
    assert failure["path"].endswith(own.name) and "disable --now" in failure["hint"]
    service("absent", words=None)
    # The way that the hint offers: take that very unit over.
    service.label, service.unit = "openclaw-gateway", own.name
    done = service.foretold()
    assert done["restarted"] and "ExecStart" in done["reload_reasons"]
    host.systemctl("disable", "--now", profile.name)
    profile.unlink()


def test_scope_agent_needs_a_manager_and_makes_none(service, host):
    host.run("loginctl", "disable-linger", "openclaw")
    host.run("systemctl", "stop", "user@5020.service")
    failure = service.refused("user_manager_absent", scope="agent")
    assert "enable-linger" in failure["hint"] and not service.path(service.unit).exists()
    host.run("systemctl", "start", "user@5020.service")
    done = service.foretold(scope="agent")
    assert done["actions"][0] == "systemctl --user daemon-reload"
    # Lingering, and all the same without a manager.
    host.run("loginctl", "enable-linger", "openclaw")
    host.run("systemctl", "stop", "user@5020.service")
    done = service.foretold()
    assert done["actions"][0] == "systemctl start user@5020.service"


def test_the_account_itself_may_do_what_takes_no_root(service, host):
    service.host.run("loginctl", "enable-linger", "openclaw")
    assert service(uid=5020)["job"]["state"] == "running"
    host.run("loginctl", "disable-linger", "openclaw")
    # Nobody is logged in either, so logind takes the manager away.
    wait_for(lambda: host.run("systemctl", "is-active", "user@5020.service").stdout.strip() == "inactive", 60)
    assert "enable-linger" in service.refused("denied", words=["other"], uid=5020)["message"]
    assert service.refused("denied", words=["other"], uid=65534)
    host.run("loginctl", "enable-linger", "openclaw")


@pytest.mark.parametrize("option", [{"process_type": "Background"}, {"launch_agents_dir": "/x"}])
def test_what_is_launchds_alone_is_refused(service, option):
    assert "launchd's alone" in service.refused("value_refused", **option)["message"]
    assert service.refused("not_macos", manager="launchd")


def play_of_the_page(service, host):
    """Run the play of docs/linux.md as it stands, on the host itself."""
    page = (ROOT / "docs/linux.md").read_text(encoding="utf-8")
    (host.root / "tmp/play.yml").write_text(page.partition("```yaml\n")[2].partition("```")[0])
    python = "/usr/bin/python3"
    (host.root / "tmp/hosts").write_text(
        "[linux_gateways]\nlocalhost ansible_connection=local ansible_python_interpreter=" + python
    )
    own = (f"ANSIBLE_COLLECTIONS_PATH={ROOT}/build/collections", f"ANSIBLE_CONFIG={ROOT}/ansible.cfg", "HOME=/tmp")
    done = host.run(*own, str(Path(sys.executable).with_name("ansible-playbook")), "-i", "/tmp/hosts", "/tmp/play.yml",
                    "-e", "vault_gateway_token=a-token-of-the-tests-of-systemd", timeout=600)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return int(re.search(r"changed=(\d+)", done.stdout).group(1))


def test_the_play_of_the_page_and_a_real_gateway(service, host):
    """OpenClaw itself: it writes over its arguments, ends with 78 where it cannot start, and at SIGTERM with 0."""
    service.label, service.unit = "ai.openclaw.gateway", "ai.openclaw.gateway.service"
    assert play_of_the_page(service, host) >= 4
    pid = service.show("MainPID")
    assert play_of_the_page(service, host) == 0 and service.show("MainPID") == pid

    # An end by anybody's hand, with exit code 0: systemd has it back.
    host.run("kill", "-TERM", pid)
    wait_for(lambda: service.show("NRestarts") == "1", 90)
    assert service.show("ExecMainStatus") == "0"

    config = host.root / host.home[1:] / ".openclaw/openclaw.json"
    config.write_text(config.read_text().replace('"local"', '"remote"'))
    service("restarted", words=None, settle=0)
    wait_for(lambda: service.show("ActiveState") == "failed", 90)
    assert (service.show("NRestarts"), service.show("ExecMainStatus")) == ("0", "78")
    assert service("started", words=None, _ansible_check_mode=True)["job"]["last_exit"] == "78: EX_CONFIG"
