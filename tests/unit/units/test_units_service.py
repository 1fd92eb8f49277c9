# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done when systemd answers one thing and means another, against a systemd that follows a table."""

import os
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._units import definition, manager, place, systemctl

NO_BUS = (1, "", "Failed to connect to bus: No such file or directory\n")


def failing(code, call, *arguments, **options):
    with pytest.raises(Failure) as caught:
        call(*arguments, **options)
    assert caught.value.code == code, caught.value.message
    return caught.value


def install(host, declared):
    """Let everything be as declared but for a process."""
    os.makedirs(os.path.dirname(host.place.link))
    with open(host.place.unit, "w", encoding="utf-8") as file:
        file.write(definition.render(declared))
    os.chmod(host.place.unit, 0o644)
    os.symlink(host.place.unit, host.place.link)
    for path in (host.place.linger, host.account.home + "/log"):
        with open(path, "w", encoding="utf-8"):
            pass
    host.holds(declared)


def running(host, declared):
    install(host, declared)
    host.shown.update(ActiveState="active", SubState="running", MainPID="8")
    host.process = {definition.STAMP: definition.stamp(declared)}


@pytest.mark.parametrize(
    "answer, code",
    [
        ((None, "", ""), "systemd_unclear"),
        ((1, "", "Something new\n"), "systemd_unclear"),
        ((0, "", ""), "systemd_unclear"),
        ((1, "", "Failed to get properties: Access denied\n"), "denied"),
    ],
)
def test_a_missing_answer_is_never_taken_for_no(host, answer, code):
    host.answers["show"] = answer
    failing(code, host, "started", host.declared())
    assert not os.path.exists(host.place.unit)


def test_no_manager(host, agent):
    for one in (host, agent):
        one.answers["show"] = NO_BUS
    foreseen = host("started", host.declared(), check_mode=True)
    assert foreseen["actions"][0] == "loginctl enable-linger openclaw" and "start" not in host.calls
    # Lingering, but the manager does not come up.
    assert "systemctl status" in failing("user_manager_absent", host, "started", host.declared()).hint
    assert "scope: daemon" in failing("user_manager_absent", agent, "started", agent.declared()).hint
    # What shall not run needs nobody to tell.
    assert not agent("stopped")["changed"] and not agent("absent")["changed"]


def test_without_a_manager_absent_removes_the_files(agent):
    declared = agent.declared()
    install(agent, declared)
    agent.answers["show"] = NO_BUS
    assert agent("absent")["changed"] and agent("absent")["actions"] == []
    assert not os.path.lexists(agent.place.unit) and not os.path.lexists(agent.place.link)


def test_a_job_that_never_comes_up(host):
    declared = host.declared()
    install(host, declared)
    host.answers["start"] = (1, "", "Job failed\n")
    host.shown.update(ActiveState="inactive")
    assert "no new process" in failing("job_not_running", host, "started", declared).message
    host.shown.update(ActiveState="activating", SubState="start")
    failing("job_not_running", host, "started", declared)


def test_a_job_that_another_one_follows_while_it_is_watched(host):
    declared = host.declared()
    install(host, declared)

    def shown():
        host.shown.update(ActiveState="active", MainPID="7" if host.clock.now < 1000.5 else "8")

    host.answers["start"] = lambda: host.answers.update(show=shown)
    assert "does not stay up" in failing("job_dies", host, "started", declared).message


def test_a_process_that_will_not_end(host):
    declared = host.declared()
    running(host, declared)
    host.answers["stop"] = lambda: host.shown.update(ActiveState="deactivating") or (None, "", "")
    assert "ps -o pid" in failing("job_will_not_end", host, "absent").hint
    assert os.path.exists(host.place.unit)


def test_an_order_that_is_refused(host):
    declared = host.declared()
    host.answers["daemon-reload"] = (1, "", "Failed to reload daemon: Interactive authentication required.\n")
    with open(host.place.linger, "w", encoding="utf-8"):
        pass
    failing("denied", host, "started", declared)
    host.answers["daemon-reload"] = (1, "", "No space left on device\n")
    assert "XDG_RUNTIME_DIR=" in failing("systemd_unclear", host, "started", declared).hint


def test_what_systemd_has_loaded_otherwise(host):
    declared = host.declared()
    install(host, declared)
    host.shown.update(UMask="0022")
    failure = failing("loaded_definition_differs", host, "started", declared)
    assert failure.details["keys"] == ["UMask"] and "start" not in host.calls
    host.holds(declared, FragmentPath="/etc/systemd/user/x.service")
    failing("label_taken", host, "started", declared)
    host.holds(declared, LoadState="bad-setting")
    assert "bad-setting" in failing("job_not_loaded", host, "started", declared).message


def test_put_back_that_does_not_work_either(host):
    running(host, host.declared(umask="022"))
    before = Path(host.place.unit).read_text(encoding="utf-8")

    def restart():
        host.holds(host.declared(), ActiveState="failed", ExecMainCode="1", ExecMainStatus="3")
        return (1, "", "")

    host.answers["restart"] = restart
    host.answers["daemon-reload"] = lambda: host.shown.update(UMask="0077")
    failure = failing("job_dies", host, "started", host.declared())
    assert failure.details["put_back"] is False and "previous definition" in failure.message
    assert Path(host.place.unit).read_text(encoding="utf-8") == before


def test_a_restart_that_runs_into_the_limit_of_starts(host):
    declared = host.declared()
    running(host, declared)
    orders = []

    def restart():
        host.shown.update(ActiveState="failed", SubState="failed", Result="start-limit-hit", MainPID="0")
        return (1, "", "Job failed\n")

    def start():
        orders.append("start")
        host.shown.update(ActiveState="active", SubState="running", Result="success", MainPID="9")

    host.answers.update(restart=restart, start=start)
    result = host("restarted", declared)
    assert [action.split()[2] for action in result["actions"]] == ["restart", "reset-failed", "start"]
    assert result["job"]["pid"] == 9


def test_a_generation_for_a_process_that_only_looks_like_ours(host):
    declared = host.declared()
    running(host, declared)
    assert not host("started", declared)["changed"]
    host.shown.update(UMask="0000")
    foreseen = host("started", declared, check_mode=True)
    assert foreseen["restarted"] and foreseen["reload_reasons"] == ["UMask", "process"]
    assert definition.stamp(definition.succeeding(declared)) in str(foreseen["diff"])


def test_a_process_of_an_earlier_run_that_was_cut_short(host):
    declared = host.declared()
    running(host, declared)
    host.process = {definition.STAMP: definition.stamp(host.declared(umask="022"))}
    foreseen = host("started", declared, check_mode=True)
    assert foreseen["reload_reasons"] == ["process"] and foreseen["actions"][-1].split()[2] == "restart"
    # Nobody can look into it: then what systemd shows decides.
    host.process = None
    assert not host("started", declared)["changed"]


def test_rights(host, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: host.account.uid + 1)
    assert "become" in failing("denied", host, "started", host.declared()).hint


@pytest.mark.parametrize(
    "kind, code", [("absent", "definition_missing"), ("mask", "unit_masked"), ("link", "plist_unreadable")]
)
def test_nothing_declared_and_nothing_to_use(host, kind, code):
    os.makedirs(host.place.directory)
    if kind != "absent":
        os.symlink(os.devnull if kind == "mask" else "/etc/passwd", host.place.unit)
    failing(code, host)


@pytest.mark.parametrize(
    "unit, variables, directory",
    [
        ("openclaw-gateway.service", {}, "/h/.openclaw"),
        ("openclaw-gateway-work.service", {}, "/h/.openclaw-work"),
        ("clawdbot-gateway.service", {}, "/h/.openclaw"),
        ("openclaw-gateway.service", {"OPENCLAW_PROFILE": "lab"}, "/h/.openclaw-lab"),
        ("openclaw-gateway.service", {"OPENCLAW_STATE_DIR": "/srv/x/"}, "/srv/x"),
    ],
)
def test_whose_gateway_a_unit_of_openclaw_runs(unit, variables, directory):
    assert place.state_directory(unit, variables, "/h") == directory


def test_which_manager(tmp_path):
    assert manager.is_systemd("systemd", "/bin/sh") and not manager.is_systemd("launchd", "/none")
    assert manager.is_systemd("auto", "/none", str(tmp_path))
    assert not manager.is_systemd("auto", "/none", str(tmp_path / "none"))
    assert not manager.is_systemd("auto", "/bin/sh", str(tmp_path))
    failing("not_systemd", systemctl.Systemd.found, str(tmp_path / "none"), None)
